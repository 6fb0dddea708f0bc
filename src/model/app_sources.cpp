#include "model/app_sources.hpp"

#include <algorithm>

#include "model/app_files.hpp"

namespace nap {

AppSources::AppSources(const Keys& keys, const std::vector<std::string>& further)
    : prefixes_{keys.apps()} {
    for (const std::string& prefix : further)
        prefixes_.push_back(prefix + "/");
}

const std::string& AppSources::prefix_of(const std::string& key) const {
    const auto found =
        std::find_if(prefixes_.begin(), prefixes_.end(),
                     [&](const std::string& prefix) { return key.starts_with(prefix); });
    return found == prefixes_.end() ? prefixes_.front() : *found;
}

std::string AppSources::shown(const std::string& prefix) const {
    return prefix == prefixes_.front() ? std::string() : prefix;
}

bool AppSources::have(const AppId& app, const std::string& file) const {
    return std::any_of(prefixes_.begin(), prefixes_.end(), [&](const std::string& prefix) {
        const std::string before = shown(prefix);
        return file.starts_with(before) && app_of_name(file.substr(before.size())) == app.str();
    });
}

}  // namespace nap
