#include "manifest/yaml_tree.hpp"

#include <fmt/format.h>
#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/parser.h>

#include <map>
#include <sstream>
#include <unordered_map>
#include <utility>

#include "manifest/text.hpp"

namespace nap {
namespace {

constexpr std::string_view core_tag_prefix = "tag:yaml.org,2002:";

YamlPosition position_of(const YAML::Mark& mark) {
    return {mark.line + 1, mark.column + 1};
}

/// Thrown through the parser, which knows no other way to be stopped, and caught in run_parser.
struct Stopped {
    YamlPosition position;
    std::string message;
};

[[noreturn]] void stop(YamlPosition at, std::string message) {
    throw Stopped{at, std::move(message)};
}

/// A collection that is still being filled.
struct OpenNode {
    YamlNode node;
    YAML::anchor_t anchor = 0;
    bool has_key = false;
    bool key_is_usable = true;
    bool key_is_merge = false;
    YamlEntry next;                                      // its key is set when has_key
    std::unordered_map<std::string, YamlPosition> seen;  // keys so far
    std::vector<YamlNode> merges;                        // values of `<<`
};

/// Aliases are copied in as they are met, and every copy is charged against the limits first: a
/// few lines of nested aliases cannot cost more than a large manifest.
class TreeBuilder final : public YAML::EventHandler {
  public:
    explicit TreeBuilder(const std::string& file) : file_(file) {}

    void OnDocumentStart(const YAML::Mark&) override {}
    void OnDocumentEnd() override {}

    void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override {
        YamlNode node;
        node.plain = true;
        node.position = position_of(mark);
        // A value that is not there is reported where the next token stands, often lines below.
        if (!open_.empty() && open_.back().node.kind == YamlKind::sequence) {
            node.position = open_.back().node.position;
        } else if (!open_.empty() && open_.back().has_key) {
            node.position = open_.back().next.position;
        }
        finish(std::move(node), anchor);
    }

    void OnAlias(const YAML::Mark& mark, YAML::anchor_t anchor) override {
        auto found = anchored_.find(anchor);
        if (found == anchored_.end()) stop(position_of(mark), "this alias stands inside itself");
        charge(found->second, static_cast<int>(open_.size()), position_of(mark));
        add(found->second);
    }

    void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                  const std::string& value) override {
        YamlNode node;
        node.text = value;
        node.plain = tag == "?";
        node.position = position_of(mark);
        if (value.find('\0') != std::string::npos) {
            report(node.position, "a value contains a NUL character; remove it");
        }
        if (tag != "?" && tag != "!") apply_tag(tag, node);
        finish(std::move(node), anchor);
    }

    void OnSequenceStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                         YAML::EmitterStyle::value) override {
        begin(YamlKind::sequence, position_of(mark), anchor);
        if (tag != "?" && tag != fmt::format("{}seq", core_tag_prefix)) refuse_tag(tag, mark);
    }

