#include "model/hosts_block.hpp"

namespace nap {

namespace {

constexpr std::string_view begin_marker = "# nap: begin\n";
constexpr std::string_view end_marker = "# nap: end\n";

/// Offsets of the whole block, markers included; npos when there is none that is complete.
struct Extent {
    std::size_t begin = std::string_view::npos;
    std::size_t end = std::string_view::npos;

    [[nodiscard]] bool found() const { return end != std::string_view::npos; }
};

/// Whether what stands at `at` begins a line.
bool begins_line(std::string_view file, std::size_t at) {
    return at == 0 || file[at - 1] == '\n';
}

/// The last begin marker before an end marker: a block that was cut short never swallows the lines
/// between it and the next one.
Extent find_block(std::string_view file) {
    std::size_t end = file.find(end_marker);
    while (end != std::string_view::npos && !begins_line(file, end)) {
        end = file.find(end_marker, end + 1);
    }
    if (end == std::string_view::npos) return {};
    std::size_t begin = file.rfind(begin_marker, end);
    while (begin != std::string_view::npos && !begins_line(file, begin)) {
        begin = begin == 0 ? std::string_view::npos : file.rfind(begin_marker, begin - 1);
    }
    if (begin == std::string_view::npos) return {};
    return {.begin = begin, .end = end + end_marker.size()};
}

}  // namespace

std::string extract_hosts_block(std::string_view file) {
    const Extent extent = find_block(file);
    if (!extent.found()) return {};
    const std::size_t from = extent.begin + begin_marker.size();
    return std::string(file.substr(from, extent.end - end_marker.size() - from));
}

std::string replace_hosts_block(std::string_view file, std::string_view block) {
    std::string before(file);
    std::string after;
    if (const Extent extent = find_block(file); extent.found()) {
        before = file.substr(0, extent.begin);
        after = file.substr(extent.end);
    }
    if (block.empty()) return before + after;
    if (!before.empty() && before.back() != '\n') before += '\n';
    std::string text = before;
    text += begin_marker;
    text += block;
    if (block.back() != '\n') text += '\n';
    text += end_marker;
    return text + after;
}

}  // namespace nap
