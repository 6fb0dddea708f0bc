#include "agent/kv_server.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>
#include <charconv>

#include "agent/accept.hpp"
#include "clients/consul_codec.hpp"

namespace nap {

namespace {

namespace beast = boost::beast;
namespace http = boost::beast::http;

constexpr auto no_throw = asio::as_tuple(asio::use_awaitable);
constexpr std::size_t body_bytes_max = 1024 * 1024;
constexpr std::chrono::seconds deadline{10};
constexpr std::string_view kv_path = "/v1/kv/";

using Request = http::request<http::string_body>;
using Response = http::response<http::string_body>;

struct Answer {
    http::status status = http::status::ok;
    std::string body;
    std::uint64_t index = 0;  ///< X-Consul-Index, if any
};

std::string percent_decoded(std::string_view text) {
    std::string decoded;
    for (std::size_t i = 0; i < text.size(); ++i) {
        unsigned value = 0;
        const bool escape =
            text[i] == '%' && i + 2 < text.size() &&
            std::from_chars(&text[i] + 1, &text[i] + 3, value, 16).ptr == &text[i] + 3;
        decoded += escape ? static_cast<char>(value) : text[i];
        if (escape) i += 2;
    }
    return decoded;
}

struct Target {
    std::string path;
    std::map<std::string, std::string> query;
};

Target parse_target(std::string_view text) {
    Target target;
    const std::size_t mark = std::min(text.find('?'), text.size());
    target.path = percent_decoded(text.substr(0, mark));
    text.remove_prefix(std::min(mark + 1, text.size()));
    while (!text.empty()) {
        const std::string_view pair = text.substr(0, text.find('&'));
        const std::size_t equals = std::min(pair.find('='), pair.size());
        target.query[percent_decoded(pair.substr(0, equals))] =
            percent_decoded(pair.substr(std::min(equals + 1, pair.size())));
        text.remove_prefix(std::min(pair.size() + 1, text.size()));
    }
    return target;
}

std::uint64_t number(const std::string& text) {
    std::uint64_t value = 0;
    std::from_chars(text.data(), text.data() + text.size(), value);
    return value;
}

/// `5m`, `60s`, `1500ms`.
milliseconds wait_of(const std::string& text) {
    const auto value = static_cast<std::int64_t>(std::min<std::uint64_t>(number(text), 600'000));
    const milliseconds unit = text.ends_with("ms")  ? milliseconds(1)
                              : text.ends_with("m") ? milliseconds(60'000)
                                                    : milliseconds(1'000);
    return std::min(unit * value, milliseconds(600'000));
}

asio::awaitable<Answer> answer_read(LocalStore& store, Target target) {
    std::string key = target.path.substr(kv_path.size());
    const ReadOptions options{.index = number(target.query["index"]),
                              .wait = wait_of(target.query["wait"])};
    const bool recursive = target.query.contains("recurse");
    auto reading =
        recursive ? store.list(std::move(key), options) : store.watch_key(std::move(key), options);
    const auto listing = co_await std::move(reading);
    if (!listing) {
        co_return Answer{http::status::internal_server_error, listing.error().message, 0};
    }
    Answer answer{http::status::ok, "", listing->index};
    if (listing->entries.empty()) {
        answer.status = http::status::not_found;
    } else {
        answer.body = encode_kv_list(listing->entries);
    }
    co_return answer;
}

bool changes(const KvOp& op) {
    return op.verb != KvVerb::check_index && op.verb != KvVerb::check_session &&
           op.verb != KvVerb::check_not_exists;
}

Answer answer_transaction(const KvServer::Options& options, const std::string& body) {
    const auto ops = decode_transaction(body);
    if (!ops) return {http::status::bad_request, ops.error().message, 0};
    for (const KvOp& op : *ops) {
        if (changes(op) && op.key.starts_with(options.read_only)) {
            return {http::status::forbidden, options.why, 0};
        }
    }
    const auto written = options.store.write(*ops);
    if (written) return {http::status::ok, "{}", 0};
    if (written.error().code == Errc::not_committed) {
        return {http::status::conflict, encode_transaction_error(written.error().message), 0};
    }
    return {http::status::internal_server_error, written.error().message, 0};
}

asio::awaitable<Answer> answer_to(const KvServer::Options& options, const Request& request) {
    const std::string_view text(request.target().data(), request.target().size());
    Target target = parse_target(text);
    if (request.method() == http::verb::get && target.path.starts_with(kv_path)) {
        co_return co_await answer_read(options.store, std::move(target));
    }
    if (request.method() == http::verb::get && target.path == "/v1/status/leader") {
        co_return Answer{http::status::ok, "\"standalone\"", 0};
    }
    if (request.method() == http::verb::put && target.path == "/v1/txn") {
        co_return answer_transaction(options, request.body());
    }
    co_return Answer{http::status::not_found, "a standalone agent of nap has no such thing", 0};
}

Response respond(const Request& request, Answer answer) {
    Response response{answer.status, request.version()};
    response.set(http::field::content_type, "application/json");
    if (answer.index > 0) {
        response.set("X-Consul-Index", std::to_string(answer.index));
        response.set("X-Consul-KnownLeader", "true");
    }
    response.keep_alive(request.keep_alive());
    response.body() = std::move(answer.body);
    response.prepare_payload();
    return response;
}

}  // namespace

Result<std::unique_ptr<KvServer>> KvServer::create(asio::any_io_executor executor,
                                                   Options options) {
    // One that was killed has left its socket behind; the lock of the data directory says that no
    // other agent is there.
    ::unlink(options.socket_path.c_str());
    Protocol::acceptor acceptor(executor);
    boost::system::error_code error;
    const std::string what = "cannot listen on " + options.socket_path + ": ";
    if (options.socket_path.size() >= sizeof(sockaddr_un::sun_path)) {
        return Error{Errc::io, what +
                                   "the path is too long for a socket; choose a shorter "
                                   "--data-dir"};
    }
    acceptor.open(Protocol(), error);
    const mode_t mask = ::umask(0177);
    if (!error) acceptor.bind(Protocol::endpoint(options.socket_path), error);
    ::umask(mask);
    if (!error) acceptor.listen(asio::socket_base::max_listen_connections, error);
    if (error) return Error{Errc::io, what + error.message()};
    return std::unique_ptr<KvServer>(
        new KvServer(executor, std::move(acceptor), std::move(options)));
}

KvServer::KvServer(asio::any_io_executor executor, Protocol::acceptor acceptor, Options options)
    : acceptor_(std::move(acceptor)), options_(std::move(options)), tasks_(executor) {}

void KvServer::start() {
    auto serve_one = [this](Protocol::socket socket) { return serve(std::move(socket)); };
    tasks_.spawn(accept_into<Protocol>(tasks_, acceptor_, std::move(serve_one)));
}

void KvServer::stop() {
    tasks_.cancel();
    ::unlink(options_.socket_path.c_str());
}

asio::awaitable<void> KvServer::join() {
    co_await tasks_.join();
}

asio::awaitable<void> KvServer::serve(Protocol::socket socket) {
    beast::basic_stream<Protocol> stream(std::move(socket));
    beast::flat_buffer buffer;
    while (true) {
        http::request_parser<http::string_body> parser;
        parser.body_limit(body_bytes_max);
        // Commands keep connections open while they wait for something else.
        stream.expires_after(std::chrono::minutes(15));
        const auto [read_error, read] = co_await http::async_read(stream, buffer, parser, no_throw);
        if (read_error) co_return;
        Answer answer = co_await answer_to(options_, parser.get());
        auto response = respond(parser.get(), std::move(answer));
        stream.expires_after(deadline);
        const auto [write_error, wrote] = co_await http::async_write(stream, response, no_throw);
        if (write_error || !response.keep_alive()) co_return;
    }
}

}  // namespace nap
