#include "model/error.hpp"

namespace nap {

const char* to_string(Errc code) {
    switch (code) {
        case Errc::not_found:
            return "not_found";
        case Errc::conflict:
            return "conflict";
        case Errc::unreachable:
            return "unreachable";
        case Errc::timed_out:
            return "timed_out";
        case Errc::denied:
            return "denied";
        case Errc::no_leader:
            return "no_leader";
        case Errc::rejected:
            return "rejected";
        case Errc::too_large:
            return "too_large";
        case Errc::malformed:
            return "malformed";
        case Errc::internal:
            return "internal";
        case Errc::io:
            return "io";
        case Errc::not_committed:
            return "not_committed";
    }
    return "unknown";
}

}  // namespace nap
