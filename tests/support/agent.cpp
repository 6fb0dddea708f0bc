#include "support/agent.hpp"

#include <fmt/format.h>
#include <signal.h>

namespace nap::test {

Agent::Agent(std::filesystem::path dir, const AgentOptions& options)
    : dir_(std::move(dir)), log_(dir_ / "agent.log"), port_(free_port()) {
    std::filesystem::create_directories(dir_ / "data");
    const std::filesystem::path config = dir_ / "nap.yml";
    write_file(config, fmt::format("node: {{name: {}}}\n"
                                   "consul: {{address: \"{}\", prefix: {}}}\n"
                                   "docker: {{host: \"unix://{}\"}}\n"
                                   "http: {{bind: \"127.0.0.1:{}\"}}\n"
                                   "data_dir: {}\n"
                                   "backoff: {}\n"
                                   "{}",
                                   options.node, options.consul_address, options.prefix,
                                   options.docker_socket, port_, (dir_ / "data").string(),
                                   options.backoff, options.more));
    // An empty variable counts as none: the caller's own must not reach nap.
    env_ = {{"NAP_CONFIG", config}, {"CONSUL_HTTP_ADDR", ""}, {"CONSUL_HTTP_TOKEN", ""},
            {"CONSUL_CACERT", ""},  {"DOCKER_HOST", ""},      {"DOCKER_CERT_PATH", ""}};
}

void Agent::start() {
    process_ = std::make_unique<Process>(Argv{NAP_EXECUTABLE, "agent"}, log_, env_);
}

void Agent::await_ready() {
    await("the agent is ready", [&] {
        if (!running()) throw Failure("the agent has ended:\n" + tail(log_, 20));
        return get("/readyz").status == 200;
    });
}

void Agent::kill() {
    if (process_) process_->kill();
}

int Agent::terminate() {
    process_->signal(SIGTERM);
    return await_end();
}

int Agent::await_end() {
    const auto code = process_->wait(milliseconds(15'000));
    if (!code) throw Failure("the agent does not end");
    return *code;
}

void Agent::pause() {
    process_->signal(SIGSTOP);
}
void Agent::resume() {
    process_->signal(SIGCONT);
}

HttpResponse Agent::get(const std::string& path) const {
    return http(endpoint(), {.path = path, .limit = milliseconds(5'000)});
}

Finished Agent::nap(Argv arguments, milliseconds limit) const {
    arguments.insert(arguments.begin(), NAP_EXECUTABLE);
    return run(arguments, {.input = "", .env = env_, .limit = limit});
}

}  // namespace nap::test
