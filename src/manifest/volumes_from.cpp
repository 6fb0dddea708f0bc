#include <fmt/format.h>

#include <algorithm>

#include "manifest/draft.hpp"
#include "manifest/text.hpp"

namespace nap {

void read_volumes_from(const YamlField& field, const std::string& name, Draft& draft) {
    const auto list = field.find("volumes_from");
    if (!list || list->node.is_null() || !list->expect_sequence()) return;
    ServiceSpec& service = draft.spec.services[name];
    for (std::size_t i = 0; i < list->node.items.size(); ++i) {
        const YamlField item = list->item(i);
        const auto text = item.string();
        if (!text) continue;
        if (text->starts_with("container:")) {
            item.error(
                "containers outside the app cannot be named: they mean nothing on another host; "
                "write the name of a service");
            continue;
        }
        const std::size_t colon = std::min(text->find(':'), text->size());
        const std::string mode = colon < text->size() ? text->substr(colon + 1) : "rw";
        if (mode != "ro" && mode != "rw") {
            item.error(fmt::format("expected `service`, `service:ro` or `service:rw`, found {}",
                                   quoted(*text)));
            continue;
        }
        const VolumesFrom from{.service = text->substr(0, colon), .read_only = mode == "ro"};
        const auto same =
            std::find_if(service.volumes_from.begin(), service.volumes_from.end(),
                         [&](const VolumesFrom& other) { return other.service == from.service; });
        if (same != service.volumes_from.end()) {
            item.error(
                fmt::format("{} is named twice; remove one of the two", quoted(from.service)));
            continue;
        }
        draft.dependencies.push_back({name, from.service, item.node.position, item.path});
        service.volumes_from.push_back(from);
    }
}

}  // namespace nap
