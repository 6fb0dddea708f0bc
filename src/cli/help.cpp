#include "cli/help.hpp"

#include <string_view>

namespace nap {

namespace {

struct Examples {
    std::string_view command;
    std::string_view text;
};

constexpr Examples examples[] = {
    {"nap",
     "  nap agent --consul-address http://127.0.0.1:8500\n"
     "  nap validate guestbook.yml\n"
     "  nap apply guestbook -f guestbook.yml\n"
     "  nap status\n"},
    {"agent",
     "  nap agent\n"
     "  nap agent --standalone apps/\n"
     "  nap agent --config /etc/nap/nap.yml --log-level debug\n"},
    {"validate",
     "  nap validate guestbook.yml\n"
     "  nap validate -o json manifests/\n"},
    {"plan",
     "  nap plan guestbook -f guestbook.yml\n"
     "  nap plan guestbook -f guestbook.yml -o json\n"},
    {"apply",
     "  nap apply guestbook -f guestbook.yml\n"
     "  nap apply guestbook -f guestbook.yml --check-index 42 --timeout 5m\n"
     "  nap apply guestbook -f guestbook.yml --detach\n"},
    {"status",
     "  nap status\n"
     "  nap status guestbook -o json\n"},
    {"ps",
     "  nap ps\n"
     "  nap ps guestbook -o json\n"},
    {"rm", "  nap rm guestbook\n"},
    {"nodes",
     "  nap nodes\n"
     "  nap nodes -o json\n"},
    {"drain",
     "  nap drain nap1\n"
     "  nap drain nap1 --timeout 5m\n"
     "  nap drain nap1 --detach\n"},
    {"undrain", "  nap undrain nap1\n"},
    {"explain",
     "  nap explain guestbook\n"
     "  nap explain guestbook/web -o json\n"},
    {"rebalance",
     "  nap rebalance --dry-run\n"
     "  nap rebalance --timeout 5m\n"},
    {"sync",
     "  nap sync manifests/\n"
     "  nap sync --prune --watch /srv/manifests\n"},
    {"approve",
     "  nap approve\n"
     "  nap approve removal-7c1d\n"},
};

constexpr std::string_view footer =
    "\nThe options for every command, and those of `nap agent`, can also be set by variables\n"
    "(--consul-address: NAP_CONSUL_ADDRESS) and in the configuration file; a flag beats a\n"
    "variable, which beats the file.\n";

std::string shared_options(const CLI::App* app, const CLI::Formatter& formatter) {
    const auto is_shared = [](const CLI::Option* option) {
        return option->get_group() == shared_group;
    };
    return formatter.make_group(shared_group, false, app->get_options(is_shared));
}

}  // namespace

std::string help_text(const CLI::App* app, std::string name, CLI::AppFormatMode mode) {
    const CLI::Formatter formatter;
    std::string text = "Examples:\n";
    for (const Examples& entry : examples) {
        if (entry.command == app->get_name()) text += entry.text;
    }
    text += "\n" + formatter.make_help(app, std::move(name), mode);
    if (const CLI::App* parent = app->get_parent()) {
        text += shared_options(parent, formatter);
    } else {
        text += footer;
    }
    return text;
}

}  // namespace nap
