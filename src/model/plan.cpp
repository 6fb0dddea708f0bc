#include "model/plan.hpp"

#include <fmt/format.h>

namespace nap {

namespace {

template <class... Ts>
struct Overloaded : Ts... {
    using Ts::operator()...;
};
template <class... Ts>
Overloaded(Ts...) -> Overloaded<Ts...>;

std::string short_id(const std::optional<ContainerId>& id) {
    return id ? id->str().substr(0, 12) : std::string("the new one");
}

/// What the plan text says beyond action and object.
std::string detail_of(const Action& action) {
    return std::visit(
        Overloaded{
            [](const CreateNetwork& a) {
                return a.spec.driver.empty() ? std::string() : fmt::format(" ({})", a.spec.driver);
            },
            [](const RemoveNetwork&) { return std::string(); },
            [](const CreateVolume&) { return std::string(); },
            [](const PullImage&) { return std::string(); },
            [](const CreateContainer& a) {
                return fmt::format(" as {} from {}", a.name, a.config.image);
            },
            [](const WriteFiles& a) {
                return fmt::format(" ({}) of {}", short_id(a.id), a.files.size());
            },
            [](const ConnectNetwork& a) {
                return fmt::format(" ({}) to {}", short_id(a.id), a.network.network);
            },
            [](const StartContainer& a) { return fmt::format(" ({})", short_id(a.id)); },
            [](const UnpauseContainer& a) { return fmt::format(" ({})", short_id(a.id)); },
            [](const StopContainer& a) { return fmt::format(" ({})", short_id(a.id)); },
            [](const RestartContainer& a) { return fmt::format(" ({})", short_id(a.id)); },
            [](const SignalContainer& a) {
                return fmt::format(" ({}) {}", short_id(a.id), a.signal);
            },
            [](const RemoveContainer& a) { return fmt::format(" ({})", short_id(a.id)); },
            [](const RenameContainer& a) {
                return fmt::format(" ({}) to {}", short_id(a.id), a.name);
            },
            [](const WriteHosts& a) { return fmt::format(" ({})", short_id(a.id)); },
            [](const RunHooks& a) {
                return fmt::format(" ({}) {}", short_id(a.id), a.hooks.size());
            },
            [](const WriteFolder& a) {
                return fmt::format(" of {}", a.files.by_path ? a.files.by_path->size() : 0);
            },
            [](const RemoveFolder&) { return std::string(); },
        },
        action);
}

}  // namespace

const char* action_name(const Action& action) {
    return std::visit(Overloaded{
                          [](const CreateNetwork&) { return "create-network"; },
                          [](const RemoveNetwork&) { return "remove-network"; },
                          [](const CreateVolume&) { return "create-volume"; },
                          [](const PullImage&) { return "pull-image"; },
                          [](const CreateContainer&) { return "create-container"; },
                          [](const WriteFiles&) { return "write-files"; },
                          [](const ConnectNetwork&) { return "connect-network"; },
                          [](const StartContainer&) { return "start-container"; },
                          [](const UnpauseContainer&) { return "unpause-container"; },
                          [](const StopContainer&) { return "stop-container"; },
                          [](const RestartContainer&) { return "restart-container"; },
                          [](const SignalContainer&) { return "signal-container"; },
                          [](const RemoveContainer&) { return "remove-container"; },
                          [](const RenameContainer&) { return "rename-container"; },
                          [](const WriteHosts&) { return "write-hosts"; },
                          [](const RunHooks&) { return "run-hooks"; },
                          [](const WriteFolder&) { return "write-folder"; },
                          [](const RemoveFolder&) { return "remove-folder"; },
                      },
                      action);
}

std::string object_of(const Action& action) {
    return std::visit(Overloaded{
                          [](const CreateNetwork& a) { return "network " + a.spec.name; },
                          [](const RemoveNetwork& a) { return "network " + a.name; },
                          [](const CreateVolume& a) { return "volume " + a.spec.name; },
                          [](const PullImage& a) { return "image " + a.image; },
                          [](const WriteFolder& a) { return "files " + a.digest.substr(0, 12); },
                          [](const RemoveFolder& a) { return "files " + a.digest.substr(0, 12); },
                          [](const auto& a) { return to_string(a.instance); },
                      },
                      action);
}

std::string to_string(const Plan& plan) {
    std::string text;
    for (std::size_t i = 0; i < plan.steps.size(); ++i) {
        const Step& step = plan.steps[i];
        std::string after;
        for (const std::size_t index : step.after) {
            after += fmt::format("{}{}", after.empty() ? ", after " : " ", index + 1);
        }
        text += fmt::format("{}. {} {}{}: {}{}\n", i + 1, action_name(step.action),
                            object_of(step.action), detail_of(step.action), step.cause, after);
    }
    for (const Blocked& blocked : plan.blocked) {
        text += fmt::format("{} {}: {}{}\n", blocked.fault ? "blocked" : "waiting", blocked.object,
                            blocked.reason, blocked.detail);
    }
    return text;
}

}  // namespace nap
