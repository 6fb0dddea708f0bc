#include "manifest/env_file.hpp"

#include <algorithm>
#include <utility>

#include "manifest/text.hpp"

namespace nap {
namespace {

constexpr std::string_view blanks = " \t";

bool is_blank(char c) {
    return c == ' ' || c == '\t';
}

/// A backslash in double quotes and what follows it, at `at`; moves past it.
void take_escape(std::string_view text, std::size_t& at, std::string& out) {
    static constexpr std::pair<char, char> escapes[] = {
        {'a', '\a'}, {'b', '\b'}, {'f', '\f'}, {'n', '\n'},  {'r', '\r'},
        {'t', '\t'}, {'v', '\v'}, {'"', '"'},  {'\\', '\\'},
    };
    const char c = at + 1 < text.size() ? text[at + 1] : '\0';
    at += 2;
    if (c == '$') {
        out += "$$";  // variables are filled in afterwards
        return;
    }
    for (const auto& [name, meaning] : escapes) {
        if (c != name) continue;
        out += meaning;
        return;
    }
    out += '\\';
    if (c != '\0') out += c;
}

/// The text is charged whole: one file may be read for many services.
bool is_readable(int file, std::string_view text, const EnvReading& reading) {
    if (!reading.budget.charge(0, text.size())) {
        reading.errors.add({1, 1, file}, "",
                           "too large: the manifest with its files passes nap's limits");
        return false;
    }
    if (text.starts_with("\xEF\xBB\xBF")) text.remove_prefix(3);
    const auto bad = find_bad_character(text);
    if (bad) reading.errors.add({bad->position.line, bad->position.column, file}, "", bad->message);
    return !bad;
}

class EnvReader {
  public:
    EnvReader(int file, std::string_view text, const EnvReading& reading)
        : file_(file), text_(text), reading_(reading), seen_({&reading.variables}) {}

    std::vector<EnvLine> run() {
        if (text_.starts_with("\xEF\xBB\xBF")) at_ = 3;
        begin_ = at_;
        while (at_ < text_.size() && !reading_.errors.full()) {
            skip(blanks);
            const char c = next();
            if (c == '#' || c == '\n' || c == '\r' || c == '\0') {
                skip_line();
            } else {
                read_line();
            }
        }
        return std::move(lines_);
    }

  private:
    void read_line() {
        skip_export();
        EnvLine line;
        line.position = here();
        const std::size_t begin = at_;
        while (at_ < text_.size() && !ends_key())
            ++at_;
        line.key = text_.substr(begin, at_ - begin);
        skip(blanks);
        const char c = next();
        const bool is_key = !line.key.empty() && line.key.front() != '#';
        if (!is_key || (c != '=' && c != ':' && !at_line_end())) {
            fail(line.position, "expected `KEY=value`, found something else");
            skip_line();
            return;
        }
        if (at_line_end()) {
            lines_.push_back(std::move(line));
            skip_line();
            return;
        }
        ++at_;
        if (read_value(line)) lines_.push_back(std::move(line));
    }

    /// `:` parts key and value too, when a blank or the end of the line follows.
    [[nodiscard]] bool ends_key() const {
        const char c = text_[at_];
        if (c == '=' || is_blank(c) || c == '\n' || c == '\r') return true;
        if (c != ':') return false;
        const char after = at_ + 1 < text_.size() ? text_[at_ + 1] : '\n';
        return is_blank(after) || after == '\n' || after == '\r';
    }

    void skip_export() {
        constexpr std::string_view word = "export";
        const std::size_t after = at_ + word.size();
        if (text_.substr(at_, word.size()) != word) return;
        if (after >= text_.size() || !is_blank(text_[after])) return;
        const std::size_t name = text_.find_first_not_of(blanks, after);
        // `export = x` sets a variable of that name.
        if (name == std::string_view::npos || text_[name] == '=') return;
        at_ = name;
    }

    bool read_value(EnvLine& line) {
        const std::size_t before = at_;
        skip(blanks);
        const char c = next();
        std::string value;
        if (c == '\'' || c == '"') {
            const YamlPosition at = here();
            if (!read_quoted(c, value)) {
                fail(at, "a quote that is not closed; close it, or escape it with a backslash");
                at_ = text_.size();
                return false;
            }
            skip(blanks);
            if (!at_line_end() && next() != '#') {
                fail(here(), "expected the end of the line after the closing quote");
                skip_line();
                return false;
            }
            skip_line();
        } else {
            value = unquoted(at_ > before);
        }
        return c == '\'' ? keep(line, std::move(value)) : fill_in(line, value);
    }

