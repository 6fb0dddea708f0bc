#include "manifest/yaml_quick.hpp"

#include <string>
#include <unordered_map>
#include <utility>

#include "manifest/yaml_cursor.hpp"

namespace nap {
namespace {

bool is_null_text(std::string_view text) {
    return text.empty() || text == "~" || text == "null" || text == "Null" || text == "NULL";
}

class QuickReader : private YamlCursor {
  public:
    QuickReader(int file, std::string_view text, YamlBuilder& builder)
        : YamlCursor(file, text), builder_(builder) {}

    void run() {
        to_content();
        if (at_ != end_ && column() == 0 && starts_with("---")) {
            at_ += 3;
            marker_ = false;
            if (!at_line_end()) throw YamlUnsure{};
            next_line();
        }
        if (at_ == end_) throw YamlUnsure{};
        builder_.begin_document(here());
        value(-1, {});
        if (at_ != end_) throw YamlUnsure{};
        builder_.end_document();
    }

  private:
    struct Anchor {
        std::size_t id = 0;
        YamlPosition position;  ///< of the anchor, where the value counts as beginning
    };

    /// The value whose first character is at hand, and the lines it takes; `indent` is that of the
    /// collection it is in. Ends on the first character of what follows.
    void value(int indent, Anchor anchor) {
        if (marker_) throw YamlUnsure{};
        if (begins_item()) {
            items(column(), anchor);
        } else if (is_key()) {
            entries(column(), anchor);
        } else if (indent < 0 && next() != '[' && next() != '{') {
            throw YamlUnsure{};
        } else {
            inline_value(indent, anchor);
        }
    }

    /// A value that begins on the line of its key or dash and is no block collection.
    void inline_value(int indent, Anchor anchor) {
        switch (next()) {
            case '[':
            case '{':
                flow(anchor);
                end_line();
                break;
            case '"':
            case '\'': {
                const YamlPosition at = here();
                scalar("!", at, anchor, quoted_text());
                end_line();
                break;
            }
            case '*':
                alias(anchor);
                end_line();
                break;
            case '|':
            case '>':
                block_text(indent, anchor);
                break;
            default:
                plain(anchor);
                end_line();
        }
        if (at_ != end_ && column() > indent && indent >= 0) throw YamlUnsure{};
    }

    void entries(int indent, Anchor anchor) {
        builder_.begin(YamlKind::mapping, anchor.id == 0 ? here() : anchor.position, {}, anchor.id);
        for (;;) {
            if (marker_ || !is_key()) throw YamlUnsure{};
            const YamlPosition at = here();
            if (next() == '"' || next() == '\'') {
                scalar("!", at, {}, quoted_text());
            } else {
                const char* colon = key_end_;
                scalar({}, at, {}, {at_, static_cast<std::size_t>(colon - at_)});
                at_ = colon;
            }
            ++at_;  // the colon
            entry_value(indent);
            if (at_ == end_ || column() < indent) break;
            if (column() > indent) throw YamlUnsure{};
        }
        builder_.end();
    }

    void entry_value(int indent) {
        skip_spaces();
        const Anchor anchor = take_anchor();
        if (!at_line_end()) return inline_value(indent, anchor);
        next_line();
        const bool deeper = at_ != end_ && column() > indent;
        const bool same = at_ != end_ && column() == indent && begins_item();
        if (marker_) throw YamlUnsure{};
        if (!deeper && !same) return builder_.null(here(), anchor.id);
        if (same) return items(indent, anchor);
        if (!begins_item() && !is_key()) throw YamlUnsure{};
        value(indent, anchor);
    }

    void items(int indent, Anchor anchor) {
        builder_.begin(YamlKind::sequence, anchor.id == 0 ? here() : anchor.position, {},
                       anchor.id);
        for (;;) {
            ++at_;  // the dash
            item_value(indent);
            if (at_ == end_ || column() < indent) break;
            if (marker_ || column() > indent) throw YamlUnsure{};
            if (!begins_item()) break;  // the next key of the mapping around
        }
        builder_.end();
    }

