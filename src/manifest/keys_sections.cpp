#include "manifest/keys.hpp"

// The top level, its sections, and nap's own keys.
namespace nap::keys {

namespace {

constexpr auto supported = KeyStatus::supported;
constexpr auto refused = KeyStatus::refused;

constexpr KeyRow top_level_rows[] = {
    {"version", supported, "decides between the forms, see above; otherwise without effect"},
    {"name", supported, "must be the name of the app, which is the name of its key"},
    {"services", supported, "see *Service*; at least one"},
    {"networks", supported, "see *Network*"},
    {"volumes", supported, "see *Volume*"},
    {"configs", supported, "see *Config and secret*"},
    {"secrets", supported, "see *Config and secret*"},
    {"include", supported, "other files of the app's project directory"},
    {"models", refused, "nap runs containers, not models"},
};

constexpr KeyRow network_rows[] = {
    {"name", supported, "the engine's name of it"},
    {"external", supported,
     "`true`: must exist, is never created or removed; no other setting beside it but `name`. The "
     "older `external: {name: …}` works too"},
    {"driver", supported,
     "`bridge` ends at its host; `overlay` spans the engines of a swarm. Without it: an overlay "
     "where the engines form a swarm, else a bridge"},
    {"driver_opts", supported, "a mapping, for the driver"},
    {"ipam", supported, "see *Ipam*"},
    {"attachable", supported,
     "`overlay` networks always are, and `false` is an error there; without effect on others"},
    {"internal", supported, "`true`: no way out"},
    {"enable_ipv6", supported,
     "`true`: addresses of both kinds; before Docker 27 it needs a subnet under `ipam`"},
    {"enable_ipv4", refused, "needs Docker 28 (API 1.48) or newer, and nap serves 20.10"},
    {"labels", supported, "as on a service"},
};

constexpr KeyRow ipam_rows[] = {
    {"driver", supported, "what gives out addresses; `default` when not given"},
    {"config", supported, "a list, see *Ipam config*"},
    {"options", supported, "a mapping, for the driver"},
};

constexpr KeyRow ipam_pool_rows[] = {
    {"subnet", supported, "as `10.20.0.0/24`"},
    {"ip_range", supported, "the part of the subnet that addresses are given out from"},
    {"gateway", supported, "an address"},
    {"aux_addresses", supported, "a mapping of names to addresses that are not given out"},
};

constexpr KeyRow volume_rows[] = {
    {"name", supported, "the engine's name of it"},
    {"external", supported,
     "`true`: must exist, is never created; no other setting beside it but `name`. The older "
     "`external: {name: …}` works too"},
    {"driver", supported, "the engine's default when not given"},
    {"driver_opts", supported,
     "for the `local` driver: `type` one of nfs, nfs4, cifs, tmpfs, and no bind in `o`, since that "
     "would go past the host's policy"},
    {"labels", supported, "as on a service"},
};

constexpr KeyRow file_source_rows[] = {
    {"content", supported, "the text itself"},
    {"file", supported, "a file of the app's project directory"},
    {"environment", supported, "a variable of the app's `.env`"},
    {"name", supported, "without effect: nothing is stored in the engine"},
    {"labels", supported, "without effect: nothing is stored in the engine"},
    {"external", refused, "it would be a swarm's; give its `content` or its `file`"},
    {"driver", refused, "a swarm's; give its `content` or its `file`"},
    {"driver_opts", refused, "a swarm's; give its `content` or its `file`"},
    {"template_driver", refused, "a swarm's; write the file as it shall be"},
};

constexpr KeyRow x_nap_rows[] = {
    {"relink", supported,
     "how this service learns the addresses of what it links to: `dns`, `hosts` (a marked block in "
     "the container's hosts file) or `none`. Default: `hosts` on the default bridge, DNS "
     "elsewhere. `dns` is refused in *version 1*"},
    {"on_relink", supported,
     "what happens to this service's container once its hosts block has changed: `none` (default), "
     "`restart`, or `signal:NAME`"},
    {"restart_unhealthy", supported, "default `true`"},
    {"partition", supported,
     "what becomes of the instances on a host that is cut off from Consul: `keep` (default) lets "
     "them run on; `stop` stops them before another node may take over, so that there is never "
     "more than one of each"},
    {"sticky", supported,
     "whether instances stay with their node when it is lost or drained: `always`; `never`; `auto` "
     "(default), if the service has named volumes of the `local` driver or binds"},
    {"colocate", refused, "put it on the app, under a top-level `x-nap`"},
    {"strategy", refused, "put it on the app, under a top-level `x-nap`"},
    {"profiles", refused, "put it on the app, under a top-level `x-nap`"},
};

constexpr KeyRow app_x_nap_rows[] = {
    {"colocate", supported,
     "`true` keeps all instances of the app on one node, which must then meet the constraints of "
     "all services; refused with mode `global`. Default `false`"},
    {"strategy", supported,
     "which of the nodes that fit a new instance goes to: `spread` (default), the one with the "
     "fewest instances; `binpack`, the fullest; `random`, any"},
    {"profiles", supported,
     "a list of the profiles that are on; `*` is all. Services with `profiles` and none of these "
     "are left out"},
    {"relink", refused, "put it on a service"},
    {"on_relink", refused, "put it on a service"},
    {"restart_unhealthy", refused, "put it on a service"},
    {"partition", refused, "put it on a service"},
    {"sticky", refused, "put it on a service"},
};

}  // namespace

const KeySection top_level{"Top level", "", top_level_rows};
const KeySection network{"Network", "networks.*", network_rows};
const KeySection ipam{"Ipam", "networks.*.ipam", ipam_rows};
const KeySection ipam_pool{"Ipam config", "networks.*.ipam.config[]", ipam_pool_rows};
const KeySection volume{"Volume", "volumes.*", volume_rows};
const KeySection file_source{"Config and secret", "configs.* secrets.*", file_source_rows};
const KeySection x_nap{"x-nap", "", x_nap_rows};
const KeySection app_x_nap{"x-nap of an app", "", app_x_nap_rows};

}  // namespace nap::keys
