#pragma once

#include <fstream>
#include <iterator>
#include <string>

namespace nap::test {

/// An answer of a real daemon (Docker 20.10.24), as `tests/clients/captured/` keeps it.
inline std::string captured(const std::string& name) {
    std::ifstream file(NAP_SOURCE_DIR "/tests/clients/captured/" + name);
    return {std::istreambuf_iterator<char>(file), {}};
}

}  // namespace nap::test
