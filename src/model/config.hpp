#pragma once

#include <string>
#include <vector>

#include "model/app_spec.hpp"
#include "model/attempts.hpp"
#include "model/policy.hpp"

namespace nap {

/// All that can be configured, with its defaults: a flag beats a `NAP_…` or well-known variable,
/// which beats the file (docs/reference/config.md).
struct Config {
    struct Node {
        std::string name;  ///< default: the host name
        StringMap labels;
        std::string advertise;  ///< address other hosts reach this one by; empty: not published
    } node;
    struct Consul {
        std::string address = "http://127.0.0.1:8500";  ///< more, by commas: tried in turn
        std::string token_file;
        std::string token;  ///< from token_file or CONSUL_HTTP_TOKEN; never shown
        std::string ca_file;
        std::string prefix = "nap";  ///< without slashes at its ends
    } consul;
    struct Docker {
        std::string host = "unix:///var/run/docker.sock";
        std::string cert_path;
    } docker;
    struct Http {
        std::string bind = "127.0.0.1:7627";
    } http;
    std::string data_dir = "/var/lib/nap";
    /// The folder that manifests come from instead of Consul; empty: they come from Consul.
    std::string standalone;
    bool lead = true;
    struct Failover {
        milliseconds grace{1'000};  ///< a node lost for less moves nothing
        /// Services of `partition: stop` are stopped when Consul has not been heard of for this.
        milliseconds lease{15'000};
    } failover;
    struct Network {
        bool routed = false;  ///< the other hosts have routes to this one's bridges
    } network;
    struct Apps {
        milliseconds settle{300};  ///< an app in a folder is read once it has rested for this
        /// Further prefixes in KV that manifests come from, without slashes at their ends.
        std::vector<std::string> prefixes;
    } apps;
    HostPolicy policy;
    BackoffPolicy backoff;
    struct Log {
        std::string level = "info";
        std::string format = "text";  ///< or `json`
    } log;
};

/// Where a standalone agent answers in Consul's stead.
[[nodiscard]] inline std::string standalone_address(const std::string& data_dir) {
    return "unix://" + data_dir + "/kv.sock";
}

}  // namespace nap
