// What libFuzzer calls; NAP_FUZZ_TARGET names the target of this executable.
#include <algorithm>
#include <cstdint>

#include "fuzz.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    static const auto all = nap::fuzz::targets();
    static const auto target = std::find_if(
        all.begin(), all.end(), [](const auto& one) { return one.name == NAP_FUZZ_TARGET; });
    target->check({reinterpret_cast<const char*>(data), size});
    return 0;
}
