#include "reconciler/plan_draft.hpp"

#include <algorithm>

#include "model/rfc3339.hpp"
#include "reconciler/backoff.hpp"

namespace nap {

namespace {

const std::vector<const ObservedContainer*> no_containers;

/// A row of failures, in words that stay the same from try to try: they are published.
std::string trouble_with(const Attempt& attempt) {
    return attempt.last_error.empty() ? "crash loop" : attempt.last_error;
}

std::string backoff_detail(const Attempt& attempt, TimePoint when) {
    const std::string times = std::to_string(attempt.failures) + " times in a row";
    const std::string next = "; next try at " + format_rfc3339(when);
    if (!attempt.last_error.empty()) return " (" + times + ")" + next;
    return ": ended " + times + next;
}

bool in_trouble(const Attempt& attempt) {
    return attempt.failures > 1 || !attempt.last_error.empty();
}

}  // namespace

PlanDraft::PlanDraft(const HostInput& input) : in(input) {
    for (const ObservedContainer& container : in.observed.containers) {
        if (is_ours(container.owner)) owned_[container.owner->instance].push_back(&container);
    }
    for (auto& [instance, containers] : owned_) {
        std::sort(containers.begin(), containers.end(), [](const auto* a, const auto* b) {
            if (a->created_at != b->created_at) return a->created_at > b->created_at;
            return a->id < b->id;
        });
    }
}

std::size_t PlanDraft::add(Action action, std::vector<std::size_t> after, std::string cause) {
    std::sort(after.begin(), after.end());
    after.erase(std::unique(after.begin(), after.end()), after.end());
    plan.steps.push_back({std::move(action), std::move(after), std::move(cause)});
    return plan.steps.size() - 1;
}

void PlanDraft::block(const std::string& object, std::string reason) {
    say({object, std::move(reason), true});
}

void PlanDraft::wait(const std::string& object, std::string reason) {
    say({object, std::move(reason), false});
}

void PlanDraft::say(Blocked blocked) {
    const bool said = std::any_of(plan.blocked.begin(), plan.blocked.end(), [&](const Blocked& b) {
        return b.object == blocked.object && b.reason == blocked.reason;
    });
    if (!said) plan.blocked.push_back(std::move(blocked));
}

void PlanDraft::look_again_at(TimePoint when) {
    if (!plan.look_again || when < *plan.look_again) plan.look_again = when;
}

bool PlanDraft::is_waiting(const std::string& object) const {
    return std::any_of(plan.blocked.begin(), plan.blocked.end(), [&](const Blocked& blocked) {
        return blocked.object == object && !blocked.fault;
    });
}

bool PlanDraft::held_back(const std::string& object) {
    const auto attempt = in.attempts.find(object);
    if (in.busy.contains(object)) {
        // What has been failing is not well again merely because it is being tried.
        if (attempt != in.attempts.end() && in_trouble(attempt->second)) {
            block(object, trouble_with(attempt->second));
        } else {
            wait(object, "an action on it is under way");
        }
        return true;
    }
    if (attempt == in.attempts.end()) return false;
    const TimePoint when = may_try_at(attempt->second, in.backoff, in.now);
    if (when <= in.now) return false;
    look_again_at(when);
    say({.object = object,
         .reason = trouble_with(attempt->second),
         .detail = backoff_detail(attempt->second, when)});
    return true;
}

bool PlanDraft::removal_held_back(const std::string& object) {
    const auto attempt = in.attempts.find(object);
    const bool action_failed = attempt != in.attempts.end() && !attempt->second.last_error.empty();
    return (action_failed || in.busy.contains(object)) && held_back(object);
}

bool PlanDraft::hold(const std::string& object, const std::string& cause) {
    if (in.frozen) block(object, "held: " + cause);
    return in.frozen;
}

const std::vector<const ObservedContainer*>& PlanDraft::containers_of(
    const InstanceId& instance) const {
    const auto found = owned_.find(instance);
    return found == owned_.end() ? no_containers : found->second;
}

bool PlanDraft::desired(const InstanceId& instance) const {
    return std::find(in.instances.begin(), in.instances.end(), instance) != in.instances.end();
}

bool PlanDraft::is_ours(const std::optional<OwnerLabels>& owner) const {
    return owner && owner->cluster == in.cluster && owner->app == in.app.app;
}

}  // namespace nap
