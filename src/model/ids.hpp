#pragma once

#include <compare>
#include <functional>
#include <string>
#include <string_view>
#include <utility>

namespace nap {

/// A string that names one kind of thing. Construction is explicit and kinds do not mix.
template <class Tag>
class Id {
  public:
    Id() = default;
    explicit Id(std::string value) : value_(std::move(value)) {}

    [[nodiscard]] const std::string& str() const { return value_; }
    [[nodiscard]] bool empty() const { return value_.empty(); }

    friend auto operator<=>(const Id&, const Id&) = default;
    friend bool operator==(const Id&, const Id&) = default;

  private:
    std::string value_;
};

using AppId = Id<struct AppTag>;              ///< a Compose project, `[a-z0-9][a-z0-9_-]*`
using NodeId = Id<struct NodeTag>;            ///< a host, by its node name
using ClusterId = Id<struct ClusterTag>;      ///< UUID every object nap creates is labelled with
using ContainerId = Id<struct ContainerTag>;  ///< the engine's 64 hex digits
using NetworkId = Id<struct NetworkTag>;      ///< the engine's 64 hex digits
using ImageId = Id<struct ImageTag>;          ///< `sha256:…`
using RevisionId = Id<struct RevisionTag>;    ///< content address of an accepted manifest
using SessionId = Id<struct SessionTag>;      ///< a Consul session

/// One container of a service, wherever it runs. Slots count from 1.
struct InstanceId {
    std::string service;
    int slot = 1;

    friend auto operator<=>(const InstanceId&, const InstanceId&) = default;
    friend bool operator==(const InstanceId&, const InstanceId&) = default;
};

/// `web/1`, as plans, logs and status show it.
inline std::string to_string(const InstanceId& id) {
    return id.service + "/" + std::to_string(id.slot);
}

}  // namespace nap

template <class Tag>
struct std::hash<nap::Id<Tag>> {
    std::size_t operator()(const nap::Id<Tag>& id) const noexcept {
        return std::hash<std::string>{}(id.str());
    }
};
