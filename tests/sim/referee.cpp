#include "sim/referee.hpp"

#include <fmt/core.h>

#include <fstream>
#include <iterator>

#include "clients/json_codec.hpp"

namespace nap::sim {

namespace {

using std::chrono::seconds;

/// What an agent has not heard of for so long it may still act on.
constexpr nanoseconds hearing_takes = seconds(120);

bool by_agent(const Mutation& mutation) {
    return mutation.by != "someone";
}

std::string mark_of(const SimContainer& container) {
    const auto found = container.config.environment.find("MARK");
    return found == container.config.environment.end() ? std::string() : found->second;
}

/// `n0.3` → `n0`
std::string node_of_writer(const std::string& writer) {
    return writer.substr(0, writer.find('.'));
}

}  // namespace

void Referee::on_mutation(const SimHost& host, const Mutation& mutation) {
    if (!by_agent(mutation)) return;
    ++mutations_;
    check_ownership(host, mutation);
    if (mutation.op == "stop" || mutation.op == "remove") check_stop(host, mutation);
    if (mutation.op == "start") check_starts(host, mutation);
}

void Referee::check_ownership(const SimHost& host, const Mutation& mutation) {
    if (mutation.op == "pull") return;
    const bool ours = mutation.owner && mutation.owner->cluster.str() != foreign_cluster;
    if (ours) return;
    kernel_.violate(fmt::format("S1: {} on {}: {} {}, which is not its own", mutation.by,
                                host.node().str(), mutation.op, mutation.object));
}

bool Referee::justified(const SimHost& host, const Mutation& mutation) const {
    const SimContainer& container = *mutation.container;
    const OwnerLabels& owner = *mutation.owner;
    const auto image = host.engine().image(container.config.image);
    if (image && *image != container.seen.image_id) return true;
    const std::string mark = mark_of(container);
    const bool unwanted =
        wishes_.ever(owner.app.str(), container.made_at - hearing_takes, [&](const WantedApp* app) {
            const WantedService* service =
                app == nullptr ? nullptr : app->find(owner.instance.service, owner.instance.slot);
            return service == nullptr || service->mark != mark;
        });
    if (unwanted) return true;
    const bool runs = container.seen.state == ContainerState::running;
    // One that cannot run is replaced; of two containers of an instance one goes.
    if (!runs) return true;
    const SimHost* where = nullptr;
    if (other_copy(container, &where) != nullptr) return true;
    // A service of `partition: stop` leaves before it may run elsewhere.
    return container.config.environment.contains("STOPS");
}

const SimContainer* Referee::other_copy(const SimContainer& container,
                                        const SimHost** where) const {
    const OwnerLabels& owner = *container.seen.owner;
    for (const auto& host : hosts_) {
        for (const auto& [id, other] : host->engine().containers()) {
            const auto& also = other.seen.owner;
            const bool same = id != container.seen.id && also && also->app == owner.app &&
                              also->instance == owner.instance && also->cluster == owner.cluster;
            const bool up = other.seen.state == ContainerState::running ||
                            other.seen.state == ContainerState::paused;
            if (!same || !up) continue;
            *where = host.get();
            return &other;
        }
    }
    return nullptr;
}

void Referee::on_run(const SimHost& host, const SimContainer& container) {
    const bool never_two = container.seen.owner && container.config.environment.contains("STOPS");
    if (!never_two || calls_fail_ || restored_) return;
    const SimHost* where = nullptr;
    // That there may be several again is known to the leader before it is to every host.
    const OwnerLabels& owner = *container.seen.owner;
    const WantedApp* app = wishes_.find(owner.app.str());
    const WantedService* service =
        app == nullptr ? nullptr : app->find(owner.instance.service, owner.instance.slot);
    if (service != nullptr && !service->stops) return;
    const SimContainer* other = other_copy(container, &where);
    if (other == nullptr || !host.able() || !where->able()) return;
    const bool hung = other->hung_until + seconds(20) > kernel_.now();
    if (hung) return;
    kernel_.violate(fmt::format("S2: {} runs on {} and now on {} too", container.seen.name,
                                where->node().str(), host.node().str()));
}

void Referee::check_stop(const SimHost& host, const Mutation& mutation) {
    if (mutation.container == nullptr || !mutation.owner || justified(host, mutation)) return;
    kernel_.violate(fmt::format("S5/S16: {} on {}: {} {}, which is wanted as it is", mutation.by,
                                host.node().str(), mutation.op, mutation.object));
}

void Referee::check_starts(const SimHost& host, const Mutation& mutation) {
    // S13: whatever goes wrong, an instance is not started again and again without pause. A new
    // revision may be tried at once, so this is no exact count of the backoff.
    constexpr std::size_t starts_max = 40;
    constexpr nanoseconds window = seconds(30);
    auto& starts = starts_[host.node().str() + " " + mutation.object];
    starts.push_back(kernel_.now());
    std::erase_if(starts, [&](MonotonicTime at) { return at < kernel_.now() - window; });
    if (starts.size() > starts_max) {
        kernel_.violate(fmt::format("S13: {} on {} started {} times in {} s", mutation.object,
                                    host.node().str(), starts.size(),
                                    std::chrono::duration<double>(window).count()));
    }
}

void Referee::count_write(const std::string& writer) {
    // S14: far above what the busiest of these clusters has to say, far below a loop.
    constexpr std::size_t writes_max = 600;
    constexpr nanoseconds window = seconds(10);
    auto& writes = writes_[writer];
    writes.push_back(kernel_.now());
    while (writes.front() < kernel_.now() - window)
        writes.pop_front();
    if (writes.size() > writes_max) {
        kernel_.violate(fmt::format("S14: {} writes to KV {} times in 10 s", writer, writes_max));
    }
}

void Referee::check_fence(const std::string& writer, const KvOp& op) {
    const bool leaders = op.key.starts_with("nap/assigned/") || op.key.starts_with("nap/status/") ||
                         op.key == "nap/meta" || op.key == "nap/held";
    const bool writes = op.verb == KvVerb::set || op.verb == KvVerb::cas ||
                        op.verb == KvVerb::remove || op.verb == KvVerb::remove_cas;
    if (!leaders || !writes) return;
    const auto leader = consul_.kv().find("nap/leader");
    const std::string node = node_of_writer(writer);
    const auto holder =
        leader == consul_.kv().end() ? std::nullopt : consul_.node_of(leader->second.session);
    if (!holder || holder->str() != node) {
        kernel_.violate(fmt::format("S3: {} writes {} and does not lead", writer, op.key));
        return;
    }
    const auto record = decode_leader_record(leader->second.value);
    const auto assignment = decode_assignment(op.value);
    if (!record || !op.key.starts_with("nap/assigned/") || !assignment) return;
    if (assignment->epoch > record->epoch) {
        kernel_.violate(fmt::format("S3: {} writes {} of epoch {}, and leads in {}", writer, op.key,
                                    assignment->epoch, record->epoch));
    }
}

void Referee::on_write(const std::string& writer, const std::vector<KvOp>& ops) {
    if (writer == "someone" || writer == "consul") return;
    count_write(writer);
    for (const KvOp& op : ops)
        check_fence(writer, op);
}

void Referee::on_change(const std::string& writer, const std::string& key) {
    if (writer == "someone") return;
    ++key_changes_;
    static_cast<void>(key);
}

void Referee::check_memory(const SimHost& host) {
    std::ifstream in(host.data_dir() + "/cluster.json");
    if (!in) return;
    const std::string text{std::istreambuf_iterator<char>(in), {}};
    const auto memory = decode_cluster_memory(text);
    if (!memory) {
        kernel_.violate(host.node().str() + " has an unreadable cluster.json");
        return;
    }
    std::uint64_t& seen = epochs_[host.node().str()];
    if (memory->epoch < seen) {
        kernel_.violate(fmt::format("S4: {} goes from epoch {} back to {}", host.node().str(), seen,
                                    memory->epoch));
    }
    seen = std::max(seen, memory->epoch);
}

}  // namespace nap::sim
