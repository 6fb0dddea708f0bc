#include "clients/kv_journal.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <fstream>
#include <sstream>
#include <utility>

#include "clients/base64.hpp"
#include "clients/json_reader.hpp"

namespace nap {

namespace {

using nlohmann::json;

constexpr std::size_t growth_min = 1024 * 1024;

Error failed(const std::string& what, const std::string& path) {
    return {Errc::io, "cannot " + what + " " + path + ": " + std::strerror(errno)};
}

std::string line_of(const KvChanges& changes) {
    json set = json::array();
    json removed = json::array();
    for (const auto& [key, record] : changes) {
        if (!record) {
            removed.push_back(key);
            continue;
        }
        json entry{
            {"key", key}, {"value", encode_base64(record->value)}, {"index", record->modify_index}};
        if (!record->session.empty()) {
            entry["session"] = record->session.str();
            entry["goes"] = record->goes_with_session;
        }
        set.push_back(std::move(entry));
    }
    return json_text({{"set", std::move(set)}, {"removed", std::move(removed)}}) + "\n";
}

Result<KvChanges> read_line(std::string_view line) {
    return read_document<KvChanges>(line, "journal", [](const JsonReader& reader) {
        KvChanges changes;
        for (const auto& entry : reader.elements("set")) {
            auto value = decode_base64(entry.get<std::string>("value"));
            if (!value) entry.at("value").expected("base64");
            changes[entry.get<std::string>("key")] =
                KvRecord{.value = std::move(value).value_or(""),
                         .modify_index = entry.get<std::uint64_t>("index"),
                         .session = SessionId(entry.get_or<std::string>("session", "")),
                         .goes_with_session = entry.get_or("goes", false)};
        }
        for (const auto& key : reader.elements("removed"))
            changes[key.as<std::string>()] = std::nullopt;
        return changes;
    });
}

bool write_all(int fd, const std::string& text) {
    std::size_t done = 0;
    while (done < text.size()) {
        const ssize_t wrote = ::write(fd, text.data() + done, text.size() - done);
        if (wrote < 0 && errno == EINTR) continue;
        if (wrote <= 0) return false;
        done += static_cast<std::size_t>(wrote);
    }
    return true;
}

}  // namespace

Result<KvJournal> KvJournal::open(const std::string& path, KvTable& table) {
    std::ifstream in(path, std::ios::binary);
    std::string line;
    while (in && std::getline(in, line)) {
        const auto changes = read_line(line);
        if (!changes) break;
        table.apply(*changes);
    }
    if (in.bad()) return failed("read", path);
    KvJournal journal(path, -1);
    const auto written = journal.write_anew(table);
    if (!written) return written.error();
    return journal;
}

KvJournal::KvJournal(KvJournal&& other) noexcept
    : path_(std::move(other.path_)),
      fd_(std::exchange(other.fd_, -1)),
      bytes_(other.bytes_),
      bytes_anew_(other.bytes_anew_) {}

KvJournal::~KvJournal() {
    if (fd_ >= 0) ::close(fd_);
}

Result<void> KvJournal::append(const KvChanges& changes) {
    const std::string line = line_of(changes);
    if (write_all(fd_, line)) {
        bytes_ += line.size();
        return {};
    }
    const Error error = failed("write", path_);
    // Half a line would make the next one unreadable.
    if (::ftruncate(fd_, static_cast<off_t>(bytes_)) != 0) return failed("shorten", path_);
    return error;
}

void KvJournal::compact(const KvTable& table) {
    if (bytes_ < bytes_anew_ * 2 + growth_min) return;
    // Without room for another file the old one goes on growing, and is tried again later.
    if (!write_anew(table)) bytes_anew_ = bytes_;
}

Result<void> KvJournal::write_anew(const KvTable& table) {
    const std::string fresh = path_ + ".new";
    const int fd = ::open(fresh.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_APPEND, 0600);
    if (fd < 0) return failed("open", fresh);
    std::size_t bytes = 0;
    bool written = true;
    for (const auto& [key, record] : table.records()) {
        const std::string line = line_of({{key, record}});
        written = written && write_all(fd, line);
        bytes += line.size();
    }
    written = written && ::fsync(fd) == 0 && ::rename(fresh.c_str(), path_.c_str()) == 0;
    if (!written) {
        const Error error = failed("write", fresh);
        ::close(fd);
        ::unlink(fresh.c_str());
        return error;
    }
    if (fd_ >= 0) ::close(fd_);
    fd_ = fd;
    bytes_ = bytes_anew_ = bytes;
    return {};
}

}  // namespace nap
