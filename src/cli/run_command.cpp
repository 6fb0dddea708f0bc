#include "cli/run_command.hpp"

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>
#include <csignal>
#include <exception>

namespace nap {

Outcome run_command(const CommandStart& start, const Config& config, const Console& console) {
    asio::io_context io(1);
    asio::signal_set signals(io, SIGINT, SIGTERM);
    asio::cancellation_signal stop;
    bool interrupted = false;
    Outcome outcome;
    std::exception_ptr escaped;
    signals.async_wait([&](boost::system::error_code error, int) {
        if (error) return;
        interrupted = true;
        stop.emit(asio::cancellation_type::terminal);
    });
    auto done = [&](std::exception_ptr error, Outcome ended) {
        escaped = error;
        outcome = std::move(ended);
        signals.cancel();
    };
    asio::co_spawn(io, start({io.get_executor(), config, console}),
                   asio::bind_cancellation_slot(stop.slot(), std::move(done)));
    io.run();
    if (interrupted) return {Exit::interrupted, "interrupted"};
    if (escaped) std::rethrow_exception(escaped);
    return outcome;
}

}  // namespace nap
