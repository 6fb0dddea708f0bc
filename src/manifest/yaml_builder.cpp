#include "manifest/yaml_builder.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <utility>

#include "manifest/text.hpp"

namespace nap {
namespace {

constexpr std::string_view core_tag_prefix = "tag:yaml.org,2002:";
/// From so many entries on, keys are looked up in a table.
constexpr std::size_t large_from = 16;

bool is_core_tag(std::string_view tag, std::string_view name) {
    return tag.starts_with(core_tag_prefix) && tag.substr(core_tag_prefix.size()) == name;
}

}  // namespace

YamlPosition YamlBuilder::innermost() const {
    return open_.empty() ? YamlPosition{0, 0, file_} : open_.back().position;
}

void YamlBuilder::report(YamlPosition at, std::string message) {
    stream.problems.push_back({at, std::move(message)});
}

void YamlBuilder::begin_document(YamlPosition at) {
    stream.starts.push_back(at);
}

void YamlBuilder::end_document() {
    anchored_.clear();
    const std::size_t documents = stream.documents.size();
    if (stream.starts.size() <= documents) return;
    const bool is_empty = pending_.empty() || pending_.back().value.is_null();
    if (is_empty) {
        stream.starts.resize(documents);
    } else {
        stream.documents.push_back(std::move(pending_.back().value));
    }
    pending_.clear();
}

void YamlBuilder::null(YamlPosition at, std::size_t anchor) {
    YamlNode node;
    node.plain = true;
    node.position = at;
    // A value that is not there is reported where the next token stands, often lines below.
    if (!open_.empty() && open_.back().kind == YamlKind::sequence) {
        node.position = open_.back().position;
    } else if (!open_.empty() && open_.back().has_key) {
        node.position = open_.back().key_position;
    }
    finish(std::move(node), anchor);
}

void YamlBuilder::alias(YamlPosition at, std::size_t anchor) {
    const auto found = anchored_.find(anchor);
    if (found == anchored_.end()) throw YamlStop{at, "this alias stands inside itself"};
    charge(found->second, depth(), at);
    add(YamlNode(found->second));
}

void YamlBuilder::scalar(YamlPosition at, std::string_view tag, std::size_t anchor,
                         std::string_view text) {
    YamlNode node;
    node.text = text;
    node.plain = tag.empty();
    node.position = at;
    if (text.find('\0') != std::string_view::npos) {
        report(at, "a value contains a NUL character; remove it");
    }
    if (!tag.empty() && tag != "!") apply_scalar_tag(tag, node);
    finish(std::move(node), anchor);
}

void YamlBuilder::begin(YamlKind kind, YamlPosition at, std::string_view tag, std::size_t anchor) {
    charge_one(0, depth(), at);
    Open& open = open_.emplace_back();
    open.kind = kind;
    open.position = at;
    open.first = pending_.size();
    open.anchor = anchor;
    const std::string_view own_name = kind == YamlKind::mapping ? "map" : "seq";
    if (tag.empty() || tag == "!" || is_core_tag(tag, own_name)) return;
    open.tag = take_tag(tag);
    if (open.tag == YamlTag::none) {
        report(at, fmt::format("the tag {} is not supported; remove it", quoted(tag)));
    }
}

void YamlBuilder::end() {
    Open& open = open_.back();
    if (!open.merges.empty()) merge_into(open);
    YamlNode node;
    node.kind = open.kind;
    node.tag = open.tag;
    node.position = open.position;
    const auto first = pending_.begin() + static_cast<std::ptrdiff_t>(open.first);
    if (open.kind == YamlKind::mapping) {
        node.entries.assign(std::make_move_iterator(first),
                            std::make_move_iterator(pending_.end()));
        if (node.entries.size() >= large_from) large_.erase(open.first);
    } else {
        node.items.reserve(pending_.size() - open.first);
        for (auto item = first; item != pending_.end(); ++item)
            node.items.push_back(std::move(item->value));
    }
    pending_.erase(first, pending_.end());
    const std::size_t anchor = open.anchor;
    open_.pop_back();
    if (anchor != 0) keep(node, anchor);
    add(std::move(node));
}

YamlTag YamlBuilder::take_tag(std::string_view tag) {
    YamlTag known = YamlTag::none;
    if (tag == "!reset") known = YamlTag::reset;
    if (tag == "!override") known = YamlTag::replace;
    if (known != YamlTag::none) stream.has_tags = true;
    return known;
}

void YamlBuilder::apply_scalar_tag(std::string_view tag, YamlNode& node) {
    if (is_core_tag(tag, "str")) return;
    node.plain = true;
    node.tag = take_tag(tag);
    if (node.tag != YamlTag::none) return;
    static constexpr std::pair<std::string_view, YamlType> types[] = {
        {"null", YamlType::null},
        {"bool", YamlType::boolean},
        {"int", YamlType::integer},
        {"float", YamlType::number},
    };
    if (is_core_tag(tag, "merge") && node.text == "<<") return;
    for (const auto& [name, type] : types) {
        if (is_core_tag(tag, name) && node.type() == type) return;
    }
    report(node.position,
           fmt::format("the tag {} does not fit this value or is not supported; remove it",
                       quoted(tag)));
}

void YamlBuilder::charge_one(std::size_t bytes, int depth, YamlPosition at) {
    if (depth >= yaml_depth_max) {
        throw YamlStop{at, fmt::format("nested more than {} levels deep", yaml_depth_max)};
    }
    if (budget_.charge(1, bytes)) return;
    throw YamlStop{at, fmt::format("too large: more than {} values or {} bytes once aliases are "
                                   "expanded",
                                   yaml_nodes_max, yaml_text_bytes_max)};
}

void YamlBuilder::charge(const YamlNode& node, int depth, YamlPosition at) {
    charge_one(node.text.size(), depth, at);
    for (const YamlNode& item : node.items)
        charge(item, depth + 1, at);
    for (const YamlEntry& entry : node.entries) {
        budget_.text_bytes += entry.key.size();
        charge(entry.value, depth + 1, at);
    }
}

void YamlBuilder::finish(YamlNode&& node, std::size_t anchor) {
    charge_one(node.text.size(), depth(), node.position);
    if (anchor != 0) keep(node, anchor);
    add(std::move(node));
}

void YamlBuilder::keep(const YamlNode& node, std::size_t anchor) {
    charge(node, depth(), node.position);
    anchored_[anchor] = node;
}

void YamlBuilder::add(YamlNode&& node) {
    if (open_.empty()) {
        pending_.emplace_back().value = std::move(node);
        return;
    }
    Open& parent = open_.back();
    if (parent.kind == YamlKind::sequence) {
        pending_.emplace_back().value = std::move(node);
    } else if (!parent.has_key) {
        take_key(parent, std::move(node));
    } else {
        take_value(parent, std::move(node));
    }
}

const YamlEntry* YamlBuilder::find(const Open& open, std::string_view key) {
    const std::size_t count = pending_.size() - open.first;
    if (count < large_from) {
        for (std::size_t i = open.first; i < pending_.size(); ++i) {
            if (pending_[i].key == key) return &pending_[i];
        }
        return nullptr;
    }
    auto& table = large_[open.first];
    for (std::size_t i = open.first + table.size(); i < pending_.size(); ++i)
        table.emplace(pending_[i].key, i);
    const auto found = table.find(std::string(key));
    return found == table.end() ? nullptr : &pending_[found->second];
}

void YamlBuilder::take_key(Open& parent, YamlNode&& key) {
    parent.has_key = true;
    parent.key_position = key.position;
    parent.key_is_usable = key.kind == YamlKind::scalar && !key.is_null();
    parent.key_is_merge = key.plain && key.text == "<<";
    if (!parent.key_is_usable) {
        report(key.position, "expected a name as the key of a mapping; quote it if it is one");
        return;
    }
    const YamlEntry* earlier = find(parent, key.text);
    if (parent.key_is_merge && !parent.merges.empty()) earlier = &parent.merges.front();
    if (earlier != nullptr) {
        report(key.position,
               fmt::format("the key {} is already set at line {}, column {}; remove one of "
                           "the two",
                           quoted(key.text), earlier->position.line, earlier->position.column));
        parent.key_is_usable = false;
        return;
    }
    YamlEntry& entry = parent.key_is_merge ? parent.merges.emplace_back() : pending_.emplace_back();
    entry.key = std::move(key.text);
    entry.position = key.position;
}

void YamlBuilder::take_value(Open& parent, YamlNode&& value) {
    parent.has_key = false;
    if (!parent.key_is_usable) return;
    YamlEntry& entry = parent.key_is_merge ? parent.merges.back() : pending_.back();
    entry.value = std::move(value);
}

void YamlBuilder::merge_into(Open& open) {
    // Moved out, as the entries that come in are added to `pending_`.
    std::vector<YamlEntry> merges = std::exchange(open.merges, {});
    for (YamlEntry& merge : merges) {
        if (merge.value.kind != YamlKind::sequence) {
            merge_one(open, merge.value);
            continue;
        }
        for (YamlNode& item : merge.value.items)
            merge_one(open, item);
    }
}

void YamlBuilder::merge_one(Open& open, YamlNode& source) {
    if (source.kind != YamlKind::mapping) {
        report(source.position, "`<<` expects a mapping, an alias of one, or a list of these");
        return;
    }
    for (YamlEntry& entry : source.entries) {
        if (find(open, entry.key) == nullptr) pending_.push_back(std::move(entry));
    }
}

}  // namespace nap
