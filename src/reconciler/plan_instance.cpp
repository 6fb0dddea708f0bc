#include <algorithm>

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
    if (container.exit_code == 0) return false;
    const auto attempt = draft.in.attempts.find(to_string(instance));
    const int failures = attempt == draft.in.attempts.end() ? 0 : attempt->second.failures;
    return restart.attempts_max == 0 || failures <= restart.attempts_max;
}

/// A network it was made for is gone: the engine cannot start such a container any more.
bool lost_a_network(const PlanDraft& draft, const ObservedContainer& container) {
    return std::any_of(
        container.attachments.begin(), container.attachments.end(), [&](const Attachment& a) {
            const auto& all = draft.in.observed.networks;
            return !a.network_id.empty() &&
                   std::none_of(all.begin(), all.end(),
                                [&](const ObservedNetwork& n) { return n.id == a.network_id; });
        });
}

void start_in_place(PlanDraft& draft, const ObservedContainer& container,
                    const std::string& cause) {
    const InstanceId& instance = container.owner->instance;
    if (lost_a_network(draft, container)) {
        plan_replacement(draft, instance, {&container}, "a network it was on no longer exists");
        return;
    }
    Readiness& outcome = draft.running[instance];
    outcome.ok = container.started_at != TimePoint{};
    const Preparation preparation = prepare_instance(draft, instance);
    if (!preparation.ok) return;
    auto dependencies = dependency_steps(draft, instance);
    if (!dependencies) return;
    dependencies->insert(dependencies->end(), preparation.after.begin(), preparation.after.end());
    outcome = {.ok = true,
               .step = draft.add(StartContainer{instance, container.id}, std::move(*dependencies),
                                 cause)};
}

void rejoin_networks(PlanDraft& draft, const ObservedContainer& container) {
    const InstanceId& instance = container.owner->instance;
    for (const ContainerNetwork& wanted :
         container_config(draft.in.app, instance.service).networks) {
        const bool joined =
            std::any_of(container.attachments.begin(), container.attachments.end(),
                        [&](const Attachment& a) { return a.network == wanted.network; });
        if (joined) continue;
        draft.add(ConnectNetwork{instance, container.id, wanted}, {}, "it has left this network");
    }
}

void keep_name(PlanDraft& draft, const ObservedContainer& container) {
    const InstanceId& instance = container.owner->instance;
    const std::string wanted = container_name(draft.in.app, instance);
    if (container.name == wanted) return;
    std::vector<std::size_t> after;
    const auto holder = draft.in.observed.names.find(wanted);
    if (holder != draft.in.observed.names.end()) {
        const auto removal = draft.removals.find(holder->second);
        if (removal == draft.removals.end()) {
            draft.block(to_string(instance), "runs as " + container.name + ", since the name " +
                                                 wanted + " is taken; rename or remove container " +
                                                 holder->second.str().substr(0, 12));
            return;
        }
        after.push_back(removal->second);
    }
    draft.add(RenameContainer{instance, container.id, wanted}, std::move(after),
              "it has another name");
}

/// The end of a row of failures shows in the status once it has run long enough.
void watch_recovery(PlanDraft& draft, const ObservedContainer& container) {
    const auto attempt = draft.in.attempts.find(to_string(container.owner->instance));
    if (attempt == draft.in.attempts.end() || attempt->second.failures == 0) return;
    const TimePoint stable = container.started_at + draft.in.backoff.stable_run;
    if (stable > draft.in.now) draft.look_again_at(stable);
}

void keep_running(PlanDraft& draft, const ObservedContainer& container) {
    const InstanceId& instance = container.owner->instance;
    draft.running[instance] = {};
    const ServiceSpec& service = draft.in.app.services.at(instance.service);
    if (container.health == Health::unhealthy && service.restart_unhealthy) {
        if (draft.held_back(to_string(instance))) return;
        const std::string output =
            container.health_output.empty() ? "" : ": " + container.health_output;
        draft.add(RestartContainer{instance, container.id, std::nullopt, true}, {},
                  "it is unhealthy" + output);
        return;
    }
    rejoin_networks(draft, container);
    watch_recovery(draft, container);
}

