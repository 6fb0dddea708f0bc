#include <fmt/core.h>

#include <boost/beast/core/string.hpp>
#include <charconv>

#include "clients/http.hpp"

namespace nap {

namespace {

Error bad_address(std::string_view address, std::string_view reason) {
    return {Errc::rejected,
            fmt::format("address '{}': {}; expected unix:///path, http://host:port, "
                        "tcp://host:port or https://host:port",
                        address, reason)};
}

bool take_prefix(std::string_view& text, std::string_view prefix) {
    if (!text.starts_with(prefix)) return false;
    text.remove_prefix(prefix.size());
    return true;
}

bool is_plain(char c) {
    const auto byte = static_cast<unsigned char>(c);
    return byte > 0x20 && byte < 0x7f && c != '/' && c != '?' && c != '#' && c != '@';
}

}  // namespace

Result<HttpEndpoint> parse_endpoint(std::string_view address, std::uint16_t default_port) {
    HttpEndpoint endpoint;
    std::string_view rest = address;
    if (take_prefix(rest, "unix://")) {
        if (!rest.starts_with('/')) return bad_address(address, "the socket path is not absolute");
        if (rest.size() > 107) return bad_address(address, "the socket path is over 107 bytes");
        endpoint.socket_path = rest;
        endpoint.host = "localhost";
        return endpoint;
    }
    endpoint.tls = take_prefix(rest, "https://");
    if (!endpoint.tls && !take_prefix(rest, "http://") && !take_prefix(rest, "tcp://") &&
        rest.find("://") != std::string_view::npos) {
        return bad_address(address, "unknown scheme");
    }
    if (rest.ends_with('/')) rest.remove_suffix(1);
    const auto bracket = rest.starts_with('[') ? rest.find(']') : 0;
    if (bracket == std::string_view::npos) return bad_address(address, "']' is missing");
    const auto colon = rest.find(':', bracket);
    endpoint.port = default_port;
    if (colon != std::string_view::npos) {
        const auto digits = rest.substr(colon + 1);
        const auto* end = digits.data() + digits.size();
        const auto parsed = std::from_chars(digits.data(), end, endpoint.port);
        if (parsed.ec != std::errc{} || parsed.ptr != end || endpoint.port == 0) {
            return bad_address(address, "the port is not a number from 1 to 65535");
        }
        rest = rest.substr(0, colon);
    }
    endpoint.host = bracket > 0 ? rest.substr(1, bracket - 1) : rest;
    if (endpoint.host.empty()) return bad_address(address, "the host is missing");
    for (const char c : endpoint.host) {
        if (!is_plain(c)) return bad_address(address, "the host has characters that cannot be");
    }
    return endpoint;
}

std::string_view find_header(const HttpHeaders& headers, std::string_view name) {
    for (const auto& [key, value] : headers) {
        if (boost::beast::iequals(key, name)) return value;
    }
    return {};
}

std::string percent_encode(std::string_view text, std::string_view keep) {
    static constexpr char digits[] = "0123456789ABCDEF";
    static constexpr std::string_view unreserved =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~";
    std::string encoded;
    encoded.reserve(text.size());
    for (const char c : text) {
        const auto npos = std::string_view::npos;
        if (unreserved.find(c) != npos || keep.find(c) != npos) {
            encoded += c;
            continue;
        }
        const auto byte = static_cast<unsigned char>(c);
        encoded += '%';
        encoded += digits[byte >> 4];
        encoded += digits[byte & 15];
    }
    return encoded;
}

}  // namespace nap
