#include <fmt/format.h>

#include <limits>
#include <utility>

#include "manifest/draft.hpp"
#include "manifest/keys.hpp"
#include "manifest/text.hpp"
#include "manifest/values.hpp"

namespace nap {
namespace {

constexpr int replicas_max = 1000;
constexpr int retries_max = 1'000'000;
constexpr char attempts_prefix[] = "on-failure:";

std::vector<std::string> read_test(const YamlField& field) {
    if (!field.is_sequence()) {
        if (field.is_mapping() || field.node.is_null()) {
            field.unexpected("a string or a list of strings");
            return {};
        }
        const auto command = field.string();
        if (!command) return {};
        if (command->empty()) field.error("expected a command, found an empty string");
        return {"CMD-SHELL", *command};
    }
    auto words = field.strings();
    if (words.size() != field.node.items.size()) return {};
    const std::string first = words.empty() ? "" : words.front();
    if (first != "CMD" && first != "CMD-SHELL" && first != "NONE") {
        field.error("expected `CMD`, `CMD-SHELL` or `NONE` as the first word");
    } else if (first == "NONE" ? words.size() != 1 : words.size() < 2) {
        field.error(first == "NONE" ? "expected nothing after `NONE`"
                                    : "expected a command after the first word");
    } else if (first == "CMD-SHELL" && words.size() != 2) {
        field.error("expected one string after `CMD-SHELL`, the command line");
    }
    return words;
}

void read_relink(const YamlField& field, ServiceSpec& service) {
    const auto value = field.string();
    if (!value) return;
    if (*value == "dns") {
        service.relink = Relink::dns;
    } else if (*value == "hosts") {
        service.relink = Relink::hosts;
    } else if (*value == "none") {
        service.relink = Relink::none;
    } else {
        field.error(fmt::format("expected `dns`, `hosts` or `none`, found {}", quoted(*value)));
    }
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

/// A key of which one value does what happens anyway, and the others nothing yet.
void expect_only(const YamlField& parent, const char* key, std::string_view only,
                 std::string_view why) {
    const auto field = parent.find(key);
    if (!field) return;
    const auto value = field->string();
    if (!value || *value == only) return;
    field->error(fmt::format("expected `{}`, found {}; {}", only, quoted(*value), why));
}

}  // namespace

std::optional<milliseconds> read_duration(const YamlField& field) {
    const auto text = field.text();
    if (!text) return std::nullopt;
    const auto duration = parse_duration(*text);
    if (!duration) {
        field.error(duration.error().message);
        return std::nullopt;
    }
    return *duration;
}

void read_healthcheck(const YamlField& field, ServiceSpec& service) {
    if (!field.expect_mapping()) return;
    field.check_keys(keys::healthcheck);
    Healthcheck check;
    if (const auto test = field.find("test")) check.test = read_test(*test);
    if (const auto interval = field.find("interval")) check.interval = read_duration(*interval);
    if (const auto timeout = field.find("timeout")) check.timeout = read_duration(*timeout);
    if (const auto start = field.find("start_period")) check.start_period = read_duration(*start);
    if (const auto retries = field.find("retries")) {
        const auto count = retries->integer(0, retries_max);
        if (count) check.retries = static_cast<int>(*count);
    }
    if (const auto disable = field.find("disable")) {
        check.disabled = disable->boolean().value_or(false);
    }
    if (!check.test.empty() && check.test.front() == "NONE") check.disabled = true;
    if (check.disabled) check.test = {"NONE"};
    service.healthcheck = std::move(check);
}

void read_restart(const YamlField& field, ServiceSpec& service) {
    constexpr char expected[] =
        "expected `no`, `always`, `unless-stopped`, `on-failure` or `on-failure:N`";
    if (field.node.kind == YamlKind::scalar && field.node.type() == YamlType::boolean) {
        field.error(fmt::format("{}, found a boolean; write `no` to never restart", expected));
        return;
    }
    const auto value = field.string();
    if (!value) return;
    if (*value == "no") {
        service.restart.policy = RestartPolicy::no;
    } else if (*value == "always") {
        service.restart.policy = RestartPolicy::always;
    } else if (*value == "unless-stopped") {
        service.restart.policy = RestartPolicy::unless_stopped;
    } else if (*value == "on-failure") {
        service.restart.policy = RestartPolicy::on_failure;
    } else if (value->starts_with(attempts_prefix)) {
        const auto attempts =
            parse_whole(std::string_view(*value).substr(sizeof(attempts_prefix) - 1), 0,
                        std::numeric_limits<int>::max());
        if (!attempts) field.error("expected a whole number from 0 after `on-failure:`");
        service.restart = {RestartPolicy::on_failure, attempts.value_or(0)};
    } else {
        field.error(fmt::format("{}, found {}", expected, quoted(*value)));
    }
}

void read_deploy(const YamlField& field, ServiceSpec& service) {
    if (!field.expect_mapping()) return;
    field.check_keys(keys::deploy);
    const auto replicas = field.find("replicas");
    if (!replicas) return;
    const auto count = replicas->integer(0, replicas_max);
    if (count) service.replicas = static_cast<int>(*count);
}

void read_x_nap(const YamlField& field, ServiceSpec& service) {
    if (!field.expect_mapping()) return;
    field.check_keys(keys::x_nap);
    for (const YamlEntry& entry : field.node.entries) {
        if (!entry.key.starts_with("x-")) continue;
        field.errors.add(entry.position, join_path(field.path, entry.key),
                         "expected one of nap's own keys, found an extension field; remove it");
    }
    if (const auto relink = field.find("relink")) read_relink(*relink, service);
    if (const auto on_relink = field.find("on_relink")) read_on_relink(*on_relink, service);
    if (const auto restart = field.find("restart_unhealthy")) {
        service.restart_unhealthy = restart->boolean().value_or(true);
    }
    expect_only(field, "partition", "keep",
                "stopping on a cut-off host is not supported yet and comes with clustering");
    expect_only(field, "sticky", "auto",
                "choosing whether a service may move is not supported yet and comes with "
                "clustering");
}

}  // namespace nap
