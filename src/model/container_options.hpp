#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "model/time.hpp"

namespace nap {

using StringMap = std::map<std::string, std::string>;

struct Ulimit {
    std::string name;
    std::int64_t soft = 0;  ///< -1: no limit
    std::int64_t hard = 0;

    friend bool operator==(const Ulimit&, const Ulimit&) = default;
};

/// A device of the host, and what it is called in the container.
struct DeviceMapping {
    std::string host;
    std::string container;
    std::string permissions = "rwm";

    friend bool operator==(const DeviceMapping&, const DeviceMapping&) = default;
};

/// Devices that a driver chooses, as GPUs are.
struct DeviceRequest {
    std::string driver;
    std::int64_t count = 0;  ///< -1: all
    std::vector<std::string> ids;
    std::vector<std::string> capabilities;  ///< all of them
    StringMap options;

    friend bool operator==(const DeviceRequest&, const DeviceRequest&) = default;
};

/// Bytes or operations a second of one device.
struct BlkioRate {
    std::string path;
    std::int64_t rate = 0;

    friend bool operator==(const BlkioRate&, const BlkioRate&) = default;
};

struct BlkioWeight {
    std::string path;
    std::int64_t weight = 0;

    friend bool operator==(const BlkioWeight&, const BlkioWeight&) = default;
};

/// A command that is run in a container by the side of its process.
struct Hook {
    std::vector<std::string> command;
    std::string user;  ///< empty: the container's
    std::string working_dir;
    StringMap environment;
    bool privileged = false;

    friend bool operator==(const Hook&, const Hook&) = default;
};

/// Run in turn, once a container has started and before it is stopped.
struct Hooks {
    std::vector<Hook> post_start;
    std::vector<Hook> pre_stop;
    milliseconds pre_stop_max{10'000};  ///< for each of those

    [[nodiscard]] bool empty() const { return post_start.empty() && pre_stop.empty(); }
    friend bool operator==(const Hooks&, const Hooks&) = default;
};

/// Settings that go from a manifest to the engine as they are. Unset ones are empty, 0 or nullopt.
struct ContainerOptions {
    std::int64_t memory_bytes_soft = 0;      ///< under pressure it is brought back to this
    std::int64_t memory_swap_bytes = 0;      ///< memory and swap together; -1: no limit
    std::optional<std::int64_t> swappiness;  ///< 0 to 100
    bool oom_kill_disable = false;
    std::int64_t oom_score_adj = 0;
    std::int64_t pids_max = 0;  ///< -1: no limit
    std::int64_t cpu_shares = 0;
    std::int64_t cpu_period_us = 0;
    std::int64_t cpu_quota_us = 0;
    std::int64_t cpu_rt_period_us = 0;
    std::int64_t cpu_rt_runtime_us = 0;
    std::string cpuset;
    std::int64_t shm_bytes = 0;
    std::vector<Ulimit> ulimits;
    std::int64_t blkio_weight = 0;
    std::vector<BlkioWeight> blkio_weights;
    std::vector<BlkioRate> read_bytes;
    std::vector<BlkioRate> read_operations;
    std::vector<BlkioRate> write_bytes;
    std::vector<BlkioRate> write_operations;

    std::vector<DeviceMapping> devices;
    std::vector<std::string> device_cgroup_rules;
    std::vector<DeviceRequest> device_requests;
    bool privileged = false;
    std::vector<std::string> cap_add;  ///< as `NET_ADMIN`, without `CAP_`
    std::vector<std::string> cap_drop;
    std::vector<std::string> security_opt;  ///< as `seccomp=unconfined`
    bool system_paths_open = false;         ///< nothing of /proc and /sys is masked
    StringMap sysctls;
    std::vector<std::string> groups;
    bool read_only = false;  ///< the root file system

    std::string network_mode;  ///< `host`, `none`, `bridge`, `service:x`; of services on no network
    std::string ipc_mode;      ///< also `service:x`, as below
    std::string pid_mode;
    std::string uts_mode;
    std::string userns_mode;
    std::string cgroup_mode;
    std::string cgroup_parent;

    /// `container:alias`, of containers outside the app. On a network they are kept there instead.
    std::vector<std::string> links;
    std::vector<std::string> dns;
    std::vector<std::string> dns_options;
    std::vector<std::string> dns_search;
    std::string domainname;
    std::string mac_address;