    void item_value(int indent) {
        skip_spaces();
        const Anchor anchor = take_anchor();
        if (!at_line_end()) {
            const bool block = begins_item() || is_key();
            if (anchor.id != 0 && block) throw YamlUnsure{};
            return block ? value(indent, {}) : inline_value(indent, anchor);
        }
        next_line();
        if (at_ == end_ || column() <= indent) return builder_.null(here(), anchor.id);
        if (marker_ || (!begins_item() && !is_key())) throw YamlUnsure{};
        value(indent, anchor);
    }

    /// Whether the line goes on with a key and its colon, where `key_end_` is then for a plain one.
    bool is_key() {
        const char c = next();
        if (c == '"' || c == '\'') {
            const char* close = quote_end(at_);
            return close[1] == ':' && (after(close + 1) == ' ' || after(close + 1) == '\n');
        }
        if (!may_begin_plain()) return false;
        const char* colon = at_;
        const char* stop = line_end();
        for (; colon != stop; ++colon) {
            if (*colon == '#' && colon[-1] == ' ') return false;
            if (*colon == ':' && (after(colon) == ' ' || after(colon) == '\n')) break;
        }
        if (colon == stop) return false;
        if (colon - at_ > 1000 || colon[-1] == ' ') throw YamlUnsure{};
        key_end_ = colon;
        return true;
    }

    void plain(Anchor anchor) {
        if (!may_begin_plain()) throw YamlUnsure{};
        const YamlPosition at = here();
        const char* begin = at_;
        const char* stop = line_end();
        const char* end = begin;
        for (; at_ != stop; ++at_) {
            if (*at_ == ' ') continue;
            if (*at_ == '#' && at_[-1] == ' ') break;
            if (*at_ == ':' && (after(at_) == ' ' || after(at_) == '\n')) throw YamlUnsure{};
            end = at_ + 1;
        }
        at_ = end;
        scalar({}, at, anchor, {begin, static_cast<std::size_t>(end - begin)});
    }

    void scalar(std::string_view tag, YamlPosition at, Anchor anchor, std::string_view text) {
        const YamlPosition position = anchor.id == 0 ? at : anchor.position;
        if (tag.empty() && is_null_text(text)) return builder_.null(position, anchor.id);
        builder_.scalar(position, tag, anchor.id, text);
    }

    Anchor take_anchor() {
        if (next() != '&') return {};
        const YamlPosition at = here();
        const std::string name(anchor_name());
        if (next() != ' ' && next() != '\n') throw YamlUnsure{};
        skip_spaces();
        anchors_[name] = ++anchors_made_;
        return {anchors_made_, at};
    }

    void alias(Anchor anchor) {
        const YamlPosition at = here();
        const auto found = anchors_.find(std::string(anchor_name()));
        if (found == anchors_.end() || anchor.id != 0) throw YamlUnsure{};
        builder_.alias(at, found->second);
    }

    /// `|`, `|-`, `>` and `>-`, and the lines below that are indented.
    void block_text(int indent, const Anchor& anchor) {
        const YamlPosition at = here();
        if (anchor.id != 0) throw YamlUnsure{};  // the library refuses it in a list
        const bool folded = next() == '>';
        ++at_;
        const bool strip = next() == '-';
        if (strip) ++at_;
        if (next() != '\n' || at_ == end_ || indent < 0) throw YamlUnsure{};
        scratch_.clear();
        int content = 0;
        std::size_t blank_lines = 0;
        for (;;) {
            ++at_;
            ++line_;
            line_begin_ = at_;
            skip_spaces();
            if (at_ == end_ && at_ != line_begin_) throw YamlUnsure{};
            if (at_ == end_) break;
            if (*at_ == '\n') {
                if (content == 0 || column() > content) throw YamlUnsure{};
                ++blank_lines;
                continue;
            }
            if (content == 0) content = column();
            if (content <= indent) throw YamlUnsure{};
            if (column() < content) break;
            if (folded && column() > content) throw YamlUnsure{};
            if (!scratch_.empty()) {
                if (folded && blank_lines == 0) scratch_ += ' ';
                scratch_.append(blank_lines + (folded ? 0 : 1), '\n');
            }
            blank_lines = 0;
            at_ = line_begin_ + content;
            const char* stop = line_end();
            if (stop == end_) throw YamlUnsure{};
            scratch_.append(at_, stop);
            at_ = stop;
        }
        if (scratch_.empty() || (at_ != end_ && column() > indent)) throw YamlUnsure{};
        if (!strip) scratch_ += '\n';
        scalar("!", at, {}, scratch_);
        to_content();
    }

