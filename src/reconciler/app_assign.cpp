#include <algorithm>
#include <optional>
#include <set>

#include "reconciler/app_orders.hpp"
#include "reconciler/app_plan.hpp"
#include "reconciler/brakes.hpp"
#include "reconciler/occupancy.hpp"

namespace nap {

namespace {

/// Decides where each instance of one app is to be. The rules, in their order:
/// - an instance that has a good node stays there;
/// - one whose node drains or is lost gets another, and leaves the old one once it runs there;
/// - of `partition: stop` there is never a second one: it leaves first, with the node's consent or
///   after the node's lease, and is placed then;
/// - what cannot be placed stays where it is, and the status says why.
class Assigner {
  public:
    Assigner(AppPlanContext& context, const AppId& id, Manifest wanted)
        : context_(context),
          app_(context.state.apps().at(id)),
          wanted_(std::move(wanted)),
          spec_(*wanted_->spec),
          scope_(choose_scope(context.state, app_)) {}

    void run() {
        occupancy_.add(app_, -1);
        find_holders();
        for (const auto& [instance, nodes] : holders_)
            decide(instance, nodes);
        place();
        share_out();
        choose_keeper();
        const Manifest before = std::exchange(app_.in_force, wanted_);
        write(before);
        app_.orders.shrink_to_fit();
        // What no node has been given, another leader would not know of either.
        if (!app_.assigned()) app_.in_force = nullptr;
        occupancy_.add(app_, 1);
        occupancy_.apply(context_.state.nodes());
        app_.at_rest = is_at_rest();
    }

  private:
    const ServiceSpec& service(const InstanceId& instance) const {
        return spec_.services.at(instance.service);
    }

    bool is_wanted(const InstanceId& instance) const {
        const auto service = spec_.services.find(instance.service);
        if (service == spec_.services.end()) return false;
        return service->second.mode == DeployMode::global ||
               instance.slot <= service->second.replicas;
    }

    void find_holders() {
        for (const auto& [node, order] : app_.orders) {
            for (const InstanceId& instance : order.instances) {
                if (is_wanted(instance)) holders_[instance].push_back(node);
            }
        }
        find_forgotten();
    }

    /// After a loss of Consul's data hosts go on with what they had: it is theirs still.
    void find_forgotten() {
        for (const auto& [node, seen] : app_.seen) {
            if (!app_.forgotten(node)) continue;
            shares_[node];
            for (const SeenInstance& instance : seen.instances) {
                if (is_wanted(instance.instance)) holders_[instance.instance].push_back(node);
            }
        }
    }

    void decide(const InstanceId& instance, const std::vector<NodeId>& nodes) {
        if (nodes.size() > 1 && is_single(instance)) return make_single(instance, nodes);
        const NodeId owner = owner_of(context_, app_, instance, nodes);
        const Standing standing = context_.state.standing(owner, context_.now);
        const ServiceSpec& of = service(instance);
        if (standing == Standing::open || standing == Standing::waiting) {
            kept_[instance] = owner;
        } else if (of.mode == DeployMode::global) {
            // A lost node gets its own back; a draining one is to lose it.
            if (standing == Standing::gone) kept_[instance] = owner;
        } else if (stays_with_node(spec_, of)) {
            kept_[instance] = owner;
            app_.staying.emplace(instance, owner);
        } else if (of.partition == PartitionPolicy::stop) {
            give_up_first(instance, owner, standing);
        }
    }

    bool is_single(const InstanceId& instance) const {
        const ServiceSpec& of = service(instance);
        return of.partition == PartitionPolicy::stop && of.mode == DeployMode::replicated;
    }

    /// Its policy became `stop` while it was on its way to another node. It stays where it runs
    /// well; else it is taken from all, and begins anew once all have stopped it.
    void make_single(const InstanceId& instance, const std::vector<NodeId>& nodes) {
        for (const NodeId& node : nodes) {
            const bool open = context_.state.standing(node, context_.now) == Standing::open;
            if (open && runs_on(app_, instance, node)) kept_.emplace(instance, node);
        }
        if (!kept_.contains(instance)) later_.emplace(instance, nodes.front());
    }

    void give_up_first(const InstanceId& instance, const NodeId& owner, Standing standing) {
        if (standing == Standing::draining) {
            going_[instance] = owner;
        } else if (has_surely_stopped(context_, app_, instance, owner)) {
            taken_from_[owner].insert(instance);
        } else {
            kept_[instance] = owner;
            if (context_.state.lease_over(owner, context_.now)) app_.unleased[instance] = owner;
        }
    }

    /// A service of `partition: stop` may still be stopping on a node that was told to.
    void wait_for_stops() {
        for (const auto& [name, of] : spec_.services) {
            if (!is_single({name, 1})) continue;
            for (int slot = 1; slot <= of.replicas; ++slot)
                wait_for_stop({name, slot});
        }
        if (doubted_ && spec_.colocate) wait_together();
    }

