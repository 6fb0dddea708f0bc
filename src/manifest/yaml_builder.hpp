#pragma once

#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "manifest/yaml_tree.hpp"

namespace nap {

/// Thrown through a parser, which knows no other way to be stopped.
struct YamlStop {
    YamlPosition position;
    std::string message;
};

/// Builds the trees of a stream from the events of a parser. Aliases are copied in as they are
/// met, and every copy is charged against the budget first.
class YamlBuilder {
  public:
    YamlBuilder(int file, YamlBudget& budget) : file_(file), budget_(budget) {}

    // The events. Throw YamlStop when a limit is passed. `anchor` 0 is none; `tag` is as written,
    // empty for a plain scalar or an untagged collection and `!` for a quoted scalar.
    void begin_document(YamlPosition at);
    void end_document();
    void null(YamlPosition at, std::size_t anchor);
    void alias(YamlPosition at, std::size_t anchor);
    void scalar(YamlPosition at, std::string_view tag, std::size_t anchor, std::string_view text);
    void begin(YamlKind kind, YamlPosition at, std::string_view tag, std::size_t anchor);
    void end();

    /// Where the innermost collection begins that is still open.
    [[nodiscard]] YamlPosition innermost() const;

    void report(YamlPosition at, std::string message);
    YamlStream stream;

  private:
    /// A collection that is still being filled: its entries are those of `pending_` from `first`.
    struct Open {
        YamlKind kind = YamlKind::mapping;
        YamlTag tag = YamlTag::none;
        bool has_key = false;  ///< that of the last entry, whose value comes next
        bool key_is_usable = true;
        bool key_is_merge = false;
        YamlPosition position;
        YamlPosition key_position;
        std::size_t first = 0;
        std::size_t anchor = 0;
        std::vector<YamlEntry> merges;  ///< the key `<<`, when it is there
    };

    [[nodiscard]] YamlTag take_tag(std::string_view tag);
    void apply_scalar_tag(std::string_view tag, YamlNode& node);
    void charge(const YamlNode& node, int depth, YamlPosition at);
    void charge_one(std::size_t bytes, int depth, YamlPosition at);
    void finish(YamlNode&& node, std::size_t anchor);
    void keep(const YamlNode& node, std::size_t anchor);
    void add(YamlNode&& node);
    void take_key(Open& parent, YamlNode&& key);
    void take_value(Open& parent, YamlNode&& value);
    [[nodiscard]] const YamlEntry* find(const Open& open, std::string_view key);
    void merge_into(Open& open);
    void merge_one(Open& open, YamlNode& source);
    [[nodiscard]] int depth() const { return static_cast<int>(open_.size()); }

    int file_;
    YamlBudget& budget_;
    std::vector<Open> open_;
    std::vector<YamlEntry> pending_;
    /// The keys of the innermost large mappings, by where their entries begin.
    std::unordered_map<std::size_t, std::unordered_map<std::string, std::size_t>> large_;
    std::unordered_map<std::size_t, YamlNode> anchored_;
};

}  // namespace nap
