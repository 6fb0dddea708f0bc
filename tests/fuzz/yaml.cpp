#include "fuzz.hpp"
#include "manifest/yaml_quick.hpp"

namespace nap::fuzz {
namespace {

constexpr std::size_t bytes_max = 64 * 1024;

/// The quick reader, where it reads at all, reads what the library does.
void require_agreement(const std::string& text) {
    YamlBudget budget;
    YamlBuilder builder(0, budget);
    if (!read_quickly(0, text, builder)) return;
    YamlBudget library_budget;
    const YamlStream library = read_yaml_by_library(0, text, library_budget);
    const std::string quick = written(builder.stream, budget);
    const std::string slow = written(library, library_budget);
    require(quick == slow, "the two readers differ", quick + "---- library\n" + slow);
}

void require_positions(std::string_view text, const YamlNode& node) {
    require_inside(text, node.position.line, node.position.column, node.text);
    for (const YamlNode& item : node.items)
        require_positions(text, item);
    for (const YamlEntry& entry : node.entries) {
        require_inside(text, entry.position.line, entry.position.column, entry.key);
        require_positions(text, entry.value);
    }
}

void require_unique_keys(const YamlNode& node) {
    for (const YamlEntry& entry : node.entries) {
        require(node.find(entry.key) == &entry.value, "a key is there twice", entry.key);
        require_unique_keys(entry.value);
    }
    for (const YamlNode& item : node.items)
        require_unique_keys(item);
}

void require_round_trip(const YamlNode& document) {
    const std::string flow = as_flow(document, false);
    if (flow.empty()) return;
    YamlBudget budget;
    const YamlStream again = read_yaml_stream(0, flow, flow.size(), budget);
    require(again.problems.empty() && again.documents.size() == 1, "what was read is refused",
            flow);
    require(same_value(document, again.documents.front()), "a value reads otherwise", flow);
}

}  // namespace

void yaml(std::string_view input) {
    const std::string text(input);
    YamlBudget budget;
    const YamlStream stream = read_yaml_stream(0, text, bytes_max, budget);
    require(stream.complete || (!stream.problems.empty() && stream.documents.empty()),
            "unreadable, and no reason given", input);
    for (const YamlProblem& problem : stream.problems) {
        require(!problem.message.empty(), "a problem without a message", input);
        require_inside(input, problem.position.line, problem.position.column, problem.message);
    }
    const bool checked = text.size() <= bytes_max && text.find('\r') == std::string::npos;
    // Control characters and what is not UTF-8 are refused before either reader sees them.
    const bool refused = stream.problems.size() == 1 && !stream.complete;
    if (checked && !refused && !text.starts_with("\xEF\xBB\xBF")) require_agreement(text);
    require(stream.starts.size() == stream.documents.size() || !stream.complete,
            "documents and their beginnings differ in number", input);
    for (const YamlNode& document : stream.documents) {
        require_positions(input, document);
        require_unique_keys(document);
        if (stream.problems.empty()) require_round_trip(document);
    }
}

}  // namespace nap::fuzz
