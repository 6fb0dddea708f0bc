#pragma once

#include <cstdint>
#include <deque>
#include <string>

namespace nap::sim {

/// What has happened, for people: the last lines of it. And a digest of all, by which two runs of a
/// seed are compared.
class EventLog {
  public:
    explicit EventLog(std::size_t lines_max) : lines_max_(lines_max) {}

    void add(std::string line) {
        for (const char c : line) {
            hash_ ^= static_cast<unsigned char>(c);
            hash_ *= 1099511628211ULL;
        }
        note(std::move(line));
    }
    /// A line that is no part of the digest: it may hold what differs from run to run.
    void note(std::string line) {
        lines_.push_back(std::move(line));
        if (lines_.size() > lines_max_) lines_.pop_front();
    }

    [[nodiscard]] std::uint64_t hash() const { return hash_; }
    [[nodiscard]] const std::deque<std::string>& lines() const { return lines_; }

  private:
    std::size_t lines_max_;
    std::deque<std::string> lines_;
    std::uint64_t hash_ = 14695981039346656037ULL;
};

}  // namespace nap::sim
