#include "cli/run_command.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>
#include <csignal>
#include <cstdlib>
#include <exception>

namespace nap {

Outcome run_command(const CommandStart& start, const Config& config, const Console& console) {
    asio::io_context io(1);
    asio::signal_set signals(io, SIGINT, SIGTERM);
    Outcome outcome;
    std::exception_ptr escaped;
    signals.async_wait([&](boost::system::error_code error, int) {
        if (error) return;
        // A command writes by whole transactions, so there is nothing to wind up.
        console.say("interrupted");
        std::_Exit(static_cast<int>(Exit::interrupted));
    });
    auto done = [&](std::exception_ptr error, Outcome ended) {
        escaped = error;
        outcome = std::move(ended);
        signals.cancel();
    };
    asio::co_spawn(io, start({io.get_executor(), config, console}), std::move(done));
    io.run();
    if (escaped) std::rethrow_exception(escaped);
    return outcome;
}

}  // namespace nap
