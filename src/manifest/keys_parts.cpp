#include "manifest/keys.hpp"

// The mappings inside a service, but for `deploy`.
namespace nap::keys {

namespace {

constexpr auto supported = KeyStatus::supported;
constexpr auto ignored = KeyStatus::ignored;
constexpr auto refused = KeyStatus::refused;

constexpr KeyRow ulimit_rows[] = {
    {"soft", supported, "required; `-1` is no limit"},
    {"hard", supported, "required, at least `soft`"},
};

constexpr KeyRow logging_rows[] = {
    {"driver", supported, "a log driver of the engine; its default when not given"},
    {"options", supported, "a mapping, as `max-size: 10m`"},
};

constexpr KeyRow device_rows[] = {
    {"source", supported,
     "the device on the host; required. Names of a device interface (`vendor.com/device=…`) need "
     "Docker 25 (API 1.44) or newer and are refused"},
    {"target", supported, "what it is called in the container; the same when not given"},
    {"permissions", supported, "of `r`, `w` and `m`; all when not given"},
};

constexpr KeyRow device_request_rows[] = {
    {"capabilities", supported, "a list; `gpu` is added under `gpus`"},
    {"driver", supported, "as `nvidia`"},
    {"count", supported, "a number, or `all` (the default); not with `device_ids`"},
    {"device_ids", supported, "a list"},
    {"options", supported, "a mapping or a list, for the driver"},
};

constexpr KeyRow blkio_rows[] = {
    {"weight", supported, "10 to 1000"},
    {"weight_device", supported, "a list of `path` and `weight`"},
    {"device_read_bps", supported, "a list of `path` and `rate` in bytes a second"},
    {"device_read_iops", supported, "a list of `path` and `rate` in operations a second"},
    {"device_write_bps", supported, "as `device_read_bps`"},
    {"device_write_iops", supported, "as `device_read_iops`"},
};

constexpr KeyRow blkio_device_rows[] = {
    {"path", supported, "a device of the host; required"},
    {"rate", supported,
     "bytes with or without a unit, or operations; required but for `weight_device`"},
    {"weight", supported, "10 to 1000; under `weight_device` only, and required there"},
};

constexpr KeyRow dependency_rows[] = {
    {"condition", supported,
     "`service_started` (default); `service_healthy`: its health check passes; "
     "`service_completed_successfully`: it has ended with exit code 0. All instances "
     "of the dependency are waited for, with the last two on other hosts too"},
    {"required", supported,
     "default `true`; with `false` a dependency that is not there, or cannot start, holds nothing "
     "up"},
    {"restart", supported,
     "`true`: this service's container is restarted once that of the dependency was replaced"},
};

constexpr KeyRow file_use_rows[] = {
    {"source", supported, "the name of the top-level entry; required"},
    {"target", supported,
     "where the file is: absolute, or for secrets a name below `/run/secrets`. Not on a `tmpfs`"},
    {"uid", supported, "owner, by number; default 0"},
    {"gid", supported, "group, by number; default 0"},
    {"mode", supported, "in octal; default `0444`"},
};

constexpr KeyRow healthcheck_rows[] = {
    {"test", supported,
     "a string (run by the image's shell), or a list that begins with `CMD`, `CMD-SHELL` or "
     "`NONE`"},
    {"interval", supported, "a duration"},
    {"timeout", supported, "a duration"},
    {"retries", supported, "a whole number"},
    {"start_period", supported, "a duration"},
    {"start_interval", ignored,
     "needs Docker 25 (API 1.44) or newer, and nap serves 20.10; `interval` holds from the start"},
    {"disable", supported, "`true` switches off the image's own check"},
};

constexpr KeyRow port_rows[] = {
    {"target", supported, "the port in the container; required"},
    {"published", supported,
     "the port on the host, or a range to choose from; without it the engine chooses"},
    {"protocol", supported, "`tcp` (default), `udp` or `sctp`"},
    {"host_ip", supported, "an address of the host; default all"},
    {"mode", supported, "`host` or `ingress`; both mean the same, as there is no ingress network"},
    {"name", ignored, "a note for people"},
    {"app_protocol", ignored, "a note for people"},
};

constexpr KeyRow mount_rows[] = {
    {"type", supported,
     "`volume`, `bind` or `tmpfs`; required. `image` needs Docker 28 (API 1.48) or newer, `npipe` "
     "a Windows engine, `cluster` a swarm: refused"},
    {"source", supported,
     "the volume, or the host path: absolute, or relative to the app's project directory; a "
     "`volume` without one is unnamed"},
    {"target", supported, "an absolute path in the container; required"},
    {"read_only", supported,
     "default `false`; files of the project directory are always mounted read-only"},
    {"bind", supported, "see *Bind options*"},
    {"volume", supported, "see *Volume options*"},
    {"tmpfs", supported, "see *Tmpfs options*"},
    {"consistency", ignored, "only Docker Desktop knows it"},
    {"image", refused, "needs Docker 28 (API 1.48) or newer, and nap serves 20.10"},
};

constexpr KeyRow hook_rows[] = {
    {"command", supported, "a list, or a string split as a shell would; required"},
    {"user", supported, "instead of the container's"},
    {"privileged", supported, "denied by hosts unless their `policy.allow` has `privileged`"},
    {"working_dir", supported, "an absolute path, instead of the container's"},
    {"environment", supported, "beside the container's, as that of a service"},
};

constexpr KeyRow mount_bind_rows[] = {
    {"propagation", supported,
     "`private`, `rprivate` (default), `shared`, `rshared`, `slave`, `rslave`"},
    {"create_host_path", supported,
     "default `true`: the engine makes a folder where the host path is missing"},
    {"selinux", supported, "`z` (shared) or `Z` (private)"},
    {"recursive", refused, "needs Docker 25 (API 1.44) or newer, and nap serves 20.10"},
};

constexpr KeyRow mount_volume_rows[] = {
    {"nocopy", supported, "`true`: an empty volume is not filled with what the image has there"},
    {"subpath", refused, "needs Docker 26 (API 1.45) or newer, and nap serves 20.10"},
    {"labels", refused, "label the volume under the top-level `volumes`"},
};

constexpr KeyRow mount_tmpfs_rows[] = {
    {"size", supported, "bytes, or with a unit"},
    {"mode", supported, "in octal, as `1777`"},
};

constexpr KeyRow service_network_rows[] = {
    {"aliases", supported, "further names of the service on this network"},
    {"ipv4_address", supported,
     "a fixed address, of a network that has a `subnet`; not with several replicas"},
    {"ipv6_address", supported, "likewise"},
    {"link_local_ips", supported, "a list of addresses"},
    {"priority", supported, "the highest is connected first; default 0"},
    {"mac_address", supported,
     "of the network that is connected first; of others it needs Docker 25 (API 1.44) or newer and "
     "is refused"},
    {"driver_opts", supported, "a mapping, for the network's driver"},
    {"gw_priority", refused, "needs Docker 28 (API 1.48) or newer, and nap serves 20.10"},
    {"interface_name", refused, "needs Docker 28 (API 1.49) or newer, and nap serves 20.10"},
};

}  // namespace

const KeySection ulimit{"Ulimit", "services.*.ulimits.*", ulimit_rows};
const KeySection logging{"Logging", "services.*.logging", logging_rows};
const KeySection device{"Device", "services.*.devices[]", device_rows};
const KeySection device_request{
    "Device request", "services.*.gpus[] services.*.deploy.resources.reservations.devices[]",
    device_request_rows};
const KeySection blkio{"Block I/O", "services.*.blkio_config", blkio_rows};
const KeySection blkio_device{
    "Block I/O of a device",
    "services.*.blkio_config.weight_device[] services.*.blkio_config.device_read_bps[] "
    "services.*.blkio_config.device_read_iops[] services.*.blkio_config.device_write_bps[] "
    "services.*.blkio_config.device_write_iops[]",
    blkio_device_rows};
const KeySection dependency{"Dependency", "services.*.depends_on.*", dependency_rows};
const KeySection file_use{"File", "services.*.configs[] services.*.secrets[]", file_use_rows};
const KeySection hook{"Hook", "services.*.post_start[] services.*.pre_stop[]", hook_rows};
const KeySection healthcheck{"Healthcheck", "services.*.healthcheck", healthcheck_rows};
const KeySection port{"Port", "services.*.ports[]", port_rows};
const KeySection mount{"Mount", "services.*.volumes[]", mount_rows};
const KeySection mount_bind{"Bind options", "services.*.volumes[].bind", mount_bind_rows};
const KeySection mount_volume{"Volume options", "services.*.volumes[].volume", mount_volume_rows};
const KeySection mount_tmpfs{"Tmpfs options", "services.*.volumes[].tmpfs", mount_tmpfs_rows};
const KeySection service_network{"Service network", "services.*.networks.*", service_network_rows};

}  // namespace nap::keys
