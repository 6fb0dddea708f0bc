#pragma once

#include <cstring>
#include <string>
#include <string_view>

#include "manifest/yaml_tree.hpp"

namespace nap {

/// Thrown when the text has to be left to the library.
struct YamlUnsure {};

/// Characters that a plain scalar may begin with, whatever follows.
[[nodiscard]] bool begins_plain(char c);

/// Goes through a text by characters and lines, and reads what stands on one line.
class YamlCursor {
  protected:
    YamlCursor(int file, std::string_view text)
        : file_(file), at_(text.data()), end_(text.data() + text.size()), line_begin_(at_) {}

    [[nodiscard]] int column() const { return static_cast<int>(at_ - line_begin_); }
    [[nodiscard]] YamlPosition here() const { return {line_, column() + 1, file_}; }
    [[nodiscard]] char next() const { return at_ == end_ ? '\n' : *at_; }
    [[nodiscard]] char after(const char* at) const { return at + 1 >= end_ ? '\n' : at[1]; }
    [[nodiscard]] bool starts_with(std::string_view text) const {
        return std::string_view(at_, static_cast<std::size_t>(end_ - at_)).starts_with(text);
    }
    [[nodiscard]] bool begins_item() const {
        return next() == '-' && (after(at_) == ' ' || after(at_) == '\n');
    }
    void skip_spaces() {
        while (at_ != end_ && *at_ == ' ')
            ++at_;
    }
    /// Only blanks and a comment are left on this line. Moves to its end.
    bool at_line_end() {
        const char* begin = at_;
        skip_spaces();
        if (next() == '\n') return true;
        if (next() == '#' && (at_ != begin || at_ == line_begin_)) {
            at_ = line_end();
            return true;
        }
        at_ = begin;
        return false;
    }
    [[nodiscard]] const char* line_end() const {
        const void* found = std::memchr(at_, '\n', static_cast<std::size_t>(end_ - at_));
        return found == nullptr ? end_ : static_cast<const char*>(found);
    }

    /// From the end of a line to the first character of the next that has content.
    void next_line() {
        if (at_ == end_) return;
        ++at_;
        ++line_;
        line_begin_ = at_;
        to_content();
    }
    void to_content() {
        for (;;) {
            skip_spaces();
            if (at_ != end_ && *at_ == '#') at_ = line_end();
            if (at_ == end_) return;
            if (*at_ != '\n') break;
            ++at_;
            ++line_;
            line_begin_ = at_;
        }
        const bool may_be_marker = column() == 0 && (*at_ == '-' || *at_ == '.');
        if (may_be_marker) marker_ = starts_with("---") || starts_with("...");
    }
    void end_line() {
        if (!at_line_end()) throw YamlUnsure{};
        next_line();
    }

    [[nodiscard]] bool may_begin_plain() const {
        const char c = next();
        if (begins_plain(c)) return true;
        return c == '-' && after(at_) != ' ' && after(at_) != '\n' && column() != 0;
    }

    /// The quote that closes the one at `open`, on the same line.
    [[nodiscard]] const char* quote_end(const char* open) const;
    /// What is in the quotes at hand. Moves past the closing one.
    [[nodiscard]] std::string_view quoted_text();
    /// The name after the `&` or `*` at hand. Moves past it.
    [[nodiscard]] std::string_view anchor_name();

    int file_;
    const char* at_;
    const char* end_;
    const char* line_begin_;
    int line_ = 1;
    bool marker_ = false;  ///< the line begins as one does that parts documents
    std::string scratch_;  ///< of the last text that could not be taken as it stands
};

}  // namespace nap
