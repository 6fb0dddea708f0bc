#include "reconciler/placement_slots.hpp"

namespace nap {

namespace {

/// Walks up the slots of one service and knows which are kept.
class SlotWalk {
  public:
    SlotWalk(const Placed& kept, const std::string& service)
        : service_(service),
          next_(kept.lower_bound({.service = service, .slot = 1})),
          end_(kept.end()) {}

    /// Slots must be asked for one after the other.
    bool is_kept(int slot) {
        const bool here =
            next_ != end_ && next_->first.service == service_ && next_->first.slot == slot;
        if (here) ++next_;
        return here;
    }

  private:
    const std::string& service_;
    Placed::const_iterator next_;
    Placed::const_iterator end_;
};

}  // namespace

std::vector<int> missing_slots(const Placed& kept, const std::string& service, int replicas) {
    std::vector<int> missing;
    SlotWalk walk(kept, service);
    for (int slot = 1; slot <= replicas; ++slot) {
        if (!walk.is_kept(slot)) missing.push_back(slot);
    }
    return missing;
}

std::vector<int> free_slots(const Placed& kept, const std::string& service, std::size_t count) {
    std::vector<int> slots;
    SlotWalk walk(kept, service);
    for (int slot = 1; slots.size() < count; ++slot) {
        if (!walk.is_kept(slot)) slots.push_back(slot);
    }
    return slots;
}

}  // namespace nap
