#include "reconciler/constraints.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace nap {

namespace {

constexpr std::string_view node_labels = "node.labels.";
constexpr std::string_view engine_labels = "engine.labels.";

char lower(char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

bool same_but_for_case(std::string_view a, std::string_view b) {
    return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                      [](char x, char y) { return lower(x) == lower(y); });
}

bool starts_but_for_case(std::string_view text, std::string_view start) {
    return same_but_for_case(text.substr(0, start.size()), start);
}

std::string_view label_of(const StringMap& labels, const std::string& name) {
    const auto found = labels.find(name);
    return found == labels.end() ? std::string_view() : found->second;
}

/// Engines and uname have other words for what images call `amd64`.
std::string_view image_architecture(std::string_view name) {
    if (same_but_for_case(name, "x86_64")) return "amd64";
    if (same_but_for_case(name, "aarch64")) return "arm64";
    return name;
}

}  // namespace

NodeAttribute::NodeAttribute(const std::string& name) {
    if (starts_but_for_case(name, node_labels)) {
        kind_ = Kind::node_label;
        label_ = name.substr(node_labels.size());
    } else if (starts_but_for_case(name, engine_labels)) {
        kind_ = Kind::engine_label;
        label_ = name.substr(engine_labels.size());
    } else if (same_but_for_case(name, "node.hostname")) {
        kind_ = Kind::hostname;
    } else if (same_but_for_case(name, "node.id")) {
        kind_ = Kind::id;
    } else if (same_but_for_case(name, "node.role")) {
        kind_ = Kind::role;
    } else if (same_but_for_case(name, "node.platform.os")) {
        kind_ = Kind::os;
    } else if (same_but_for_case(name, "node.platform.arch")) {
        kind_ = Kind::arch;
    }
}

std::string_view NodeAttribute::of(const NodeRecord& record) const {
    switch (kind_) {
        case Kind::unknown:
            return {};
        case Kind::hostname:
            return record.node.str();
        case Kind::id:
            return record.id;
        case Kind::role:
            return record.leads ? "manager" : "worker";
        case Kind::os:
            return record.os;
        case Kind::arch:
            return image_architecture(record.architecture);
        case Kind::node_label:
            return label_of(record.labels, label_);
        case Kind::engine_label:
            return label_of(record.engine_labels, label_);
    }
    return {};
}

NodeRule::NodeRule(const Constraint& rule) : attribute(rule.attribute), constraint(&rule) {}

bool NodeRule::admits(const NodeRecord& record) const {
    const std::string_view value = attribute.of(record);
    // An architecture may be written as images or as the kernel names it.
    const bool same = same_but_for_case(value, constraint->value) ||
                      (same_but_for_case(constraint->attribute, "node.platform.arch") &&
                       same_but_for_case(value, image_architecture(constraint->value)));
    return same == constraint->equal;
}

std::string NodeRule::refusal(const NodeRecord& record) const {
    const std::string_view value = attribute.of(record);
    const std::string is = value.empty() ? constraint->attribute + " is not set"
                                         : fmt::format("{} is {}", constraint->attribute, value);
    return constraint->equal ? fmt::format("{}, not {}", is, constraint->value)
                             : fmt::format("{}, and must not be", is);
}

}  // namespace nap
