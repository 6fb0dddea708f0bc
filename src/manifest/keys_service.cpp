#include "manifest/keys.hpp"

namespace nap::keys {

namespace {

constexpr auto supported = KeyStatus::supported;
constexpr auto ignored = KeyStatus::ignored;
constexpr auto refused = KeyStatus::refused;

constexpr KeyRow rows[] = {
    {"image", supported,
     "required. Pulled as `pull_policy` says, without credentials. When the reference points to "
     "another image on the host, the container is recreated"},
    {"build", ignored,
     "nap builds nothing; `image` names what runs. Without `image` it is an error"},
    {"command", supported,
     "a list, or a string split as a shell would; empty clears the image's, null keeps it"},
    {"entrypoint", supported, "as `command`"},
    {"environment", supported,
     "a mapping or a list of `KEY=value`. A variable without a value is taken from `.env`, else "
     "not set, with a warning"},
    {"env_file", supported, "files of variables, from the app's project directory"},
    {"ports", supported,
     "`[[ip:]host:]port[/protocol]` with ranges, or the long form (see *Port*). Without a host "
     "port the engine chooses one; of a range of them for one port, as `8000-8010:80`, one that is "
     "free"},
    {"expose", supported, "`port[/protocol]`, ranges too; publishes nothing"},
    {"links", supported,
     "`service` or `service:alias`. The other service starts first, and is reachable under both "
     "names. On a network with DNS by aliases; on the default bridge by the hosts file, see "
     "`x-nap`"},
    {"external_links", supported,
     "`container` or `container:alias`, of a container that is not of the app. On a network it is "
     "an alias, good while that container is on it too; on the default bridge the engine does it, "
     "and starts the service only while that container is on this host and runs"},
    {"depends_on", supported,
     "a list of services that start first, or the long form (see *Dependency*)"},
    {"volumes", supported,
     "`[source:]target[:options]` or the long form (see *Mount*). A source beginning with `/` is a "
     "host path, subject to the host's policy; one beginning with `.` a file or folder of the "
     "app's project directory, mounted read-only, or, where there is none, a volume in its place; "
     "any other is a named volume, which the services form declares at top level. Without a source "
     "the volume is unnamed, and handed on when the "
     "container is recreated"},
    {"volumes_from", supported,
     "a list of `service[:ro]`: what is mounted in the container of that service on this host, "
     "which is made first, is mounted here too; when that one is replaced, so is this. The two "
     "must "
     "be on one host. `container:` is refused: names outside the app mean nothing on other hosts"},
    {"volume_driver", refused,
     "declare the volume at top level, with its `driver`; `local` is let pass"},
    {"networks", supported,
     "a list, or a mapping (see *Service network*); without it the service joins `<app>_default`. "
     "*Version 1*: refused"},
    {"network_mode", supported,
     "`bridge` (the engine's default bridge), `host`, `none` or `service:NAME`, which shares the "
     "network of a service on the same host; the container follows when that one is started anew. "
     "`container:` is refused: names outside the app mean nothing on other hosts"},
    {"net", supported, "*version 1*: as `network_mode`"},
    {"configs", supported, "a list of names, or the long form (see *File*); by default at `/NAME`"},
    {"secrets", supported, "as `configs`; by default at `/run/secrets/NAME`"},
    {"healthcheck", supported, "see *Healthcheck*"},
    {"restart", supported,
     "`always` (the default), `unless-stopped` (the same), `on-failure[:N]`, `no`. nap restarts, "
     "not the engine: containers have the engine's policy `no`. A service whose completion another "
     "one waits for has the default `on-failure`"},
    {"labels", supported,
     "a mapping or a list; those beginning with `io.nap.` or `com.docker.compose.` are reserved"},
    {"label_file", supported, "files of labels, from the app's project directory"},
    {"extends", supported,
     "another service of this manifest, or of a file of the app's project directory"},
    {"hostname", supported, "at most 64 letters, digits, `.`, `-`, `_`"},
    {"domainname", supported, "the container's domain"},
    {"user", supported, "as `www-data` or `1000:1000`"},
    {"group_add", supported, "a list of groups, by name or number"},
    {"working_dir", supported, "an absolute path"},
    {"container_name", supported,
     "instead of `<app>-<service>-<slot>`; unique in the app, and only with one replica, or with "
     "mode `global`"},
    {"extra_hosts", supported,
     "a list of `name:address` or `name=address`, or a mapping; `host-gateway` may stand for the "
     "address"},
    {"dns", supported, "an address or a list of them"},
    {"dns_opt", supported, "a list, as `ndots:2`"},
    {"dns_search", supported, "a domain or a list of them"},
    {"mac_address", supported, "on the first network; not with several replicas"},
    {"stop_grace_period", supported,
     "a duration with a unit, as `1m30s`; the engine gets whole seconds, rounded up"},
    {"stop_signal", supported, "name or number of a signal"},
    {"init", supported, "`true`: the engine's init is process 1 and takes care of orphans"},
    {"tty", supported, "`true`: a terminal is attached"},
    {"stdin_open", supported, "`true`: standard input stays open"},
    {"read_only", supported,
     "`true`: the root file system cannot be written to. `configs` and `secrets` are mounted then, "
     "each from a copy in the agent's data directory, and need an engine on its machine"},
    {"tmpfs", supported,
     "a path or a list of them, with mount options after a colon: `/run:size=64m,mode=1777`"},
    {"shm_size", supported, "bytes of `/dev/shm`, or with a unit"},
    {"ulimits", supported, "a mapping of names to a number or to a mapping (see *Ulimit*)"},
    {"sysctls", supported,
     "a mapping or a list of `key=value`; those of the container's own namespaces"},
    {"logging", supported, "see *Logging*"},
    {"log_driver", supported, "*version 1*: as `logging.driver`"},
    {"log_opt", supported, "*version 1*: as `logging.options`"},
    {"privileged", supported, "denied by hosts unless their `policy.allow` has `privileged`"},
    {"cap_add", supported,
     "a list. Beyond the engine's default set it is denied by hosts unless their `policy.allow` "
     "has `cap_add:NAME`"},
    {"cap_drop", supported, "a list; `ALL` drops all"},
    {"security_opt", supported,
     "a list. `no-new-privileges` and `apparmor=PROFILE` are free; all else, as "
     "`seccomp=unconfined`, is denied by hosts unless their `policy.allow` has `security_opt:` and "
     "the entry. `seccomp=FILE` is a profile of the app's project directory, for which the entry "
     "is "
     "`security_opt:seccomp=profile`"},
    {"devices", supported,
     "`host[:container[:rwm]]` or the long form (see *Device*); denied by hosts unless their "
     "`policy.allow` has `device:PATH`"},
    {"device_cgroup_rules", supported,
     "a list, as `c 1:3 mr`; denied by hosts unless their `policy.allow` has "
     "`device_cgroup_rules`"},
    {"gpus", supported,
     "`all`, or a list (see *Device request*); denied by hosts unless their `policy.allow` has "
     "`gpus`"},
    {"pid", supported,
     "`service:NAME`, as with `network_mode`; `host`, denied by hosts unless their `policy.allow` "
     "has `pid:host`"},
    {"ipc", supported,
     "`private`, `shareable`, `none` or `service:NAME`; `host`, denied by hosts unless their "
     "`policy.allow` has `ipc:host`"},
    {"uts", supported, "`host`, denied by hosts unless their `policy.allow` has `uts:host`"},
    {"userns_mode", supported,
     "`host`, denied by hosts unless their `policy.allow` has `userns:host`"},
    {"cgroup", supported,
     "`private`; `host`, denied by hosts unless their `policy.allow` has `cgroup:host`"},
    {"cgroup_parent", supported, "the cgroup that the container's is made in"},
    {"mem_limit", supported,
     "bytes, or with a unit (`512m`); at least `6m`; `0` is no limit. Or "
     "`deploy.resources.limits.memory`: both only when they say the same"},
    {"mem_reservation", supported,
     "bytes that the container is brought back to under pressure; set aside on the node too, as by "
     "`deploy.resources.reservations.memory`: both only when they say the same"},
    {"memswap_limit", supported,
     "memory and swap together, at least `mem_limit`, which is needed with it; `-1` is no limit"},
    {"mem_swappiness", supported, "0 to 100; engines on cgroup 2 leave it out"},
    {"oom_kill_disable", supported,
     "`true`: the container is not killed when memory runs out; engines on cgroup 2 leave it out"},
    {"oom_score_adj", supported, "-1000 to 1000"},
    {"cpus", supported,
     "cores, as `0.5`; at least `0.01`; `0` is no limit. Or `deploy.resources.limits.cpus`: both "
     "only when they say the same"},
    {"cpu_shares", supported, "weight against other containers, 1024 where not given"},
    {"cpu_period", supported, "microseconds, or a duration; not with `cpus`"},
    {"cpu_quota", supported, "microseconds of each period, or a duration; not with `cpus`"},
    {"cpu_rt_period", supported,
     "microseconds, or a duration; needs a kernel with real-time groups"},
    {"cpu_rt_runtime", supported, "as `cpu_rt_period`"},
    {"cpuset", supported, "cores, as `0-3` or `0,1`"},
    {"cpu_count", ignored, "only Windows engines know it; use `cpus`"},
    {"cpu_percent", ignored, "only Windows engines know it; use `cpus`"},
    {"pids_limit", supported,
     "processes; `-1` is no limit. Or `deploy.resources.limits.pids`: both only when they say the "
     "same"},
    {"blkio_config", supported, "see *Block I/O*"},
    {"runtime", supported, "a runtime that the engine has, as `runc`"},
    {"platform", supported,
     "as `linux/arm64`: which variant of the image is used and pulled. It does not choose the "
     "node: use `deploy.placement`"},
    {"isolation", supported, "`default`; others need a Windows engine"},
    {"storage_opt", supported,
     "a mapping, as `size: 1G`; the engine's storage driver must know it"},
    {"pull_policy", supported,
     "`missing` (the default, also `if_not_present`), `never`, or `always`, which pulls before "
     "each new container. `build` counts as `missing`, with a warning; so do `daily`, `weekly` and "
     "`every_…`: nap does not pull by the clock"},
    {"pull_refresh_after", ignored, "nap does not pull by the clock"},
    {"scale", supported, "as `deploy.replicas`: both only when they say the same"},
    {"deploy", supported, "see *Deploy*. *Version 1*: refused"},
    {"profiles", supported,
     "a list. The service is left out, with a warning, unless the app's `x-nap.profiles` has one "
     "of them. What depends on it is then an error, unless `required: false`"},
    {"attach", ignored, "nothing is attached to a terminal here"},
    {"develop", ignored, "nap does not watch sources"},
    {"dockerfile", ignored, "nap builds nothing; `image` names what runs"},
    {"annotations", refused, "needs Docker 24 (API 1.43) or newer, and nap serves 20.10"},
    {"credential_spec", refused, "only Windows engines know it"},
    {"models", refused, "nap runs containers, not models"},
    {"provider", refused, "nap runs containers only"},
    {"post_start", supported,
     "a list of commands that are run in the container once it has started, in turn (see *Hook*). "
     "Each has two minutes. When one fails, the container is stopped, and started again as "
     "`restart` says. A hook may run twice for one start, when the agent ends in the middle of it"},
    {"pre_stop", supported,
     "the same, before nap stops the container, also after its service has left the manifest; each "
     "has `stop_grace_period`. However they end, the container is stopped. Not run when it ends by "
     "itself, nor where `partition: stop` has to be quick"},
    {"use_api_socket", refused, "commands the whole host"},
};

}  // namespace

const KeySection service{"Service", "services.*", rows};

}  // namespace nap::keys
