#include "agent/admin_server.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>

#include "agent/accept.hpp"
#include "clients/http.hpp"

namespace nap {

namespace {

namespace beast = boost::beast;
namespace http = boost::beast::http;
using asio::ip::tcp;

constexpr auto no_throw = asio::as_tuple(asio::use_awaitable);
constexpr std::size_t header_bytes_max = 8 * 1024;
constexpr std::chrono::seconds request_deadline{10};

struct Answer {
    http::status status = http::status::ok;
    std::string body;
    std::string type = "text/plain; charset=utf-8";
};

Answer readiness(const std::vector<std::string>& missing, bool verbose) {
    Answer answer;
    if (missing.empty()) {
        answer.body = "ok\n";
        return answer;
    }
    answer.status = http::status::service_unavailable;
    answer.body = "not ready\n";
    if (!verbose) return answer;
    for (const std::string& line : missing)
        answer.body += line + "\n";
    return answer;
}

Answer answer_to(const http::request<http::empty_body>& request, const AdminAnswers& answers) {
    if (request.method() != http::verb::get && request.method() != http::verb::head) {
        return {.status = http::status::method_not_allowed, .body = "only GET and HEAD\n"};
    }
    const std::string_view target(request.target().data(), request.target().size());
    const std::string_view path = target.substr(0, target.find('?'));
    const std::string_view query =
        path.size() < target.size() ? target.substr(path.size() + 1) : "";
    if (path == "/livez") return {.body = "ok\n"};
    if (path == "/readyz") return readiness(answers.not_ready(), query.starts_with("verbose"));
    if (path == "/metrics") {
        return {.body = answers.metrics(), .type = "text/plain; version=0.0.4; charset=utf-8"};
    }
    return {.status = http::status::not_found, .body = "try /livez, /readyz or /metrics\n"};
}

http::response<http::string_body> respond(const http::request<http::empty_body>& request,
                                          Answer answer) {
    http::response<http::string_body> response{answer.status, request.version()};
    response.set(http::field::content_type, answer.type);
    response.keep_alive(request.keep_alive());
    const std::size_t size = answer.body.size();
    if (request.method() != http::verb::head) response.body() = std::move(answer.body);
    response.content_length(size);
    return response;
}

}  // namespace

Result<std::unique_ptr<AdminServer>> AdminServer::create(asio::any_io_executor executor,
                                                         const std::string& bind,
                                                         AdminAnswers answers) {
    const auto endpoint = parse_endpoint(bind, 7627);
    if (!endpoint) return Error{Errc::rejected, "http.bind: " + endpoint.error().message};
    boost::system::error_code error;
    const std::string host = endpoint->host == "localhost" ? "127.0.0.1" : endpoint->host;
    const auto address = asio::ip::make_address(host, error);
    if (error || !address.is_loopback()) {
        return Error{Errc::rejected, "http.bind " + bind +
                                         ": not a loopback address; this endpoint has no "
                                         "authentication, so use 127.0.0.1 or [::1]"};
    }
    const tcp::endpoint at(address, endpoint->port);
    tcp::acceptor acceptor(executor);
    acceptor.open(at.protocol(), error);
    if (!error) acceptor.set_option(tcp::acceptor::reuse_address(true), error);
    if (!error) acceptor.bind(at, error);
    if (!error) acceptor.listen(asio::socket_base::max_listen_connections, error);
    if (error) {
        return Error{Errc::io, "cannot listen on http.bind " + bind + ": " + error.message() +
                                   "; choose another with --http-bind"};
    }
    return std::unique_ptr<AdminServer>(
        new AdminServer(executor, std::move(acceptor), std::move(answers)));
}

AdminServer::AdminServer(asio::any_io_executor executor, tcp::acceptor acceptor,
                         AdminAnswers answers)
    : acceptor_(std::move(acceptor)), answers_(std::move(answers)), tasks_(executor) {}

void AdminServer::start() {
    auto serve_one = [this](tcp::socket socket) { return serve(std::move(socket)); };
    tasks_.spawn(accept_into<tcp>(tasks_, acceptor_, std::move(serve_one)));
}

void AdminServer::stop() {
    tasks_.cancel();
}

asio::awaitable<void> AdminServer::join() {
    co_await tasks_.join();
}

asio::awaitable<void> AdminServer::serve(tcp::socket socket) {
    beast::tcp_stream stream(std::move(socket));
    beast::flat_buffer buffer;
    while (true) {
        http::request_parser<http::empty_body> parser;
        parser.header_limit(header_bytes_max);
        stream.expires_after(request_deadline);
        const auto [read_error, read] = co_await http::async_read(stream, buffer, parser, no_throw);
        if (read_error) co_return;
        auto response = respond(parser.get(), answer_to(parser.get(), answers_));
        stream.expires_after(request_deadline);
        const auto [write_error, wrote] = co_await http::async_write(stream, response, no_throw);
        if (write_error || !response.keep_alive()) co_return;
    }
}

}  // namespace nap
