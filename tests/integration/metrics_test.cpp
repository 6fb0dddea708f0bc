// What monitoring sees.

#include <fmt/format.h>

#include <map>
#include <set>
#include <sstream>

#include "support/nap_test.hpp"

namespace nap::test {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

class Metrics : public NapTest {};

/// As CONTRACT.md lists them: name and label names.
const std::map<std::string, std::set<std::string>> contract{
    {"nap_build_info", {"version", "commit"}},
    {"nap_leader", {}},
    {"nap_leader_transitions_total", {}},
    {"nap_reconcile_total", {"controller", "result"}},
    {"nap_reconcile_duration_seconds", {"controller"}},
    {"nap_workqueue_depth", {"name"}},
    {"nap_workqueue_adds_total", {"name"}},
    {"nap_workqueue_retries_total", {"name"}},
    {"nap_workqueue_queue_duration_seconds", {"name"}},
    {"nap_actions_total", {"action", "result"}},
    {"nap_action_duration_seconds", {"action"}},
    {"nap_app_instances", {"app", "service", "state"}},
    {"nap_app_converged", {"app"}},
    {"nap_app_converge_seconds", {}},
    {"nap_recovery_seconds", {}},
    {"nap_restarts_total", {"app", "service"}},
    {"nap_manifest_errors", {"app"}},
    {"nap_watch_events_total", {"source"}},
    {"nap_watch_reconnects_total", {"source"}},
    {"nap_watch_connected", {"source"}},
    {"nap_docker_request_duration_seconds", {"op", "code"}},
    {"nap_consul_request_duration_seconds", {"op", "code"}},
    {"nap_nodes", {"state"}},
    {"nap_holds", {}},
};

/// Label names by metric, without what histograms add.
std::map<std::string, std::set<std::string>> exposed(const std::string& text) {
    std::map<std::string, std::set<std::string>> found;
    std::set<std::string> histograms;
    std::istringstream lines(text);
    for (std::string line; std::getline(lines, line);) {
        if (line.starts_with("# TYPE ") && line.ends_with(" histogram")) {
            histograms.insert(line.substr(7, line.size() - 7 - 10));
        }
        if (line.empty() || line[0] == '#') continue;
        std::string name = line.substr(0, line.find_first_of("{ "));
        for (const char* suffix : {"_bucket", "_sum", "_count"}) {
            const std::string base = name.substr(0, name.rfind(suffix));
            if (name.ends_with(suffix) && histograms.contains(base)) name = base;
        }
        auto& labels = found[name];
        std::size_t at = line.find('{');
        while (at != std::string::npos && line[at] != '}') {
            const std::size_t equals = line.find("=\"", at);
            const std::string label = line.substr(at + 1, equals - at - 1);
            if (label != "le") labels.insert(label);
            at = line.find('"', equals + 2) + 1;
        }
    }
    return found;
}

double value_of(const std::string& text, const std::string& series) {
    std::istringstream lines(text);
    for (std::string line; std::getline(lines, line);) {
        if (line.starts_with(series + " ")) return std::stod(line.substr(series.size() + 1));
    }
    return -1;
}

TEST_F(Metrics, are_those_of_the_contract_clean_and_true) {
    Agent& agent = start_agent();
    deploy("shop", "services:\n" + sleeper("a") + sleeper("b"));
    put("bad", "services: 1\n");
    await_phase("bad", "invalid");
    docker().signal(id_of("shop", "a"));
    await("the restart is counted", [&] {
        const std::string now = agent.get("/metrics").body;
        return value_of(now, "nap_restarts_total{app=\"shop\",service=\"a\"}") == 1 &&
               value_of(now, "nap_recovery_seconds_count") == 1;
    });
    await_converged("shop");
    const std::string text = agent.get("/metrics").body;
    const auto found = exposed(text);
    for (const auto& [name, labels] : contract) {
        ASSERT_TRUE(found.contains(name)) << name;
        EXPECT_EQ(found.at(name), labels) << name;
    }
    bool has_process = false;
    for (const auto& [name, labels] : found) {
        const bool is_process = name.starts_with("process_");
        has_process = has_process || is_process;
        EXPECT_TRUE(is_process || contract.contains(name)) << name << " is not in the contract";
    }
    EXPECT_TRUE(has_process);
    const Finished lint = run({"promtool", "check", "metrics"}, {.input = text, .env = {}});
    EXPECT_EQ(lint.exit_code, 0);
    EXPECT_EQ(lint.out + lint.err, "");

    const auto value = [&](const std::string& series) { return value_of(text, series); };
    EXPECT_EQ(value("nap_app_converged{app=\"shop\"}"), 1);
    EXPECT_EQ(value("nap_app_converged{app=\"bad\"}"), 0);
    EXPECT_GT(value("nap_manifest_errors{app=\"bad\"}"), 0);
    EXPECT_EQ(value("nap_leader"), 1);
    EXPECT_EQ(value("nap_nodes{state=\"ready\"}"), 1);
    EXPECT_EQ(value("nap_watch_connected{source=\"docker\"}"), 1);
    for (const char* state : {"desired", "running", "healthy"}) {
        EXPECT_EQ(value(fmt::format("nap_app_instances{{app=\"shop\",service=\"a\",state=\"{}\"}}",
                                    state)),
                  1);
    }
    EXPECT_EQ(value("nap_actions_total{action=\"create-container\",result=\"success\"}"), 2);

    unput("shop");
    await_gone("shop");
    await("its series are gone",
          [&] { return agent.get("/metrics").body.find("\"shop\"") == std::string::npos; });
}

TEST_F(Metrics, counters_start_at_zero) {
    Agent& agent = start_agent();
    const std::string text = agent.get("/metrics").body;
    EXPECT_EQ(value_of(text, "nap_actions_total{action=\"create-container\",result=\"success\"}"),
              0);
    EXPECT_EQ(value_of(text, "nap_reconcile_total{controller=\"host\",result=\"error\"}"), 0);
    EXPECT_EQ(value_of(text, "nap_watch_reconnects_total{source=\"docker\"}"), 0);
    EXPECT_EQ(value_of(text, "nap_watch_reconnects_total{source=\"consul\"}"), 0);
    EXPECT_EQ(value_of(text, "nap_recovery_seconds_count"), 0);
}

TEST_F(Metrics, a_real_prometheus_scrapes_them_and_answers) {
    Agent& agent = start_agent();
    deploy("shop", "services:\n" + sleeper("a"));
    write_file(dir() / "prometheus.yml",
               fmt::format("scrape_configs:\n  - job_name: nap\n    scrape_interval: 200ms\n"
                           "    scrape_timeout: 200ms\n"
                           "    static_configs: [{{targets: [\"{}\"]}}]\n",
                           agent.url()));
    const std::uint16_t port = free_port();
    Process prometheus({"prometheus", "--config.file=" + (dir() / "prometheus.yml").string(),
                        "--storage.tsdb.path=" + (dir() / "tsdb").string(),
                        fmt::format("--web.listen-address=127.0.0.1:{}", port)},
                       dir() / "prometheus.log");
    const auto answer = [&] {
        return http({.unix_path = "", .port = port},
                    {.path = "/api/v1/query?query=nap_app_converged%7Bapp%3D%22shop%22%7D"})
            .body;
    };
    await("Prometheus knows nap_app_converged\n" + tail(dir() / "prometheus.log", 10), [&] {
        if (!prometheus.running()) throw Failure(tail(dir() / "prometheus.log", 10));
        const json found = json::parse(answer(), nullptr, false);
        if (!found.is_object() || found.value("status", "") != "success") return false;
        const json& series = found.at("data").at("result");
        return series.size() == 1 && series.at(0).at("value").at(1) == "1";
    });
}

TEST_F(Metrics, livez_and_readyz_tell_the_truth) {
    Agent& agent = start_agent();
    EXPECT_EQ(agent.get("/livez").status, 200);
    EXPECT_EQ(agent.get("/readyz").status, 200);
    EXPECT_EQ(agent.get("/readyz?verbose").status, 200);
    EXPECT_FALSE(agent.get("/readyz?verbose").body.empty());
    EXPECT_EQ(agent.get("/nothing").status, 404);
    const auto post = http(agent.endpoint(), {.method = "POST", .path = "/metrics"});
    EXPECT_EQ(post.status, 405);
    EXPECT_EQ(agent.get("/livez").status, 200);
}

}  // namespace
}  // namespace nap::test
