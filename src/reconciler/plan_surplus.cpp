#include <algorithm>

#include "reconciler/plan_draft.hpp"

namespace nap {

namespace {

std::string surplus_cause(const PlanDraft& draft, const InstanceId& instance) {
    if (draft.in.remove) return "the app is removed";
    if (!draft.in.app.services.contains(instance.service)) return "its service is gone";
    return "more instances than wanted here";
}

/// Services whose manifest says they need `service`.
std::vector<std::string> dependents_of(const AppSpec& app, const std::string& service) {
    std::vector<std::string> dependents;
    for (const auto& [name, spec] : app.services) {
        const auto needed = dependencies_of(spec);
        if (std::find(needed.begin(), needed.end(), service) != needed.end()) {
            dependents.push_back(name);
        }
    }
    return dependents;
}

/// Removes the surplus of one service after that of the services that depend on it.
class SurplusOrder {
  public:
    explicit SurplusOrder(PlanDraft& draft) : draft_(draft) {}

    const std::vector<std::size_t>& remove_service(const std::string& service) {
        const auto done = removed_.find(service);
        if (done != removed_.end()) return done->second;
        std::vector<std::size_t> after;
        for (const std::string& dependent : dependents_of(draft_.in.app, service)) {
            const auto& steps = remove_service(dependent);
            after.insert(after.end(), steps.begin(), steps.end());
        }
        std::vector<std::size_t> own;
        for (const auto& [instance, containers] : draft_.owned()) {
            if (instance.service != service || draft_.desired(instance)) continue;
            const std::string cause = surplus_cause(draft_, instance);
            if (draft_.hold(to_string(instance), cause)) continue;
            if (draft_.removal_held_back(to_string(instance))) continue;
            for (const ObservedContainer* container : containers) {
                const auto step = plan_removal(draft_, *container, after, cause);
                if (step) own.push_back(*step);
            }
        }
        return removed_.emplace(service, std::move(own)).first->second;
    }

  private:
    PlanDraft& draft_;
    std::map<std::string, std::vector<std::size_t>> removed_;
};

}  // namespace

std::optional<std::size_t> plan_removal(PlanDraft& draft, const ObservedContainer& container,
                                        std::vector<std::size_t> after, const std::string& cause) {
    const InstanceId& instance = container.owner->instance;
    if (container.state == ContainerState::removing) {
        draft.wait(to_string(instance), "the engine is removing " + container.name);
        draft.look_again_at(draft.in.now + std::chrono::seconds(1));
        return std::nullopt;
    }
    if (const auto stop = draft.stops.find(container.id); stop != draft.stops.end()) {
        after.push_back(stop->second);
    } else if (is_up(container.state)) {
        after = {draft.add(StopContainer{instance, container.id, std::nullopt}, std::move(after),
                           cause)};
    }
    const std::size_t step =
        draft.add(RemoveContainer{instance, container.id}, std::move(after), cause);
    draft.removals[container.id] = step;
    return step;
}

void plan_surplus(PlanDraft& draft) {
    SurplusOrder order(draft);
    for (const auto& [instance, containers] : draft.owned()) {
        if (!draft.desired(instance)) order.remove_service(instance.service);
    }
}

}  // namespace nap
