#include <fmt/core.h>

#include <algorithm>
#include <chrono>

#include "clients/docker_codec.hpp"
#include "clients/docker_engine.hpp"
#include "clients/docker_hooks.hpp"

namespace nap {

namespace {

using std::chrono::seconds;
using std::chrono::steady_clock;

constexpr milliseconds short_deadline = seconds{10};

/// Reads the output to its end.
asio::awaitable<Result<std::string>> read_output(HttpStream stream, milliseconds limit) {
    OutputTail tail;
    const auto until = steady_clock::now() + limit;
    for (;;) {
        const auto left = std::chrono::duration_cast<milliseconds>(until - steady_clock::now());
        if (left <= milliseconds{0}) {
            co_return Error{Errc::timed_out, "run_hook: it has not ended in time"};
        }
        auto chunk = co_await stream.next(left);
        if (!chunk) co_return chunk.error();
        if (chunk->empty()) co_return tail.last_line();
        tail.add(*chunk);
    }
}

}  // namespace

asio::awaitable<Result<HookEnd>> DockerEngine::run_hook(ContainerId id, Hook hook,
                                                        milliseconds limit) {
    HttpRequest create{.op = "create_exec",
                       .method = "POST",
                       .target = fmt::format("/containers/{}/exec", percent_encode(id.str())),
                       .body = encode_exec(hook),
                       .deadline = short_deadline};
    auto created = co_await call(std::move(create));
    if (!created) co_return created.error();
    auto exec = decode_created(created->body);
    if (!exec) co_return exec.error();
    const std::string target = "/exec/" + percent_encode(exec->str());
    HttpRequest start{.op = "start_exec",
                      .method = "POST",
                      .target = target + "/start",
                      .body = R"({"Detach":false,"Tty":false})",
                      .deadline = std::min(limit, milliseconds(short_deadline))};
    auto stream = co_await open(std::move(start));
    if (!stream) co_return stream.error();
    auto output = co_await read_output(std::move(*stream), limit);
    if (!output) co_return output.error();
    HttpRequest inspect{.op = "inspect_exec",
                        .target = target + "/json",
                        .body = {},
                        .idempotent = true,
                        .deadline = short_deadline};
    auto ended = co_await call(std::move(inspect));
    if (!ended) co_return ended.error();
    auto state = decode_exec(ended->body);
    if (!state) co_return state.error();
    if (state->running) {
        co_return Error{Errc::internal, "run_hook: the engine says it has not ended"};
    }
    co_return HookEnd{.exit_code = state->exit_code, .output = std::move(*output)};
}

}  // namespace nap
