#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <memory>
#include <string>
#include <vector>

#include "clients/http.hpp"
#include "ports/engine.hpp"

namespace nap {

struct DockerOptions {
    std::string host = "unix:///var/run/docker.sock";  ///< as DOCKER_HOST
    std::string cert_path;  ///< as DOCKER_CERT_PATH: ca.pem, cert.pem, key.pem; implies TLS
    HttpObserver observer;
};

/// The Docker Engine API, 1.41 to 1.47, whichever the engine speaks.
class DockerEngine final : public Engine {
  public:
    /// `rejected` or `io` when the options are unusable; the engine is not contacted yet.
    static Result<std::unique_ptr<DockerEngine>> create(asio::any_io_executor executor,
                                                        DockerOptions options);
    explicit DockerEngine(HttpClient http);

    /// Agrees on the version of the API, too.
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
    asio::awaitable<Result<HttpResponse>> call(HttpRequest request);
    asio::awaitable<Result<HttpStream>> open(HttpRequest request);
    asio::awaitable<Result<void>> act(HttpRequest request);

    HttpClient http_;
    std::string
        version_prefix_;  ///< `/v1.41`; empty before negotiation and after a lost connection
};

}  // namespace nap
