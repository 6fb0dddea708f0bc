#include "clients/gzip.hpp"

#include <zlib.h>

#include <algorithm>
#include <array>

namespace nap {

namespace {

/// Asks zlib for the gzip format, with its largest window.
constexpr int gzip_window_bits = 15 + 16;

struct Inflater {
    z_stream stream{};
    bool ready = false;
    Inflater() { ready = inflateInit2(&stream, gzip_window_bits) == Z_OK; }
    ~Inflater() {
        if (ready) inflateEnd(&stream);
    }
    Inflater(const Inflater&) = delete;
    Inflater& operator=(const Inflater&) = delete;
};

}  // namespace

Result<std::string> unpacked(const std::string& value, std::size_t bytes_max) {
    if (!value.starts_with("\x1f\x8b")) return value;
    const Error broken{Errc::malformed,
                       "this is gzip that is broken or cut short; put it again, `gzip -c FILE`"};
    Inflater inflater;
    if (!inflater.ready) return Error{Errc::internal, "out of memory for gzip"};
    std::string input = value;  // zlib's interface is not const
    inflater.stream.next_in = reinterpret_cast<Bytef*>(input.data());
    inflater.stream.avail_in = static_cast<uInt>(input.size());
    std::string output;
    std::array<char, 16 * 1024> buffer{};
    while (true) {
        inflater.stream.next_out = reinterpret_cast<Bytef*>(buffer.data());
        inflater.stream.avail_out = static_cast<uInt>(buffer.size());
        const int result = inflate(&inflater.stream, Z_NO_FLUSH);
        output.append(buffer.data(), buffer.size() - inflater.stream.avail_out);
        if (output.size() > bytes_max) {
            return Error{Errc::too_large, "this is gzip that unpacks to more than the " +
                                              std::to_string(bytes_max) + " bytes allowed"};
        }
        if (result == Z_STREAM_END) {
            // Files may consist of several parts, one after the other.
            if (inflater.stream.avail_in == 0) return output;
            if (inflateReset(&inflater.stream) != Z_OK) return broken;
        } else if (result != Z_OK ||
                   (inflater.stream.avail_in == 0 && inflater.stream.avail_out == buffer.size())) {
            return broken;
        }
    }
}

}  // namespace nap
