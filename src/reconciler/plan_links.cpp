#include "reconciler/hosts_lines.hpp"
#include "reconciler/plan_draft.hpp"

namespace nap {

namespace {

/// Stands in a block that led somewhere until all of it went to another host or nowhere: the next
/// address is then a change, for those who want to be told of changes.
constexpr char leads_nowhere[] = "# nothing to lead to\n";

void follow_up(PlanDraft& draft, const ObservedContainer& container, const OnRelink& on_relink,
               std::size_t written) {
    const InstanceId& instance = container.owner->instance;
    const char* cause = "on_relink: an address it depends on changed";
    if (on_relink.kind == OnRelinkKind::restart) {
        draft.add(RestartContainer{instance, container.id, std::nullopt}, {written}, cause);
    } else if (on_relink.kind == OnRelinkKind::signal) {
        draft.add(SignalContainer{instance, container.id, on_relink.signal}, {written}, cause);
    }
}

struct Change {
    std::string text;
    bool had_links = false;  ///< rather than being just started
    bool tell = false;       ///< on_relink applies
};

/// nullopt when the block is as it should be, or when that is about to be known.
std::optional<Change> change_of(const PlanDraft& draft, const ObservedContainer& container,
                                const ServiceSpec& service, const std::string& present) {
    auto wanted = hosts_lines(draft, container, service);
    if (!wanted) return std::nullopt;
    const bool waits_for_news = draft.in.scope != NetworkScope::local && !present.empty() &&
                                service.on_relink.kind != OnRelinkKind::none;
    const bool nowhere = wanted->text.empty();
    if (nowhere && waits_for_news) wanted->text = leads_nowhere;
    if (wanted->text == present) return std::nullopt;
    // Its block may be empty because all it links to was down for a while: no fresh start either.
    const bool had_links = !present.empty() || wanted->newest_start > container.started_at;
    // Only links are free of cycles: neighbours that told each other would never stop.
    const bool tell = had_links && !nowhere && links_differ(service, present, wanted->text);
    return Change{.text = std::move(wanted->text), .had_links = had_links, .tell = tell};
}

void plan_link(PlanDraft& draft, const InstanceId& instance, const ServiceSpec& service) {
    const auto readiness = draft.running.find(instance);
    const bool settled =
        readiness != draft.running.end() && readiness->second.ok && !readiness->second.step;
    const ObservedContainer* container = running_container(draft, instance);
    const std::string object = to_string(instance);
    if (!settled || container == nullptr || draft.in.busy.contains(object)) return;
    const auto present = draft.in.observed.hosts_blocks.find(container->id);
    const bool readable = present != draft.in.observed.hosts_blocks.end();
    const auto change = change_of(draft, *container, service, readable ? present->second : "");
    if (!readable && (change || links_by_hosts(service))) {
        draft.block(object,
                    "its hosts file cannot be read, so links cannot be kept; run nap on the "
                    "engine's own host, or use a network with DNS");
        return;
    }
    if (!change) return;
    const bool restarts = change->tell && service.on_relink.kind == OnRelinkKind::restart;
    if (restarts && draft.hold(object, "an address it links to changed")) return;
    if (draft.held_back(object)) return;
    const std::size_t written = draft.add(
        WriteHosts{instance, container->id, container->hosts_path, change->text}, {},
        change->had_links ? "an address it links to changed" : "its links are not in place");
    if (change->tell) follow_up(draft, *container, service.on_relink, written);
}

}  // namespace

void plan_links(PlanDraft& draft) {
    for (const InstanceId& instance : draft.in.instances) {
        const ServiceSpec& service = draft.in.app.services.at(instance.service);
        if (service.relink != Relink::none) plan_link(draft, instance, service);
    }
}

}  // namespace nap
