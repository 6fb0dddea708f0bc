#include "manifest/variables.hpp"

#include <fmt/format.h>

#include <utility>

#include "manifest/text.hpp"

namespace nap {
namespace {

constexpr int nesting_max = 16;
constexpr std::string_view own_names[] = {"NAP_APP", "COMPOSE_PROJECT_NAME"};

bool starts_name(char c) {
    return c == '_' || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

/// Reads left to right once; a part that is not wanted is read too, but says nothing.
class Reader {
  public:
    Reader(std::string_view text, const Variables& variables, std::size_t bytes_max)
        : text_(text), variables_(variables), bytes_max_(bytes_max) {}

    Interpolation run() {
        result_.text = read_until_end(true, 0);
        if (!result_.problem.empty()) result_.text.clear();
        return std::move(result_);
    }

  private:
    /// Of the whole text (depth 0), or up to the brace that closes this part.
    std::string read_until_end(bool wanted, int depth) {
        std::string out;
        while (at_ < text_.size() && result_.problem.empty()) {
            const char c = text_[at_];
            if (c == '}' && depth > 0) return out;
            ++at_;
            if (c != '$') {
                out += c;
            } else if (next() == '$') {
                ++at_;
                out += '$';
            } else {
                const bool at_start = depth == 0 && at_ == 1;
                out += read_variable(wanted, depth);
                if (at_start && out.empty()) result_.lost_start = !result_.unset.empty();
            }
            if (out.size() > bytes_max_) fail("too large once its variables are filled in");
        }
        if (depth > 0) fail("expected `}` at the end of `${…`; close it");
        return out;
    }

    /// What follows a single dollar sign.
    std::string read_variable(bool wanted, int depth) {
        const bool braced = next() == '{';
        if (braced) ++at_;
        const std::string name = read_name();
        if (name.empty()) {
            fail(braced ? "expected the name of a variable after `${`"
                        : "expected the name of a variable after `$`; write `$$` for a literal "
                          "dollar sign");
            return {};
        }
        if (!braced) return plain(name, wanted);
        if (next() == '}') {
            ++at_;
            return plain(name, wanted);
        }
        return read_operator(name, wanted, depth);
    }

    std::string read_operator(const std::string& name, bool wanted, int depth) {
        const bool colon = next() == ':';
        if (colon) ++at_;
        const char kind = next();
        if (kind != '-' && kind != '?' && kind != '+') {
            fail(
                fmt::format("expected `}}` or one of `:-`, `-`, `:?`, `?`, `:+`, `+` after `${{{}`",
                            clipped(name, 64)));
            return {};
        }
        ++at_;
        if (depth >= nesting_max) {
            fail(fmt::format("variables nested more than {} deep", nesting_max));
            return {};
        }
        const std::string* value = variables_.find(name);
        const bool is_set = value != nullptr && !(colon && value->empty());
        const bool word_wanted = wanted && (kind == '+') == is_set;
        const std::size_t begin = at_;
        std::string word = read_until_end(word_wanted, depth + 1);
        if (!result_.problem.empty()) return {};
        const std::string_view written = text_.substr(begin, at_ - begin);
        ++at_;  // the closing brace
        if (kind == '?' && word_wanted) {
            // As it is written: a variable in it may be a secret, and errors are published.
            fail(fmt::format("the variable {} is {}{}{}; set it in `.env`", quoted(name),
                             value == nullptr ? "not set" : "empty", written.empty() ? "" : ": ",
                             clipped(written, 200)));
            return {};
        }
        if (kind == '+') return is_set ? word : std::string();
        return is_set ? *value : word;
    }

    std::string plain(const std::string& name, bool wanted) {
        const std::string* value = variables_.find(name);
        if (value != nullptr) return *value;
        if (wanted) result_.unset.push_back(name);
        return {};
    }

    std::string read_name() {
        const std::size_t begin = at_;
        while (at_ < text_.size() &&
               (starts_name(text_[at_]) || (at_ > begin && is_digit(text_[at_]))))
            ++at_;
        return std::string(text_.substr(begin, at_ - begin));
    }

    [[nodiscard]] char next() const { return at_ < text_.size() ? text_[at_] : '\0'; }

    void fail(std::string problem) {
        if (result_.problem.empty()) result_.problem = std::move(problem);
    }

    std::string_view text_;
    const Variables& variables_;
    std::size_t bytes_max_;
    std::size_t at_ = 0;
    Interpolation result_;
};

}  // namespace

Variables::Variables(const AppId& app) {
    for (const std::string_view name : own_names)
        values_.emplace(name, app.str());
}

bool Variables::is_own(std::string_view name) {
    for (const std::string_view own : own_names) {
        if (name == own) return true;
    }
    return false;
}

const std::string* Variables::find(std::string_view name) const {
    for (const Variables* outer : outer_) {
        if (const std::string* value = outer->find(name)) return value;
    }
    const auto found = values_.find(name);
    return found == values_.end() ? nullptr : &found->second;
}

void Variables::set_default(std::string name, std::string value) {
    values_.emplace(std::move(name), std::move(value));
}

void Variables::set(std::string name, std::string value) {
    values_[std::move(name)] = std::move(value);
}

std::string unset_variable(std::string_view name) {
    return fmt::format(
        "the variable {} is not set, so it is empty; set it in `.env`, or give it a default, as "
        "`${{NAME:-value}}`",
        quoted(name));
}

Interpolation interpolate(std::string_view text, const Variables& variables,
                          std::size_t bytes_max) {
    return Reader(text, variables, bytes_max).run();
}

}  // namespace nap
