#pragma once

#include <boost/asio/awaitable.hpp>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "model/container_config.hpp"
#include "model/error.hpp"
#include "model/observed.hpp"

namespace nap {

namespace asio = boost::asio;

struct EngineInfo {
    std::string version;
    std::string api_version;
    std::string root_dir;  ///< the engine's data root, which hosts files must lie under
    std::string id;        ///< the engine's own
    std::string os;
    std::string architecture;  ///< as in image platforms: `amd64`
    StringMap labels;
    std::int64_t nano_cpus = 0;
    std::int64_t memory_bytes = 0;
    std::string swarm;  ///< id of the swarm it is in, or empty
    bool swarm_manager = false;
};

/// Something happened to an engine object. A hint, except that `die` carries an exit code.
struct EngineEvent {
    std::string type;    ///< `container`, `network`, `volume`, `image`
    std::string action;  ///< `die`, `start`, `health_status: unhealthy`, …
    std::string id;      ///< container or network id, volume name, image reference
    std::string name;    ///< container name where there is one
    std::optional<OwnerLabels> owner;
    std::optional<int> exit_code;
    TimePoint time{};
};

/// How a command that was run in a container has ended.
struct HookEnd {
    int exit_code = 0;
    std::string output;  ///< the last line, cut to 200 bytes
};

class EventStream {
  public:
    virtual ~EventStream() = default;
    /// Waits for the next event without limit. An error means the stream is lost.
    virtual asio::awaitable<Result<EngineEvent>> next() = 0;
};

/// The local container engine. Every call has a deadline of its own; `unreachable` and `timed_out`
/// leave the effect of a mutating call unknown.
class Engine {
  public:
    virtual ~Engine() = default;

    /// Whether it answers. Needs nothing but the engine itself: what it is asked about the swarm
    /// waits for that one's leader.
    virtual asio::awaitable<Result<void>> ping() = 0;
    virtual asio::awaitable<Result<EngineInfo>> info() = 0;
    virtual asio::awaitable<Result<std::vector<ContainerSummary>>> list_containers() = 0;
    virtual asio::awaitable<Result<ObservedContainer>> inspect_container(ContainerId id) = 0;
    virtual asio::awaitable<Result<std::vector<ObservedNetwork>>> list_networks() = 0;
    virtual asio::awaitable<Result<std::vector<ObservedVolume>>> list_volumes() = 0;
    /// nullopt when no such image is on the host.
    virtual asio::awaitable<Result<std::optional<ImageId>>> find_image(std::string reference) = 0;

    virtual asio::awaitable<Result<void>> create_network(NetworkSpec spec) = 0;
    virtual asio::awaitable<Result<void>> remove_network(NetworkId id) = 0;
    virtual asio::awaitable<Result<void>> create_volume(VolumeSpec spec) = 0;
    /// Returns once the image is on the host, as an inspect confirms.
    /// `platform` as in PullImage.
    virtual asio::awaitable<Result<void>> pull_image(std::string reference,
                                                     std::string platform) = 0;
    virtual asio::awaitable<Result<ContainerId>> create_container(std::string name,
                                                                  ContainerConfig config) = 0;
    /// Writes the files, and the folders they need, into a container that does not run.
    virtual asio::awaitable<Result<void>> write_files(ContainerId id,
                                                      std::vector<ContainerFile> files) = 0;
    virtual asio::awaitable<Result<void>> connect_network(ContainerId id,
                                                          ContainerNetwork network) = 0;
    virtual asio::awaitable<Result<void>> start_container(ContainerId id) = 0;
    /// Runs a command in a container that runs, and waits for its end; `timed_out` when that takes
    /// longer than `limit`, and then it may still run.
    virtual asio::awaitable<Result<HookEnd>> run_hook(ContainerId id, Hook hook,
                                                      milliseconds limit) = 0;
    virtual asio::awaitable<Result<void>> unpause_container(ContainerId id) = 0;
    virtual asio::awaitable<Result<void>> stop_container(ContainerId id,
                                                         std::optional<milliseconds> grace) = 0;
    virtual asio::awaitable<Result<void>> restart_container(ContainerId id,
                                                            std::optional<milliseconds> grace) = 0;
    virtual asio::awaitable<Result<void>> signal_container(ContainerId id, std::string signal) = 0;
    /// Removes a stopped container; refuses a running one. Volumes stay.
    virtual asio::awaitable<Result<void>> remove_container(ContainerId id) = 0;
    virtual asio::awaitable<Result<void>> rename_container(ContainerId id, std::string name) = 0;

    /// Events from `since` on, of the kinds nap cares about. Subscribed before it returns.
    virtual asio::awaitable<Result<std::unique_ptr<EventStream>>> open_events(TimePoint since) = 0;
};

}  // namespace nap