    std::string log_driver;
    StringMap log_options;
    StringMap tmpfs;  ///< path → mount options
    StringMap storage_options;
    std::string runtime;
    std::string isolation;
    std::string platform;  ///< as `linux/arm64`
    std::optional<bool> init;
    bool tty = false;
    bool stdin_open = false;

    friend bool operator==(const ContainerOptions&, const ContainerOptions&) = default;
};

/// Calls `visit(place, value)` for each setting but `platform`. `place` is where the engine's
/// create request has it; the hash of a configuration is made of the same list, so that no setting
/// can reach the engine without being in it.
template <class Visitor>
void each_option(const ContainerOptions& options, Visitor&& visit) {
    visit("HostConfig.MemoryReservation", options.memory_bytes_soft);
    visit("HostConfig.MemorySwap", options.memory_swap_bytes);
    visit("HostConfig.MemorySwappiness", options.swappiness);
    visit("HostConfig.OomKillDisable", options.oom_kill_disable);
    visit("HostConfig.OomScoreAdj", options.oom_score_adj);
    visit("HostConfig.PidsLimit", options.pids_max);
    visit("HostConfig.CpuShares", options.cpu_shares);
    visit("HostConfig.CpuPeriod", options.cpu_period_us);
    visit("HostConfig.CpuQuota", options.cpu_quota_us);
    visit("HostConfig.CpuRealtimePeriod", options.cpu_rt_period_us);
    visit("HostConfig.CpuRealtimeRuntime", options.cpu_rt_runtime_us);
    visit("HostConfig.CpusetCpus", options.cpuset);
    visit("HostConfig.ShmSize", options.shm_bytes);
    visit("HostConfig.Ulimits", options.ulimits);
    visit("HostConfig.BlkioWeight", options.blkio_weight);
    visit("HostConfig.BlkioWeightDevice", options.blkio_weights);
    visit("HostConfig.BlkioDeviceReadBps", options.read_bytes);
    visit("HostConfig.BlkioDeviceReadIOps", options.read_operations);
    visit("HostConfig.BlkioDeviceWriteBps", options.write_bytes);
    visit("HostConfig.BlkioDeviceWriteIOps", options.write_operations);
    visit("HostConfig.Devices", options.devices);
    visit("HostConfig.DeviceCgroupRules", options.device_cgroup_rules);
    visit("HostConfig.DeviceRequests", options.device_requests);
    visit("HostConfig.Privileged", options.privileged);
    visit("HostConfig.CapAdd", options.cap_add);
    visit("HostConfig.CapDrop", options.cap_drop);
    visit("HostConfig.SecurityOpt", options.security_opt);
    visit("HostConfig.MaskedPaths", options.system_paths_open);
    visit("HostConfig.Sysctls", options.sysctls);
    visit("HostConfig.GroupAdd", options.groups);
    visit("HostConfig.ReadonlyRootfs", options.read_only);
    visit("HostConfig.NetworkMode", options.network_mode);
    visit("HostConfig.IpcMode", options.ipc_mode);
    visit("HostConfig.PidMode", options.pid_mode);
    visit("HostConfig.UTSMode", options.uts_mode);
    visit("HostConfig.UsernsMode", options.userns_mode);
    visit("HostConfig.CgroupnsMode", options.cgroup_mode);
    visit("HostConfig.CgroupParent", options.cgroup_parent);
    visit("HostConfig.Links", options.links);
    visit("HostConfig.Dns", options.dns);
    visit("HostConfig.DnsOptions", options.dns_options);
    visit("HostConfig.DnsSearch", options.dns_search);
    visit("Domainname", options.domainname);
    visit("MacAddress", options.mac_address);
    visit("HostConfig.LogConfig.Type", options.log_driver);
    visit("HostConfig.LogConfig.Config", options.log_options);
    visit("HostConfig.Tmpfs", options.tmpfs);
    visit("HostConfig.StorageOpt", options.storage_options);
    visit("HostConfig.Runtime", options.runtime);
    visit("HostConfig.Isolation", options.isolation);
    visit("HostConfig.Init", options.init);
    visit("Tty", options.tty);
    visit("OpenStdin", options.stdin_open);
}

}  // namespace nap
