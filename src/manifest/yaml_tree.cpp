#include "manifest/yaml_tree.hpp"

#include <fmt/format.h>
#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/parser.h>

#include <algorithm>
#include <sstream>
#include <utility>

#include "manifest/text.hpp"
#include "manifest/yaml_builder.hpp"
#include "manifest/yaml_quick.hpp"

namespace nap {
namespace {

constexpr char found_tab[] = "expected spaces, found a tab; indent with spaces";
constexpr char unclosed_quote[] = "expected a closing quote, found the end of the file";

/// Hands the events of the library's parser to the builder.
class Events final : public YAML::EventHandler {
  public:
    Events(int file, const std::string& text, YamlBuilder& builder)
        : file_(file), text_(text), builder_(builder) {}

    [[nodiscard]] YamlPosition at(const YAML::Mark& mark) const {
        return {mark.line + 1, mark.column + 1, file_};
    }

    void OnDocumentStart(const YAML::Mark& mark) override {
        if (documents_ > 0 && !may_start(mark)) {
            throw YamlStop{at(mark),
                           "expected the end of the file, or `---` before another document"};
        }
        if (++documents_ > documents_max) {
            throw YamlStop{at(mark), fmt::format("more than {} documents", documents_max)};
        }
        builder_.begin_document(at(mark));
    }
    void OnDocumentEnd() override { builder_.end_document(); }
    void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override {
        builder_.null(at(mark), anchor);
    }
    void OnAlias(const YAML::Mark& mark, YAML::anchor_t anchor) override {
        builder_.alias(at(mark), anchor);
    }
    void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                  const std::string& value) override {
        last_scalar_ = at(mark);
        builder_.scalar(at(mark), known(tag), anchor, value);
    }
    void OnSequenceStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                         YAML::EmitterStyle::value) override {
        builder_.begin(YamlKind::sequence, at(mark), known(tag), anchor);
    }
    void OnMapStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                    YAML::EmitterStyle::value) override {
        builder_.begin(YamlKind::mapping, at(mark), known(tag), anchor);
    }
    void OnSequenceEnd() override { builder_.end(); }
    void OnMapEnd() override { builder_.end(); }

    /// The library takes a quote that is never closed for closed by the end of the file, when that
    /// is the end of a line. All that stands behind the quote would be part of the value.
    void expect_closed() const {
        std::size_t at = std::min(offset_of(last_scalar_), text_.size());
        while (at < text_.size() && (text_[at] == '!' || text_[at] == '&')) {
            at = std::min(text_.find_first_of(" \n", at), text_.size());
            at = std::min(text_.find_first_not_of(" \n", at), text_.size());
        }
        const char quote = at < text_.size() ? text_[at] : '\0';
        if (quote != '"' && quote != '\'') return;
        for (++at; at < text_.size(); ++at) {
            const bool doubled = quote == '\'' && text_.compare(at, 2, "''") == 0;
            if (text_[at] == quote && !doubled) return;
            if (doubled || (text_[at] == '\\' && quote == '"')) ++at;
        }
        throw YamlStop{last_scalar_, unclosed_quote};
    }

  private:
    /// The library writes `?` where there is no tag.
    static std::string_view known(const std::string& tag) {
        return tag == "?" ? std::string_view() : std::string_view(tag);
    }

    /// The end of the text when it has no such line.
    [[nodiscard]] std::size_t offset_of(const YamlPosition& position) const {
        std::size_t begin = 0;
        for (int line = 1; line < position.line; ++line) {
            begin = text_.find('\n', begin);
            if (begin == std::string::npos) return text_.size();
            ++begin;
        }
        return begin + static_cast<std::size_t>(std::max(position.column - 1, 0));
    }

    /// Whether a document may begin at `mark`: the library does not ask for `---` between two.
    [[nodiscard]] bool may_start(const YAML::Mark& mark) const {
        std::size_t begin = 0;
        for (int line = 0; line < mark.line && begin < text_.size(); ++line) {
            if (text_.compare(begin, 3, "...") == 0) return true;
            begin = std::min(text_.find('\n', begin), text_.size() - 1) + 1;
        }
        return text_.compare(begin, 3, "---") == 0;
    }

    static constexpr std::size_t documents_max = 100;

    int file_;
    const std::string& text_;
    YamlBuilder& builder_;
    std::size_t documents_ = 0;
    YamlPosition last_scalar_;
};