    void OnMapStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                    YAML::EmitterStyle::value) override {
        begin(YamlKind::mapping, position_of(mark), anchor);
        if (tag != "?" && tag != fmt::format("{}map", core_tag_prefix)) refuse_tag(tag, mark);
    }

    void OnSequenceEnd() override { end(); }

    void OnMapEnd() override {
        merge_into(open_.back());
        end();
    }

    /// Where the innermost collection begins that is still open.
    [[nodiscard]] YamlPosition innermost() const {
        return open_.empty() ? YamlPosition{} : open_.back().node.position;
    }

    std::vector<ManifestError> errors;
    std::optional<YamlNode> root;

    void report(YamlPosition at, std::string message) {
        errors.push_back({file_, at.line, at.column, "", std::move(message)});
    }

  private:
    void refuse_tag(const std::string& tag, const YAML::Mark& mark) {
        report(position_of(mark),
               fmt::format("the tag {} is not supported; remove it", quoted(tag)));
    }

    void apply_tag(const std::string& tag, YamlNode& node) {
        if (tag == fmt::format("{}str", core_tag_prefix)) return;
        static constexpr std::pair<std::string_view, YamlType> types[] = {
            {"null", YamlType::null},
            {"bool", YamlType::boolean},
            {"int", YamlType::integer},
            {"float", YamlType::number},
        };
        node.plain = true;
        for (const auto& [name, type] : types) {
            if (tag == fmt::format("{}{}", core_tag_prefix, name) && node.type() == type) return;
        }
        report(node.position, fmt::format("the tag {} does not fit this value or is not "
                                          "supported; remove it",
                                          quoted(tag)));
    }

    void charge_one(const YamlNode& node, int depth, YamlPosition at) {
        if (depth >= yaml_depth_max) {
            stop(at, fmt::format("nested more than {} levels deep", yaml_depth_max));
        }
        text_bytes_ += node.text.size();
        if (++nodes_ > yaml_nodes_max || text_bytes_ > yaml_text_bytes_max) {
            stop(at, fmt::format("too large: more than {} values or {} bytes once aliases are "
                                 "expanded",
                                 yaml_nodes_max, yaml_text_bytes_max));
        }
    }

    void charge(const YamlNode& node, int depth, YamlPosition at) {
        charge_one(node, depth, at);
        for (const YamlNode& item : node.items)
            charge(item, depth + 1, at);
        for (const YamlEntry& entry : node.entries) {
            text_bytes_ += entry.key.size();
            charge(entry.value, depth + 1, at);
        }
    }

    void begin(YamlKind kind, YamlPosition at, YAML::anchor_t anchor) {
        OpenNode open;
        open.node.kind = kind;
        open.node.position = at;
        open.anchor = anchor;
        charge_one(open.node, static_cast<int>(open_.size()), at);
        open_.push_back(std::move(open));
    }

    void end() {
        OpenNode done = std::move(open_.back());
        open_.pop_back();
        keep(done.node, done.anchor);
        add(std::move(done.node));
    }

    void finish(YamlNode node, YAML::anchor_t anchor) {
        charge_one(node, static_cast<int>(open_.size()), node.position);
        keep(node, anchor);
        add(std::move(node));
    }

    void keep(const YamlNode& node, YAML::anchor_t anchor) {
        if (anchor == 0) return;
        charge(node, static_cast<int>(open_.size()), node.position);
        anchored_[anchor] = node;
    }

    void add(YamlNode node) {
        if (open_.empty()) {
            root = std::move(node);
            return;
        }
        OpenNode& parent = open_.back();
        if (parent.node.kind == YamlKind::sequence) {
            parent.node.items.push_back(std::move(node));
        } else if (!parent.has_key) {
            take_key(parent, std::move(node));
        } else {
            take_value(parent, std::move(node));
        }
    }

    void take_key(OpenNode& parent, YamlNode key) {
        parent.has_key = true;
        parent.key_is_usable = key.kind == YamlKind::scalar && !key.is_null();
        parent.key_is_merge = key.plain && key.text == "<<";
        parent.next.position = key.position;
        if (!parent.key_is_usable) {
            report(key.position, "expected a name as the key of a mapping; quote it if it is one");
            return;
        }
        const auto [earlier, is_new] = parent.seen.emplace(key.text, key.position);
        if (!is_new) {
            report(key.position,
                   fmt::format("the key {} is already set at line {}, column {}; remove one of "
                               "the two",
                               quoted(key.text), earlier->second.line, earlier->second.column));
            parent.key_is_usable = false;
        }
        parent.next.key = std::move(key.text);
    }

    void take_value(OpenNode& parent, YamlNode value) {
        parent.has_key = false;
        if (!parent.key_is_usable) return;
        if (parent.key_is_merge) {
            parent.merges.push_back(std::move(value));
            return;
        }
        parent.next.value = std::move(value);
        parent.node.entries.push_back(std::move(parent.next));
        parent.next = {};
    }

    void merge_into(OpenNode& open) {
        for (YamlNode& value : open.merges) {
            if (value.kind != YamlKind::sequence) {
                merge_one(open, value);
                continue;
            }
            for (YamlNode& item : value.items)
                merge_one(open, item);
        }
    }

    void merge_one(OpenNode& open, YamlNode& source) {
        if (source.kind != YamlKind::mapping) {
            report(source.position, "`<<` expects a mapping, an alias of one, or a list of these");
            return;
        }
        for (YamlEntry& entry : source.entries) {
            if (!open.seen.emplace(entry.key, entry.position).second) continue;
            open.node.entries.push_back(std::move(entry));
        }
    }

    const std::string& file_;
    std::vector<OpenNode> open_;
    std::map<YAML::anchor_t, YamlNode> anchored_;
    std::size_t nodes_ = 0;
    std::size_t text_bytes_ = 0;
};

