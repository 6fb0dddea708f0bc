#include "support/testbed.hpp"

#include <fmt/format.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cstdio>
#include <cstdlib>

namespace nap::test {

namespace {

namespace fs = std::filesystem;

const std::string scripts = std::string(NAP_SOURCE_DIR) + "/scripts/";

Testbed* current = nullptr;

/// The script and its command that end what lives in a folder of this name.
std::string ending_of(const std::string& name) {
    if (name.starts_with("docker")) return "testbed dockerd-destroy";
    if (name.starts_with("consul")) return "testbed consul-destroy";
    if (name.starts_with("cluster")) return "cluster down";
    return "";
}

/// Runs in the janitor's own process, with one thread.
void destroy_all(const fs::path& scratch) {
    std::error_code error;
    for (const auto& entry : fs::directory_iterator(scratch, error)) {
        const std::string end = ending_of(entry.path().filename());
        if (end.empty()) continue;
        const std::string command =
            fmt::format("'{}'{} '{}' </dev/null >&2", scripts, end, entry.path().string());
        if (std::system(command.c_str()) != 0) {
            fmt::print(stderr, "left behind: {}\n", entry.path().string());
            return;
        }
    }
    fs::remove_all(scratch, error);
}

void wait_for_end(int socket) {
    std::array<char, 16> buffer{};
    while (::read(socket, buffer.data(), buffer.size()) > 0) {
    }
}

}  // namespace

Janitor::Janitor(fs::path scratch) {
    std::array<int, 2> ends{};
    if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends.data()) != 0) {
        throw Failure("no socket pair");
    }
    const pid_t child = ::fork();
    if (child < 0) throw Failure("cannot fork");
    if (child == 0) {
        // Nobody's child and in nobody's session, or whoever kills a test's whole tree gets it too.
        ::setsid();
        for (const int number : {SIGINT, SIGTERM, SIGHUP, SIGPIPE})
            ::signal(number, SIG_IGN);
        if (::fork() != 0) ::_exit(0);
        ::close(ends[0]);
        wait_for_end(ends[1]);
        for (const int number : {SIGINT, SIGTERM, SIGHUP, SIGPIPE})
            ::signal(number, SIG_DFL);
        destroy_all(scratch);
        ::_exit(0);
    }
    ::waitpid(child, nullptr, 0);
    ::close(ends[1]);
    socket_ = ends[0];
}

void Janitor::clean_up() {
    ::shutdown(socket_, SHUT_WR);
    wait_for_end(socket_);
}

Testbed::Testbed(fs::path scratch)
    : scratch_(std::move(scratch)), netns_("nap-it-" + std::to_string(::getpid())) {}

void Testbed::script(const std::vector<std::string>& arguments) const {
    Argv argv{scripts + "testbed"};
    argv.insert(argv.end(), arguments.begin(), arguments.end());
    run_ok(argv, {.input = "", .env = {}, .limit = milliseconds(90'000)});
}

void Testbed::start() {
    const fs::path docker = scratch_ / "docker";
    const fs::path consul = scratch_ / "consul";
    fs::create_directories(docker);
    fs::create_directories(consul);
    // The engine's own pools end at 31 networks.
    write_file(docker / "daemon.json",
               R"({"shutdown-timeout": 1,
                   "default-address-pools": [{"base": "172.16.0.0/12", "size": 24}]})");
    // Otherwise Consul itself refuses what nap must refuse.
    write_file(consul / "extra.hcl", "limits { kv_max_value_size = 1048576 }\n");
    start_docker({});
    start_consul();
    docker_ = std::make_unique<Docker>((docker / "docker.sock").string());
    std::string address = read_file(consul / "consul.addr");
    consul_ = std::make_unique<Consul>(address.substr(0, address.find('\n')));
    run_ok({scripts + "build-images", "--docker-host", docker_->url()},
           {.input = "", .env = {}, .limit = milliseconds(600'000)});
}

void Testbed::start_docker(DockerStart options) {
    std::vector<std::string> arguments{"dockerd-start", scratch_ / "docker", "--netns", netns_};
    if (options.live_restore) arguments.emplace_back("--live-restore");
    docker_changed_ = options.live_restore;
    script(arguments);
}

void Testbed::stop_docker(bool kill) {
    docker_changed_ = true;
    std::vector<std::string> arguments{"dockerd-stop", scratch_ / "docker"};
    if (kill) arguments.emplace_back("--kill");
    script(arguments);
}

void Testbed::start_consul() {
    script({"consul-start", scratch_ / "consul"});
    consul_changed_ = false;
}

void Testbed::stop_consul(bool kill) {
    consul_changed_ = true;
    std::vector<std::string> arguments{"consul-stop", scratch_ / "consul"};
    if (kill) arguments.emplace_back("--kill");
    script(arguments);
}

void Testbed::repair() {
    if (docker_changed_) {
        start_docker({});
        docker_->purge();
        stop_docker();
        start_docker({});
    }
    if (consul_changed_) start_consul();
}

Finished Testbed::try_curl(const std::string& url) const {
    return run({"nsenter", "--net=/run/netns/" + netns_, "curl", "-sf", "--max-time", "5", url});
}

std::string Testbed::curl(const std::string& url) const {
    const Finished finished = try_curl(url);
    if (finished.exit_code != 0) throw Failure("no answer from " + url);
    return finished.out;
}

Testbed& testbed() {
    return *current;
}
void set_testbed(Testbed* bed) {
    current = bed;
}

}  // namespace nap::test
