#include <fmt/format.h>

#include <array>
#include <utility>

#include "manifest/draft.hpp"
#include "manifest/keys.hpp"
#include "manifest/text.hpp"
#include "manifest/values.hpp"

namespace nap {
namespace {

template <class Value, std::size_t count>
using Words = std::array<std::pair<std::string_view, Value>, count>;

/// Reads the value that one of `words` stands for.
template <class Value, std::size_t count>
void read_word(const YamlField& parent, const char* key, const Words<Value, count>& words,
               Value& value) {
    const auto field = parent.find(key);
    if (!field) return;
    const auto text = field->string();
    if (!text) return;
    std::array<std::string_view, count> names;
    for (std::size_t i = 0; i < count; ++i) {
        names[i] = words[i].first;
        if (*text != names[i]) continue;
        value = words[i].second;
        return;
    }
    field->error(fmt::format("expected `{}`, found {}{}", fmt::join(names, "`, `"), quoted(*text),
                             suggestion(*text, names)));
}

void read_on_relink(const YamlField& field, ServiceSpec& service) {
    constexpr std::string_view prefix = "signal:";
    const auto value = field.string();
    if (!value || *value == "none") return;
    if (*value == "restart") {
        service.on_relink.kind = OnRelinkKind::restart;
    } else if (value->starts_with(prefix) && is_signal(value->substr(prefix.size()))) {
        service.on_relink = {OnRelinkKind::signal, value->substr(prefix.size())};
    } else {
        field.error(
            fmt::format("expected `none`, `restart` or `signal:NAME`, as `signal:HUP`, "
                        "found {}",
                        quoted(*value)));
    }
}

bool expect_own_keys(const YamlField& field, const KeySection& section) {
    if (!field.expect_mapping()) return false;
    check_keys(field, section);
    for (const YamlEntry& entry : field.node.entries) {
        if (!entry.key.starts_with("x-")) continue;
        field.errors.add(entry.position, join_path(field.path, entry.key),
                         "expected one of nap's own keys, found an extension field; remove it");
    }
    return true;
}

}  // namespace

void read_x_nap(const YamlField& field, ServiceSpec& service) {
    static constexpr Words<Relink, 3> relinks{
        {{"dns", Relink::dns}, {"hosts", Relink::hosts}, {"none", Relink::none}}};
    static constexpr Words<PartitionPolicy, 2> partitions{
        {{"keep", PartitionPolicy::keep}, {"stop", PartitionPolicy::stop}}};
    static constexpr Words<Sticky, 3> stickies{
        {{"auto", Sticky::automatic}, {"always", Sticky::always}, {"never", Sticky::never}}};
    if (!expect_own_keys(field, keys::x_nap)) return;
    read_word(field, "relink", relinks, service.relink);
    read_word(field, "partition", partitions, service.partition);
    read_word(field, "sticky", stickies, service.sticky);
    if (const auto on_relink = field.find("on_relink")) read_on_relink(*on_relink, service);
    if (const auto restart = field.find("restart_unhealthy")) {
        service.restart_unhealthy = restart->boolean().value_or(true);
    }
}

void read_app_x_nap(const YamlField& field, AppSpec& spec) {
    static constexpr Words<Strategy, 3> strategies{{{"spread", Strategy::spread},
                                                    {"binpack", Strategy::binpack},
                                                    {"random", Strategy::random}}};
    if (!expect_own_keys(field, keys::app_x_nap)) return;
    read_word(field, "strategy", strategies, spec.strategy);
    if (const auto colocate = field.find("colocate")) {
        spec.colocate = colocate->boolean().value_or(false);
    }
    if (const auto profiles = field.find("profiles")) {
        for (const std::string& name : profiles->strings())
            spec.profiles.insert(name);
    }
}

}  // namespace nap
