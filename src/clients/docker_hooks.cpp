#include "clients/docker_hooks.hpp"

#include <algorithm>

#include "clients/json_reader.hpp"

namespace nap {

namespace {

using nlohmann::json;

constexpr std::size_t header_bytes = 8;
constexpr std::size_t tail_bytes_max = 4096;
constexpr std::size_t line_bytes_max = 200;

json encode(const Hook& hook) {
    json encoded = {{"command", hook.command}};
    if (!hook.user.empty()) encoded["user"] = hook.user;
    if (!hook.working_dir.empty()) encoded["working_dir"] = hook.working_dir;
    if (!hook.environment.empty()) encoded["environment"] = hook.environment;
    if (hook.privileged) encoded["privileged"] = true;
    return encoded;
}

json encode(const std::vector<Hook>& hooks) {
    json list = json::array();
    for (const Hook& hook : hooks)
        list.push_back(encode(hook));
    return list;
}

std::vector<Hook> read_list(const JsonReader& reader, std::string_view key) {
    std::vector<Hook> hooks;
    for (const JsonReader& entry : reader.elements(key)) {
        Hook hook;
        for (const JsonReader& word : entry.elements("command"))
            hook.command.push_back(word.as<std::string>());
        hook.user = entry.get_or<std::string>("user", "");
        hook.working_dir = entry.get_or<std::string>("working_dir", "");
        hook.environment = entry.string_map("environment");
        hook.privileged = entry.get_or("privileged", false);
        hooks.push_back(std::move(hook));
    }
    return hooks;
}

}  // namespace

std::string encode_hooks(const Hooks& hooks) {
    json encoded = json::object();
    if (!hooks.post_start.empty()) encoded["post_start"] = encode(hooks.post_start);
    if (!hooks.pre_stop.empty()) {
        encoded["pre_stop"] = encode(hooks.pre_stop);
        encoded["pre_stop_max_ms"] = hooks.pre_stop_max.count();
    }
    return json_text(encoded);
}

Hooks decode_hooks(std::string_view text) {
    auto hooks = read_document<Hooks>(text, "hooks", [](const JsonReader& reader) {
        Hooks read;
        read.post_start = read_list(reader, "post_start");
        read.pre_stop = read_list(reader, "pre_stop");
        read.pre_stop_max =
            milliseconds(reader.get_or<std::int64_t>("pre_stop_max_ms", read.pre_stop_max.count()));
        return read;
    });
    return hooks ? std::move(*hooks) : Hooks{};
}

std::string encode_exec(const Hook& hook) {
    json body = {{"AttachStdout", true}, {"AttachStderr", true}, {"Cmd", hook.command}};
    if (!hook.user.empty()) body["User"] = hook.user;
    if (!hook.working_dir.empty()) body["WorkingDir"] = hook.working_dir;
    for (const auto& [name, value] : hook.environment)
        body["Env"].push_back(name + "=" + value);
    if (hook.privileged) body["Privileged"] = true;
    return json_text(body);
}

Result<ExecState> decode_exec(std::string_view text) {
    return read_document<ExecState>(text, "exec", [](const JsonReader& reader) {
        return ExecState{.running = reader.get<bool>("Running"),
                         .exit_code = reader.get_or<int>("ExitCode", 0)};
    });
}

void OutputTail::add(std::string_view chunk) {
    while (!chunk.empty()) {
        if (expected_ == 0) {
            const std::size_t take = std::min(chunk.size(), header_bytes - header_.size());
            header_ += chunk.substr(0, take);
            chunk.remove_prefix(take);
            if (header_.size() < header_bytes) return;
            for (std::size_t i = 4; i < header_bytes; ++i)
                expected_ = expected_ << 8U | static_cast<unsigned char>(header_[i]);
            header_.clear();
        }
        const std::size_t take = std::min(chunk.size(), expected_);
        tail_ += chunk.substr(0, take);
        chunk.remove_prefix(take);
        expected_ -= take;
        if (tail_.size() > tail_bytes_max) tail_.erase(0, tail_.size() - tail_bytes_max);
    }
}

std::string OutputTail::last_line() const {
    const auto end = tail_.find_last_not_of(" \r\n\t");
    if (end == std::string::npos) return {};
    const auto start = tail_.rfind('\n', end);
    const std::size_t from = start == std::string::npos ? 0 : start + 1;
    return tail_.substr(from, std::min(end + 1 - from, line_bytes_max));
}

}  // namespace nap
