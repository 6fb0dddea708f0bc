#include "clients/tar.hpp"

#include <fmt/format.h>

#include <string_view>

namespace nap {

namespace {

constexpr std::size_t block_bytes = 512;
constexpr std::size_t name_bytes_max = 100;
constexpr std::size_t prefix_bytes_max = 155;

// Where the fields of a header are.
constexpr std::size_t name_at = 0;
constexpr std::size_t mode_at = 100;
constexpr std::size_t uid_at = 108;
constexpr std::size_t gid_at = 116;
constexpr std::size_t size_at = 124;
constexpr std::size_t time_at = 136;
constexpr std::size_t checksum_at = 148;
constexpr std::size_t type_at = 156;
constexpr std::size_t magic_at = 257;
constexpr std::size_t prefix_at = 345;
/// Seven octal digits: the widest number a narrow field holds.
constexpr int id_max = 07777777;

void put(std::string& header, std::size_t at, std::string_view text) {
    header.replace(at, text.size(), text);
}

/// Splits a path at a slash so that both parts fit; false when there is no such slash.
bool put_path(std::string& header, std::string_view path) {
    if (path.size() <= name_bytes_max) {
        put(header, name_at, path);
        return true;
    }
    const std::size_t slash = path.rfind('/', prefix_bytes_max);
    if (slash == std::string_view::npos || path.size() - slash - 1 > name_bytes_max) return false;
    put(header, prefix_at, path.substr(0, slash));
    put(header, name_at, path.substr(slash + 1));
    return true;
}

std::string without_leading_slashes(std::string_view path) {
    const std::size_t start = path.find_first_not_of('/');
    return std::string(start == std::string_view::npos ? "" : path.substr(start));
}

}  // namespace

Result<std::string> encode_tar(const std::vector<ContainerFile>& files) {
    std::string archive;
    for (const ContainerFile& file : files) {
        std::string header(block_bytes, '\0');
        if (!put_path(header, without_leading_slashes(file.path))) {
            return Error{Errc::rejected,
                         "the path of a config or secret is too long: " + file.path};
        }
        if (file.uid > id_max || file.gid > id_max) {
            return Error{Errc::rejected, "the owner of a config or secret is too high a number"};
        }
        put(header, mode_at, fmt::format("{:07o}", file.mode));
        put(header, uid_at, fmt::format("{:07o}", file.uid));
        put(header, gid_at, fmt::format("{:07o}", file.gid));
        put(header, size_at, fmt::format("{:011o}", file.content.size()));
        put(header, time_at, "00000000000");
        put(header, checksum_at, "        ");
        header[type_at] = '0';
        put(header, magic_at, std::string_view("ustar\00000", 8));
        unsigned sum = 0;
        for (const char c : header)
            sum += static_cast<unsigned char>(c);
        put(header, checksum_at, fmt::format("{:06o}", sum));
        header[checksum_at + 6] = '\0';
        archive += header + file.content;
        archive.append((block_bytes - file.content.size() % block_bytes) % block_bytes, '\0');
    }
    archive.append(2 * block_bytes, '\0');
    return archive;
}

}  // namespace nap
