// The pure parts alone: planning one host's share of an app, and reading a manifest.

#include <benchmark/benchmark.h>
#include <fmt/format.h>

#include <cstdlib>

#include "manifest/parse.hpp"
#include "reconciler/container_config.hpp"
#include "reconciler/host_plan.hpp"

namespace nap {

namespace {

std::string manifest_of(int services, int replicas) {
    std::string text = "services:\n";
    for (int i = 0; i < services; ++i) {
        text += fmt::format(
            "  s{}:\n"
            "    image: nap/busybox:1\n"
            "    command: [sleep, 1d]\n"
            "    environment: {{MODE: production, NUMBER: \"{}\"}}\n"
            "    ports: [\"80\"]\n"
            "    deploy: {{replicas: {}}}\n",
            i, i, replicas);
        if (i > 0) text += fmt::format("    links: [\"s{}:before\"]\n", i - 1);
    }
    return text;
}

AppSpec parse(const std::string& text) {
    ParsedManifest parsed = parse_manifest(AppId("bench"), {.file = "bench.yml", .text = text});
    if (!parsed.spec) std::abort();
    return std::move(*parsed.spec);
}

/// One app of ten services, and all that a plan for it is made from.
struct World {
    explicit World(int count) : app(parse(manifest_of(10, count / 10))) {
        for (const auto& [service, spec] : app.services) {
            for (int slot = 1; slot <= spec.replicas; ++slot) {
                instances.push_back({.service = service, .slot = slot});
            }
        }
        observed.images["nap/busybox:1"] = ImageId("sha256:busybox");
    }

    [[nodiscard]] HostInput input() const {
        return {.cluster = owner.cluster,
                .revision = owner.revision,
                .app = app,
                .instances = instances,
                .observed = observed,
                .attempts = attempts,
                .busy = busy,
                .policy = policy,
                .now = now};
    }

    /// As if everything had been created and started.
    void converge() {
        const std::string network = app.networks.begin()->second.name;
        observed.networks.push_back(
            {.id = NetworkId("n"),
             .name = network,
             .owner = OwnerLabels{.cluster = owner.cluster,
                                  .app = app.app,
                                  .config_hash = config_hash(app.networks.begin()->second)}});
        for (const InstanceId& instance : instances)
            add_running(instance, network);
    }

    void add_running(const InstanceId& instance, const std::string& network) {
        ObservedContainer container;
        container.id = ContainerId(fmt::format("{:064x}", observed.containers.size()));
        container.name = container_name(app, instance);
        container.owner =
            OwnerLabels{.cluster = owner.cluster,
                        .app = app.app,
                        .instance = instance,
                        .revision = owner.revision,
                        .config_hash = config_hash(container_config(app, instance.service))};
        container.image_id = ImageId("sha256:busybox");
        container.state = ContainerState::running;
        container.started_at = now - std::chrono::hours(1);
        container.attachments.push_back(
            {.network = network, .network_id = NetworkId("n"), .address = "172.18.0.2"});
        observed.names.emplace(container.name, container.id);
        observed.containers.push_back(std::move(container));
    }

    AppSpec app;
    Ownership owner{.cluster = ClusterId("bench"), .app = app.app, .revision = RevisionId("r")};
    std::vector<InstanceId> instances;
    ObservedHost observed;
    Attempts attempts;
    std::set<std::string> busy;
    HostPolicy policy;
    TimePoint now{std::chrono::hours(500'000)};
};

void plan_converged(benchmark::State& state) {
    World world(static_cast<int>(state.range(0)));
    world.converge();
    const Plan plan = plan_host(world.input());
    if (!plan.steps.empty() || !plan.blocked.empty()) {
        state.SkipWithError(("not converged:\n" + to_string(plan)).c_str());
    }
    for (auto _ : state)
        benchmark::DoNotOptimize(plan_host(world.input()));
}

void plan_fresh(benchmark::State& state) {
    const World world(static_cast<int>(state.range(0)));
    for (auto _ : state)
        benchmark::DoNotOptimize(plan_host(world.input()));
}

void read_manifest(benchmark::State& state) {
    const ManifestText text{.file = "bench.yml",
                            .text = manifest_of(static_cast<int>(state.range(0)), 1)};
    for (auto _ : state)
        benchmark::DoNotOptimize(parse_manifest(AppId("bench"), text));
    state.SetBytesProcessed(static_cast<std::int64_t>(state.iterations() * text.text.size()));
}

/// As people write them: comments, blocks, labels, a healthcheck.
std::string typical_manifest(int services) {
    std::string text = "services:\n";
    for (int i = 0; i < services; ++i) {
        text += fmt::format(R"(  # Serves the front of the shop
  web{0}:
    image: registry.example.com:5000/shop/frontend:1.24.{0}
    restart: unless-stopped
    environment:
      - DATABASE_URL=postgres://shop:secret@db:5432/shop
      - LOG_LEVEL=info
      - FEATURE_FLAGS=${{FLAGS:-checkout,search,recommendations}}
    ports:
      - "8080"
    volumes:
      - data{0}:/var/lib/data
      - /etc/localtime:/etc/localtime:ro
    labels:
      traefik.enable: "true"
      traefik.http.routers.web{0}.rule: Host(`web{0}.example.com`)
    healthcheck:
      test: ["CMD", "curl", "-f", "http://localhost:8080/healthz"]
      interval: 30s
      timeout: 5s
      retries: 3
)",
                            i);
    }
    text += "volumes:\n";
    for (int i = 0; i < services; ++i)
        text += fmt::format("  data{}:\n", i);
    return text;
}

void read_typical_manifest(benchmark::State& state) {
    const ManifestText text{.file = "bench.yml",
                            .text = typical_manifest(static_cast<int>(state.range(0)))};
    if (!parse_manifest(AppId("bench"), text).spec) state.SkipWithError("not a good manifest");
    for (auto _ : state)
        benchmark::DoNotOptimize(parse_manifest(AppId("bench"), text));
    state.SetBytesProcessed(static_cast<std::int64_t>(state.iterations() * text.text.size()));
}

BENCHMARK(plan_converged)->Arg(10)->Arg(100)->Arg(1000)->Unit(benchmark::kMicrosecond);
BENCHMARK(plan_fresh)->Arg(10)->Arg(100)->Arg(1000)->Unit(benchmark::kMicrosecond);
BENCHMARK(read_manifest)->Arg(3)->Arg(100)->Arg(1000)->Unit(benchmark::kMicrosecond);
BENCHMARK(read_typical_manifest)->Arg(7)->Arg(100)->Unit(benchmark::kMicrosecond);

}  // namespace

}  // namespace nap

BENCHMARK_MAIN();
