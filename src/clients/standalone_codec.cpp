#include "clients/standalone_codec.hpp"

#include "clients/json_reader.hpp"
#include "clients/json_versioned.hpp"

namespace nap {

std::string encode(const StandaloneRecord& record) {
    return json_text({{"schema", schema_version},
                      {"folder", record.folder},
                      {"identity", record.identity},
                      {"problems", record.problems}});
}

Result<StandaloneRecord> decode_standalone_record(std::string_view text) {
    return read_versioned<StandaloneRecord>(text, "standalone", [](const JsonReader& reader) {
        StandaloneRecord record;
        record.folder = reader.get<std::string>("folder");
        record.identity = reader.get<std::string>("identity");
        for (const auto& problem : reader.elements("problems"))
            record.problems.push_back(problem.as<std::string>());
        return record;
    });
}

}  // namespace nap