/// The parser's commonest messages in words that say what to do.
std::string explain_syntax(const std::string& message) {
    using namespace YAML::ErrorMsg;
    static const std::pair<std::string_view, std::string_view> explanations[] = {
        {MAP_VALUE, "expected no `: ` here; check the indentation, or quote the value"},
        {MAP_KEY, "expected no key here; check the indentation"},
        {BLOCK_ENTRY, "expected no `- ` here; check the indentation"},
        {FLOW_END, "found a closing bracket that nothing opened; remove it"},
        {END_OF_MAP, "expected the next key of this mapping; check indentation and quotes"},
        {END_OF_SEQ, "expected the next `- ` of this list; check indentation and quotes"},
        {END_OF_MAP_FLOW, "expected `,` or `}` in the mapping that opens here; close it"},
        {END_OF_SEQ_FLOW, "expected `,` or `]` in the list that opens here; close it"},
        {EOF_IN_SCALAR, unclosed_quote},
        {TAB_IN_INDENTATION, found_tab},
        {UNKNOWN_TOKEN, "expected a value, found a character that cannot start one; quote it"},
        {UNKNOWN_ANCHOR, "expected an alias of an anchor above, found none of this name"},
    };
    for (const auto& [known, explanation] : explanations) {
        if (message == known) return std::string(explanation);
    }
    return "cannot be read as YAML: " + message;
}

constexpr std::string_view byte_order = "\xEF\xBB\xBF";

/// Without the mark of the byte order, and with line ends as the quick reader knows them. Moves no
/// character to another line or column.
std::string plain_lines(std::string_view text) {
    if (text.starts_with(byte_order)) text.remove_prefix(byte_order.size());
    std::string plain;
    plain.reserve(text.size());
    for (const char c : text) {
        if (c != '\r') plain += c;  // a line feed follows, which was checked before
    }
    return plain;
}

/// The library counts on behind the end of the text.
YamlPosition inside(YamlPosition at, const std::string& text) {
    at.line = std::max(at.line, 1);
    std::size_t begin = 0;
    for (int line = 1; line < at.line; ++line) {
        const std::size_t end = text.find('\n', begin);
        if (end == std::string::npos) {
            at.line = line;
            break;
        }
        begin = end + 1;
    }
    const std::size_t size = std::min(text.find('\n', begin), text.size()) - begin;
    at.column = std::clamp(at.column, 1, static_cast<int>(size) + 1);
    return at;
}

void run_parser(const std::string& text, Events& events, YamlBuilder& builder) {
    std::istringstream text_stream(text);
    try {
        YAML::Parser parser(text_stream);
        while (parser.HandleNextDocument(events)) {
        }
        events.expect_closed();
        return;
    } catch (const YamlStop& error) {
        builder.report(error.position, error.message);
    } catch (const YAML::Exception& error) {
        // The parser names the end of the file where a bracket is not closed.
        const bool unclosed = error.msg == YAML::ErrorMsg::END_OF_MAP_FLOW ||
                              error.msg == YAML::ErrorMsg::END_OF_SEQ_FLOW;
        builder.report(unclosed ? builder.innermost() : inside(events.at(error.mark), text),
                       explain_syntax(error.msg));
    } catch (const std::exception& error) {
        builder.report({0, 0, builder.innermost().file},
                       fmt::format("cannot be read as YAML: {}", error.what()));
    }
    builder.stream.complete = false;
    builder.stream.documents.clear();
}

