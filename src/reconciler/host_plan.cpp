#include "reconciler/host_plan.hpp"

#include <algorithm>

#include "reconciler/plan_draft.hpp"

namespace nap {

namespace {

/// Services so that each comes after those it needs; by name where that leaves a choice.
class StartOrder {
  public:
    explicit StartOrder(const AppSpec& app) : app_(app) {
        for (const auto& [name, service] : app.services)
            visit(name);
    }
    [[nodiscard]] const std::vector<std::string>& services() const { return order_; }

  private:
    void visit(const std::string& name) {
        if (std::find(order_.begin(), order_.end(), name) != order_.end()) return;
        for (const std::string& needed : dependencies_of(app_.services.at(name)))
            visit(needed);
        order_.push_back(name);
    }

    const AppSpec& app_;
    std::vector<std::string> order_;
};

}  // namespace

Plan plan_host(const HostInput& input) {
    std::vector<InstanceId> instances(input.instances.begin(), input.instances.end());
    std::sort(instances.begin(), instances.end());
    std::erase_if(instances,
                  [&](const InstanceId& i) { return !input.app.services.contains(i.service); });
    HostInput sorted = input;
    sorted.instances = instances;
    PlanDraft draft(sorted);
    const StartOrder order(input.app);
    for (const std::string& service : order.services()) {
        for (const InstanceId& instance : instances) {
            if (instance.service == service) plan_instance(draft, instance);
        }
    }
    plan_shared_networks(draft);
    plan_links(draft);
    plan_surplus(draft);
    plan_unused_networks(draft);
    plan_unused_folders(draft);
    return std::move(draft.plan);
}

}  // namespace nap
