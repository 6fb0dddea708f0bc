#pragma once

#include <boost/system/result.hpp>
#include <stdexcept>
#include <string>
#include <utility>

namespace nap {

/// What kind of failure it was: this is what code decides on. The message is for people.
enum class Errc {
    not_found,      ///< the object is not there
    conflict,       ///< a name is taken, an index moved, an operation is already under way
    unreachable,    ///< no connection, or it broke: the effect of a mutating call is unknown
    timed_out,      ///< the deadline passed: the effect of a mutating call is unknown
    denied,         ///< 403: a token lacks a right
    no_leader,      ///< Consul has no leader, or the read was stale
    rejected,       ///< the other side understood and refused; trying again unchanged will not help
    too_large,      ///< over a size limit
    malformed,      ///< an answer that could not be read
    internal,       ///< the other side failed (5xx)
    io,             ///< a local file could not be read or written
    not_committed,  ///< a transaction's precondition did not hold; nothing was written
};

[[nodiscard]] const char* to_string(Errc code);

struct Error {
    Errc code = Errc::internal;
    std::string message;
};

template <class T>
using Result = boost::system::result<T, Error>;

/// Lets Result::value() work; product code tests the result first and never gets here.
[[noreturn]] inline void throw_exception_from_error(const Error& error,
                                                    const boost::source_location&) {
    throw std::runtime_error(error.message);
}

}  // namespace nap