    /// What is to be with instances that wait goes nowhere before them.
    void wait_together() {
        for (const auto& [name, of] : spec_.services) {
            for (int slot = 1; of.mode == DeployMode::replicated && slot <= of.replicas; ++slot) {
                const InstanceId instance{name, slot};
                const bool has_place = holders_.contains(instance) || going_.contains(instance);
                if (!has_place) later_.emplace(instance, NodeId());
            }
        }
    }

    void wait_for_stop(const InstanceId& instance) {
        if (kept_.contains(instance) || going_.contains(instance)) return;
        const bool ordered =
            std::any_of(app_.orders.begin(), app_.orders.end(),
                        [&](const auto& entry) { return entry.second.has(instance); });
        if (!ordered && context_.state.orders_doubted(context_.now)) {
            later_.emplace(instance, NodeId());
            doubted_ = true;
            return;
        }
        for (const auto& [node, order] : app_.orders) {
            if (has_stopped(app_, instance, node)) continue;
            if (has_surely_stopped(context_, app_, instance, node)) {
                silent_[instance].push_back(node);
                continue;
            }
            later_.emplace(instance, node);
            silent_.erase(instance);
            if (context_.state.lease_over(node, context_.now)) app_.unleased[instance] = node;
            return;
        }
    }

    void place() {
        wait_for_stops();
        const std::map<NodeId, std::string> barred;
        occupancy_.add(spec_, kept_, 1);
        occupancy_.apply(context_.state.nodes());
        PlacementResult result =
            place_app({.app = spec_, .kept = kept_, .together = spec_.colocate, .barred = barred},
                      context_.state.nodes());
        occupancy_.add(spec_, kept_, -1);
        occupancy_.add(spec_, result.placed, -1);
        for (const InstanceId& surplus : result.surplus)
            kept_.erase(surplus);
        if (const std::string split = split_by(result.placed); !split.empty()) {
            refuse(split);
        } else {
            placed_ = std::move(result.placed);
        }
        let_go();
        app_.unplaced = std::move(result.unplaced);
        const bool any_global =
            std::any_of(spec_.services.begin(), spec_.services.end(),
                        [](const auto& entry) { return entry.second.mode == DeployMode::global; });
        app_.wants_nodes =
            any_global || !app_.unplaced.empty() || !app_.refusal.empty() || !app_.staying.empty();
    }

    /// The network that would end at its host with these placed as well; empty when none would.
    std::string split_by(const Placed& placed) const {
        if (placed.empty() || spec_.services.size() < 2) return {};
        Placed where = kept_;
        where.insert(placed.begin(), placed.end());
        return split_network(context_.state, spec_, scope_, where);
    }

    /// The only copy stops now where it has a place to go to, and goes there once it has stopped.
    void let_go() {
        for (const auto& [instance, node] : later_)
            placed_.erase(instance);
        for (const auto& [instance, node] : going_) {
            const bool has_place = placed_.erase(instance) > 0;
            (has_place ? later_ : kept_)[instance] = node;
        }
    }

    void refuse(const std::string& network) {
        app_.refusal = network +
                       " ends at its host, and the app's instances would be on several nodes; let "
                       "the engines form a swarm, route the bridges (network.routed in nap's "
                       "config), or keep the app together with `x-nap: {colocate: true}`";
    }

    /// Until the manifest or a node changes, or a host reports more than how its instances are.
    bool is_at_rest() const {
        const bool all_placed = !awaiting_ && app_.unplaced.empty() && app_.refusal.empty() &&
                                later_.empty() && going_.empty();
        return all_placed &&
               std::all_of(app_.orders.begin(), app_.orders.end(), [&](const auto& entry) {
                   const auto& [node, order] = entry;
                   return order.leaving().empty() && (!order.remove || keeper_ == node);
               });
    }

    void share_out() {
        for (const Placed* some : {&kept_, &placed_}) {
            for (const auto& [instance, node] : *some)
                shares_[node].instances.insert(instance);
        }
        for (const auto& [instance, nodes] : holders_) {
            for (const NodeId& node : nodes)
                keep_for_now(instance, node);
        }
    }

    void choose_keeper() {
        if (!has_overlay(spec_, scope_)) return;
        bool any = false;
        for (const auto& [node, share] : shares_) {
            if (share.instances.empty()) continue;
            if (is_manager(context_.state, node)) return;
            any = true;
        }
        if (!any) return;
        keeper_ = network_keeper(context_.state, app_);
        if (keeper_) shares_[*keeper_];
        if (!keeper_) app_.wants_nodes = true;
    }

    /// An old holder loses the instance once its new node runs it, or at once where there must not
    /// be two; it keeps it when no other node takes it.
    void keep_for_now(const InstanceId& instance, const NodeId& node) {
        if (later_.contains(instance)) return;
        const auto taken = taken_from_.find(node);
        if (taken != taken_from_.end() && taken->second.contains(instance)) return;
        const auto kept = kept_.find(instance);
        const auto placed = placed_.find(instance);
        if (kept != kept_.end() && kept->second == node) return;
        const NodeId* owner = nullptr;
        if (kept != kept_.end()) owner = &kept->second;
        if (placed != placed_.end()) owner = &placed->second;
        if (owner != nullptr && is_single(instance)) return;
        if (owner == nullptr) {
            if (service(instance).mode == DeployMode::global) return;
            shares_[node].instances.insert(instance);
            const bool last = owner_of(context_, app_, instance, holders_.at(instance)) == node;
            if (!last) shares_[node].leaving.insert(instance);
            return;
        }
        if (runs_on(app_, instance, *owner)) return;
        shares_[node].instances.insert(instance);
        shares_[node].leaving.insert(instance);
    }

