#include <fmt/core.h>

#include <chrono>

#include "clients/docker_codec.hpp"
#include "clients/docker_engine.hpp"
#include "clients/line_buffer.hpp"

namespace nap {

namespace {

using std::chrono::seconds;

constexpr milliseconds events_deadline = seconds{10};
/// A pull may take any time, but not without a sign of progress.
constexpr milliseconds pull_idle = seconds{120};

/// What nap acts on. Without it, the exec events of health checks flood the engine's ring.
constexpr std::string_view event_filters =
    R"({"type":["container","network","volume","image"],)"
    R"("event":["create","start","die","oom","destroy","rename","pause","unpause",)"
    R"("health_status","connect","disconnect","remove","pull","tag","untag","delete",)"
    R"("import","load"]})";

std::string events_target(TimePoint since) {
    const auto whole = std::chrono::floor<seconds>(since.time_since_epoch());
    const auto rest = since.time_since_epoch() - whole;
    return fmt::format("/events?since={}.{:09}&filters={}", whole.count(), rest.count(),
                       percent_encode(event_filters));
}

class DockerEventStream final : public EventStream {
  public:
    explicit DockerEventStream(HttpStream stream) : stream_(std::move(stream)) {}

    asio::awaitable<Result<EngineEvent>> next() override;

  private:
    HttpStream stream_;
    LineBuffer lines_;
};

asio::awaitable<Result<EngineEvent>> DockerEventStream::next() {
    for (;;) {
        if (auto line = lines_.take()) co_return decode_event(*line);
        auto chunk = co_await stream_.next(milliseconds{0});
        if (!chunk) co_return chunk.error();
        if (chunk->empty()) co_return Error{Errc::unreachable, "the event stream ended"};
        auto added = lines_.add(*chunk);
        if (!added) co_return added.error();
    }
}

/// Reads a pull to its end; the engine tells of failures inside the body.
asio::awaitable<Result<void>> read_pull(HttpStream stream) {
    LineBuffer lines;
    for (;;) {
        auto chunk = co_await stream.next(pull_idle);
        if (!chunk) co_return chunk.error();
        if (chunk->empty()) break;
        auto added = lines.add(*chunk);
        if (!added) co_return added.error();
        while (auto line = lines.take()) {
            auto good = check_pull_line(*line);
            if (!good) co_return good.error();
        }
    }
    if (lines.rest().empty()) co_return Result<void>{};
    co_return check_pull_line(lines.rest());
}

}  // namespace

asio::awaitable<Result<void>> DockerEngine::pull_image(std::string reference,
                                                       std::string platform) {
    const PullReference split = split_reference(reference);
    HttpRequest request{
        .op = "pull_image",
        .method = "POST",
        .target = fmt::format("/images/create?fromImage={}&tag={}", percent_encode(split.name),
                              percent_encode(split.tag)),
        .body = {},
        .deadline = pull_idle};
    if (!platform.empty()) request.target += "&platform=" + percent_encode(platform);
    auto stream = co_await open(std::move(request));
    if (!stream) co_return stream.error();
    auto pulled = co_await read_pull(std::move(*stream));
    if (!pulled) {
        co_return Error{pulled.error().code,
                        fmt::format("pull_image {}: {}", reference, pulled.error().message)};
    }
    auto image = co_await find_image(reference);
    if (!image) co_return image.error();
    if (!*image) {
        co_return Error{Errc::internal,
                        fmt::format("pull_image {}: the pull ended without an image", reference)};
    }
    co_return Result<void>{};
}

asio::awaitable<Result<std::unique_ptr<EventStream>>> DockerEngine::open_events(TimePoint since) {
    // A stream is opened anew after the engine went away; it may come back as another version.
    version_prefix_.clear();
    HttpRequest request{.op = "events",
                        .target = events_target(since),
                        .body = {},
                        .idempotent = true,
                        .deadline = events_deadline};
    auto stream = co_await open(std::move(request));
    if (!stream) co_return stream.error();
    std::unique_ptr<EventStream> events = std::make_unique<DockerEventStream>(std::move(*stream));
    co_return std::move(events);
}

}  // namespace nap
