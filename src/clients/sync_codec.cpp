#include "clients/sync_codec.hpp"

#include "clients/cli_json_text.hpp"
#include "clients/json_reader.hpp"
#include "clients/json_versioned.hpp"

namespace nap {

namespace {

using nlohmann::json;

json names(const std::set<AppId>& apps) {
    json list = json::array();
    for (const AppId& app : apps)
        list.push_back(app.str());
    return list;
}

}  // namespace

std::string encode(const SyncRecord& record) {
    return json_text({{"schema", schema_version},
                      {"commit", record.commit},
                      {"author", record.author},
                      {"modified", record.modified},
                      {"apps", names(record.apps)},
                      {"updated", record.updated}});
}

Result<SyncRecord> decode_sync_record(std::string_view text) {
    return read_versioned<SyncRecord>(text, "sync", [](const JsonReader& reader) {
        SyncRecord record;
        record.commit = reader.get_or<std::string>("commit", "");
        record.author = reader.get_or<std::string>("author", "");
        record.modified = reader.get_or("modified", false);
        for (const auto& app : reader.elements("apps"))
            record.apps.insert(AppId(app.as<std::string>()));
        record.updated = reader.get_or<std::string>("updated", "");
        return record;
    });
}

std::string cli_json(const SyncReport& report) {
    return ascii_text({{"commit", report.record.commit},
                       {"author", report.record.author},
                       {"modified", report.record.modified},
                       {"written", names(report.written)},
                       {"removed", names(report.removed)},
                       {"left", names(report.left)}});
}

}  // namespace nap
