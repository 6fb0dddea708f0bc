#pragma once

#include "model/time.hpp"

namespace nap {

/// How long this host may take itself for part of the cluster. Services of `partition: stop` run
/// only while it lasts: it is renewed by reads that find this node's record bound to our session,
/// and counts from before such a read was sent. The leader gives what they run to another node only
/// after the record has been gone for the lease and some more, so there are never two (invariant
/// S2), as long as this agent runs and clocks run about alike.
class Lease {
  public:
    Lease(milliseconds span, MonotonicTime now) : span_(span), until_(now + start_allowance) {}

    /// The record was found to be ours by a read sent at `sent`, and this host has read its orders
    /// since it was written.
    void renew(MonotonicTime sent) {
        if (sent + span_ > until_) until_ = sent + span_;
    }
    [[nodiscard]] bool valid(MonotonicTime now) const { return now < until_; }
    [[nodiscard]] milliseconds span() const { return span_; }

  private:
    /// An agent that has just been started does not stop what runs before it has asked.
    static constexpr milliseconds start_allowance{1'500};

    milliseconds span_;
    MonotonicTime until_;
};

}  // namespace nap
