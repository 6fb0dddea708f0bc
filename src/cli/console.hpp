#pragma once

#include <iosfwd>
#include <string>
#include <string_view>

namespace nap {

/// Where a command's results go, where it talks, and whether results may be coloured.
struct Console {
    std::ostream& out;
    std::ostream& err;
    bool colour = false;

    /// One line on stderr, made printable.
    void say(std::string_view line) const;
};

/// `text` with every control character and every byte that is not UTF-8 written as an escape, so
/// that what a manifest or an engine says cannot command the terminal.
[[nodiscard]] std::string printable(std::string_view text);

}  // namespace nap
