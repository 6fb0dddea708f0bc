#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "model/observed.hpp"
#include "ports/engine.hpp"

namespace nap {

/// Whose plan may have changed.
struct Wakes {
    bool all = false;
    std::set<AppId> apps;
};

/// What is known of the engine's objects, and which of it must be looked at again. Pure: events,
/// lists and inspections go in, snapshots come out.
///
/// Events are hints: they mark objects stale, and the answer to an inspection is the truth. One
/// exception: `die` is itself a complete statement about a container known to run, while an
/// inspection would wait until the engine has cleaned up after it. Restarting at once depends on
/// taking it at its word; should it be wrong, the start is answered with "already running".
class EngineCache {
  public:
    Wakes apply(const EngineEvent& event);
    /// Events may have been missed: everything must be looked at again.
    void lose_track();
    /// Lists must be read and images looked up again; containers whose line in their list is
    /// unchanged count as known.
    void distrust_lists();
    /// An action on this container has ended; its event may come later.
    void touch(const ContainerId& id);
    void touch_networks() { networks_stale_ = networks_changed_ = true; }
    /// What the engine is may have changed: it joined a swarm, or its role there is another.
    void touch_info() { info_stale_ = true; }
    void touch_volumes() { volumes_stale_ = true; }
    void forget_image(const std::string& reference) { images_.erase(reference); }

    [[nodiscard]] bool containers_stale() const { return containers_stale_; }
    [[nodiscard]] bool networks_stale() const { return networks_stale_; }
    /// The last list is known not to hold any more, or there is none.
    [[nodiscard]] bool networks_changed() const { return networks_changed_; }
    [[nodiscard]] bool volumes_stale() const { return volumes_stale_; }
    [[nodiscard]] bool info_stale() const { return info_stale_; }
    [[nodiscard]] bool knows_image(const std::string& r) const { return images_.contains(r); }

    // Reading: `begin_…` before the call, `take_…` with its answer. What an event says in between
    // is not overwritten.
    std::uint64_t begin_container_list();
    void take_container_list(const std::vector<ContainerSummary>& list, std::uint64_t begun);
    void begin_network_list() { networks_stale_ = false; }
    void take_networks(std::vector<ObservedNetwork> networks);
    /// The engine has not told: to be asked again, even if nothing happens.
    void network_list_failed() { networks_stale_ = true; }
    void begin_volume_list() { volumes_stale_ = false; }
    void take_volumes(std::vector<ObservedVolume> volumes) { volumes_ = std::move(volumes); }
    void begin_info() { info_stale_ = false; }
    void take_info(EngineInfo info) { info_ = std::move(info); }
    /// This app's containers that must be inspected before a snapshot.
    std::vector<ContainerId> begin_inspections(const AppId& app, const std::set<std::string>& busy);
    void take_container(ObservedContainer container);
    void inspection_failed(const ContainerId& id, bool gone);
    void take_image(const std::string& reference, std::optional<ImageId> id) {
        images_[reference] = std::move(id);
    }

    [[nodiscard]] ObservedHost snapshot(const AppId& app) const;
    [[nodiscard]] const EngineInfo& info() const { return info_; }
    /// Apps that own a container here.
    [[nodiscard]] std::set<AppId> apps() const;

  private:
    struct Entry {
        ObservedContainer container;
        bool inspected = false;  ///< `container` is more than id, name and owner
        bool stale = true;
        bool inspecting = false;
        std::string fingerprint;
        std::uint64_t touched = 0;
    };

    Wakes apply_to_container(const EngineEvent& event);
    void apply_death(Entry& entry, const EngineEvent& event);

    std::map<ContainerId, Entry> entries_;
    std::vector<ObservedNetwork> networks_;
    std::vector<ObservedVolume> volumes_;
    std::map<std::string, std::optional<ImageId>> images_;
    bool containers_stale_ = true;
    bool networks_stale_ = true;
    bool networks_changed_ = true;
    bool volumes_stale_ = true;
    EngineInfo info_;
    bool info_stale_ = true;
    std::uint64_t sequence_ = 0;
};

}  // namespace nap
