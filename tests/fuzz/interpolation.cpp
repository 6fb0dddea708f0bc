#include <algorithm>

#include "fuzz.hpp"
#include "manifest/variables.hpp"

namespace nap::fuzz {
namespace {

constexpr std::string_view secret = "%hidden%";

bool is_name(std::string_view name) {
    return !name.empty() && std::all_of(name.begin(), name.end(), [](char c) {
        return c == '_' || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
               (c >= '0' && c <= '9');
    });
}

std::string with_dollars_doubled(std::string_view text) {
    std::string out;
    for (const char c : text) {
        out += c;
        if (c == '$') out += c;
    }
    return out;
}

}  // namespace

void interpolation(std::string_view input) {
    Variables variables;
    variables.set_default("A", std::string(secret));
    variables.set_default("EMPTY", "");
    variables.set_default("D", "$A}");
    const std::size_t bytes_max = 4 * 1024;
    const Interpolation filled = interpolate(input, variables, bytes_max);
    require(filled.text.size() <= bytes_max, "more comes out than may", input);
    for (const std::string& name : filled.unset) {
        require(is_name(name) && variables.find(name) == nullptr, "unset is what is not set", name);
    }
    const bool has_secret = input.find(secret) != std::string_view::npos;
    if (!filled.problem.empty()) {
        require(filled.text.empty(), "text comes with a problem", input);
        require(has_secret || filled.problem.find(secret) == std::string::npos,
                "a problem shows a value", filled.problem);
        return;
    }
    // What came out stands for itself once it is escaped; what has no dollar sign, always.
    const Interpolation again =
        interpolate(with_dollars_doubled(filled.text), variables, bytes_max);
    require(again.problem.empty() && again.text == filled.text, "what came out is not itself",
            filled.text);
    if (input.find('$') == std::string_view::npos) {
        require(filled.text == input, "text without a dollar sign is changed", input);
    }
    // All that is said of one text is said of it behind another.
    const Interpolation behind = interpolate("x$$" + std::string(input), variables, bytes_max);
    require(!behind.problem.empty() || behind.text == "x$" + filled.text, "reads otherwise behind",
            input);
}

}  // namespace nap::fuzz
