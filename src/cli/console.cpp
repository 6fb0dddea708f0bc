#include "cli/console.hpp"

#include <fmt/format.h>

#include <ostream>

namespace nap {

namespace {

unsigned byte_at(std::string_view text, std::size_t index) {
    return index < text.size() ? static_cast<unsigned char>(text[index]) : 0U;
}

/// Bytes of the character at `index`; 0 for one that may not reach a terminal.
std::size_t printable_length(std::string_view text, std::size_t index) {
    const unsigned first = byte_at(text, index);
    if (first < 0x80U) return first >= 0x20U && first != 0x7FU ? 1 : 0;
    std::size_t length = 0;
    if (first >= 0xC2U && first <= 0xDFU) length = 2;
    if (first >= 0xE0U && first <= 0xEFU) length = 3;
    if (first >= 0xF0U && first <= 0xF4U) length = 4;
    for (std::size_t i = 1; i < length; ++i) {
        if ((byte_at(text, index + i) & 0xC0U) != 0x80U) return 0;
    }
    const bool is_c1_control = first == 0xC2U && byte_at(text, index + 1) < 0xA0U;
    return is_c1_control ? 0 : length;
}

}  // namespace

void Console::say(std::string_view line) const {
    err << printable(line) << std::endl;
}

std::string printable(std::string_view text) {
    std::string shown;
    for (std::size_t i = 0; i < text.size();) {
        const std::size_t length = printable_length(text, i);
        if (length == 0) {
            shown += fmt::format("\\x{:02x}", byte_at(text, i));
            ++i;
        } else {
            shown += text.substr(i, length);
            i += length;
        }
    }
    return shown;
}

}  // namespace nap