    /// Blanks and line ends within brackets.
    void flow_space() {
        for (;;) {
            skip_spaces();
            if (at_ == end_ || *at_ == '#') throw YamlUnsure{};
            if (*at_ != '\n') break;
            ++at_;
            ++line_;
            line_begin_ = at_;
        }
        if (column() == 0 && (starts_with("---") || starts_with("..."))) throw YamlUnsure{};
    }

    void flow(Anchor anchor) {
        const bool mapping = next() == '{';
        const char close = mapping ? '}' : ']';
        builder_.begin(mapping ? YamlKind::mapping : YamlKind::sequence,
                       anchor.id == 0 ? here() : anchor.position, {}, anchor.id);
        ++at_;
        flow_space();
        while (next() != close) {
            if (mapping) flow_key();
            flow_value(mapping);
            flow_space();
            if (next() == close) break;
            if (next() != ',') throw YamlUnsure{};
            ++at_;
            flow_space();
        }
        ++at_;
        builder_.end();
    }

    void flow_key() {
        const bool is_quoted = next() == '"' || next() == '\'';
        const int line = line_;
        flow_scalar({});
        flow_space();
        if (next() != ':' || line != line_) throw YamlUnsure{};
        ++at_;
        const char c = next();
        if (c != ' ' && c != '\n' && !is_quoted) throw YamlUnsure{};
        flow_space();
    }

    void flow_value(bool in_mapping) {
        const Anchor anchor = take_anchor();
        if (anchor.id != 0) flow_space();
        const char c = next();
        if (c == '[' || c == '{') {
            flow(anchor);
        } else if (c == '*') {
            alias(anchor);
        } else if (in_mapping && (c == '}' || c == ',')) {
            builder_.null(here(), anchor.id);
        } else {
            flow_scalar(anchor);
        }
    }

    void flow_scalar(Anchor anchor) {
        const YamlPosition at = here();
        if (next() == '"' || next() == '\'') return scalar("!", at, anchor, quoted_text());
        if (!may_begin_plain()) throw YamlUnsure{};
        const char* begin = at_;
        const char* end = begin;
        for (; at_ != end_; ++at_) {
            const char c = *at_;
            if (c == ' ') continue;
            if (c == ',' || c == ']' || c == '}' || c == '\n') break;
            if (c == '[' || c == '{' || c == '?' || c == '#') throw YamlUnsure{};
            if (c == ':') {
                const char d = after(at_);
                if (d == ' ' || d == '\n') break;
                if (d == ',' || d == ']' || d == '}' || d == '[' || d == '{') throw YamlUnsure{};
            }
            end = at_ + 1;
        }
        // The text of a scalar may go on in the next line.
        if (next() == '\n') throw YamlUnsure{};
        at_ = end;
        scalar({}, at, anchor, {begin, static_cast<std::size_t>(end - begin)});
    }

    const char* key_end_ = nullptr;
    YamlBuilder& builder_;
    std::unordered_map<std::string, std::size_t> anchors_;
    std::size_t anchors_made_ = 0;
};

}  // namespace

bool read_quickly(int file, std::string_view text, YamlBuilder& builder) {
    const bool plain =
        text.find_first_of("\t\r") == std::string_view::npos && !text.starts_with("\xEF\xBB\xBF");
    if (!plain || text.empty()) return false;
    try {
        QuickReader(file, text, builder).run();
    } catch (const YamlUnsure&) {
        return false;
    } catch (const YamlStop&) {
        return false;
    }
    return true;
}

}  // namespace nap
