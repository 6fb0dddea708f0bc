#include "differential/differences.hpp"

#include <fnmatch.h>

#include <set>

namespace nap::test {

namespace {

void compare(const std::string& path, const json& compose, const json& nap,
             std::vector<Difference>& found) {
    if (compose == nap) return;
    if (!compose.is_object() || !nap.is_object()) {
        found.push_back({path, compose, nap});
        return;
    }
    std::set<std::string> keys;
    for (const json* side : {&compose, &nap}) {
        for (const auto& [key, value] : side->items())
            keys.insert(key);
    }
    for (const std::string& key : keys) {
        const std::string below = path.empty() ? key : path + "/" + key;
        compare(below, compose.value(key, json()), nap.value(key, json()), found);
    }
}

bool covers(const std::string& pattern, const std::string& text) {
    return ::fnmatch(pattern.c_str(), text.c_str(), 0) == 0;
}

bool covers(const json& pattern, const json& value) {
    return pattern == "*" || pattern == value;
}

}  // namespace

std::vector<Difference> differences(const json& compose, const json& nap) {
    std::vector<Difference> found;
    compare("", compose, nap, found);
    return found;
}

const KnownDifference* known(const std::string& test_case, const Difference& difference) {
    for (const KnownDifference& entry : known_differences()) {
        if (covers(entry.cases, test_case) && covers(entry.path, difference.path) &&
            covers(entry.compose, difference.compose) && covers(entry.nap, difference.nap)) {
            return &entry;
        }
    }
    return nullptr;
}

}  // namespace nap::test
