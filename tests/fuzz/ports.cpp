#include <fmt/format.h>

#include "fuzz.hpp"
#include "manifest/draft.hpp"
#include "manifest/merge_keys.hpp"
#include "manifest/values.hpp"

namespace nap::fuzz {
namespace {

struct Read {
    ServiceSpec service;
    std::vector<ManifestError> errors;
};

template <class Reader>
Read read(const YamlNode& list, Reader reader) {
    ErrorSink errors("ports");
    Draft draft;
    Read result;
    reader({list, "ports", errors}, draft, result.service);
    result.errors = errors.take();
    return result;
}

void require_sound(const Read& read, std::string_view input) {
    require(read.service.ports.size() <= ports_max, "more ports than an app may have", input);
    for (const PortSpec& port : read.service.ports) {
        require(port.target != 0, "no port in the container", input);
        require(port.host_ip.empty() || is_address(port.host_ip), "no address", port.host_ip);
        require(port.protocol == "tcp" || port.protocol == "udp" || port.protocol == "sctp",
                "no protocol", port.protocol);
    }
    for (const ManifestError& error : read.errors)
        require(!error.message.empty(), "an error without a message", input);
}

std::string published_of(const PortSpec& port) {
    if (!port.published_range.empty()) return port.published_range;
    return port.published == 0 ? "" : std::to_string(port.published);
}

YamlNode short_form(const PortSpec& port) {
    const std::string published = published_of(port);
    std::string host = port.host_ip;
    if (host.find(':') != std::string::npos) host = "[" + host + "]";
    if (!host.empty() || !published.empty()) published.empty() ? host += "::" : host += ":";
    if (port.host_ip.empty()) host.clear();
    const std::string before = published.empty() ? host : host + published + ":";
    return string_node(fmt::format("{}{}/{}", before, port.target, port.protocol));
}

YamlNode long_form(const PortSpec& port) {
    std::vector<std::pair<std::string, YamlNode>> entries;
    entries.emplace_back("target", string_node(std::to_string(port.target)));
    if (const std::string published = published_of(port); !published.empty()) {
        entries.emplace_back("published", string_node(published));
    }
    if (!port.host_ip.empty()) entries.emplace_back("host_ip", string_node(port.host_ip));
    entries.emplace_back("protocol", string_node(port.protocol));
    return mapping_node(std::move(entries));
}

void require_expose_sound(const YamlNode& list, std::string_view input) {
    const Read exposed = read(list, read_expose);
    require(exposed.service.expose.size() <= ports_max, "more ports than an app may have", input);
    std::vector<YamlNode> lines;
    for (const std::string& line : exposed.service.expose)
        lines.push_back(string_node(line));
    const Read again = read(list_node(std::move(lines)), read_expose);
    require(again.errors.empty() && again.service.expose == exposed.service.expose,
            "what is exposed reads otherwise", input);
}

}  // namespace

void ports(std::string_view input) {
    const YamlNode list = list_of(input);
    const Read first = read(list, read_ports);
    require_sound(first, input);
    require_expose_sound(list, input);
    if (list.kind == YamlKind::sequence && !list.items.empty()) {
        require(!first.errors.empty() || !first.service.ports.empty(), "neither ports nor errors",
                input);
    }
    std::vector<YamlNode> shorts;
    std::vector<YamlNode> longs;
    for (const PortSpec& port : first.service.ports) {
        shorts.push_back(short_form(port));
        longs.push_back(long_form(port));
        require(port_key(shorts.back()) == port_key(longs.back()),
                "the two forms of a port are not merged as one", shorts.back().text);
    }
    for (std::vector<YamlNode>* form : {&shorts, &longs}) {
        const std::string shown = form->empty() ? "" : form->front().text;
        const Read again = read(list_node(std::move(*form)), read_ports);
        require(again.errors.empty(), "a port that was read is refused", shown);
        require(again.service.ports == first.service.ports, "a port reads otherwise", shown);
    }
}

}  // namespace nap::fuzz
