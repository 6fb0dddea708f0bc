#include <fmt/format.h>

#include <utility>

#include "manifest/draft.hpp"
#include "manifest/keys.hpp"
#include "manifest/text.hpp"

namespace nap {
namespace {

constexpr std::string_view conditions[] = {"service_started", "service_healthy",
                                           "service_completed_successfully"};

/// `service`, or `service:alias` in links.
void read_line(const YamlField& item, bool is_link, const std::string& name, Draft& draft) {
    const auto text = item.string();
    if (!text) return;
    const std::size_t colon = is_link ? text->find(':') : std::string::npos;
    const std::string target = text->substr(0, colon);
    draft.dependencies.push_back({name, target, item.node.position, item.path});
    ServiceSpec& service = draft.spec.services[name];
    if (!is_link) {
        service.depends_on.push_back(target);
        return;
    }
    const std::string alias = colon == std::string::npos ? target : text->substr(colon + 1);
    if (!is_plain_name(alias)) {
        item.error("expected `service` or `service:alias`, the alias of letters, digits and `._-`");
    }
    service.links.push_back({target, alias});
}

/// `container`, or `container:alias`.
void read_external_link(const YamlField& item, ServiceSpec& service) {
    const auto text = item.string();
    if (!text) return;
    const std::size_t colon = text->find(':');
    const std::string target = text->substr(0, colon);
    const std::string alias = colon == std::string::npos ? target : text->substr(colon + 1);
    if (!is_engine_name(target) || !is_plain_name(alias)) {
        item.error("expected `container` or `container:alias`, both of letters, digits and `._-`");
        return;
    }
    service.options.links.push_back(target + ":" + alias);
}

DependencyTerms read_terms(const YamlField& field) {
    DependencyTerms terms;
    if (field.node.is_null() || !field.expect_mapping()) return terms;
    check_keys(field, keys::dependency);
    if (const auto restart = field.find("restart")) {
        terms.restart = restart->boolean().value_or(false);
    }
    if (const auto required = field.find("required")) {
        terms.required = required->boolean().value_or(true);
    }
    const auto condition = field.find("condition");
    if (!condition) return terms;
    const auto value = condition->string();
    if (!value || *value == conditions[0]) return terms;
    if (*value == conditions[1]) {
        terms.condition = DependencyCondition::healthy;
    } else if (*value == conditions[2]) {
        terms.condition = DependencyCondition::completed;
    } else {
        condition->error(fmt::format("expected {}, found {}{}", fmt::join(conditions, ", "),
                                     quoted(*value), suggestion(*value, conditions)));
    }
    return terms;
}

void read_long_form(const YamlField& field, const std::string& name, Draft& draft) {
    for (const YamlEntry& entry : field.node.entries) {
        const YamlField child = field.child(entry);
        const DependencyTerms terms = read_terms(child);
        ServiceSpec& service = draft.spec.services[name];
        service.depends_on.push_back(entry.key);
        service.terms[entry.key] = terms;
        draft.dependencies.push_back({name, entry.key, entry.position, child.path, terms.required});
    }
}

}  // namespace

void read_dependencies(const YamlField& field, const std::string& name, Draft& draft) {
    for (const char* key : {"links", "depends_on"}) {
        const auto list = field.find(key);
        if (!list || list->node.is_null()) continue;
        const bool is_link = key == std::string_view("links");
        if (!is_link && list->is_mapping()) {
            read_long_form(*list, name, draft);
            continue;
        }
        if (!list->expect_sequence()) continue;
        for (std::size_t i = 0; i < list->node.items.size(); ++i) {
            read_line(list->item(i), is_link, name, draft);
        }
    }
    const auto external = field.find("external_links");
    if (!external || external->node.is_null() || !external->expect_sequence()) return;
    for (std::size_t i = 0; i < external->node.items.size(); ++i)
        read_external_link(external->item(i), draft.spec.services[name]);
}

void settle_conditions(Draft& draft, ErrorSink& errors) {
    for (const Dependency& dependency : draft.dependencies) {
        const auto dependent = draft.spec.services.find(dependency.service);
        const auto target = draft.spec.services.find(dependency.target);
        if (dependent == draft.spec.services.end() || target == draft.spec.services.end()) continue;
        const auto terms = dependent->second.terms.find(dependency.target);
        if (terms == dependent->second.terms.end()) continue;
        ServiceSpec& service = target->second;
        const DependencyCondition condition = terms->second.condition;
        if (condition == DependencyCondition::healthy && service.healthcheck &&
            service.healthcheck->disabled) {
            errors.add(
                dependency.position, dependency.path,
                fmt::format("{} has its health check switched off, so it never gets healthy; "
                            "drop one of the two",
                            quoted(dependency.target)));
        }
        if (condition != DependencyCondition::completed) continue;
        if (!draft.restarts_said.contains(dependency.target)) {
            service.restart.policy = RestartPolicy::on_failure;
        } else if (service.restart.policy == RestartPolicy::always ||
                   service.restart.policy == RestartPolicy::unless_stopped) {
            errors.add(dependency.position, dependency.path,
                       fmt::format("{} is restarted whenever it ends, so it never completes; give "
                                   "it `restart: on-failure` or `no`",
                                   quoted(dependency.target)));
        }
    }
}

void drop_left_out(Draft& draft, ErrorSink& errors) {
    for (const Dependency& dependency : draft.dependencies) {
        if (!draft.left_out.contains(dependency.target)) continue;
        if (draft.left_out.contains(dependency.service)) continue;
        if (dependency.required) {
            errors.add(dependency.position, dependency.path,
                       fmt::format("{} is left out, as none of its `profiles` is on; switch one on "
                                   "by a top-level `x-nap: {{profiles: […]}}`",
                                   quoted(dependency.target)));
        }
    }
    for (const auto& [name, at] : draft.left_out)
        draft.spec.services.erase(name);
    for (auto& [name, service] : draft.spec.services) {
        const auto gone = [&](const std::string& target) {
            return !draft.spec.services.contains(target);
        };
        std::erase_if(service.depends_on, gone);
        std::erase_if(service.terms, [&](const auto& terms) { return gone(terms.first); });
    }
    if (draft.spec.services.empty() && !draft.left_out.empty() && errors.empty()) {
        errors.add(draft.left_out.begin()->second, "services",
                   "every service is left out by its `profiles`; switch one on by a top-level "
                   "`x-nap: {profiles: […]}`");
    }
}

}  // namespace nap
