#include "manifest/yaml_field.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <map>
#include <tuple>
#include <utility>

#include "manifest/text.hpp"

namespace nap {
namespace {

constexpr std::size_t key_bytes_max = 64;
constexpr std::size_t path_bytes_max = 200;
constexpr std::size_t message_bytes_max = 400;

std::string_view describe(const YamlNode& node) {
    if (node.kind == YamlKind::sequence) return "a list";
    if (node.kind == YamlKind::mapping) return "a mapping";
    switch (node.type()) {
        case YamlType::null:
            return "nothing";
        case YamlType::boolean:
            return "a boolean";
        case YamlType::integer:
            return "an integer";
        case YamlType::number:
            return "a number";
        case YamlType::string:
            break;
    }
    return "a string";
}

}  // namespace

ErrorSink::ErrorSink(std::string file, std::vector<ManifestError> errors)
    : files_{std::move(file)} {
    for (const ManifestError& error : errors) {
        add({error.line, error.column}, error.path, error.message);
    }
}

int ErrorSink::add_file(std::string name) {
    files_.push_back(std::move(name));
    return static_cast<int>(files_.size()) - 1;
}

const std::string& ErrorSink::file(int number) const {
    return files_[static_cast<std::size_t>(number)];
}

void ErrorSink::add(YamlPosition at, const std::string& path, const std::string& message) {
    add_to(errors_, at, path, message);
}

void ErrorSink::warn(YamlPosition at, const std::string& path, const std::string& message) {
    add_to(warnings_, at, path, message);
}

void ErrorSink::add_to(List& list, YamlPosition at, const std::string& path,
                       const std::string& message) {
    if (list.found.size() >= errors_max) {
        ++list.dropped;
        return;
    }
    list.found.push_back({at.file,
                          {file(at.file), at.line, at.column, clipped(path, path_bytes_max),
                           clipped(message, message_bytes_max)}});
}

std::vector<ManifestError> ErrorSink::take() {
    return take(errors_, "errors");
}

std::vector<ManifestError> ErrorSink::take_warnings() {
    return take(warnings_, "warnings");
}

std::vector<ManifestError> ErrorSink::take(List& list, const char* noun) {
    const auto place = [](const Found& found) {
        const ManifestError& error = found.error;
        return std::tie(found.file, error.line, error.column, error.path, error.message);
    };
    std::sort(list.found.begin(), list.found.end(),
              [&](const Found& a, const Found& b) { return place(a) < place(b); });
    std::vector<ManifestError> errors;
    errors.reserve(list.found.size() + 1);
    // What several services read, by an anchor, `extends` or a file, is wrong once.
    std::map<std::tuple<int, int, int, std::string>, std::pair<std::size_t, int>> known;
    for (Found& found : list.found) {
        const ManifestError& error = found.error;
        const auto [first, is_new] = known.try_emplace(
            {found.file, error.line, error.column, error.message}, errors.size(), 0);
        if (is_new || error.line == 0) {
            errors.push_back(std::move(found.error));
        } else if (errors[first->second.first].path != error.path) {
            ++first->second.second;
        }
    }
    for (const auto& [key, repeats] : known) {
        const auto& [index, more] = repeats;
        if (more == 0) continue;
        errors[index].message +=
            fmt::format("; so it is in {} more {} that share{} this line", more,
                        more == 1 ? "place" : "places", more == 1 ? "s" : "");
    }
    if (list.dropped > 0) {
        const ManifestError& last = errors.back();
        ManifestError more{last.file, last.line, last.column, "",
                           fmt::format("and {} more {}, which are not listed", list.dropped, noun)};
        errors.push_back(std::move(more));
    }
    list = {};
    return errors;
}

std::string join_path(const std::string& parent, std::string_view key) {
    std::string path;
    path.reserve(parent.size() + 1 + std::min(key.size(), key_bytes_max));
    path += parent;
    if (!parent.empty()) path += '.';
    if (key.size() <= key_bytes_max) {
        path += key;
    } else {
        path += clipped(key, key_bytes_max);
    }
    return path;
}

std::string suggestion(std::string_view name, std::span<const std::string_view> candidates) {
    const std::string_view near = nearest(name, candidates);
    return near.empty() ? std::string() : fmt::format("; did you mean `{}`?", near);
}

YamlField YamlField::child(const YamlEntry& entry) const {
    return {entry.value, join_path(path, entry.key), errors};
}

YamlField YamlField::item(std::size_t index) const {
    std::string item_path = path;
    item_path += '[';
    item_path += std::to_string(index);
    item_path += ']';
    return {node.items[index], std::move(item_path), errors};
}

std::optional<YamlField> YamlField::find(std::string_view key) const {
    const YamlNode* found = node.find(key);
    if (found == nullptr) return std::nullopt;
    return YamlField{*found, join_path(path, key), errors};
}

void YamlField::unexpected(std::string_view what) const {
    error(fmt::format("expected {}, found {}", what, describe(node)));
}

bool YamlField::expect_sequence() const {
    if (!is_sequence()) unexpected("a list");
    return is_sequence();
}

bool YamlField::expect_mapping() const {
    if (!is_mapping()) unexpected("a mapping");
    return is_mapping();
}

std::optional<std::string> YamlField::string() const {
    if (node.broken) return std::nullopt;
    if (node.kind == YamlKind::scalar && node.type() == YamlType::string) return node.text;
    if (node.kind == YamlKind::scalar && !node.is_null()) {
        error(fmt::format("expected a string, found {}; put it in quotes", describe(node)));
    } else {
        unexpected("a string");
    }
    return std::nullopt;
}

std::optional<std::string> YamlField::text() const {
    if (node.broken) return std::nullopt;
    if (node.kind == YamlKind::scalar && !node.is_null()) return node.text;
    unexpected("a string, number or boolean");
    return std::nullopt;
}

std::optional<bool> YamlField::boolean() const {
    if (node.broken) return std::nullopt;
    if (node.kind == YamlKind::scalar) {
        const YamlType type = plain_type(node.text);
        if (type == YamlType::boolean) return node.text.starts_with('t') || node.text[0] == 'T';
    }
    // Strings in YAML 1.2, and yet what many files say.
    static constexpr std::pair<std::string_view, bool> older[] = {
        {"yes", true}, {"y", true}, {"on", true}, {"no", false}, {"n", false}, {"off", false}};
    for (const auto& [word, meaning] : older) {
        if (node.kind != YamlKind::scalar || in_lower_case(node.text) != word) continue;
        warn(fmt::format("counts as `{0}`; write `{0}`, as YAML 1.2 has it", meaning));
        return meaning;
    }
    unexpected("`true` or `false`");
    return std::nullopt;
}

std::optional<std::int64_t> YamlField::integer(std::int64_t min, std::int64_t max) const {
    if (node.broken) return std::nullopt;
    const bool scalar = node.kind == YamlKind::scalar;
    if (!scalar || plain_type(node.text) != YamlType::integer) {
        unexpected(fmt::format("a whole number from {} to {}", min, max));
        return std::nullopt;
    }
    std::string_view digits = node.text;
    int base = 10;
    if (digits.starts_with("0x")) base = 16;
    if (digits.starts_with("0o")) base = 8;
    if (base != 10) digits.remove_prefix(2);
    if (digits.starts_with('+')) digits.remove_prefix(1);
    std::int64_t value = 0;
    const auto [end, failure] =
        std::from_chars(digits.data(), digits.data() + digits.size(), value, base);
    if (failure != std::errc() || value < min || value > max) {
        error(fmt::format("expected a whole number from {} to {}, found {}", min, max,
                          quoted(node.text)));
        return std::nullopt;
    }
    return value;
}

std::vector<std::string> YamlField::strings() const {
    std::vector<std::string> values;
    if (!expect_sequence()) return values;
    for (std::size_t i = 0; i < node.items.size(); ++i) {
        if (auto value = item(i).string()) values.push_back(std::move(*value));
    }
    return values;
}

void YamlField::check_keys(std::span<const std::string_view> known) const {
    for (const YamlEntry& entry : node.entries) {
        if (entry.key.starts_with("x-") || errors.full()) continue;
        if (std::find(known.begin(), known.end(), entry.key) != known.end()) continue;
        errors.add(
            entry.position, join_path(path, entry.key),
            fmt::format("unknown key {}{}", quoted(entry.key), suggestion(entry.key, known)));
    }
}

}  // namespace nap
