#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "model/plan.hpp"
#include "reconciler/host_plan.hpp"

namespace nap {

/// Whether something a step needs is there, and which step of this plan provides it if not yet.
struct Readiness {
    bool ok = true;
    std::optional<std::size_t> step;
};

/// A plan in the making, with what its parts share. The planner's files each add one topic to it.
class PlanDraft {
  public:
    explicit PlanDraft(const HostInput& input);

    const HostInput& in;
    Plan plan;

    std::size_t add(Action action, std::vector<std::size_t> after, std::string cause);
    void block(const std::string& object, std::string reason);
    void wait(const std::string& object, std::string reason);
    void look_again_at(TimePoint when);
    /// Whether `object` is between two states, rather than stuck.
    [[nodiscard]] bool is_waiting(const std::string& object) const;

    /// True, and said so, while `object` is being worked on or must not be tried again yet.
    bool held_back(const std::string& object);
    /// As `held_back`, but a crash loop is no reason to keep what shall go.
    bool removal_held_back(const std::string& object);
    /// True, and said so, while nothing may be stopped or removed. `cause` is why it would be.
    bool hold(const std::string& object, const std::string& cause);

    /// This app's containers of one instance, newest first.
    [[nodiscard]] const std::vector<const ObservedContainer*>& containers_of(
        const InstanceId& instance) const;
    [[nodiscard]] const std::map<InstanceId, std::vector<const ObservedContainer*>>& owned() const {
        return owned_;
    }
    [[nodiscard]] bool desired(const InstanceId& instance) const;
    /// Whether the labels say that this cluster's `in.app` owns the object.
    [[nodiscard]] bool is_ours(const std::optional<OwnerLabels>& owner) const;

    /// How far each instance of this host is: filled in dependency order.
    std::map<InstanceId, Readiness> running;
    /// Instances that get another container, in this plan or as soon as they can.
    std::set<InstanceId> replaced;
    /// Steps that remove a container, by its id.
    std::map<ContainerId, std::size_t> removals;
    /// Steps that stop a container, by its id.
    std::map<ContainerId, std::size_t> stops;

  private:
    void say(Blocked blocked);

    std::map<InstanceId, std::vector<const ObservedContainer*>> owned_;
};

// Networks, volumes, images (plan_resources.cpp).

/// Adds `action` once, however many instances need it.
Readiness provide(PlanDraft& draft, Action action, const std::string& cause = "not there");
/// Says once why `object` is not provided.
Readiness refuse(PlanDraft& draft, const std::string& object, const std::string& reason);
/// What `instance` needs before it can be created; adds the steps that provide it. Not ok when
/// something is missing that nap must not or cannot provide, which is then said.
struct Preparation {
    bool ok = true;
    std::vector<std::size_t> after;
};
Preparation prepare_instance(PlanDraft& draft, const InstanceId& instance);
/// What a container of `instance` that exists needs before it can start: not its image, and of its
/// networks only that they are there.
Preparation prepare_start(PlanDraft& draft, const InstanceId& instance);

// Networks (plan_networks.cpp).

/// The network of this key is there, or will be; says why when it cannot be.
Readiness need_network(PlanDraft& draft, const std::string& key);
[[nodiscard]] std::size_t count_networks(const PlanDraft& draft, const std::string& name);
/// A network it was made for is gone: the engine cannot start such a container any more.
[[nodiscard]] bool lost_a_network(const PlanDraft& draft, const ObservedContainer& container);
/// Networks that all hosts of the app share must be there for the others too, and be the right
/// ones: only managers of the swarm can make them.
void plan_shared_networks(PlanDraft& draft);
/// Removes this app's networks that nothing uses any more. Runs last.
void plan_unused_networks(PlanDraft& draft);
/// Engine names of the networks the instances of this host use.
[[nodiscard]] bool uses_network(const PlanDraft& draft, const std::string& name);

// Files of the app's project directory (plan_folders.cpp).

/// The files that `mount` needs are on this host, or will be; says why when they cannot be.
Readiness need_folder(PlanDraft& draft, const ContainerMount& mount);
/// Puts the host's paths where the mounts of project files say what they need.
void place_folders(const PlanDraft& draft, ContainerConfig& config);
/// A container that exists cannot start: what it mounts was kept elsewhere before.
[[nodiscard]] bool lost_its_folder(const PlanDraft& draft, const ObservedContainer& container);
/// Removes folders that no container uses, once nothing else is to be done. Runs last.
void plan_unused_folders(PlanDraft& draft);

// Instances (plan_instance.cpp, plan_replace.cpp).

void plan_instance(PlanDraft& draft, const InstanceId& instance);
/// Creates a container of `instance` that takes the place of `old`, all of them outdated or none.
void plan_replacement(PlanDraft& draft, const InstanceId& instance,
                      const std::vector<const ObservedContainer*>& old, const std::string& cause);
/// Steps that start a dependency of `instance` in this plan; nullopt, and said so, while one of
/// them cannot be started, or has not come to what a first start waits for.
enum class StartKind { first, again };
std::optional<std::vector<std::size_t>> dependency_steps(PlanDraft& draft,
                                                         const InstanceId& instance,
                                                         StartKind kind);
/// Stops those of `old` that are up, after `after`: two containers of one instance would want the
/// same ports. Returns the stopping steps.
std::vector<std::size_t> give_way(PlanDraft& draft,
                                  const std::vector<const ObservedContainer*>& old,
                                  const std::vector<std::size_t>& after);

// Namespaces and terms between services (plan_sharing.cpp).

/// Names the containers whose namespaces and volumes `config` shares; false, and said so, while one
/// of them does not run.
bool resolve_namespaces(PlanDraft& draft, const InstanceId& instance, ContainerConfig& config);
/// Whether the containers that `container` shares namespaces with are still those of their
/// services.
enum class Sharing { current, outdated, unsettled };
[[nodiscard]] Sharing sharing_of(const PlanDraft& draft, const ObservedContainer& container);
/// Why one that is outdated is replaced.
[[nodiscard]] std::string sharing_cause(const PlanDraft& draft, const ObservedContainer& container);
/// Names of the volumes that `service` gets by its `volumes_from`.
[[nodiscard]] std::set<std::string> volumes_shared(const PlanDraft& draft,
                                                   const std::string& service);
/// Why a container that runs has to be restarted for what became of a dependency, or empty.
[[nodiscard]] std::string restart_cause(const PlanDraft& draft, const ObservedContainer& container);
/// Whether the dependency `other` has come to what `instance` waits for before its first start;
/// says so otherwise.
bool meets_terms(PlanDraft& draft, const InstanceId& instance, const InstanceId& other);
/// The same of the instances of `service` that are on other nodes.
bool peers_meet_terms(PlanDraft& draft, const InstanceId& instance, const std::string& service);

// Commands in containers (plan_hooks.cpp).

/// What is to be done for the `post_start` hooks of a container that runs, in `plan`; true when it
/// is stopped, since one of them has failed.
bool plan_hooks(PlanDraft& draft, const ObservedContainer& container);
/// What the last run of `container` was ended for, or empty.
[[nodiscard]] std::string hook_failure(const PlanDraft& draft, const ObservedContainer& container);

// Containers that should not be there (plan_surplus.cpp).

/// Stops if need be and removes `container`, after `after`. Returns the removing step.
std::optional<std::size_t> plan_removal(PlanDraft& draft, const ObservedContainer& container,
                                        std::vector<std::size_t> after, const std::string& cause);
void plan_surplus(PlanDraft& draft);

// Links (plan_links.cpp).

void plan_links(PlanDraft& draft);

}  // namespace nap
