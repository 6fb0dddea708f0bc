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

Extent find_block(std::string_view file) {
    Extent extent;
    extent.begin = file.find(begin_marker);
    const bool at_line_start =
        extent.begin == 0 || (extent.begin != std::string_view::npos &&
                              file[extent.begin - 1] == '\n');
    if (!at_line_start) return extent;
    const std::size_t end = file.find(end_marker, extent.begin);
    if (end != std::string_view::npos) extent.end = end + end_marker.size();
    return extent;
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