/// Stops at whatever follows the first document.
class NothingMore final : public YAML::EventHandler {
  public:
    void OnDocumentStart(const YAML::Mark& mark) override {
        stop(position_of(mark),
             "expected the end of the file, found more text; several documents in one file are "
             "not supported yet, keep one");
    }
    void OnDocumentEnd() override {}
    void OnNull(const YAML::Mark&, YAML::anchor_t) override {}
    void OnAlias(const YAML::Mark&, YAML::anchor_t) override {}
    void OnScalar(const YAML::Mark&, const std::string&, YAML::anchor_t,
                  const std::string&) override {}
    void OnSequenceStart(const YAML::Mark&, const std::string&, YAML::anchor_t,
                         YAML::EmitterStyle::value) override {}
    void OnSequenceEnd() override {}
    void OnMapStart(const YAML::Mark&, const std::string&, YAML::anchor_t,
                    YAML::EmitterStyle::value) override {}
    void OnMapEnd() override {}
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
        {EOF_IN_SCALAR, "expected a closing quote, found the end of the file"},
        {TAB_IN_INDENTATION, "expected spaces, found a tab; indent with spaces"},
        {UNKNOWN_TOKEN, "expected a value, found a character that cannot start one; quote it"},
        {UNKNOWN_ANCHOR, "expected an alias of an anchor above, found none of this name"},
    };
    for (const auto& [known, explanation] : explanations) {
        if (message == known) return std::string(explanation);
    }
    return "cannot be read as YAML: " + message;
}

void run_parser(const std::string& text, TreeBuilder& builder) {
    std::istringstream stream(text);
    try {
        YAML::Parser parser(stream);
        parser.HandleNextDocument(builder);
        NothingMore nothing_more;
        parser.HandleNextDocument(nothing_more);
        if (!builder.root || builder.root->is_null()) {
            builder.report({1, 1}, "expected a mapping, found an empty document");
            builder.root.reset();
        }
    } catch (const Stopped& error) {
        builder.report(error.position, error.message);
        builder.root.reset();
    } catch (const YAML::Exception& error) {
        // The parser names the end of the file where a bracket is not closed.
        const bool unclosed = error.msg == YAML::ErrorMsg::END_OF_MAP_FLOW ||
                              error.msg == YAML::ErrorMsg::END_OF_SEQ_FLOW;
        builder.report(unclosed ? builder.innermost() : position_of(error.mark),
                       explain_syntax(error.msg));
        builder.root.reset();
    } catch (const std::exception& error) {
        builder.report({}, fmt::format("cannot be read as YAML: {}", error.what()));
        builder.root.reset();
    }
}

}  // namespace

const YamlNode* YamlNode::find(std::string_view key) const {
    for (const YamlEntry& entry : entries) {
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

YamlDocument read_yaml(const std::string& file, const std::string& text, std::size_t bytes_max) {
    TreeBuilder builder(file);
    if (text.size() > bytes_max) {
        builder.report({.line = 1, .column = 1},
                       fmt::format("{} bytes; at most {} are accepted", text.size(), bytes_max));
    } else if (const auto bad = find_bad_character(text)) {
        builder.report(bad->position, bad->message);
    } else {
        run_parser(text, builder);
    }
    return {std::move(builder.root), std::move(builder.errors)};
}

}  // namespace nap