/// What looks like an indentation and is none.
void explain_tab(std::string_view text, YamlProblem& problem) {
    std::size_t begin = 0;
    for (int line = 1; line < problem.position.line && begin < text.size(); ++line)
        begin = std::min(text.find('\n', begin), text.size() - 1) + 1;
    const std::size_t tab = text.find_first_not_of(' ', begin);
    if (tab == std::string_view::npos || text[tab] != '\t') return;
    const std::size_t first = text.find_first_not_of(" \t", tab);
    if (first == std::string_view::npos || text[first] == '\n') return;
    problem.position.column = static_cast<int>(tab - begin) + 1;
    problem.message = found_tab;
}

}  // namespace

const YamlNode* YamlNode::find(std::string_view key) const {
    for (const YamlEntry& entry : entries) {
        if (entry.key == key) return &entry.value;
    }
    return nullptr;
}

YamlNode* YamlNode::find(std::string_view key) {
    for (YamlEntry& entry : entries) {
        if (entry.key == key) return &entry.value;
    }
    return nullptr;
}

YamlType YamlNode::type() const {
    return plain ? plain_type(text) : YamlType::string;
}

bool YamlNode::is_null() const {
    return kind == YamlKind::scalar && type() == YamlType::null;
}

bool YamlBudget::charge(const YamlNode& node) {
    if (!charge(1, node.text.size())) return false;
    for (const YamlNode& item : node.items) {
        if (!charge(item)) return false;
    }
    for (const YamlEntry& entry : node.entries) {
        if (!charge(0, entry.key.size()) || !charge(entry.value)) return false;
    }
    return true;
}

YamlStream read_yaml_by_library(int file, const std::string& text, YamlBudget& budget) {
    YamlBuilder builder(file, budget);
    Events events(file, text, builder);
    run_parser(text, events, builder);
    return std::move(builder.stream);
}

YamlStream read_yaml_stream(int file, const std::string& text, std::size_t bytes_max,
                            YamlBudget& budget) {
    YamlStream unread{.complete = false};
    if (text.size() > bytes_max) {
        unread.problems.push_back(
            {{1, 1, file},
             fmt::format("{} bytes; at most {} are accepted", text.size(), bytes_max)});
        return unread;
    }
    if (const auto bad = find_bad_character(text)) {
        unread.problems.push_back({{bad->position.line, bad->position.column, file}, bad->message});
        return unread;
    }
    const bool as_it_is = text.find('\r') == std::string::npos && !text.starts_with(byte_order);
    const std::string plain = as_it_is ? std::string() : plain_lines(text);
    const std::string& lines = as_it_is ? text : plain;
    const YamlBudget before = budget;
    YamlBuilder builder(file, budget);
    if (read_quickly(file, lines, builder)) return std::move(builder.stream);
    budget = before;
    YamlStream stream = read_yaml_by_library(file, lines, budget);
    if (!stream.complete && !stream.problems.empty()) explain_tab(lines, stream.problems.back());
    return stream;
}

YamlDocument read_yaml(const std::string& file, const std::string& text, std::size_t bytes_max) {
    YamlBudget budget;
    YamlStream stream = read_yaml_stream(0, text, bytes_max, budget);
    if (stream.complete && stream.documents.empty()) {
        stream.problems.push_back({{1, 1}, "expected a mapping, found an empty document"});
    }
    if (stream.documents.size() > 1) {
        stream.problems.push_back({stream.starts[1],
                                   "expected the end of the file, found another document; keep "
                                   "one"});
    }
    if (stream.has_tags) {
        stream.problems.push_back({{1, 1},
                                   "the tags `!reset` and `!override` have no meaning "
                                   "here; remove them"});
    }
    YamlDocument document;
    for (YamlProblem& problem : stream.problems) {
        document.errors.push_back(
            {file, problem.position.line, problem.position.column, "", std::move(problem.message)});
    }
    if (!stream.documents.empty()) document.root = std::move(stream.documents.front());
    return document;
}

}  // namespace nap
