#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "sim/app_maker.hpp"
#include "sim/kernel.hpp"

namespace nap::sim {

/// What operators have wanted, and when: by it the referee judges what agents do.
class Wishes {
  public:
    struct Version {
        MonotonicTime since;
        std::optional<WantedApp> app;  ///< nullopt: deleted
    };

    void put(const std::string& app, WantedApp wanted, MonotonicTime now) {
        history_[app].push_back({now, std::move(wanted)});
        invalid_.erase(app);
    }
    /// What is there now cannot be read; the last good version stays in force.
    void put_garbage(const std::string& app) { invalid_.insert(app); }
    void remove(const std::string& app, MonotonicTime now) {
        history_[app].push_back({now, std::nullopt});
        invalid_.erase(app);
    }

    [[nodiscard]] const WantedApp* find(const std::string& app) const {
        const auto found = history_.find(app);
        if (found == history_.end() || !found->second.back().app) return nullptr;
        return &*found->second.back().app;
    }
    [[nodiscard]] bool invalid(const std::string& app) const { return invalid_.contains(app); }
    [[nodiscard]] std::vector<std::string> apps() const {
        std::vector<std::string> apps;
        for (const auto& [app, versions] : history_) {
            if (versions.back().app) apps.push_back(app);
        }
        return apps;
    }
    /// Every app ever asked for, also those that were garbage from the start.
    [[nodiscard]] std::set<std::string> all() const {
        std::set<std::string> apps = invalid_;
        for (const auto& [app, versions] : history_)
            apps.insert(app);
        return apps;
    }
    /// Whether, at any time since `since`, `test` was true of what was wanted of `app`.
    template <class Test>
    [[nodiscard]] bool ever(const std::string& app, MonotonicTime since, Test test) const {
        const auto found = history_.find(app);
        if (found == history_.end()) return test(nullptr);
        const auto& versions = found->second;
        if (versions.front().since > since && test(nullptr)) return true;
        for (std::size_t i = 0; i < versions.size(); ++i) {
            const bool over = i + 1 < versions.size() && versions[i + 1].since <= since;
            if (!over && test(versions[i].app ? &*versions[i].app : nullptr)) return true;
        }
        return false;
    }

  private:
    std::map<std::string, std::vector<Version>> history_;
    std::set<std::string> invalid_;
};

}  // namespace nap::sim
