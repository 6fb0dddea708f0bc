#include <fmt/format.h>

#include <utility>

#include "manifest/draft.hpp"
#include "manifest/text.hpp"

namespace nap {
namespace {

constexpr char no_value[] =
    "expected a value (`KEY=value`, or `KEY: value`; `KEY=` for an empty one)";
constexpr char left_out[] =
    "a variable without a value is not set: nap has no shell to take it from; give it one "
    "(`KEY=value`, or `KEY: value`; `KEY=` for an empty one), or remove it";

/// Says that a key has no value, where it has to have one.
void miss_value(const YamlField& field, PairValues values) {
    if (values == PairValues::required) field.error(no_value);
    if (values == PairValues::of_shell) field.warn(left_out);
}
constexpr std::string_view reserved_prefixes[] = {"io.nap.", "com.docker.compose."};

void add_line(const YamlField& item, PairValues values, StringMap& pairs) {
    const auto line = item.string();
    if (!line) return;
    const std::size_t equals = line->find('=');
    if (equals == std::string::npos && values != PairValues::optional) {
        miss_value(item, values);
        return;
    }
    std::string value = equals == std::string::npos ? "" : line->substr(equals + 1);
    std::string key = line->substr(0, equals);
    if (key.empty()) {
        item.error("expected `key=value`, found no key");
        return;
    }
    if (pairs.contains(key)) {
        item.warn("this key is set twice in the list, and the last one counts; remove the other");
    }
    pairs[std::move(key)] = std::move(value);
}

void add_entry(const YamlField& field, const std::string& key, PairValues values,
               StringMap& pairs) {
    if (field.node.is_null()) {
        miss_value(field, values);
        if (values == PairValues::optional) pairs[key] = "";
        return;
    }
    if (auto value = field.text()) pairs[key] = std::move(*value);
}

}  // namespace

StringMap read_pairs(const YamlField& field, PairValues values) {
    StringMap pairs;
    if (field.is_mapping()) {
        for (const YamlEntry& entry : field.node.entries) {
            const bool bad = entry.key.empty() || entry.key.find('=') != std::string::npos;
            if (bad) {
                field.errors.add(entry.position, field.path,
                                 "expected a key that is not empty and has no `=` in it");
                continue;
            }
            add_entry(field.child(entry), entry.key, values, pairs);
        }
        return pairs;
    }
    if (!field.is_sequence()) {
        field.unexpected("a mapping or a list of `key=value`");
        return pairs;
    }
    for (std::size_t i = 0; i < field.node.items.size(); ++i) {
        add_line(field.item(i), values, pairs);
    }
    return pairs;
}

StringMap read_labels(const YamlField& field) {
    StringMap labels = read_pairs(field, PairValues::optional);
    for (const auto& [key, value] : labels) {
        for (const std::string_view prefix : reserved_prefixes) {
            if (!key.starts_with(prefix) || field.errors.full()) continue;
            const YamlNode* node = field.is_mapping() ? field.node.find(key) : nullptr;
            field.errors.add(node == nullptr ? field.node.position : node->position,
                             node == nullptr ? field.path : join_path(field.path, key),
                             fmt::format("the label {} is reserved: those beginning with `{}` are "
                                         "set by nap; choose another name",
                                         quoted(key), prefix));
        }
    }
    return labels;
}

}  // namespace nap
