#include "reconciler/app_orders.hpp"

#include <algorithm>

namespace nap {

namespace {

bool same(const std::vector<InstanceId>& list, const std::set<InstanceId>& set) {
    return std::equal(list.begin(), list.end(), set.begin(), set.end());
}

/// Nothing is built for this: most nodes of an app keep their orders.
bool says_the_same(const Orders& orders, const NodeShare& share, const PlanTerms& terms) {
    const ManifestState& wanted = terms.wanted;
    const OrderTerms& given = *orders.terms;
    const bool nothing = share.instances.empty();
    return orders.remove == nothing && orders.elsewhere == (nothing && terms.lives) &&
           given.manifest_index == wanted.modify_index && given.scope == terms.scope &&
           given.approved == terms.approved && given.revision == wanted.revision &&
           given.file == wanted.text.file && same(orders.instances, share.instances) &&
           same(orders.leaving(), share.leaving);
}

bool stops_when_cut_off(const AppSpec& spec, const std::string& name) {
    const auto service = spec.services.find(name);
    return service != spec.services.end() && service->second.partition == PartitionPolicy::stop;
}

}  // namespace

std::vector<std::string> unleased_of(const AppRecord& app, const NodeId& node,
                                     const Orders& current, const std::set<InstanceId>& instances,
                                     const AppSpec& wanted, const Manifest& before) {
    std::set<std::string> services;
    if (!app.has_heard(node, current)) {
        services.insert(current.unleased().begin(), current.unleased().end());
    }
    for (const InstanceId& instance : current.instances) {
        const bool was_bound =
            before && before->spec && stops_when_cut_off(*before->spec, instance.service);
        const bool goes_on =
            instances.contains(instance) && !stops_when_cut_off(wanted, instance.service);
        if (!was_bound && !goes_on) services.insert(instance.service);
    }
    return {services.begin(), services.end()};
}

std::optional<Assignment> new_orders(const ClusterState::Settings& own, const AppRecord& app,
                                     const NodeId& node, const Orders* current,
                                     const NodeShare& share, const PlanTerms& terms) {
    const bool nothing = share.instances.empty();
    const bool known = current != nullptr && current->terms->cluster == own.cluster &&
                       says_the_same(*current, share, terms) &&
                       current->peers == digest_of(share.peers) &&
                       !app.outdated(node, *current, own.epoch);
    if (known) return std::nullopt;
    std::vector<std::string> unleased;
    if (current != nullptr) {
        unleased =
            unleased_of(app, node, *current, share.instances, *terms.wanted.spec, terms.before);
    }
    return Assignment{.cluster = own.cluster,
                      .epoch = own.epoch,
                      .serial = app.next_serial(node),
                      .app = terms.wanted.spec->app,
                      .revision = terms.wanted.revision,
                      .manifest = {.file = terms.wanted.text.file, .text = {}},
                      .manifest_index = terms.wanted.modify_index,
                      .instances = {share.instances.begin(), share.instances.end()},
                      .leaving = {share.leaving.begin(), share.leaving.end()},
                      .unleased = std::move(unleased),
                      .remove = nothing,
                      .elsewhere = nothing && terms.lives,
                      .approved = terms.approved,
                      .scope = terms.scope,
                      .peers = share.peers};
}

}  // namespace nap
