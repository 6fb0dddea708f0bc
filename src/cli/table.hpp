#pragma once

#include <string>
#include <vector>

namespace nap {

enum class Colour { none, green, yellow, red };

struct Cell {
    std::string text;  ///< made printable; an empty one shows as `-`
    Colour colour = Colour::none;
};
using Row = std::vector<Cell>;

/// Rows of the same length, the heading first, in columns two blanks apart.
[[nodiscard]] std::string table(std::vector<Row> rows, bool colour);

}  // namespace nap