    void write(const Manifest& before) {
        for (const auto& [node, order] : app_.orders)
            shares_[node];
        const PlanTerms terms{.wanted = *wanted_,
                              .before = before,
                              .scope = scope_,
                              .approved = is_vouched_for(context_.state, app_, *wanted_),
                              .lives = lives()};
        // Who loses something is told first, so that nothing is ever assigned twice by accident.
        std::vector<std::pair<NodeId, Assignment>> grown;
        std::vector<std::pair<NodeId, Assignment>> shrunk;
        auto next = app_.orders.cbegin();
        for (auto& [node, share] : shares_) {
            add_peers(node, share);
            const bool known = next != app_.orders.cend() && next->first == node;
            const Orders* current = known ? &(next++)->second : nullptr;
            auto order = new_orders(context_.state.settings(), app_, node, current, share, terms);
            if (!order) continue;
            if (taken_from_.contains(node)) {
                shrunk.emplace_back(node, std::move(*order));
            } else {
                grown.emplace_back(node, std::move(*order));
            }
        }
        for (auto& [node, order] : shrunk)
            put(node, std::move(order), {node});
        for (auto& [node, order] : grown) {
            std::vector<NodeId> absent = silent_before(order);
            put(node, std::move(order), std::move(absent));
        }
        drop_done();
    }

    void add_peers(const NodeId& node, NodeShare& share) {
        if (share.instances.empty()) return;
        share.peers = peers_of(context_.state, app_, node, scope_);
        add_awaited(app_, spec_, {kept_, placed_}, share.instances, share.peers);
        awaiting_ =
            awaiting_ || std::any_of(share.peers.begin(), share.peers.end(), [](const Peer& peer) {
                return peer.progress == PeerProgress::pending;
            });
    }

    /// The nodes that are taken to have stopped what `order` asks for, for they are lost.
    std::vector<NodeId> silent_before(const Assignment& order) const {
        std::set<NodeId> absent;
        for (const InstanceId& instance : order.instances) {
            const auto silent = silent_.find(instance);
            const bool taken = silent != silent_.end() && placed_.contains(instance);
            if (taken) absent.insert(silent->second.begin(), silent->second.end());
        }
        return {absent.begin(), absent.end()};
    }

    bool lives() const {
        return !later_.empty() || !app_.unplaced.empty() ||
               std::any_of(shares_.begin(), shares_.end(),
                           [](const auto& entry) { return !entry.second.instances.empty(); });
    }

    void put(const NodeId& node, Assignment order, std::vector<NodeId> absent) {
        context_.actions.push_back(WriteAssignment{node, order, wanted_, std::move(absent)});
        app_.keep(context_.state.nodes().known(node), std::move(order));
        context_.state.note_orders(node, spec_.app);
    }

    /// A node that has nothing left and says so is done with the app. The last one is let go only
    /// with the app itself: its orders are where the manifest in force is remembered.
    void drop_done() {
        for (auto next = app_.orders.begin(); next != app_.orders.end();) {
            const NodeId node = next->first;
            const bool remembers = app_.orders.size() == 1 && next->second.elsewhere;
            if (remembers || keeper_ == node || !is_gone(app_, node, next->second)) {
                ++next;
                continue;
            }
            context_.actions.push_back(DropAssignment{node, spec_.app});
            context_.state.forget_orders(node, spec_.app);
            next = app_.orders.erase(next);
        }
    }

    AppPlanContext& context_;
    AppRecord& app_;
    const Manifest wanted_;  ///< its own: that in force is replaced
    const AppSpec& spec_;
    NetworkScope scope_;
    std::map<InstanceId, std::vector<NodeId>> holders_;
    Placed kept_;
    Placed placed_;
    Placed going_;           ///< of `partition: stop`, on nodes that drain
    bool awaiting_ = false;  ///< an instance waits for one on another node
    bool doubted_ = false;   ///< some wait as their orders may have been lost
    Placed later_;           ///< still on, or leaving, a node; not to be placed yet
    std::map<InstanceId, std::vector<NodeId>> silent_;   ///< lost nodes that had it, perhaps
    std::map<NodeId, std::set<InstanceId>> taken_from_;  ///< from lost nodes, after their lease
    std::map<NodeId, NodeShare> shares_;
    Occupancy occupancy_;
    std::optional<NodeId> keeper_;  ///< makes the networks alone
};

}  // namespace

void assign_app(AppPlanContext& context, const AppId& id, const Manifest& wanted) {
    Assigner(context, id, wanted).run();
}

}  // namespace nap
