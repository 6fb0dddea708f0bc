#include <utility>

#include "manifest/draft.hpp"
#include "manifest/keys.hpp"
#include "manifest/readers.hpp"
#include "manifest/text.hpp"
#include "manifest/values.hpp"

namespace nap {
namespace {

Hook read_hook(const YamlField& field) {
    check_keys(field, keys::hook);
    Hook hook;
    if (const auto command = require(field, "command", "what to run")) {
        hook.command = read_command(*command).value_or(std::vector<std::string>{});
        if (hook.command.empty()) command->error("expected a command, found none");
    }
    if (const auto user = field.find("user")) hook.user = user->text().value_or("");
    if (const auto privileged = field.find("privileged")) {
        hook.privileged = privileged->boolean().value_or(false);
    }
    if (const auto directory = field.find("working_dir")) {
        const auto value = directory->string();
        if (value && !is_absolute(*value)) directory->error("expected an absolute path");
        hook.working_dir = value.value_or("");
    }
    if (const auto environment = field.find("environment")) {
        hook.environment = read_pairs(*environment, PairValues::of_shell);
    }
    return hook;
}

}  // namespace

void read_hooks(const YamlField& field, Hooks& hooks) {
    const std::pair<const char*, std::vector<Hook>&> kinds[] = {{"post_start", hooks.post_start},
                                                                {"pre_stop", hooks.pre_stop}};
    for (const auto& [key, list] : kinds) {
        const auto found = field.find(key);
        if (!found || found->node.is_null()) continue;
        std::vector<Hook>& wanted = list;
        read_mappings(*found, [&](const YamlField& item) { wanted.push_back(read_hook(item)); });
    }
}

}  // namespace nap
