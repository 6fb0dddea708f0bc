#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "manifest/draft.hpp"
#include "manifest/keys.hpp"
#include "manifest/text.hpp"
#include "manifest/values.hpp"

namespace nap {
namespace {

constexpr int port_max = 65535;
constexpr char port_form[] =
    "expected `[[host ip:]host port:]port[/protocol]`, ports from 1 to 65535, as `8080:80/tcp`";

struct PortRange {
    int first = 0;
    int last = 0;

    [[nodiscard]] int size() const { return last - first + 1; }
};

std::optional<PortRange> parse_range(std::string_view text) {
    const std::size_t dash = text.find('-');
    const auto first = parse_whole(text.substr(0, dash), 1, port_max);
    if (!first) return std::nullopt;
    if (dash == std::string_view::npos) return PortRange{*first, *first};
    const auto last = parse_whole(text.substr(dash + 1), *first, port_max);
    if (!last) return std::nullopt;
    return PortRange{*first, *last};
}

std::optional<std::string> parse_protocol(std::string_view text) {
    std::string name = in_lower_case(std::string(text));
    if (name != "tcp" && name != "udp" && name != "sctp") return std::nullopt;
    return name;
}

/// Of one port that has several host ports to choose from.
std::string choice_of(const PortRange& published) {
    return fmt::format("{}-{}", published.first, published.last);
}

/// A line of `ports` or `expose`, its ranges not yet spread out. `published` is {0, 0} when the
/// engine chooses.
struct PortLine {
    PortRange target;
    PortRange published;
    std::string published_range = {};  ///< of one port, when the engine chooses from it
    std::string host_ip;
    std::string protocol = "tcp";
};

/// Takes `/protocol` off the end of `text`; false when there is one and it is unknown.
bool take_protocol(std::string_view& text, PortLine& line) {
    const std::size_t slash = text.find('/');
    if (slash == std::string_view::npos) return true;
    const auto protocol = parse_protocol(text.substr(slash + 1));
    if (!protocol) return false;
    line.protocol = *protocol;
    text = text.substr(0, slash);
    return true;
}

Error malformed(std::string message) {
    return {Errc::malformed, std::move(message)};
}

/// Takes the host address and its colon off the start of `text`.
std::optional<Error> take_host_ip(std::string_view& text, PortLine& line) {
    std::size_t end = std::string_view::npos;
    if (text.starts_with('[')) {
        end = text.find(']');
        if (end == std::string_view::npos || end == 1 || text.substr(end + 1, 1) != ":") {
            return malformed(port_form);
        }
        line.host_ip = text.substr(1, end - 1);
        ++end;
    } else {
        const auto colons = std::count(text.begin(), text.end(), ':');
        if (colons < 2) return std::nullopt;
        if (colons > 2) {
            return malformed("expected an IPv6 address in brackets, as `[::1]:8080:80`");
        }
        end = text.find(':');
        line.host_ip = text.substr(0, end);
    }
    if (!line.host_ip.empty() && !is_address(line.host_ip)) {
        return malformed(fmt::format("{} is not an IP address", quoted(line.host_ip)));
    }
    text.remove_prefix(end + 1);
    if (text.find(':') == std::string_view::npos) {
        return malformed(
            "expected a host port, or nothing, between the host ip and the port, as "
            "`127.0.0.1:8080:80` or `127.0.0.1::80`");
    }
    return std::nullopt;
}

Result<PortLine> parse_short(std::string_view text) {
    PortLine line;
    if (!take_protocol(text, line)) {
        return malformed("expected the protocol tcp, udp or sctp after the slash");
    }
    if (auto error = take_host_ip(text, line)) return *error;
    const std::size_t colon = text.rfind(':');
    const bool has_host = colon != std::string_view::npos;
    const auto target = parse_range(has_host ? text.substr(colon + 1) : text);
    if (!target) return malformed(port_form);
    line.target = *target;
    const std::string_view host = has_host ? text.substr(0, colon) : std::string_view();
    // `127.0.0.1::80` leaves the host port to the engine, as do 0 and a variable that is not set.
    if (host.empty() || host == "0") return line;
    const auto published = parse_range(host);
    if (!published) return malformed(port_form);
    if (published->size() == target->size()) {
        line.published = *published;
    } else if (target->size() == 1) {
        line.published_range = choice_of(*published);
    } else {
        return malformed(
            fmt::format("the ranges differ in length: {} host ports for {} ports; "
                        "make them equal",
                        published->size(), target->size()));
    }
    return line;
}

/// The addresses one host port is published on. An address overlaps with itself and with "all
/// addresses": of its family, or of both when empty.
class Listeners {
  public:
    /// False when what is there keeps `ip` from being listened on.
    bool add(const std::string& ip) {
        const bool is_v6 = ip.find(':') != std::string::npos;
        const std::string all = is_v6 ? "::" : "0.0.0.0";
        bool& family_used = is_v6 ? v6_used_ : v4_used_;
        if (ips_.contains(ip) || ips_.contains("")) return false;
        if (ip.empty() ? !ips_.empty() : ips_.contains(all) || (ip == all && family_used)) {
            return false;
        }
        family_used = true;
        ips_.insert(ip);
        return true;
    }

  private:
    std::set<std::string> ips_;
    bool v4_used_ = false;
    bool v6_used_ = false;
};

/// Adds the ports of a line, and refuses what could never work on one host.
class PortAdder {
  public:
    PortAdder(Draft& draft, ServiceSpec& service) : draft_(draft), service_(service) {}

