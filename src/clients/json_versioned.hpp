#pragma once

#include <fmt/core.h>

#include "clients/json_reader.hpp"
#include "model/cluster.hpp"

namespace nap {

/// Reads one of nap's own documents: the schema first, then what `read` takes from it.
template <class T, class Read>
Result<T> read_versioned(std::string_view text, std::string_view what, Read read) {
    return read_document<T>(text, what, [&](const JsonReader& reader) {
        const int schema = reader.get<int>("schema");
        if (schema > schema_version) {
            reader.fail({Errc::rejected, fmt::format("{}: written by a newer nap (schema {}); "
                                                     "upgrade this agent",
                                                     what, schema)});
        }
        return read(reader);
    });
}

}  // namespace nap