/// Brings the container that should run this instance to running.
void converge(PlanDraft& draft, const ObservedContainer& container) {
    const InstanceId& instance = container.owner->instance;
    const std::string object = to_string(instance);
    switch (container.state) {
        case ContainerState::running:
            return keep_running(draft, container);
        case ContainerState::paused:
            draft.running[instance] = {
                .ok = true,
                .step = draft.add(UnpauseContainer{instance, container.id}, {}, "it is paused")};
            return;
        case ContainerState::restarting:
        case ContainerState::removing:
            draft.running[instance] = {.ok = false, .step = std::nullopt};
            draft.wait(object, std::string("the engine says it is ") + to_string(container.state));
            draft.look_again_at(draft.in.now + std::chrono::seconds(1));
            return;
        case ContainerState::created:
            if (!draft.held_back(object)) start_in_place(draft, container, "it was never started");
            return;
        case ContainerState::exited:
            draft.running[instance] = {};
            if (!wants_restart(draft, container)) return;
            if (!draft.held_back(object)) start_in_place(draft, container, exit_text(container));
            return;
        case ContainerState::dead:
            if (draft.held_back(object)) return;
            plan_replacement(draft, instance, {&container}, "the engine calls it dead");
            return;
    }
}

bool image_matches(const PlanDraft& draft, const ObservedContainer& container,
                   const std::string& image) {
    const auto present = draft.in.observed.images.find(image);
    return present == draft.in.observed.images.end() || present->second == container.image_id;
}

const ObservedContainer* best_of(const Containers& containers) {
    const auto up = std::find_if(containers.begin(), containers.end(), [](const auto* c) {
        return c->state == ContainerState::running;
    });
    return up == containers.end() ? containers.front() : *up;
}

/// Another container holds this instance's place although one that fits is there.
void drop_doubles(PlanDraft& draft, const Containers& doubles) {
    for (const ObservedContainer* container : doubles) {
        const Readiness& successor = draft.running[container->owner->instance];
        if (!successor.ok) return;
        std::vector<std::size_t> after;
        if (successor.step) after.push_back(*successor.step);
        plan_removal(draft, *container, std::move(after), "another container runs this instance");
    }
}

}  // namespace

void plan_instance(PlanDraft& draft, const InstanceId& instance) {
    const std::string object = to_string(instance);
    const ContainerConfig config = container_config(draft.in.app, instance.service);
    const std::string hash = config_hash(config);
    Containers fitting;
    Containers outdated;
    bool same_config = false;
    for (const ObservedContainer* container : draft.containers_of(instance)) {
        const bool same = container->owner->config_hash == hash;
        same_config = same_config || same;
        const bool fits = same && image_matches(draft, *container, config.image);
        (fits ? fitting : outdated).push_back(container);
    }
    draft.running[instance] = {.ok = false, .step = std::nullopt};
    if (draft.in.busy.contains(object)) {
        const Containers& all = draft.containers_of(instance);
        const bool up = !all.empty() && best_of(all)->started_at != TimePoint{};
        draft.running[instance].ok = up;
        draft.wait(object, "an action on it is under way");
        return;
    }
    if (fitting.empty()) {
        if (draft.held_back(object)) return;
        const char* cause = "its configuration changed";
        if (outdated.empty()) cause = "not there";
        if (same_config) cause = "its image changed";
        plan_replacement(draft, instance, outdated, cause);
        return;
    }
    const ObservedContainer* chosen = best_of(fitting);
    converge(draft, *chosen);
    Containers doubles = outdated;
    for (const ObservedContainer* container : fitting) {
        if (container != chosen) doubles.push_back(container);
    }
    drop_doubles(draft, doubles);
    const bool replaced = draft.removals.contains(chosen->id);
    if (!replaced && chosen->state != ContainerState::removing) keep_name(draft, *chosen);
}

}  // namespace nap