    bool read_quoted(char quote, std::string& value) {
        for (++at_; at_ < text_.size();) {
            const char c = text_[at_];
            if (c == quote) {
                ++at_;
                return true;
            }
            if (c == '\n') {
                ++line_;
                begin_ = at_ + 1;
            }
            if (c == '\\' && quote == '"') {
                if (at_ + 1 < text_.size() && text_[at_ + 1] == '\n') {
                    ++line_;
                    begin_ = at_ + 2;
                }
                take_escape(text_, at_, value);
            } else if (c == '\\' && text_.substr(at_ + 1, 1) == "'") {
                value += '\'';
                at_ += 2;
            } else {
                if (c != '\r' || text_.substr(at_ + 1, 1) != "\n") value += c;
                ++at_;
            }
        }
        return false;
    }

    /// Up to the end of the line, or to a `#` after a blank.
    std::string unquoted(bool after_blank) {
        std::string_view value = text_.substr(at_, text_.find('\n', at_) - at_);
        for (std::size_t i = 0; i < value.size(); ++i) {
            const bool blank_before = i == 0 ? after_blank : is_blank(value[i - 1]);
            if (value[i] != '#' || !blank_before) continue;
            value = value.substr(0, i);
            break;
        }
        while (!value.empty() && (is_blank(value.back()) || value.back() == '\r'))
            value.remove_suffix(1);
        skip_line();
        return std::string(value);
    }

    bool fill_in(EnvLine& line, const std::string& value) {
        if (value.find('$') == std::string::npos) return keep(line, value);
        const std::size_t used = std::min(reading_.budget.text_bytes, yaml_text_bytes_max);
        Interpolation filled = interpolate(value, seen_, yaml_text_bytes_max - used);
        for (const std::string& name : filled.unset) {
            if (!reading_.variables.first_miss(name)) continue;
            reading_.errors.warn(line.position, line.key, unset_variable(name));
        }
        if (filled.problem.empty()) return keep(line, std::move(filled.text));
        reading_.errors.add(line.position, line.key, filled.problem);
        return false;
    }

    bool keep(EnvLine& line, std::string value) {
        if (!reading_.budget.charge(1, 2 * value.size() + line.key.size())) {
            fail(line.position, "too large: the manifest with its files passes nap's limits");
            at_ = text_.size();
            return false;
        }
        seen_.set(line.key, value);
        line.value = std::move(value);
        return true;
    }

    [[nodiscard]] char next() const { return at_ < text_.size() ? text_[at_] : '\0'; }
    [[nodiscard]] bool at_line_end() const {
        return at_ >= text_.size() || text_[at_] == '\n' || text_.substr(at_, 2) == "\r\n";
    }
    void skip(std::string_view what) {
        at_ = std::min(text_.find_first_not_of(what, at_), text_.size());
    }
    void skip_line() {
        at_ = std::min(text_.find('\n', at_), text_.size() - 1) + 1;
        ++line_;
        begin_ = at_;
    }
    [[nodiscard]] YamlPosition here() const {
        return {line_, static_cast<int>(at_ - begin_) + 1, file_};
    }
    void fail(YamlPosition at, const char* message) { reading_.errors.add(at, "", message); }

    int file_;
    std::string_view text_;
    const EnvReading& reading_;
    Variables seen_;
    std::vector<EnvLine> lines_;
    std::size_t at_ = 0;
    std::size_t begin_ = 0;  ///< of the line
    int line_ = 1;
};

}  // namespace

std::vector<EnvLine> read_env_file(int file, std::string_view text, const EnvReading& reading) {
    if (!is_readable(file, text, reading)) return {};
    return EnvReader(file, text, reading).run();
}

std::vector<EnvLine> read_raw_env_file(int file, std::string_view text, const EnvReading& reading) {
    std::vector<EnvLine> lines;
    if (!is_readable(file, text, reading)) return lines;
    for (int number = 1; !text.empty(); ++number) {
        const std::size_t end = std::min(text.find('\n'), text.size());
        std::string_view line = text.substr(0, end);
        text.remove_prefix(std::min(end + 1, text.size()));
        if (line.ends_with('\r')) line.remove_suffix(1);
        line.remove_prefix(std::min(line.find_first_not_of(blanks), line.size()));
        if (line.empty() || line.front() == '#') continue;
        const std::size_t equals = line.find('=');
        const std::string_view key = line.substr(0, equals);
        const YamlPosition at{number, 1, file};
        if (key.empty() || key.find_first_of(blanks) != std::string_view::npos) {
            reading.errors.add(at, "", "expected `KEY=value`, found something else");
            continue;
        }
        if (!reading.budget.charge(1, line.size())) {
            reading.errors.add(at, "",
                               "too large: the manifest with its files passes nap's limits");
            break;
        }
        EnvLine& kept = lines.emplace_back();
        kept.key = key;
        kept.position = at;
        if (equals != std::string_view::npos) kept.value = line.substr(equals + 1);
    }
    return lines;
}

}  // namespace nap
