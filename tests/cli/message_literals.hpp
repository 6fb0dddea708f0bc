#pragma once

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

namespace nap::test {

/// The string literals of a C++ source that read like messages: long, and of several words. Parts
/// that stand next to each other are one.
inline std::vector<std::string> message_literals(std::string_view source) {
    std::vector<std::string> literals;
    std::string literal;
    bool open = false;  // more parts may come
    const auto finish = [&] {
        const bool words = literal.size() >= 16 && literal.find(' ') != std::string::npos;
        if (words) literals.push_back(literal);
        literal.clear();
        open = false;
    };
    for (std::size_t i = 0; i < source.size(); ++i) {
        const char c = source[i];
        if (source.substr(i, 2) == "//") {
            i = std::min(source.find('\n', i), source.size());
        } else if (c == '\'') {
            i += source[i + 1] == '\\' ? 3 : 2;
        } else if (c == '"') {
            for (++i; source[i] != '"'; ++i) {
                if (source[i] == '\\') ++i;
                literal += source[i];
            }
            open = true;
        } else if (open && c != ' ' && c != '\n') {
            finish();
        }
    }
    return literals;
}

/// Whether `text` may have been made by `format`, or has it in it: the parts around what `{}`
/// stands for, in their order.
inline bool comes_from(std::string_view text, std::string_view format) {
    std::size_t at = 0;
    std::string part;
    const auto found = [&] {
        const std::size_t place = text.find(part, at);
        at = place == std::string_view::npos ? place : place + part.size();
        part.clear();
        return at != std::string_view::npos;
    };
    for (std::size_t i = 0; i < format.size(); ++i) {
        const char c = format[i];
        const bool doubled = i + 1 < format.size() && format[i + 1] == c;
        const std::size_t close =
            std::min(format.find_first_not_of("0123456789:.xX", i + 1), format.size() - 1);
        if (c == '{' && format[close] == '}') {
            if (!found()) return false;
            i = close;
        } else {
            part += c;
            if ((c == '{' || c == '}') && doubled) ++i;
        }
    }
    return found();
}

}  // namespace nap::test
