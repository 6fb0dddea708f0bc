#include "manifest/yaml_cursor.hpp"

namespace nap {
namespace {

bool is_anchor_character(char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' ||
           c == '-';
}

}  // namespace

bool begins_plain(char c) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte >= 0x80U || (c >= '0' && c <= '9')) return true;
    if ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z')) return true;
    return std::string_view("_./~$<+()=;^\\").find(c) != std::string_view::npos;
}

const char* YamlCursor::quote_end(const char* open) const {
    const char quote = *open;
    for (const char* at = open + 1; at != end_ && *at != '\n'; ++at) {
        if (*at == '\\' && quote == '"') {
            if (after(at) == '\n') break;
            ++at;
        } else if (*at == quote) {
            if (quote == '"' || after(at) != quote) {
                if (at + 1 == end_) throw YamlUnsure{};
                return at;
            }
            ++at;
        }
    }
    throw YamlUnsure{};
}

std::string_view YamlCursor::quoted_text() {
    const char quote = *at_;
    const char* close = quote_end(at_);
    const std::string_view raw(at_ + 1, static_cast<std::size_t>(close - at_ - 1));
    at_ = close + 1;
    if (raw.find(quote == '"' ? '\\' : '\'') == std::string_view::npos) return raw;
    scratch_.clear();
    for (std::size_t i = 0; i < raw.size(); ++i) {
        if (raw[i] == '\'' && quote == '\'') ++i;  // doubled
        if (raw[i] != '\\' || quote == '\'') {
            scratch_ += raw[i];
            continue;
        }
        ++i;
        static constexpr std::string_view escapes = "\"\\/nt";
        const std::size_t known = escapes.find(raw[i]);
        if (known == std::string_view::npos) throw YamlUnsure{};
        scratch_ += "\"\\/\n\t"[known];
    }
    return scratch_;
}

std::string_view YamlCursor::anchor_name() {
    const char* begin = ++at_;
    while (at_ != end_ && is_anchor_character(*at_))
        ++at_;
    const bool ends_well =
        next() == ' ' || next() == '\n' || next() == ',' || next() == ']' || next() == '}';
    if (at_ == begin || !ends_well) throw YamlUnsure{};
    return {begin, static_cast<std::size_t>(at_ - begin)};
}

}  // namespace nap
