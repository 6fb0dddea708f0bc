#include <fmt/format.h>

#include <limits>
#include <utility>

#include "manifest/draft.hpp"
#include "manifest/keys.hpp"
#include "manifest/text.hpp"
#include "manifest/values.hpp"

namespace nap {
namespace {

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
    // An empty list leaves the image's.
    if (words.empty() || words.size() != field.node.items.size()) return {};
    const std::string& first = words.front();
    if (first != "CMD" && first != "CMD-SHELL" && first != "NONE") {
        field.error("expected `CMD`, `CMD-SHELL` or `NONE` as the first word");
    } else if (first == "NONE" ? words.size() != 1 : words.size() < 2) {
        field.error(first == "NONE" ? "expected nothing after `NONE`"
                                    : "expected a command after the first word");
    } else if (first == "CMD-SHELL" && words.size() != 2) {
        field.warn(
            "only the first string after `CMD-SHELL` is the command line, and the others "
            "are its `$0`, `$1`, …; write all of it in one string");
    }
    return words;
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
    check_keys(field, keys::healthcheck);
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
    if (!value || value->empty()) return;
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
        static constexpr std::string_view words[] = {"no", "always", "unless-stopped",
                                                     "on-failure"};
        field.error(
            fmt::format("{}, found {}{}", expected, quoted(*value), suggestion(*value, words)));
    }
}

}  // namespace nap
