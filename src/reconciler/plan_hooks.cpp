#include "reconciler/backoff.hpp"
#include "reconciler/plan_draft.hpp"

namespace nap {

std::string hook_failure(const PlanDraft& draft, const ObservedContainer& container) {
    const auto attempt = draft.in.attempts.find(to_string(container.owner->instance));
    const bool known =
        attempt != draft.in.attempts.end() && attempt->second.hooked_run == run_of(container);
    return known ? attempt->second.hook_error : std::string();
}

bool plan_hooks(PlanDraft& draft, const ObservedContainer& container) {
    if (container.hooks.post_start.empty() || !draft.in.runs_known) return false;
    const InstanceId& instance = container.owner->instance;
    const std::string object = to_string(instance);
    const std::string failure = hook_failure(draft, container);
    if (!failure.empty()) {
        if (draft.hold(object, failure) || draft.held_back(object)) return true;
        draft.running[instance].step =
            draft.add(StopContainer{instance, container.id, std::nullopt}, {}, failure);
        return true;
    }
    const std::string run = run_of(container);
    const auto attempt = draft.in.attempts.find(object);
    if (attempt != draft.in.attempts.end() && attempt->second.hooked_run == run) return false;
    if (draft.held_back(object)) return false;
    draft.running[instance].step = draft.add(
        RunHooks{instance, container.id, run, container.hooks.post_start}, {}, "it has started");
    return false;
}

}  // namespace nap
