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
};

constexpr std::string_view footer =
    "\nEvery option with a value can also be set by a variable (--consul-address:\n"
    "NAP_CONSUL_ADDRESS) or in the configuration file; a flag beats a variable beats the file.\n";

}  // namespace

std::string help_text(const CLI::App* app, std::string name, CLI::AppFormatMode mode) {
    const CLI::Formatter formatter;
    std::string text = "Examples:\n";
    for (const Examples& entry : examples) {
        if (entry.command == app->get_name()) text += entry.text;
    }
    text += "\n" + formatter.make_help(app, std::move(name), mode);
    if (const CLI::App* parent = app->get_parent()) {
        text += "\nFor every command:" + formatter.make_groups(parent, mode);
    } else {
        text += footer;
    }
    return text;
}

}  // namespace nap
