#include "reconciler/app_orders.hpp"

#include <algorithm>

#include "reconciler/app_plan.hpp"

namespace nap {

namespace {

bool same(const std::vector<InstanceId>& list, const std::set<InstanceId>& set) {
    return std::equal(list.begin(), list.end(), set.begin(), set.end());
}

/// Nothing is built for this: most nodes of an app keep their orders.
bool says_the_same(const Assignment& orders, const NodeShare& share, const OrderTerms& terms) {
    const ManifestState& wanted = terms.wanted;
    const bool nothing = share.instances.empty();
    return orders.remove == nothing && orders.elsewhere == (nothing && terms.lives) &&
           orders.manifest_index == wanted.modify_index && orders.scope == terms.scope &&
           orders.approved == terms.approved && orders.revision == wanted.revision &&
           orders.manifest.file == wanted.text.file && same(orders.instances, share.instances) &&
           same(orders.leaving, share.leaving);
}

}  // namespace

std::optional<Assignment> new_orders(const ClusterState& state, const AppRecord& app,
                                     const NodeId& node, const NodeShare& share,
                                     const OrderTerms& terms) {
    const bool nothing = share.instances.empty();
    const ClusterState::Settings& own = state.settings();
    std::vector<Peer> peers;
    if (!nothing) peers = peers_of(state, app, node, terms.scope);
    const auto current = app.orders.find(node);
    const bool known = current != app.orders.end() && current->second.cluster == own.cluster &&
                       says_the_same(current->second, share, terms) &&
                       current->second.peers == peers && !app.outdated(node, own.epoch);
    if (known) return std::nullopt;
    return Assignment{.cluster = own.cluster,
                      .epoch = own.epoch,
                      .serial = app.next_serial(node),
                      .app = terms.wanted.spec->app,
                      .revision = terms.wanted.revision,
                      .manifest = {.file = terms.wanted.text.file, .text = {}},
                      .manifest_index = terms.wanted.modify_index,
                      .instances = {share.instances.begin(), share.instances.end()},
                      .leaving = {share.leaving.begin(), share.leaving.end()},
                      .remove = nothing,
                      .elsewhere = nothing && terms.lives,
                      .approved = terms.approved,
                      .scope = terms.scope,
                      .peers = std::move(peers)};
}

}  // namespace nap
