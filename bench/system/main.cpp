// Measures nap beside its floor against daemons that bench/run has started. See bench/README.md.

#include <fmt/format.h>

#include <algorithm>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <exception>
#include <filesystem>

#include "system/lab.hpp"

namespace nap::bench {

namespace {

/// With the agent connected to its daemons directly.
asio::awaitable<void> measure_directly(Lab& lab, std::vector<Row>& rows) {
    const AgentProcess agent(lab.places());
    co_await lab.await_leader();
    const RecoveryOptions bridge{.where = "default bridge", .default_bridge = true};
    const RecoveryOptions network{.where = "own network"};
    co_await measure_recovery(lab, bridge, rows);
    co_await measure_recovery(lab, network, rows);
    co_await measure_deploy(lab, rows);
}

asio::awaitable<void> measure_manifests(Lab& lab, std::vector<Row>& rows) {
    const AgentProcess agent(lab.places());
    co_await lab.await_leader();
    co_await measure_intake(lab, rows);
}

/// With recorders between the agent and its daemons.
asio::awaitable<void> measure_recorded(Lab& lab, std::vector<Row>& rows) {
    AgentPlaces places = lab.places();
    const std::string docker_path = places.docker.substr(std::string("unix://").size());
    const int consul_port = std::stoi(places.consul.substr(places.consul.rfind(':') + 1));
    const std::string recorded_path = places.dir + "/recorded.sock";
    const int docker_listener = listen_unix(recorded_path);
    const int consul_listener = listen_loopback();
    if (docker_listener < 0 || consul_listener < 0) fail("cannot listen");
    places.docker = "unix://" + recorded_path;
    places.consul = fmt::format("http://127.0.0.1:{}", port_of(consul_listener));
    const Recorder docker(docker_listener, [=] { return dial_unix(docker_path); });
    const Recorder consul(consul_listener, [=] { return dial_loopback(consul_port); });
    const Recorders recorders{.docker = docker, .consul = consul};
    const AgentProcess agent(places);
    co_await lab.await_leader();
    co_await measure_put(lab, recorders, rows);
    co_await measure_idle(lab, recorders, agent, rows);
    co_await measure_reaction(lab, recorders, rows);
}

asio::awaitable<void> measure_all(Lab& lab, std::string only, std::vector<Row>& rows) {
    co_await lab.docker.follow();
    const auto wanted = [&](const char* part) { return only.empty() || only == part; };
    if (wanted("direct")) co_await measure_directly(lab, rows);
    if (wanted("recorded")) co_await measure_recorded(lab, rows);
    if (wanted("intake")) co_await measure_manifests(lab, rows);
    co_await lab.docker.unfollow();
}

/// The width of UTF-8 text, as far as this table's signs go.
std::size_t width(const std::string& text) {
    return static_cast<std::size_t>(std::count_if(text.begin(), text.end(), [](char c) {
        return (static_cast<unsigned char>(c) & 0xc0) != 0x80;
    }));
}

std::string padded(const std::string& text, std::size_t size) {
    return text + std::string(size - std::min(size, width(text)), ' ');
}

void print(const std::vector<Row>& rows) {
    const auto line = [](const Row& row, const std::string& verdict) {
        fmt::print("| {} | {} | {} | {} | {} |\n", padded(row.measure, 48), padded(row.floor, 24),
                   padded(row.nap, 8), padded(row.target, 24), padded(verdict, 4));
    };
    line({.measure = "measure", .floor = "floor", .nap = "nap", .target = "at most"}, "");
    fmt::print("|{:-<50}|{:-<26}|{:-<10}|{:-<26}|{:-<6}|\n", "", "", "", "", "");
    for (const Row& row : rows)
        line(row, row.target.empty() ? "" : row.met ? "ok" : "over");
}

int run(const AgentPlaces& places, const std::string& only) {
    std::filesystem::create_directories(places.dir);
    asio::io_context io(1);
    Lab lab(io.get_executor(), {.places = places});
    std::vector<Row> rows;
    std::exception_ptr failure;
    asio::co_spawn(io, measure_all(lab, only, rows),
                   [&](std::exception_ptr error) { failure = std::move(error); });
    while (!failure && io.run_one() > 0) {
    }
    if (failure) std::rethrow_exception(failure);
    print(rows);
    return std::all_of(rows.begin(), rows.end(), [](const Row& row) { return row.met; }) ? 0 : 1;
}

}  // namespace

}  // namespace nap::bench

/// 0: all targets met, 1: some missed, 2: could not measure.
int main(int argc, char** argv) {
    if (argc < 6) {
        fmt::print(stderr,
                   "usage: nap_bench NAP DIR DOCKER CONSUL HTTP [direct|recorded|intake]\n");
        return 2;
    }
    try {
        return nap::bench::run(
            {.nap = argv[1], .dir = argv[2], .docker = argv[3], .consul = argv[4], .http = argv[5]},
            argc > 6 ? argv[6] : "");
    } catch (const std::exception& error) {
        fmt::print(stderr, "nap_bench: {}\n", error.what());
        return 2;
    }
}