    void add(const YamlField& field, const PortLine& line) {
        draft_.ports += static_cast<std::size_t>(line.target.size());
        if (draft_.ports > ports_max) {
            field.error(fmt::format("more than {} ports in one app; use fewer", ports_max));
            return;
        }
        for (int i = 0; i < line.target.size(); ++i) {
            PortSpec port;
            port.target = static_cast<std::uint16_t>(line.target.first + i);
            if (line.published.first != 0) {
                port.published = static_cast<std::uint16_t>(line.published.first + i);
            }
            port.published_range = line.published_range;
            port.host_ip = line.host_ip;
            port.protocol = line.protocol;
            if (!add_one(field, port)) return;
        }
    }

  private:
    bool add_one(const YamlField& field, const PortSpec& port) {
        if (!listed_.insert(port).second) {
            field.warn(fmt::format("the port {}/{} is listed twice; remove one of the two",
                                   port.target, port.protocol));
            return true;
        }
        if (port.published != 0 && !listeners_[{port.published, port.protocol}].add(port.host_ip)) {
            field.error(
                fmt::format("the host port {}/{} is published twice by this service; "
                            "choose another",
                            port.published, port.protocol));
            return false;
        }
        service_.ports.push_back(port);
        return true;
    }

    Draft& draft_;
    ServiceSpec& service_;
    std::set<PortSpec> listed_;
    std::map<std::pair<std::uint16_t, std::string>, Listeners> listeners_;
};

/// A number or a string of digits; several ports belong in the short form.
std::optional<int> long_form_port(const YamlField& field) {
    const auto text = field.text();
    if (!text) return std::nullopt;
    const auto port = parse_whole(*text, 1, port_max);
    if (!port) field.error("expected a port from 1 to 65535; for ranges use the short form");
    return port;
}

/// One host port, or a range to choose from. False when it is neither.
bool read_published(const YamlField& field, PortLine& line) {
    const auto text = field.node.is_null() ? std::optional<std::string>("") : field.text();
    if (!text) return false;
    if (text->empty() || *text == "0") return true;
    const auto published = parse_range(*text);
    if (!published) {
        field.error("expected a port from 1 to 65535, or a range of them, as `8000-8010`");
        return false;
    }
    if (published->size() == 1) {
        line.published = *published;
    } else {
        line.published_range = choice_of(*published);
    }
    return true;
}

std::optional<PortLine> read_long(const YamlField& field) {
    check_keys(field, keys::port);
    PortLine line;
    bool good = true;
    const auto target = field.find("target");
    if (!target) {
        field.error("expected the key `target`, the port inside the container");
        return std::nullopt;
    }
    const auto target_port = long_form_port(*target);
    good = target_port.has_value();
    line.target = {target_port.value_or(1), target_port.value_or(1)};
    if (const auto published = field.find("published")) {
        good = read_published(*published, line) && good;
    }
    if (const auto protocol = field.find("protocol")) {
        const auto text = protocol->string();
        const auto name = parse_protocol(text.value_or("tcp"));
        if (!name) protocol->error("expected tcp, udp or sctp");
        good = good && text && name;
        line.protocol = name.value_or("tcp");
    }
    if (const auto host_ip = field.find("host_ip")) {
        const auto text = host_ip->string();
        if (text && !text->empty() && !is_address(*text)) {
            host_ip->error(fmt::format("{} is not an IP address", quoted(*text)));
            good = false;
        }
        line.host_ip = text.value_or("");
    }
    if (const auto mode = field.find("mode")) {
        const auto text = mode->string();
        if (text && *text != "host" && *text != "ingress") {
            mode->error("expected `host` or `ingress`");
        }
    }
    return good ? std::optional(line) : std::nullopt;
}

std::optional<PortLine> read_short(const YamlField& field) {
    const auto text = field.text();
    if (!text) return std::nullopt;
    auto line = parse_short(*text);
    if (line) return *line;
    field.error(line.error().message);
    return std::nullopt;
}

}  // namespace

void read_ports(const YamlField& field, Draft& draft, ServiceSpec& service) {
    if (!field.expect_sequence()) return;
    PortAdder adder(draft, service);
    for (std::size_t i = 0; i < field.node.items.size(); ++i) {
        const YamlField item = field.item(i);
        const auto line = item.is_mapping() ? read_long(item) : read_short(item);
        if (line) adder.add(item, *line);
    }
}

void read_expose(const YamlField& field, Draft& draft, ServiceSpec& service) {
    if (!field.expect_sequence()) return;
    for (std::size_t i = 0; i < field.node.items.size(); ++i) {
        const YamlField item = field.item(i);
        const auto text = item.text();
        if (!text) continue;
        std::string_view rest = *text;
        PortLine line;
        const bool known = take_protocol(rest, line);
        const auto range = parse_range(rest);
        if (!known || !range) {
            item.error("expected `port[/protocol]`, the port from 1 to 65535, as `80` or `53/udp`");
            continue;
        }
        draft.ports += static_cast<std::size_t>(range->size());
        if (draft.ports > ports_max) {
            item.error(fmt::format("more than {} ports in one app; use fewer", ports_max));
            return;
        }
        for (int port = range->first; port <= range->last; ++port) {
            service.expose.push_back(fmt::format("{}/{}", port, line.protocol));
        }
    }
}

}  // namespace nap
