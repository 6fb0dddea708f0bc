#include <algorithm>

#include "reconciler/backoff.hpp"
#include "reconciler/container_config.hpp"
#include "reconciler/plan_draft.hpp"

namespace nap {

namespace {

using Containers = std::vector<const ObservedContainer*>;

std::string exit_text(const ObservedContainer& container) {
    if (container.oom_killed) return "it ran out of memory";
    return "it ended with exit code " + std::to_string(container.exit_code);
}

/// Whether the manifest's restart policy wants an ended container to run again.
bool wants_restart(const PlanDraft& draft, const ObservedContainer& container) {
    const InstanceId& instance = container.owner->instance;
    const Restart& restart = draft.in.app.services.at(instance.service).restart;
    switch (restart.policy) {
        case RestartPolicy::always:
        case RestartPolicy::unless_stopped:
            return true;
        case RestartPolicy::no:
            return false;
        case RestartPolicy::on_failure:
            break;
    }
    if (container.exit_code == 0 && hook_failure(draft, container).empty()) return false;
    const auto attempt = draft.in.attempts.find(to_string(instance));
    const int failures = attempt == draft.in.attempts.end() ? 0 : attempt->second.failures;
    return restart.attempts_max == 0 || failures <= restart.attempts_max;
}

/// One container of an instance, and all others of it.
struct Candidate {
    const ObservedContainer& container;
    const Containers& doubles;
};

void replace_all(PlanDraft& draft, const Candidate& candidate, const std::string& cause) {
    if (draft.hold(to_string(candidate.container.owner->instance), cause)) return;
    Containers old{&candidate.container};
    old.insert(old.end(), candidate.doubles.begin(), candidate.doubles.end());
    plan_replacement(draft, candidate.container.owner->instance, old, cause);
}

void start_in_place(PlanDraft& draft, const Candidate& candidate, const std::string& cause) {
    const ObservedContainer& container = candidate.container;
    const InstanceId& instance = container.owner->instance;
    if (lost_a_network(draft, container)) {
        replace_all(draft, candidate, "a network it was on no longer exists");
        return;
    }
    if (lost_its_folder(draft, container)) {
        replace_all(draft, candidate, "what it mounts is kept elsewhere now");
        return;
    }
    const Sharing sharing = sharing_of(draft, container);
    if (sharing == Sharing::outdated) {
        replace_all(draft, candidate, sharing_cause(draft, container));
        return;
    }
    if (sharing == Sharing::unsettled) {
        draft.wait(to_string(instance), "waits for the container whose namespace it shares");
        return;
    }
    Readiness& outcome = draft.running[instance];
    outcome.ok = container.started_at != TimePoint{};
    const bool must_stop_others =
        std::any_of(candidate.doubles.begin(), candidate.doubles.end(),
                    [](const auto* other) { return is_up(other->state); });
    if (must_stop_others && draft.hold(to_string(instance), "another container runs it")) return;
    Preparation preparation = prepare_start(draft, instance);
    if (!preparation.ok) return;
    const bool is_new = container.state == ContainerState::created;
    const auto dependencies =
        dependency_steps(draft, instance, is_new ? StartKind::first : StartKind::again);
    if (!dependencies) return;
    auto& after = preparation.after;
    const auto& files = draft.in.app.services.at(instance.service).files;
    if (is_new && !files.empty()) {
        // Whoever created it may not have come to this.
        after.push_back(
            draft.add(WriteFiles{instance, container.id, files}, after, "its configs and secrets"));
    }
    after.insert(after.end(), dependencies->begin(), dependencies->end());
    const auto stops = give_way(draft, candidate.doubles, after);
    after.insert(after.end(), stops.begin(), stops.end());
    outcome = {.ok = true,
               .step = draft.add(StartContainer{instance, container.id}, std::move(after), cause)};
}

void rejoin_networks(PlanDraft& draft, const ObservedContainer& container) {
    const InstanceId& instance = container.owner->instance;
    std::vector<ContainerNetwork> left = container_config(draft.in.app, instance.service).networks;
    std::erase_if(left, [&](const ContainerNetwork& wanted) {
        return std::any_of(container.attachments.begin(), container.attachments.end(),
                           [&](const Attachment& a) { return a.network == wanted.network; });
    });
    if (left.empty() || draft.held_back(to_string(instance))) return;
    const Preparation preparation = prepare_start(draft, instance);
    if (!preparation.ok) return;
    for (const ContainerNetwork& network : left) {
        draft.add(ConnectNetwork{instance, container.id, network}, preparation.after,
                  "it has left this network");
    }
}

void keep_name(PlanDraft& draft, const ObservedContainer& container) {
    const InstanceId& instance = container.owner->instance;
    const std::string wanted = container_name(draft.in.app, instance);
    if (container.name == wanted) return;
    std::vector<std::size_t> after;
    const auto holder = draft.in.observed.names.find(wanted);
    if (holder != draft.in.observed.names.end()) {
        const auto& own = draft.containers_of(instance);
        const bool stays_for_now = std::any_of(own.begin(), own.end(), [&](const auto* c) {
            return c->id == holder->second && !draft.removals.contains(c->id);
        });
        if (stays_for_now) return;
        const auto removal = draft.removals.find(holder->second);
        if (removal == draft.removals.end()) {
            draft.block(to_string(instance), "runs as " + container.name + ", since the name " +
                                                 wanted + " is taken; rename or remove container " +
                                                 holder->second.str().substr(0, 12));
            return;
        }
        after.push_back(removal->second);
    }
    if (draft.held_back(to_string(instance))) return;
    draft.add(RenameContainer{instance, container.id, wanted}, std::move(after),
              "it has another name");
}

/// The end of a row of failures shows in the status once it has run long enough.
void watch_recovery(PlanDraft& draft, const ObservedContainer& container) {
    const auto attempt = draft.in.attempts.find(to_string(container.owner->instance));
    if (attempt == draft.in.attempts.end() || attempt->second.failures == 0) return;
    const TimePoint stable =
        row_ends_at(attempt->second, draft.in.backoff, container.started_at, draft.in.now);
    if (stable > draft.in.now) draft.look_again_at(stable);
}

void keep_running(PlanDraft& draft, const ObservedContainer& container) {
    const InstanceId& instance = container.owner->instance;
    draft.running[instance] = {};
    const ServiceSpec& service = draft.in.app.services.at(instance.service);
    if (container.health == Health::unhealthy && service.restart_unhealthy) {
        if (draft.hold(to_string(instance), "it is unhealthy")) return;
        if (draft.held_back(to_string(instance))) return;
        const std::string output =
            container.health_output.empty() ? "" : ": " + container.health_output;
        draft.add(RestartContainer{instance, container.id, std::nullopt, true}, {},
                  "it is unhealthy" + output);
        return;
    }
    const std::string cause = restart_cause(draft, container);
    if (!cause.empty()) {
        if (draft.hold(to_string(instance), cause) || draft.held_back(to_string(instance))) return;
        draft.add(RestartContainer{instance, container.id, std::nullopt}, {}, cause);
        return;
    }
    if (plan_hooks(draft, container)) return;
    rejoin_networks(draft, container);
    watch_recovery(draft, container);
}

/// Brings the container that should run this instance to running.
void converge(PlanDraft& draft, const Candidate& candidate) {
    const ObservedContainer& container = candidate.container;
    const InstanceId& instance = container.owner->instance;
    const std::string object = to_string(instance);
    switch (container.state) {
        case ContainerState::running:
            if (sharing_of(draft, container) != Sharing::outdated) {
                return keep_running(draft, container);
            }
            if (draft.held_back(object)) return;
            return replace_all(draft, candidate, sharing_cause(draft, container));
        case ContainerState::paused:
            draft.running[instance] = {};
            if (draft.held_back(object)) return;
            draft.running[instance].step =
                draft.add(UnpauseContainer{instance, container.id}, {}, "it is paused");
            return;
        case ContainerState::restarting:
        case ContainerState::removing:
            draft.running[instance] = {.ok = false, .step = std::nullopt};
            draft.wait(object, std::string("the engine says it is ") + to_string(container.state));
            draft.look_again_at(draft.in.now + std::chrono::seconds(1));
            return;
        case ContainerState::created:
            if (!draft.held_back(object)) start_in_place(draft, candidate, "it was never started");
            return;
        case ContainerState::exited:
            draft.running[instance] = {};
            if (!wants_restart(draft, container)) {
                const std::string failure = hook_failure(draft, container);
                if (!failure.empty()) draft.block(object, failure);
                return;
            }
            if (!draft.held_back(object)) start_in_place(draft, candidate, exit_text(container));
            return;
        case ContainerState::dead:
            if (draft.held_back(object)) return;
            replace_all(draft, candidate, "the engine calls it dead");
            return;
    }
}

bool image_matches(const PlanDraft& draft, const ObservedContainer& container,
                   const std::string& image) {
    const auto present = draft.in.observed.images.find(image);
    return present == draft.in.observed.images.end() || present->second == container.image_id;
}

const ObservedContainer* best_of(const Containers& containers) {
    const auto up = std::find_if(containers.begin(), containers.end(),
                                 [](const auto* c) { return c->state == ContainerState::running; });
    return up == containers.end() ? containers.front() : *up;
}

/// Whether `chosen` runs, or will after this plan, or has ended and shall stay so. As long as it
/// may come to none of these, its doubles are all there is of the instance.
bool has_its_way(const PlanDraft& draft, const ObservedContainer& chosen) {
    if (draft.running.at(chosen.owner->instance).step) return true;
    return chosen.state == ContainerState::running || chosen.state == ContainerState::paused ||
           (chosen.state == ContainerState::exited && !wants_restart(draft, chosen));
}

void drop_doubles(PlanDraft& draft, const InstanceId& instance, const Containers& doubles) {
    const auto start = draft.running[instance].step;
    const char* cause = "another container runs this instance";
    for (const ObservedContainer* container : doubles) {
        if (draft.removals.contains(container->id)) continue;
        if (draft.hold(to_string(instance), cause)) return;
        if (draft.removal_held_back(to_string(instance))) return;
        std::vector<std::size_t> after;
        if (start) after.push_back(*start);
        plan_removal(draft, *container, std::move(after), cause);
    }
}

/// This app's containers of one instance, newest first, by what the manifest says of them now.
struct Sorted {
    Containers fitting;
    Containers outdated;
    const char* cause = "not there";  ///< why a new one is needed when none fits
};

Sorted sort_containers(const PlanDraft& draft, const InstanceId& instance) {
    const ContainerConfig config = container_config(draft.in.app, instance.service);
    const std::string hash = config_hash(config);
    Sorted sorted;
    bool same_config = false;
    for (const ObservedContainer* container : draft.containers_of(instance)) {
        const bool same = container->owner->config_hash == hash;
        same_config = same_config || same;
        const bool fits = same && image_matches(draft, *container, config.image);
        (fits ? sorted.fitting : sorted.outdated).push_back(container);
    }
    if (!sorted.outdated.empty()) sorted.cause = "its configuration changed";
    if (same_config) sorted.cause = "its image changed";
    return sorted;
}

}  // namespace

void plan_instance(PlanDraft& draft, const InstanceId& instance) {
    const std::string object = to_string(instance);
    auto [fitting, outdated, cause] = sort_containers(draft, instance);
    draft.running[instance] = {.ok = false, .step = std::nullopt};
    if (draft.in.busy.contains(object)) {
        const Containers& all = draft.containers_of(instance);
        const bool up = !all.empty() && best_of(all)->started_at != TimePoint{};
        draft.running[instance].ok = up;
        draft.held_back(object);
        return;
    }
    const bool may_run = draft.in.leased || draft.in.app.services.at(instance.service).partition !=
                                                PartitionPolicy::stop;
    if (!may_run) {
        // Its container stays, to be started again once this host hears that it still is its.
        draft.block(object, "stopped: this host is cut off from Consul, and it must not run twice");
        return;
    }
    // What may not be replaced is kept as it is, and kept running.
    if (fitting.empty() && !outdated.empty() && draft.hold(object, cause)) fitting.swap(outdated);
    if (fitting.empty()) {
        if (draft.held_back(object)) return;
        plan_replacement(draft, instance, outdated, cause);
        return;
    }
    const ObservedContainer* chosen = best_of(fitting);
    Containers doubles = outdated;
    for (const ObservedContainer* container : fitting) {
        if (container != chosen) doubles.push_back(container);
    }
    converge(draft, {*chosen, doubles});
    if (has_its_way(draft, *chosen)) drop_doubles(draft, instance, doubles);
    if (!draft.replaced.contains(instance) && chosen->state != ContainerState::removing)
        keep_name(draft, *chosen);
}

}  // namespace nap
