#include "model/observed.hpp"

#include <charconv>

#include "model/labels.hpp"

namespace nap {

const char* to_string(ContainerState state) {
    switch (state) {
        case ContainerState::created:
            return "created";
        case ContainerState::running:
            return "running";
        case ContainerState::paused:
            return "paused";
        case ContainerState::restarting:
            return "restarting";
        case ContainerState::removing:
            return "removing";
        case ContainerState::exited:
            return "exited";
        case ContainerState::dead:
            return "dead";
    }
    return "unknown";
}

bool is_up(ContainerState state) {
    return state == ContainerState::running || state == ContainerState::paused ||
           state == ContainerState::restarting;
}

const char* to_string(Health health) {
    switch (health) {
        case Health::none:
            return "none";
        case Health::starting:
            return "starting";
        case Health::healthy:
            return "healthy";
        case Health::unhealthy:
            return "unhealthy";
    }
    return "unknown";
}

namespace {

std::string label_or_empty(const StringMap& labels, const char* key) {
    const auto found = labels.find(key);
    return found == labels.end() ? std::string{} : found->second;
}

/// Slots count from 1, in plain decimal digits.
std::optional<int> parse_slot(const std::string& text) {
    int slot = 0;
    const char* end = text.data() + text.size();
    const auto parsed = std::from_chars(text.data(), end, slot);
    if (parsed.ec != std::errc{} || parsed.ptr != end || slot < 1) return std::nullopt;
    return slot;
}

}  // namespace

std::optional<OwnerLabels> owner_from_labels(const StringMap& found_labels) {
    OwnerLabels owner;
    owner.cluster = ClusterId(label_or_empty(found_labels, labels::cluster));
    owner.app = AppId(label_or_empty(found_labels, labels::app));
    if (owner.cluster.empty() || owner.app.empty()) return std::nullopt;
    if (const auto found = found_labels.find(labels::slot); found != found_labels.end()) {
        const auto slot = parse_slot(found->second);
        if (!slot) return std::nullopt;
        owner.instance.slot = *slot;
    }
    owner.instance.service = label_or_empty(found_labels, labels::service);
    owner.revision = RevisionId(label_or_empty(found_labels, labels::revision));
    owner.config_hash = label_or_empty(found_labels, labels::config_hash);
    return owner;
}

}  // namespace nap
