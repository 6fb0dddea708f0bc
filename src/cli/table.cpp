#include "cli/table.hpp"

#include <algorithm>
#include <string_view>

#include "cli/console.hpp"

namespace nap {

namespace {

std::string_view escape_of(Colour colour) {
    switch (colour) {
        case Colour::green:
            return "\x1b[32m";
        case Colour::yellow:
            return "\x1b[33m";
        case Colour::red:
            return "\x1b[31m";
        case Colour::none:
            break;
    }
    return "";
}

/// Characters, not bytes; wide ones count as one.
std::size_t width_of(std::string_view text) {
    const auto starts = [](char c) { return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U; };
    return static_cast<std::size_t>(std::count_if(text.begin(), text.end(), starts));
}

}  // namespace

std::string table(std::vector<Row> rows, bool colour) {
    std::vector<std::size_t> widths(rows.front().size());
    for (Row& row : rows) {
        for (std::size_t i = 0; i < row.size(); ++i) {
            row[i].text = row[i].text.empty() ? "-" : printable(row[i].text);
            widths[i] = std::max(widths[i], width_of(row[i].text));
        }
    }
    std::string text;
    for (const Row& row : rows) {
        for (std::size_t i = 0; i < row.size(); ++i) {
            const std::string_view escape = colour ? escape_of(row[i].colour) : "";
            text += escape;
            text += row[i].text;
            if (!escape.empty()) text += "\x1b[0m";
            if (i + 1 < row.size()) text.append(widths[i] - width_of(row[i].text) + 2, ' ');
        }
        text += '\n';
    }
    return text;
}

}  // namespace nap
