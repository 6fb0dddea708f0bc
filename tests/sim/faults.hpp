#pragma once

#include "sim/random.hpp"

namespace nap::sim {

/// What may befall one call between its caller and the service.
enum class Fault {
    none,
    refused,       ///< it never arrives, and the caller hears so
    lost,          ///< it never arrives, and the caller hears nothing
    late,          ///< it arrives seconds later
    answer_lost,   ///< it is carried out, and the caller hears nothing
    answer_cut,    ///< it is carried out, and the caller hears that the connection broke
    crash_before,  ///< the caller ends before it is sent
    crash_after,   ///< the caller ends once it has been carried out
};

/// How often calls go wrong, in thousandths.
struct FaultRates {
    unsigned store = 0;
    unsigned engine = 0;
    unsigned crash = 0;
    unsigned event = 0;  ///< engine events lost or out of order
};

[[nodiscard]] inline Fault draw_fault(Random& random, unsigned permille, unsigned crash_permille) {
    if (crash_permille > 0 && random.chance(crash_permille)) {
        return random.chance(500) ? Fault::crash_before : Fault::crash_after;
    }
    if (permille == 0 || !random.chance(permille)) return Fault::none;
    constexpr Fault kinds[] = {Fault::refused, Fault::lost, Fault::late, Fault::answer_lost,
                               Fault::answer_cut};
    return kinds[random.below(std::size(kinds))];
}

}  // namespace nap::sim
