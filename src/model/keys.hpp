#pragma once

#include <array>
#include <string>
#include <string_view>

#include "model/ids.hpp"

namespace nap {

/// The keys nap uses in Consul KV, under a configurable prefix (docs/reference/keys.md).
class Keys {
  public:
    explicit Keys(const std::string& prefix) : root_(prefix + "/") {}

    [[nodiscard]] std::string apps() const { return root_ + "apps/"; }
    [[nodiscard]] std::string meta() const { return root_ + "meta"; }
    [[nodiscard]] std::string leader() const { return root_ + "leader"; }
    [[nodiscard]] std::string statuses() const { return root_ + "status/"; }
    [[nodiscard]] std::string status(const AppId& app) const { return statuses() + app.str(); }
    [[nodiscard]] std::string nodes() const { return root_ + "nodes/"; }
    [[nodiscard]] std::string node(const NodeId& node) const { return nodes() + node.str(); }
    [[nodiscard]] std::string controls() const { return root_ + "control/"; }
    [[nodiscard]] std::string control(const NodeId& node) const { return controls() + node.str(); }
    /// What operators have asked of the leader.
    [[nodiscard]] std::string requests() const { return root_ + "requests/"; }
    [[nodiscard]] std::string held() const { return root_ + "held"; }
    [[nodiscard]] std::string approved() const { return requests() + "approved"; }
    [[nodiscard]] std::string rebalance() const { return requests() + "rebalance"; }
    /// What a standalone agent says of its folder; and what `nap sync` remembers.
    [[nodiscard]] std::string standalone() const { return root_ + "standalone"; }
    [[nodiscard]] std::string sync() const { return root_ + "sync"; }
    [[nodiscard]] std::string assigned() const { return root_ + "assigned/"; }
    [[nodiscard]] std::string assigned(const NodeId& node) const {
        return assigned() + node.str() + "/";
    }
    [[nodiscard]] std::string assigned(const NodeId& node, const AppId& app) const {
        return assigned(node) + app.str();
    }
    [[nodiscard]] std::string observed() const { return root_ + "observed/"; }
    [[nodiscard]] std::string observed(const NodeId& node) const {
        return observed() + node.str() + "/";
    }
    [[nodiscard]] std::string observed(const NodeId& node, const AppId& app) const {
        return observed(node) + app.str();
    }

  private:
    std::string root_;
};

/// What may follow an app's name in its key.
inline constexpr std::array<std::string_view, 3> manifest_endings{".yml", ".yaml", ".json"};

/// What a key under `nap/apps/` is: `<app>`, `<app>.yml`, `.yaml` or `.json`.
struct AppKey {
    std::string app;
    std::string file;  ///< the name errors are reported under
};

/// `name` is the key without `nap/apps/`. For a key inside a folder, `app` is the folder.
[[nodiscard]] AppKey parse_app_key(const std::string& name);

}  // namespace nap
