#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "sim/engine_state.hpp"
#include "sim/faults.hpp"
#include "sim/run.hpp"

namespace nap::sim {

/// The engine as one run of an agent uses it: latency, deadlines and faults lie between it and the
/// state of the host. Also sees to it that the agent has no two changes of one container under way
/// at once (S12).
class SimEngine final : public Engine {
  public:
    struct Options {
        Kernel& kernel;
        EngineState& state;
        const FaultRates& rates;
        std::shared_ptr<Run> run;
        std::function<void()> crash;  ///< ends the run
    };
    explicit SimEngine(Options options) : o_(std::move(options)) {}

    asio::awaitable<Result<void>> ping() override;
    asio::awaitable<Result<EngineInfo>> info() override;
    asio::awaitable<Result<std::vector<ContainerSummary>>> list_containers() override;
    asio::awaitable<Result<ObservedContainer>> inspect_container(ContainerId id) override;
    asio::awaitable<Result<std::vector<ObservedNetwork>>> list_networks() override;
    asio::awaitable<Result<std::vector<ObservedVolume>>> list_volumes() override;
    asio::awaitable<Result<std::optional<ImageId>>> find_image(std::string reference) override;
    asio::awaitable<Result<void>> create_network(NetworkSpec spec) override;
    asio::awaitable<Result<void>> remove_network(NetworkId id) override;
    asio::awaitable<Result<void>> create_volume(VolumeSpec spec) override;
    asio::awaitable<Result<void>> pull_image(std::string reference, std::string platform) override;
    asio::awaitable<Result<ContainerId>> create_container(std::string name,
                                                          ContainerConfig config) override;
    asio::awaitable<Result<void>> write_files(ContainerId id,
                                              std::vector<ContainerFile> files) override;
    asio::awaitable<Result<void>> connect_network(ContainerId id,
                                                  ContainerNetwork network) override;
    asio::awaitable<Result<void>> start_container(ContainerId id) override;
    asio::awaitable<Result<HookEnd>> run_hook(ContainerId id, Hook hook,
                                              milliseconds limit) override;
    asio::awaitable<Result<void>> unpause_container(ContainerId id) override;
    asio::awaitable<Result<void>> stop_container(ContainerId id,
                                                 std::optional<milliseconds> grace) override;
    asio::awaitable<Result<void>> restart_container(ContainerId id,
                                                    std::optional<milliseconds> grace) override;
    asio::awaitable<Result<void>> signal_container(ContainerId id, std::string signal) override;
    asio::awaitable<Result<void>> remove_container(ContainerId id) override;
    asio::awaitable<Result<void>> rename_container(ContainerId id, std::string name) override;
    asio::awaitable<Result<std::unique_ptr<EventStream>>> open_events(TimePoint since) override;

  private:
    template <class T>
    using Serve = std::function<void(EngineState&, const std::string& by, Reply<T>)>;

    struct Request {
        std::string what;
        nanoseconds deadline{};
        std::string object;  ///< what it changes; empty when it only looks
    };
    template <class T>
    asio::awaitable<Result<T>> call(Request request, Serve<T> serve);
    template <class T>
    void send(std::shared_ptr<Pending<T>> pending, const Request& request, Serve<T> serve);
    template <class T>
    void arrive(std::shared_ptr<Pending<T>> pending, Fault fault, const std::string& what,
                const Serve<T>& serve);
    template <class T>
    void answer(std::shared_ptr<Pending<T>> pending, nanoseconds delay, Result<T> result);

    asio::awaitable<Result<void>> change(Request request, Serve<void> serve);

    Options o_;
    std::map<std::string, int> under_way_;
};

}  // namespace nap::sim
