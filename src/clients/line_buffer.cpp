#include "clients/line_buffer.hpp"

namespace nap {

Result<void> LineBuffer::add(std::string_view chunk) {
    text_ += chunk;
    const auto end = text_.rfind('\n');
    const auto unfinished = text_.size() - (end == std::string::npos ? 0 : end + 1);
    if (unfinished > line_bytes_max) {
        return Error{Errc::too_large, "a line of the stream is over 1 MB"};
    }
    return {};
}

std::optional<std::string> LineBuffer::take() {
    for (;;) {
        const auto end = text_.find('\n');
        if (end == std::string::npos) return std::nullopt;
        std::string line = text_.substr(0, end);
        text_.erase(0, end + 1);
        if (line.find_first_not_of("\r \t") != std::string::npos) return line;
    }
}

}  // namespace nap
