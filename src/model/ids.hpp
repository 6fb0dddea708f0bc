#pragma once

#include <boost/smart_ptr/intrusive_ptr.hpp>
#include <boost/smart_ptr/intrusive_ref_counter.hpp>
#include <compare>
#include <functional>
#include <string>
#include <utility>

namespace nap {

/// Text that is never changed, in memory once for all copies.
class SharedText {
  public:
    SharedText() = default;
    explicit SharedText(std::string text)
        : held_(text.empty() ? nullptr : new Held(std::move(text))) {}

    [[nodiscard]] const std::string& str() const {
        static const std::string none;
        return held_ ? held_->text : none;
    }
    [[nodiscard]] bool empty() const { return !held_; }

    friend std::strong_ordering operator<=>(const SharedText& a, const SharedText& b) {
        if (a.held_ == b.held_) return std::strong_ordering::equal;
        return a.str() <=> b.str();
    }
    friend bool operator==(const SharedText& a, const SharedText& b) {
        return a.held_ == b.held_ || a.str() == b.str();
    }

  private:
    struct Held : boost::intrusive_ref_counter<Held> {
        explicit Held(std::string value) : text(std::move(value)) {}
        const std::string text;
    };
    boost::intrusive_ptr<const Held> held_;
};

/// A string that names one kind of thing. Construction is explicit and kinds do not mix. A cluster
/// has few of them and many records that name them, so copies share their text.
template <class Tag>
class Id {
  public:
    Id() = default;
    explicit Id(std::string value) : text_(std::move(value)) {}

    [[nodiscard]] const std::string& str() const { return text_.str(); }
    [[nodiscard]] bool empty() const { return text_.empty(); }

    friend auto operator<=>(const Id&, const Id&) = default;
    friend bool operator==(const Id&, const Id&) = default;

  private:
    SharedText text_;
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
