#include "reconciler/orders.hpp"

#include <algorithm>

#include "reconciler/digest.hpp"

namespace nap {

namespace {

const OrdersRest no_rest;

/// As nap writes lists they are sorted; nobody keeps others from writing to KV.
template <class List>
List sorted(List list) {
    std::sort(list.begin(), list.end());
    return list;
}

}  // namespace

const std::vector<InstanceId>& Orders::leaving() const {
    return rest ? rest->leaving : no_rest.leaving;
}

const std::vector<std::string>& Orders::unleased() const {
    return rest ? rest->unleased : no_rest.unleased;
}

bool Orders::has(const InstanceId& instance) const {
    return std::binary_search(instances.begin(), instances.end(), instance);
}

bool Orders::leaves(const InstanceId& instance) const {
    return std::binary_search(leaving().begin(), leaving().end(), instance);
}

std::uint64_t digest_of(const std::vector<Peer>& peers) {
    if (peers.empty()) return 0;
    std::string text;
    for (const Peer& peer : peers) {
        text += to_string(peer.instance) + "\n" + peer.name + "\n" +
                std::to_string(static_cast<int>(peer.progress)) + "\n";
        for (const auto& [network, address] : peer.addresses)
            text += network + " " + address + "\n";
        text += "\n";
    }
    constexpr std::size_t digits = 16;
    return std::stoull(digest(text).substr(0, digits), nullptr, 16);
}

SharedTerms terms_of(const Assignment& assignment, const SharedTerms& known) {
    OrderTerms terms{.cluster = assignment.cluster,
                     .epoch = assignment.epoch,
                     .revision = assignment.revision,
                     .file = assignment.manifest.file,
                     .manifest_index = assignment.manifest_index,
                     .approved = assignment.approved,
                     .scope = assignment.scope};
    if (known && *known == terms) return known;
    return std::make_shared<const OrderTerms>(std::move(terms));
}

Orders orders_of(Assignment assignment, SharedTerms terms) {
    Orders orders{.terms = std::move(terms),
                  .serial = assignment.serial,
                  .instances = sorted(std::move(assignment.instances)),
                  .rest = {},
                  .peers = digest_of(assignment.peers),
                  .remove = assignment.remove,
                  .elsewhere = assignment.elsewhere};
    if (!assignment.leaving.empty() || !assignment.unleased.empty()) {
        orders.rest = std::make_shared<const OrdersRest>(
            OrdersRest{.leaving = sorted(std::move(assignment.leaving)),
                       .unleased = sorted(std::move(assignment.unleased))});
    }
    return orders;
}

Assignment assignment_of(const AppId& app, const Orders& orders, std::vector<Peer> peers) {
    const OrderTerms& terms = *orders.terms;
    return {.cluster = terms.cluster,
            .epoch = terms.epoch,
            .serial = orders.serial,
            .app = app,
            .revision = terms.revision,
            .manifest = {.file = terms.file, .text = {}},
            .manifest_index = terms.manifest_index,
            .instances = orders.instances,
            .leaving = orders.leaving(),
            .unleased = orders.unleased(),
            .remove = orders.remove,
            .elsewhere = orders.elsewhere,
            .approved = terms.approved,
            .scope = terms.scope,
            .peers = std::move(peers)};
}

}  // namespace nap
