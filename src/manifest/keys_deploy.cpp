#include "manifest/keys.hpp"

namespace nap::keys {

namespace {

constexpr auto supported = KeyStatus::supported;
constexpr auto ignored = KeyStatus::ignored;
constexpr auto refused = KeyStatus::refused;

constexpr KeyRow deploy_rows[] = {
    {"mode", supported,
     "`replicated` (default): `replicas` instances, wherever they fit; `global`: one instance on "
     "every node that the constraints admit. Jobs (`replicated-job`, `global-job`) are refused: "
     "nap keeps services running"},
    {"replicas", supported,
     "0 to 1000 instances, default 1; refused with mode `global`. Instances that publish the same "
     "host port go to different nodes"},
    {"placement", supported, "see *Placement*"},
    {"resources", supported, "see *Resources*"},
    {"restart_policy", supported, "see *Restart policy*"},
    {"labels", ignored,
     "they are those of a swarm's service object; label containers with `labels`"},
    {"endpoint_mode", ignored, "there are no virtual addresses; names lead to all instances"},
    {"update_config", ignored, "nap replaces the instances of a service in one plan"},
    {"rollback_config", ignored, "nap replaces the instances of a service in one plan"},
};

constexpr KeyRow placement_rows[] = {
    {"constraints", supported,
     "a list of `attribute==value` and `attribute!=value`, blanks around the operator allowed; a "
     "node must meet all. Two that no node can meet together are an error"},
    {"preferences", supported,
     "a list, most important first, see *Preference*; refused with mode `global`"},
    {"max_replicas_per_node", supported,
     "at most so many instances of the service on one node; `0` (default) is no limit. Refused "
     "with mode `global`, and below `replicas` in an app that is kept together"},
};

constexpr KeyRow preference_rows[] = {
    {"spread", supported,
     "an attribute: instances are evened out over its values before anything else is weighed"},
};

constexpr KeyRow resources_rows[] = {
    {"limits", supported, "what a container may use at most, see *Limits*"},
    {"reservations", supported,
     "what is set aside on its node for each instance, see *Reservations*"},
};

constexpr KeyRow limits_rows[] = {
    {"cpus", supported, "as `cpus` of the service"},
    {"memory", supported, "as `mem_limit` of the service"},
    {"pids", supported, "as `pids_limit` of the service"},
};

constexpr KeyRow reservations_rows[] = {
    {"cpus", supported, "cores, as `0.5`"},
    {"memory", supported, "bytes, or with a unit (`512m`)"},
    {"devices", supported,
     "a list, see *Device request*; denied by hosts as `gpus` of the service is"},
    {"generic_resources", refused, "a swarm's own; use constraints on labels of nodes"},
};

constexpr KeyRow restart_policy_rows[] = {
    {"condition", supported, "`none`, `on-failure` or `any` (default); goes before `restart`"},
    {"max_attempts", supported, "with `on-failure`: restarts before nap gives up"},
    {"delay", ignored, "nap restarts with its own backoff"},
    {"window", ignored, "nap restarts with its own backoff"},
};

}  // namespace

const KeySection deploy{"Deploy", "services.*.deploy", deploy_rows};
const KeySection placement{"Placement", "services.*.deploy.placement", placement_rows};
const KeySection preference{"Preference", "services.*.deploy.placement.preferences[]",
                            preference_rows};
const KeySection resources{"Resources", "services.*.deploy.resources", resources_rows};
const KeySection limits{"Limits", "services.*.deploy.resources.limits", limits_rows};
const KeySection reservations{"Reservations", "services.*.deploy.resources.reservations",
                              reservations_rows};
const KeySection restart_policy{"Restart policy", "services.*.deploy.restart_policy",
                                restart_policy_rows};

}  // namespace nap::keys
