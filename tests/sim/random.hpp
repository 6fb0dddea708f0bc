#pragma once

#include <cstdint>
#include <vector>

#include "model/time.hpp"

namespace nap::sim {

/// SplitMix64: small, good enough, and the same numbers with every library.
class Random {
  public:
    explicit Random(std::uint64_t seed) : state_(seed * 0x9e3779b97f4a7c15ULL + 1) {}

    std::uint64_t next() {
        std::uint64_t z = (state_ += 0x9e3779b97f4a7c15ULL);
        z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ULL;
        z = (z ^ (z >> 27)) * 0x94d049bb133111ebULL;
        return z ^ (z >> 31);
    }
    /// 0 to `n` - 1; `n` at least 1.
    std::size_t below(std::size_t n) { return static_cast<std::size_t>(next() % n); }
    bool chance(unsigned permille) { return below(1000) < permille; }
    nanoseconds between(nanoseconds least, nanoseconds most) {
        const auto span = static_cast<std::uint64_t>((most - least).count()) + 1;
        return least + nanoseconds{static_cast<std::int64_t>(next() % span)};
    }
    template <class T>
    const T& pick(const std::vector<T>& values) {
        return values[below(values.size())];
    }

  private:
    std::uint64_t state_;
};

}  // namespace nap::sim
