#include "clients/consul_codec.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <charconv>

#include "clients/base64.hpp"
#include "clients/json_reader.hpp"

namespace nap {

namespace {

using nlohmann::json;

std::string_view verb_name(KvVerb verb) {
    switch (verb) {
        case KvVerb::set:
            return "set";
        case KvVerb::cas:
            return "cas";
        case KvVerb::remove:
            return "delete";
        case KvVerb::remove_cas:
            return "delete-cas";
        case KvVerb::remove_tree:
            return "delete-tree";
        case KvVerb::check_index:
            return "check-index";
        case KvVerb::check_session:
            return "check-session";
        case KvVerb::check_not_exists:
            return "check-not-exists";
        case KvVerb::lock:
            return "lock";
        case KvVerb::unlock:
            return "unlock";
    }
    return "";
}

constexpr std::array all_verbs{
    KvVerb::set,         KvVerb::cas,         KvVerb::remove,        KvVerb::remove_cas,
    KvVerb::remove_tree, KvVerb::check_index, KvVerb::check_session, KvVerb::check_not_exists,
    KvVerb::lock,        KvVerb::unlock};

bool has_value(KvVerb verb) {
    return verb == KvVerb::set || verb == KvVerb::cas || verb == KvVerb::lock ||
           verb == KvVerb::unlock;
}

bool has_index(KvVerb verb) {
    return verb == KvVerb::cas || verb == KvVerb::remove_cas || verb == KvVerb::check_index;
}

json encode_op(const KvOp& op) {
    json kv = {{"Verb", verb_name(op.verb)}, {"Key", op.key}};
    if (has_value(op.verb)) kv["Value"] = encode_base64(op.value);
    if (has_index(op.verb)) kv["Index"] = op.index;
    if (!op.session.empty()) kv["Session"] = op.session.str();
    return {{"KV", std::move(kv)}};
}

KvEntry read_entry(const JsonReader& reader) {
    KvEntry entry;
    entry.key = reader.get<std::string>("Key");
    entry.modify_index = reader.get<std::uint64_t>("ModifyIndex");
    entry.session = SessionId(reader.get_or<std::string>("Session", ""));
    auto value = decode_base64(reader.get_or<std::string>("Value", ""));
    if (!value) reader.at("Value").expected("base64");
    entry.value = std::move(value).value_or("");
    return entry;
}

std::string duration_text(milliseconds time) {
    return fmt::format("{}ms", time.count());
}

}  // namespace

Result<std::vector<KvEntry>> decode_kv_list(std::string_view text) {
    using List = std::vector<KvEntry>;
    return read_document<List>(text, "kv", [](const JsonReader& reader) {
        List list;
        for (const auto& element : reader.elements()) {
            list.push_back(read_entry(element));
        }
        return list;
    });
}

std::string encode_transaction(const std::vector<KvOp>& ops) {
    json body = json::array();
    for (const auto& op : ops) {
        body.push_back(encode_op(op));
    }
    return json_text(body);
}

std::string encode_kv_list(const std::vector<KvEntry>& entries) {
    json list = json::array();
    for (const KvEntry& entry : entries) {
        json item{{"Key", entry.key},
                  {"Value", encode_base64(entry.value)},
                  {"ModifyIndex", entry.modify_index},
                  {"Flags", 0}};
        if (!entry.session.empty()) item["Session"] = entry.session.str();
        list.push_back(std::move(item));
    }
    return json_text(list);
}

Result<std::vector<KvOp>> decode_transaction(std::string_view text) {
    using Ops = std::vector<KvOp>;
    return read_document<Ops>(text, "transaction", [](const JsonReader& reader) {
        Ops ops;
        for (const auto& element : reader.elements()) {
            const JsonReader kv = element.at("KV");
            KvOp op;
            const auto name = kv.get<std::string>("Verb");
            const auto verb = std::find_if(all_verbs.begin(), all_verbs.end(),
                                           [&](KvVerb v) { return verb_name(v) == name; });
            if (verb == all_verbs.end()) {
                kv.at("Verb").expected("a verb that changes or checks a key");
            } else {
                op.verb = *verb;
            }
            op.key = kv.get<std::string>("Key");
            auto value = decode_base64(kv.get_or<std::string>("Value", ""));
            if (!value) kv.at("Value").expected("base64");
            op.value = std::move(value).value_or("");
            op.index = kv.get_or<std::uint64_t>("Index", 0);
            op.session = SessionId(kv.get_or<std::string>("Session", ""));
            ops.push_back(std::move(op));
        }
        return ops;
    });
}

std::string encode_transaction_error(const std::string& what) {
    return json_text({{"Errors", json::array({{{"OpIndex", 0}, {"What", what}}})}});
}

std::string decode_transaction_errors(std::string_view text) {
    auto errors = read_document<std::string>(text, "transaction", [](const JsonReader& reader) {
        std::string joined;
        for (const auto& error : reader.elements("Errors")) {
            if (!joined.empty()) joined += "; ";
            joined += fmt::format("operation {}: {}", error.get_or("OpIndex", 0),
                                  error.get<std::string>("What"));
        }
        return joined;
    });
    return errors ? *errors : std::string(text.substr(0, 200));
}

std::string encode_session(const SessionSpec& spec) {
    nlohmann::json session{{"Name", spec.name},
                           {"TTL", duration_text(spec.ttl)},
                           {"LockDelay", duration_text(spec.lock_delay)},
                           {"Behavior", spec.delete_on_end ? "delete" : "release"}};
    // Consul's own default is the node's health alone.
    if (!spec.checks.empty()) session["Checks"] = spec.checks;
    return json_text(session);
}

std::string encode_check(const CheckSpec& spec) {
    return json_text({{"ID", spec.id},
                      {"Name", spec.name},
                      {"TTL", duration_text(spec.ttl)},
                      {"Status", "passing"}});
}

Result<SessionId> decode_session(std::string_view text) {
    return read_document<SessionId>(text, "session", [](const JsonReader& reader) {
        return SessionId(reader.get<std::string>("ID"));
    });
}

std::uint64_t parse_consul_index(std::string_view header) {
    std::uint64_t index = 0;
    const auto* end = header.data() + header.size();
    const auto parsed = std::from_chars(header.data(), end, index);
    return parsed.ec == std::errc{} && parsed.ptr == end && index > 0 ? index : 1;
}

Error consul_error(std::string_view op, int status, std::string_view body) {
    const auto says = [body](std::string_view words) {
        return body.find(words) != std::string_view::npos;
    };
    const auto fail = [&](Errc code) {
        return Error{code,
                     fmt::format("{}: Consul answered {}: {}", op, status, body.substr(0, 200))};
    };
    if (status == 403 || says("Permission denied") || says("ACL not found")) {
        return fail(Errc::denied);
    }
    if (says("No cluster leader")) return fail(Errc::no_leader);
    // The write may yet have been committed, which is what this class says.
    if (says("leadership lost")) return fail(Errc::unreachable);
    if (status == 404) return fail(Errc::not_found);
    if (status == 413) return fail(Errc::too_large);
    if (status == 429 || status == 503) {
        return {Errc::internal, fmt::format("{}: Consul is busy ({}); try later", op, status)};
    }
    return fail(status >= 500 ? Errc::internal : Errc::rejected);
}

}  // namespace nap
