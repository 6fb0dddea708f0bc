#include "sim/consul_state.hpp"

#include <fmt/core.h>

#include <algorithm>

namespace nap::sim {

namespace {

constexpr milliseconds wait_default = std::chrono::minutes(5);

KvEntry entry_of(const std::string& key, const KvRecord& record) {
    return {.key = key,
            .value = record.value,
            .modify_index = record.modify_index,
            .session = record.session};
}

/// Writes `next` under `key`; a write of what is there already leaves the index as it is.
void put(ConsulTables& tables, const std::string& key, KvRecord next, std::uint64_t index) {
    const auto known = tables.kv.find(key);
    if (known != tables.kv.end()) {
        next.modify_index = known->second.modify_index;
        if (known->second == next) return;
    }
    next.modify_index = index;
    tables.kv[key] = std::move(next);
    tables.index = index;
}

void erase(ConsulTables& tables, const std::string& key, std::uint64_t index) {
    if (tables.kv.erase(key) == 0) return;
    tables.tombstones[key] = index;
    tables.index = index;
}

std::optional<std::string> set_if(ConsulTables& tables, const KvOp& op, std::uint64_t index) {
    const auto known = tables.kv.find(op.key);
    const std::uint64_t now = known == tables.kv.end() ? 0 : known->second.modify_index;
    if (op.index != now) return "index is stale";
    const SessionId session = now == 0 ? SessionId() : known->second.session;
    put(tables, op.key, {op.value, 0, session}, index);
    return std::nullopt;
}

std::optional<std::string> lock(ConsulTables& tables, const KvOp& op, std::uint64_t index) {
    const auto known = tables.kv.find(op.key);
    const bool held = known != tables.kv.end() && !known->second.session.empty();
    if (held && known->second.session != op.session) return "lock is already held";
    put(tables, op.key, {op.value, 0, op.session}, index);
    return std::nullopt;
}

std::optional<std::string> unlock(ConsulTables& tables, const KvOp& op, std::uint64_t index) {
    const auto known = tables.kv.find(op.key);
    if (known == tables.kv.end() || known->second.session != op.session || op.session.empty()) {
        return "lock isn't held, or is held by another session";
    }
    put(tables, op.key, {op.value, 0, SessionId()}, index);
    return std::nullopt;
}

void erase_tree(ConsulTables& tables, const std::string& prefix, std::uint64_t index) {
    auto next = tables.kv.lower_bound(prefix);
    if (next == tables.kv.end() || !next->first.starts_with(prefix)) return;
    while (next != tables.kv.end() && next->first.starts_with(prefix))
        next = tables.kv.erase(next);
    tables.tombstones[prefix] = index;
    tables.index = index;
}

}  // namespace

KvListing ConsulState::read_key(const std::string& key) const {
    const auto found = tables_.kv.find(key);
    if (found == tables_.kv.end()) return {.entries = {}, .index = tables_.index};
    return {.entries = {entry_of(key, found->second)}, .index = found->second.modify_index};
}

KvListing ConsulState::read_prefix(const std::string& prefix) const {
    KvListing listing;
    for (auto next = tables_.kv.lower_bound(prefix);
         next != tables_.kv.end() && next->first.starts_with(prefix); ++next) {
        listing.entries.push_back(entry_of(next->first, next->second));
        listing.index = std::max(listing.index, next->second.modify_index);
    }
    for (auto next = tables_.tombstones.lower_bound(prefix);
         next != tables_.tombstones.end() && next->first.starts_with(prefix); ++next) {
        listing.index = std::max(listing.index, next->second);
    }
    if (listing.index == 0) listing.index = tables_.index;
    return listing;
}

std::optional<std::string> ConsulState::apply(ConsulTables& tables, const KvOp& op,
                                              std::uint64_t index) {
    const auto known = tables.kv.find(op.key);
    const bool exists = known != tables.kv.end();
    switch (op.verb) {
        case KvVerb::set:
            put(tables, op.key, {op.value, 0, exists ? known->second.session : SessionId()}, index);
            return std::nullopt;
        case KvVerb::cas:
            return set_if(tables, op, index);
        case KvVerb::remove:
            erase(tables, op.key, index);
            return std::nullopt;
        case KvVerb::remove_cas:
            if (exists && known->second.modify_index != op.index) return "index is stale";
            erase(tables, op.key, index);
            return std::nullopt;
        case KvVerb::remove_tree:
            erase_tree(tables, op.key, index);
            return std::nullopt;
        case KvVerb::check_index:
            if (!exists) return "key doesn't exist";
            if (known->second.modify_index != op.index) return "current modify index differs";
            return std::nullopt;
        case KvVerb::check_session:
            if (!exists) return "key doesn't exist";
            if (known->second.session != op.session) return "lock isn't held by this session";
            return std::nullopt;
        case KvVerb::check_not_exists:
            if (exists) return "key exists";
            return std::nullopt;
        case KvVerb::lock:
            return lock(tables, op, index);
        case KvVerb::unlock:
            return unlock(tables, op, index);
    }
    return "unknown verb";
}

std::optional<std::string> ConsulState::refuse_lock(const KvOp& op) const {
    if (op.verb != KvVerb::lock) return std::nullopt;
    const auto delayed = lock_delays_.find(op.key);
    if (delayed != lock_delays_.end() && delayed->second > kernel_.now()) {
        return "failed to lock key due to lock delay";
    }
    if (!tables_.sessions.contains(op.session)) return "invalid session";
    return std::nullopt;
}

Result<void> ConsulState::transact(const std::string& writer, const std::vector<KvOp>& ops) {
    ConsulTables next = tables_;
    const std::uint64_t index = raft_index_ + 1;
    Changed changed;
    for (std::size_t i = 0; i < ops.size(); ++i) {
        auto problem = refuse_lock(ops[i]);
        if (!problem) problem = apply(next, ops[i], index);
        if (problem) {
            return Error{Errc::not_committed,
                         fmt::format("transact: operation {}: {}", i, *problem)};
        }
    }
    raft_index_ = index;
    if (on_write) on_write(writer, ops);
    for (const auto& [key, record] : next.kv) {
        if (record.modify_index == index) changed.insert(key);
    }
    for (const auto& [key, record] : tables_.kv) {
        if (!next.kv.contains(key)) changed.insert(key);
    }
    commit(std::move(next), writer, changed);
    return {};
}

void ConsulState::commit(ConsulTables next, const std::string& writer, const Changed& changed) {
    tables_ = std::move(next);
    for (const std::string& key : changed) {
        if (on_change) on_change(writer, key);
    }
    if (!changed.empty()) wake_waiters(changed);
}

KvListing ConsulState::look(const Query& query) const {
    return query.recursive ? read_prefix(query.key) : read_key(query.key);
}

void ConsulState::read(Query query, Reply<KvListing> reply) {
    if (leaderless_) return reply(Error{Errc::no_leader, "kv_read: No cluster leader"});
    KvListing now = look(query);
    if (query.options.index == 0 || now.index > query.options.index) return reply(std::move(now));
    milliseconds wait = query.options.wait;
    if (wait.count() == 0) wait = wait_default;
    const std::uint64_t id = ++serial_;
    waiters_.emplace(id, Waiter{std::move(query), std::move(reply)});
    kernel_.after(wait + kernel_.random.between(nanoseconds{0}, wait / 16), [this, id] {
        const auto waiter = waiters_.extract(id);
        if (!waiter.empty()) waiter.mapped().reply(look(waiter.mapped().query));
    });
}

void ConsulState::wake_waiters(const Changed& changed) {
    std::vector<Waiter> ready;
    for (auto next = waiters_.begin(); next != waiters_.end();) {
        const Query& query = next->second.query;
        const bool concerns =
            std::any_of(changed.begin(), changed.end(), [&](const std::string& key) {
                return query.recursive ? key.starts_with(query.key) : key == query.key;
            });
        // What is not there is watched by its neighbourhood.
        const bool nothing_there = look(query).entries.empty();
        const bool by_chance = nothing_there && kernel_.random.chance(200);
        const bool wakes = (concerns || by_chance) && look(query).index > query.options.index;
        if (wakes) ready.push_back(std::move(next->second));
        next = wakes ? waiters_.erase(next) : std::next(next);
    }
    for (Waiter& waiter : ready)
        waiter.reply(look(waiter.query));
}

void ConsulState::answer_all() {
    for (auto& [id, waiter] : std::exchange(waiters_, {})) {
        if (leaderless_) {
            waiter.reply(Error{Errc::no_leader, "kv_read: No cluster leader"});
        } else {
            waiter.reply(look(waiter.query));
        }
    }
}

Result<SessionId> ConsulState::create_session(const NodeId& node, const SessionSpec& spec) {
    if (failed_nodes_.contains(node)) {
        return Error{Errc::internal, "session_create: Check 'serfHealth' is in critical state"};
    }
    for (const std::string& check : spec.checks) {
        if (check == "serfHealth") continue;
        const auto known = checks_.find({node, check});
        if (known == checks_.end()) {
            return Error{Errc::internal,
                         "session_create: Missing check '" + check + "' registration"};
        }
        if (known->second.critical) {
            return Error{Errc::internal,
                         "session_create: Check '" + check + "' is in critical state"};
        }
    }
    const SessionId id(fmt::format("session-{}", ++serial_));
    tables_.sessions.emplace(id, ConsulSession{spec, node});
    ++raft_index_;
    arm(id);
    return id;
}

void ConsulState::arm(const SessionId& id) {
    ConsulSession& session = tables_.sessions.at(id);
    const std::uint64_t renewals = session.renewals = ++serial_;
    // A TTL is a lower bound: Consul's timer runs for twice as long.
    const nanoseconds lives = kernel_.random.between(session.spec.ttl, 2 * session.spec.ttl);
    kernel_.after(lives, [this, id, renewals] {
        const auto found = tables_.sessions.find(id);
        const bool expired = found != tables_.sessions.end() && found->second.renewals == renewals;
        if (!expired) return;
        if (leaderless_) return arm(id);
        kernel_.log("consul " + id.str() + " expires");
        end_session(id);
    });
}

Result<void> ConsulState::renew_session(const SessionId& id) {
    if (!tables_.sessions.contains(id)) return Error{Errc::not_found, "session_renew: not found"};
    arm(id);
    return {};
}

Result<void> ConsulState::destroy_session(const SessionId& id) {
    if (tables_.sessions.contains(id)) end_session(id);
    return {};
}

void ConsulState::end_session(const SessionId& id) {
    const ConsulSession session = tables_.sessions.at(id);
    tables_.sessions.erase(id);
    ConsulTables next = tables_;
    Changed changed;
    const std::uint64_t index = ++raft_index_;
    for (const auto& [key, record] : tables_.kv) {
        if (record.session != id) continue;
        changed.insert(key);
        if (session.spec.delete_on_end) {
            erase(next, key, index);
        } else {
            put(next, key, {record.value, 0, SessionId()}, index);
        }
        if (session.spec.lock_delay.count() > 0) {
            lock_delays_[key] = kernel_.now() + session.spec.lock_delay;
        }
    }
    commit(std::move(next), "consul", changed);
}

void ConsulState::restore(ConsulTables tables) {
    // Blocking reads return what they had read, with the index they had asked with.
    for (auto& [id, waiter] : std::exchange(waiters_, {})) {
        KvListing before = look(waiter.query);
        before.index = std::min(before.index, waiter.query.options.index);
        waiter.reply(std::move(before));
    }
    tables_ = std::move(tables);
    ++raft_index_;
    // Sessions that have ended since are back, until they expire once more.
    arm_all();
}

void ConsulState::wipe() {
    lock_delays_.clear();
    raft_index_ = 10;
    tables_ = ConsulTables{};
    for (auto& [id, waiter] : std::exchange(waiters_, {}))
        waiter.reply(Error{Errc::unreachable, "kv_read: the connection broke"});
}

void ConsulState::set_leaderless(bool leaderless) {
    leaderless_ = leaderless;
    if (leaderless) return answer_all();
    arm_all();
}

void ConsulState::arm_all() {
    for (const auto& [id, session] : std::map<SessionId, ConsulSession>(tables_.sessions))
        arm(id);
}

void ConsulState::register_check(const NodeId& node, const CheckSpec& spec) {
    Check& check = checks_[{node, spec.id}];
    check.ttl = spec.ttl;
    check.critical = false;
    arm_check({node, spec.id});
}

Result<void> ConsulState::pass_check(const NodeId& node, const std::string& id) {
    const auto found = checks_.find({node, id});
    if (found == checks_.end()) return Error{Errc::not_found, "check_pass: unknown check " + id};
    found->second.critical = false;
    arm_check({node, id});
    return {};
}

void ConsulState::arm_check(const CheckKey& key) {
    Check& check = checks_.at(key);
    const std::uint64_t passes = check.passes = ++serial_;
    kernel_.after(check.ttl, [this, key, passes] {
        const auto found = checks_.find(key);
        if (found == checks_.end() || found->second.passes != passes) return;
        found->second.critical = true;
        report_check(key);
    });
}

void ConsulState::report_check(const CheckKey& key) {
    const auto check = checks_.find(key);
    const bool heard =
        check != checks_.end() && check->second.critical && !cut_nodes_.contains(key.first);
    if (!heard) return;
    for (const auto& [id, session] : std::map<SessionId, ConsulSession>(tables_.sessions)) {
        const auto& checks = session.spec.checks;
        const bool bound = session.node == key.first &&
                           std::find(checks.begin(), checks.end(), key.second) != checks.end();
        if (!bound) continue;
        kernel_.log("consul " + id.str() + " ends: check " + key.second + " is critical");
        end_session(id);
    }
}

void ConsulState::forget_checks(const NodeId& node) {
    std::erase_if(checks_, [&](const auto& item) { return item.first.first == node; });
}

void ConsulState::set_reachable(const NodeId& node, bool reachable) {
    const std::uint64_t change = ++reachability_changes_[node];
    if (reachable) {
        cut_nodes_.erase(node);
        failed_nodes_.erase(node);
        for (const auto& [key, check] : std::map<CheckKey, Check>(checks_))
            if (key.first == node) report_check(key);
        return;
    }
    cut_nodes_.insert(node);
    const auto noticed_after = kernel_.random.between(milliseconds(5600), milliseconds(6400));
    kernel_.after(noticed_after, [this, node, change] {
        if (reachability_changes_[node] != change) return;
        failed_nodes_.insert(node);
        for (const auto& [id, session] : std::map<SessionId, ConsulSession>(tables_.sessions)) {
            const auto& checks = session.spec.checks;
            // By default a session is bound to its node's health, and to nothing else.
            const bool bound = checks.empty() || std::find(checks.begin(), checks.end(),
                                                           "serfHealth") != checks.end();
            if (session.node != node || !bound) continue;
            kernel_.log("consul " + id.str() + " ends: " + node.str() + " is unreachable");
            end_session(id);
        }
    });
}

void ConsulState::reap_tombstones() {
    tables_.tombstones.clear();
}

std::optional<NodeId> ConsulState::node_of(const SessionId& session) const {
    const auto found = tables_.sessions.find(session);
    if (found == tables_.sessions.end()) return std::nullopt;
    return found->second.node;
}

}  // namespace nap::sim
