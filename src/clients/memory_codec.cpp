#include "clients/memory_codec.hpp"

#include "clients/json_reader.hpp"

namespace nap {

namespace {

using nlohmann::json;

std::int64_t nanoseconds_of(TimePoint time) {
    return time.time_since_epoch().count();
}

}  // namespace

std::string encode(const ClusterMemory& memory) {
    return json_text({{"schema", 1}, {"cluster", memory.cluster.str()}, {"epoch", memory.epoch}});
}

std::string encode(const Attempts& attempts) {
    json objects = json::object();
    for (const auto& [object, attempt] : attempts) {
        objects[object] = {{"failures", attempt.failures},
                           {"deaths", attempt.deaths},
                           {"not_before", nanoseconds_of(attempt.not_before)},
                           {"last_run", attempt.last_run},
                           {"last_error", attempt.last_error}};
        if (!attempt.hooked_run.empty()) objects[object]["hooked_run"] = attempt.hooked_run;
        if (!attempt.hook_error.empty()) objects[object]["hook_error"] = attempt.hook_error;
    }
    return json_text({{"schema", 1}, {"objects", std::move(objects)}});
}

std::string encode(const std::vector<SessionId>& sessions) {
    json ids = json::array();
    for (const SessionId& session : sessions)
        ids.push_back(session.str());
    return json_text({{"schema", 1}, {"sessions", std::move(ids)}});
}

Result<ClusterMemory> decode_cluster_memory(std::string_view text) {
    return read_document<ClusterMemory>(text, "cluster memory", [](const JsonReader& reader) {
        return ClusterMemory{.cluster = ClusterId(reader.get<std::string>("cluster")),
                             .epoch = reader.get<std::uint64_t>("epoch")};
    });
}

Result<Attempts> decode_attempts(std::string_view text) {
    return read_document<Attempts>(text, "attempts", [](const JsonReader& reader) {
        Attempts attempts;
        for (const auto& [object, entry] : reader.members("objects")) {
            Attempt& attempt = attempts[object];
            attempt.failures = entry.get<int>("failures");
            attempt.deaths = entry.get<int>("deaths");
            attempt.not_before = TimePoint(nanoseconds(entry.get<std::int64_t>("not_before")));
            attempt.last_run = entry.get<std::string>("last_run");
            attempt.last_error = entry.get<std::string>("last_error");
            attempt.hooked_run = entry.get_or<std::string>("hooked_run", "");
            attempt.hook_error = entry.get_or<std::string>("hook_error", "");
        }
        return attempts;
    });
}

Result<std::vector<SessionId>> decode_sessions(std::string_view text) {
    using Sessions = std::vector<SessionId>;
    return read_document<Sessions>(text, "sessions", [](const JsonReader& reader) {
        Sessions sessions;
        for (const JsonReader& id : reader.elements("sessions")) {
            sessions.emplace_back(id.as<std::string>());
        }
        return sessions;
    });
}

}  // namespace nap
