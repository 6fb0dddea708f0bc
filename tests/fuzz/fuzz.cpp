#include "fuzz.hpp"

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <utility>

#include "manifest/text.hpp"

namespace nap::fuzz {
namespace {

constexpr std::size_t flow_bytes_max = 200 * 1024;
/// The library takes no longer key on one line.
constexpr std::size_t key_bytes_max = 200;

void write_string(std::string_view text, bool dollars, std::string& out) {
    static constexpr char digits[] = "0123456789abcdef";
    const auto escape = [&](unsigned byte) {
        out += "\\x";
        out += digits[byte >> 4U];
        out += digits[byte & 15U];
    };
    out += '"';
    for (std::size_t i = 0; i < text.size(); ++i) {
        const auto byte = static_cast<unsigned char>(text[i]);
        const auto after = static_cast<unsigned char>(i + 1 < text.size() ? text[i + 1] : '\0');
        if (byte == '"' || byte == '\\') {
            out += '\\';
            out += text[i];
        } else if (byte < 0x20U || byte == 0x7FU) {
            escape(byte);
        } else if (byte == 0xC2U && after >= 0x80U && after <= 0x9FU) {
            escape(after);
            ++i;
        } else {
            out += text[i];
            if (dollars && byte == '$') out += '$';
        }
    }
    out += '"';
}

bool write_flow(const YamlNode& node, bool dollars, std::string& out) {
    if (node.tag != YamlTag::none || out.size() > flow_bytes_max) return false;
    if (node.kind == YamlKind::scalar) {
        const YamlType type = node.type();
        if (type == YamlType::null) {
            out += '~';
        } else if (type == YamlType::string) {
            write_string(node.text, dollars, out);
        } else {
            out += node.text;
        }
        return true;
    }
    const bool is_list = node.kind == YamlKind::sequence;
    out += is_list ? '[' : '{';
    const char* comma = "";
    for (const YamlNode& item : node.items) {
        out += std::exchange(comma, ", ");
        if (!write_flow(item, dollars, out)) return false;
    }
    for (const YamlEntry& entry : node.entries) {
        if (entry.key.size() > key_bytes_max) return false;
        out += std::exchange(comma, ", ");
        write_string(entry.key, false, out);
        out += ": ";
        if (!write_flow(entry.value, dollars, out)) return false;
    }
    out += is_list ? ']' : '}';
    return true;
}

void write_all(const YamlNode& node, std::string& out) {
    const auto position = [&out](const YamlPosition& at) {
        out += std::to_string(at.line) + ":" + std::to_string(at.column);
    };
    position(node.position);
    out += static_cast<char>('0' + static_cast<int>(node.tag));
    if (node.kind == YamlKind::scalar) {
        out += (node.plain ? "=" : "~") + std::to_string(node.text.size()) + " " + node.text + "\n";
        return;
    }
    out += node.kind == YamlKind::mapping ? "{\n" : "[\n";
    for (const YamlNode& item : node.items)
        write_all(item, out);
    for (const YamlEntry& entry : node.entries) {
        position(entry.position);
        out += "." + entry.key + "\n";
        write_all(entry.value, out);
    }
    out += "end\n";
}

}  // namespace

std::span<const Target> targets() {
    static constexpr Target all[] = {
        {"yaml", yaml},       {"interpolation", interpolation}, {"ports", ports},
        {"volumes", volumes}, {"durations", durations},         {"bytes", bytes},
        {"env", env},         {"manifest", manifest},
    };
    return all;
}

void require(bool holds, std::string_view what, std::string_view about) {
    if (holds) return;
    std::fprintf(stderr, "finding: %.*s\n%.*s\n", static_cast<int>(what.size()), what.data(),
                 static_cast<int>(about.size()), about.data());
    std::abort();
}

void require_inside(std::string_view text, int line, int column, std::string_view about) {
    require(line >= 1 && column >= 1, "a position counts from 1", about);
    std::size_t begin = 0;
    for (int i = 1; i < line; ++i) {
        const std::size_t end = text.find('\n', begin);
        require(end != std::string_view::npos, "a line behind the end of the file", about);
        begin = end + 1;
    }
    const std::size_t size = std::min(text.find('\n', begin), text.size()) - begin;
    require(static_cast<std::size_t>(column) <= size + 1, "a column behind its line", about);
}

void require_inside(std::string_view text, const std::vector<ManifestError>& errors) {
    for (const ManifestError& error : errors) {
        const std::string shown = to_string(error);
        require(!error.message.empty(), "an error without a message", shown);
        require_inside(text, error.line, error.column, shown);
    }
}

std::string as_flow(const YamlNode& node, bool dollars) {
    std::string out;
    const bool good = write_flow(node, dollars, out) && out.size() <= flow_bytes_max;
    return good && !find_bad_character(out) ? out : std::string();
}

bool same_value(const YamlNode& a, const YamlNode& b) {
    if (a.kind != b.kind || a.tag != b.tag) return false;
    if (a.kind == YamlKind::scalar) {
        return a.type() == b.type() && (a.text == b.text || a.type() == YamlType::null);
    }
    return std::equal(a.items.begin(), a.items.end(), b.items.begin(), b.items.end(), same_value) &&
           std::equal(a.entries.begin(), a.entries.end(), b.entries.begin(), b.entries.end(),
                      [](const YamlEntry& x, const YamlEntry& y) {
                          return x.key == y.key && same_value(x.value, y.value);
                      });
}

std::string written(const YamlStream& stream, const YamlBudget& budget) {
    std::string out = std::to_string(budget.nodes) + " " + std::to_string(budget.text_bytes) + "\n";
    for (const YamlProblem& problem : stream.problems) {
        out += std::to_string(problem.position.line) + ":" +
               std::to_string(problem.position.column) + " " + problem.message + "\n";
    }
    if (!stream.complete) return out + "incomplete";
    for (const YamlNode& document : stream.documents)
        write_all(document, out);
    return out;
}

YamlNode string_node(std::string_view text) {
    YamlNode node;
    node.text = text;
    return node;
}

YamlNode list_node(std::vector<YamlNode> items) {
    YamlNode node;
    node.kind = YamlKind::sequence;
    node.items = std::move(items);
    return node;
}

YamlNode mapping_node(std::vector<std::pair<std::string, YamlNode>> entries) {
    YamlNode node;
    node.kind = YamlKind::mapping;
    for (auto& [key, value] : entries) {
        YamlEntry& entry = node.entries.emplace_back();
        entry.key = std::move(key);
        entry.value = std::move(value);
    }
    return node;
}

YamlNode list_of(std::string_view input) {
    if (input.starts_with('[') || input.starts_with('{')) {
        YamlDocument document = read_yaml("list", std::string(input), 64 * 1024);
        if (document.root) return std::move(*document.root);
    }
    std::vector<YamlNode> items;
    while (!input.empty()) {
        const std::string_view line = input.substr(0, input.find('\n'));
        items.push_back(string_node(line));
        input.remove_prefix(std::min(line.size() + 1, input.size()));
    }
    return list_node(std::move(items));
}

}  // namespace nap::fuzz
