#include "sim/cluster.hpp"

#include <fmt/core.h>
#include <spdlog/details/null_mutex.h>
#include <spdlog/sinks/base_sink.h>
#include <spdlog/spdlog.h>

#include <filesystem>

#include "clients/json_codec.hpp"

namespace nap::sim {

namespace {

/// Puts what the agents log among the events; no part of their digest, as it may hold random ids.
class LogSink final : public spdlog::sinks::base_sink<spdlog::details::null_mutex> {
  public:
    explicit LogSink(Kernel& kernel) : kernel_(kernel) {}

  private:
    void sink_it_(const spdlog::details::log_msg& message) override {
        kernel_.note("    log: " + std::string(message.payload.data(), message.payload.size()));
    }
    void flush_() override {}

    Kernel& kernel_;
};

}  // namespace

Cluster::Cluster(const Options& options)
    : kernel(options.seed, options.keep_log ? 10'000'000 : 60),
      folder_(options.folder),
      keep_log_(options.keep_log) {
    std::filesystem::remove_all(folder_);
    std::filesystem::create_directories(folder_);
    auto logger = std::make_shared<spdlog::logger>("sim");
    if (keep_log_) logger->sinks().push_back(std::make_shared<LogSink>(kernel));
    if (!keep_log_) logger->set_level(spdlog::level::off);
    spdlog::set_default_logger(std::move(logger));
    consul.on_write = [this](const std::string& writer, const std::vector<KvOp>& ops) {
        referee.on_write(writer, ops);
    };
    consul.on_change = [this](const std::string& writer, const std::string& key) {
        kernel.log("kv " + key + " by " + writer);
        if (key.starts_with("nap/assigned/")) orders_changed[key] = kernel.now();
        referee.on_change(writer, key);
    };
    for (std::size_t i = 0; i < options.hosts; ++i)
        add_host(i, options.routed);
}

Cluster::~Cluster() {
    hosts.clear();
    spdlog::set_default_logger(std::make_shared<spdlog::logger>("none"));
    std::error_code ignored;
    std::filesystem::remove_all(folder_, ignored);
}

void Cluster::add_host(std::size_t index, bool routed) {
    const std::string name = fmt::format("n{}", index);
    hosts.push_back(std::make_unique<SimHost>(SimHost::Options{
        .kernel = kernel,
        .consul = consul,
        .rates = rates,
        .name = name,
        .folder = folder_ + "/" + name,
        .habit = [this](const SimHost& host, const SimContainer& c) { return habit(host, c); },
        .on_mutation = [this](const SimHost& host,
                              const Mutation& mutation) { referee.on_mutation(host, mutation); },
        .on_run = [this](const SimHost& host,
                         const SimContainer& container) { referee.on_run(host, container); },
        .routed = routed}));
}

void Cluster::bury() {
    for (const auto& host : hosts)
        host->bury();
}

void Cluster::settle() {
    // A message handed over by one agent's doing reaches another only through an event.
    for (const auto& host : hosts) {
        AgentRun* agent = host->agent();
        const bool ready = agent != nullptr && !agent->run().frozen && agent->run().has_mail;
        if (ready) agent->poll();
    }
    bury();
}

MonotonicTime Cluster::next_step() const {
    MonotonicTime next = kernel.next_event();
    for (const auto& host : hosts) {
        AgentRun* agent = host->agent();
        if (agent != nullptr && !agent->run().frozen) next = std::min(next, agent->due());
    }
    return next;
}

void Cluster::advance(MonotonicTime to) {
    kernel.set_now(to);
    for (const auto& host : hosts) {
        AgentRun* agent = host->agent();
        const bool ready = agent != nullptr && !agent->run().frozen && agent->due() <= to;
        if (ready) agent->poll();
    }
    bury();
    kernel.run_events();
    settle();
}

void Cluster::run_for(nanoseconds duration) {
    const MonotonicTime end = kernel.now() + duration;
    settle();
    while (!failed()) {
        const MonotonicTime next = next_step();
        if (next > end) break;
        advance(std::max(next, kernel.now()));
    }
    kernel.set_now(end);
}

void Cluster::put_app(const std::string& app, const WantedApp& wanted) {
    kernel.log("operators put " + app + "\n" + wanted.text());
    wishes.put(app, wanted, kernel.now());
    static_cast<void>(consul.transact(
        "someone", {{.verb = KvVerb::set, .key = app_key(app), .value = wanted.text()}}));
}

void Cluster::put_garbage(const std::string& app, const std::string& text) {
    kernel.log("operators put garbage for " + app + ": " + text.substr(0, 60));
    wishes.put_garbage(app);
    static_cast<void>(
        consul.transact("someone", {{.verb = KvVerb::set, .key = app_key(app), .value = text}}));
}

void Cluster::remove_app(const std::string& app) {
    kernel.log("operators remove " + app);
    wishes.remove(app, kernel.now());
    static_cast<void>(consul.transact("someone", {{.verb = KvVerb::remove, .key = app_key(app)}}));
}

void Cluster::restore_manifests() {
    std::string cluster;
    if (const auto meta = consul.kv().find("nap/meta"); meta != consul.kv().end()) {
        if (const auto decoded = decode_cluster_meta(meta->second.value)) {
            cluster = decoded->cluster.str();
        }
    }
    for (const std::string& app : wishes.all()) {
        const WantedApp* wanted = wishes.find(app);
        KvOp op{.verb = KvVerb::remove, .key = app_key(app)};
        if (wanted != nullptr) {
            op.verb = KvVerb::set;
            op.value = wanted->text();
            wishes.put(app, WantedApp(*wanted), kernel.now());
        } else {
            wishes.remove(app, kernel.now());
        }
        static_cast<void>(consul.transact("someone", {std::move(op)}));
    }
    if (cluster.empty()) return;
    static_cast<void>(consul.transact(
        "someone", {{.verb = KvVerb::set, .key = "nap/apps/.sentinel", .value = cluster}}));
}

void Cluster::drain(const SimHost& host, bool draining) {
    const std::string key = Keys("nap").control(host.node());
    KvOp op{.verb = KvVerb::remove, .key = key};
    if (draining) {
        op.verb = KvVerb::set;
        op.value = encode(NodeControl{.draining = true});
    }
    kernel.log(fmt::format("operators {} {}", draining ? "drain" : "undrain", host.node().str()));
    static_cast<void>(consul.transact("someone", {std::move(op)}));
}

void Cluster::approve_all() {
    const auto held = consul.kv().find("nap/held");
    if (held == consul.kv().end()) return;
    const auto holds = decode_holds(held->second.value);
    if (!holds) return kernel.violate("nap/held cannot be read");
    std::set<std::string> ids;
    for (const Hold& hold : *holds) {
        kernel.log("operators approve " + hold.id);
        ids.insert(hold.id);
    }
    static_cast<void>(consul.transact(
        "someone",
        {{.verb = KvVerb::set, .key = Keys("nap").approved(), .value = encode_approvals(ids)}}));
}

}  // namespace nap::sim
