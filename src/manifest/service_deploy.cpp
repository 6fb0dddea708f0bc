#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <utility>

#include "manifest/draft.hpp"
#include "manifest/keys.hpp"
#include "manifest/text.hpp"

namespace nap {
namespace {

constexpr int replicas_max = 1000;

constexpr std::string_view attributes[] = {"node.hostname", "node.id", "node.role",
                                           "node.platform.os", "node.platform.arch"};
/// A label's name follows.
constexpr std::string_view label_attributes[] = {"node.labels.", "engine.labels."};

bool is_attribute(std::string_view text) {
    if (std::find(std::begin(attributes), std::end(attributes), text) != std::end(attributes)) {
        return true;
    }
    return std::any_of(std::begin(label_attributes), std::end(label_attributes),
                       [&](std::string_view prefix) {
                           return text.size() > prefix.size() && text.starts_with(prefix) &&
                                  text.find_first_of(" \t") == std::string_view::npos;
                       });
}

/// `node.labels.zone` for `node.label.zone`, else the nearest of the others.
std::string meant_attribute(std::string_view text) {
    const std::size_t dot = text.find('.');
    const std::size_t second = dot == std::string_view::npos ? dot : text.find('.', dot + 1);
    if (second != std::string_view::npos && second + 1 < text.size()) {
        constexpr std::string_view heads[] = {"node.labels", "engine.labels"};
        const std::string_view head = nearest(text.substr(0, second), heads);
        if (!head.empty()) return std::string(head) + std::string(text.substr(second));
    }
    return std::string(nearest(text, attributes));
}

std::string attribute_problem(std::string_view text) {
    const std::string meant = meant_attribute(text);
    if (!meant.empty()) {
        return fmt::format("unknown attribute {}; did you mean {}?", quoted(text), quoted(meant));
    }
    return fmt::format("unknown attribute {}; expected {}, node.labels.NAME or engine.labels.NAME",
                       quoted(text), fmt::join(attributes, ", "));
}

std::optional<Constraint> read_constraint(const YamlField& field) {
    const auto text = field.string();
    if (!text) return std::nullopt;
    const std::size_t at = std::min(text->find("=="), text->find("!="));
    if (at == std::string::npos) {
        field.error(
            fmt::format("expected `attribute==value` or `attribute!=value`, as "
                        "`node.labels.zone==a`, found {}",
                        quoted(*text)));
        return std::nullopt;
    }
    const std::string_view attribute = trimmed(std::string_view(*text).substr(0, at));
    const std::string_view value = trimmed(std::string_view(*text).substr(at + 2));
    if (!is_attribute(attribute)) {
        field.error(attribute_problem(attribute));
        return std::nullopt;
    }
    if (value.empty() || value.starts_with('=')) {
        field.error(fmt::format("expected a value after `{}`", text->substr(at, 2)));
        return std::nullopt;
    }
    if (attribute == "node.role" && value != "manager" && value != "worker") {
        constexpr std::string_view roles[] = {"manager", "worker"};
        field.error(fmt::format("expected the role `manager` or `worker`, found {}{}",
                                quoted(value), suggestion(value, roles)));
        return std::nullopt;
    }
    return Constraint{std::string(attribute), (*text)[at] == '=', std::string(value)};
}

/// Reports a constraint that no node can meet together with an earlier one.
void check_possible(const YamlField& field, const Constraint& constraint,
                    ConstraintClaims& claims) {
    auto& [equal, unequal] = claims[constraint.attribute];
    // Values are compared without regard to case.
    const std::string value = in_lower_case(constraint.value);
    const auto refuse = [&](const char* op, const std::string& other) {
        field.error(fmt::format("no node can meet this and {} too; remove one of the two",
                                quoted(constraint.attribute + op + other)));
    };
    if (!constraint.equal) {
        if (equal && *equal == value) refuse("==", *equal);
        unequal.insert(value);
        return;
    }
    if (equal && *equal != value) refuse("==", *equal);
    if (unequal.contains(value)) refuse("!=", value);
    equal = value;
}

void read_constraints(const YamlField& field, Draft& draft, ServiceSpec& service) {
    if (!field.expect_sequence()) return;
    ConstraintClaims of_service;
    // What is kept together goes to one node, which must then meet the constraints of all.
    ConstraintClaims& claims = draft.spec.colocate ? draft.claims : of_service;
    for (std::size_t i = 0; i < field.node.items.size(); ++i) {
        const YamlField item = field.item(i);
        auto constraint = read_constraint(item);
        if (!constraint) continue;
        check_possible(item, *constraint, claims);
        service.placement.constraints.push_back(std::move(*constraint));
    }
}

void read_preferences(const YamlField& field, ServiceSpec& service) {
    if (service.mode == DeployMode::global) {
        field.error(
            "has no effect with mode `global`, which runs on every node that fits; remove "
            "one of the two");
        return;
    }
    if (!field.expect_sequence()) return;
    for (std::size_t i = 0; i < field.node.items.size(); ++i) {
        const YamlField item = field.item(i);
        if (!item.is_mapping()) {
            item.unexpected("a mapping, as `spread: node.labels.zone`");
            continue;
        }
        check_keys(item, keys::preference);
        const auto spread = item.find("spread");
        if (!spread) {
            item.error("expected the key `spread`, found none; add it");
            continue;
        }
        const auto attribute = spread->string();
        if (!attribute) continue;
        if (!is_attribute(*attribute)) {
            spread->error(attribute_problem(*attribute));
            continue;
        }
        service.placement.spread_over.push_back(*attribute);
    }
}

void read_per_node_max(const YamlField& field, const Draft& draft, ServiceSpec& service) {
    const auto count = field.integer(0, replicas_max);
    if (!count) return;
    service.placement.per_node_max = static_cast<int>(*count);
    if (*count == 0) return;
    if (service.mode == DeployMode::global) {
        field.error(
            "has no effect with mode `global`, which runs one instance on a node; remove "
            "one of the two");
    } else if (draft.spec.colocate && *count < service.replicas) {
        field.error(
            fmt::format("`x-nap.colocate` puts all {} instances on one node; raise this, "
                        "or drop one of the two",
                        service.replicas));
    }
}

void read_placement(const YamlField& field, Draft& draft, ServiceSpec& service) {
    if (!field.expect_mapping()) return;
    check_keys(field, keys::placement);
    if (const auto list = field.find("constraints")) read_constraints(*list, draft, service);
    if (const auto list = field.find("preferences")) read_preferences(*list, service);
    if (const auto per_node = field.find("max_replicas_per_node")) {
        read_per_node_max(*per_node, draft, service);
    }
}

void read_mode(const YamlField& field, const Draft& draft, ServiceSpec& service) {
    static constexpr std::string_view modes[] = {"replicated", "global"};
    const auto value = field.string();
    if (!value || *value == "replicated") return;
    if (*value == "replicated-job" || *value == "global-job") {
        field.error(
            fmt::format("`{}` is not supported yet; nap keeps services running: write "
                        "`replicated` or `global`",
                        *value));
        return;
    }
    if (*value != "global") {
        field.error(fmt::format("expected `replicated` or `global`, found {}{}", quoted(*value),
                                suggestion(*value, modes)));
        return;
    }
    service.mode = DeployMode::global;
    if (draft.spec.colocate) {
        field.error(
            "`global` runs on every node, and `x-nap.colocate` keeps the app on one; drop "
            "one of the two");
    }
}

/// The words of `restart` are common here too, and mean what they mean there.
void read_condition(const YamlField& field, ServiceSpec& service) {
    static constexpr std::pair<std::string_view, RestartPolicy> policies[] = {
        {"none", RestartPolicy::no},       {"on-failure", RestartPolicy::on_failure},
        {"any", RestartPolicy::always},    {"no", RestartPolicy::no},
        {"always", RestartPolicy::always}, {"unless-stopped", RestartPolicy::unless_stopped}};
    static constexpr std::string_view conditions[] = {"none", "on-failure", "any"};
    const auto value = field.string();
    if (!value || value->empty()) return;
    for (const auto& [word, policy] : policies) {
        if (*value != word) continue;
        service.restart.policy = policy;
        return;
    }
    field.error(fmt::format("expected `none`, `on-failure` or `any`, found {}{}", quoted(*value),
                            suggestion(*value, conditions)));
}

void read_restart_policy(const YamlField& field, ServiceSpec& service) {
    if (!field.expect_mapping()) return;
    check_keys(field, keys::restart_policy);
    if (const auto condition = field.find("condition")) read_condition(*condition, service);
    const auto attempts = field.find("max_attempts");
    if (!attempts) return;
    const auto count = attempts->integer(0, std::numeric_limits<int>::max());
    if (service.restart.policy == RestartPolicy::on_failure) {
        service.restart.attempts_max = static_cast<int>(count.value_or(0));
    } else {
        attempts->warn("is ignored: it goes with the condition `on-failure` only");
    }
}

}  // namespace

void read_deploy(const YamlField& field, Draft& draft, ServiceSpec& service) {
    if (field.node.is_null() || !field.expect_mapping()) return;
    check_keys(field, keys::deploy);
    if (const auto mode = field.find("mode")) read_mode(*mode, draft, service);
    if (const auto replicas = field.find("replicas")) {
        const auto count = replicas->integer(0, replicas_max);
        if (service.mode == DeployMode::global) {
            replicas->error(
                "has no effect with mode `global`, which runs one instance on every "
                "node that fits; remove one of the two");
        } else if (count) {
            service.replicas = static_cast<int>(*count);
        }
    }
    if (const auto placement = field.find("placement")) {
        read_placement(*placement, draft, service);
    }
    if (const auto policy = field.find("restart_policy")) read_restart_policy(*policy, service);
}

}  // namespace nap
