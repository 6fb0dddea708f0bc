#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "model/error.hpp"

namespace nap {

/// Puts the lines of a stream back together, however its chunks cut them. Empty lines are dropped.
class LineBuffer {
  public:
    static constexpr std::size_t line_bytes_max = 1u << 20;

    /// `too_large` when a line is over the limit; the buffer is of no use afterwards.
    [[nodiscard]] Result<void> add(std::string_view chunk);
    [[nodiscard]] std::optional<std::string> take();
    /// What follows the last line break.
    [[nodiscard]] const std::string& rest() const { return text_; }

  private:
    std::string text_;
};

}  // namespace nap
