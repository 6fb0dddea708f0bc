#include "reconciler/app_intake.hpp"

#include <algorithm>

#include "reconciler/digest.hpp"

namespace nap {

namespace {

bool is_in_folder(const AppStamp& stamp) {
    return std::any_of(stamp.begin(), stamp.end(), [](const auto& entry) {
        return entry.first.find('/') != std::string::npos;
    });
}

/// With its length, so that no two lists of parts read alike.
void add_part(std::string& text, const std::string& part) {
    text += std::to_string(part.size()) + ":" + part;
}

}  // namespace

void AppIntake::see(const std::map<AppId, AppStamp>& apps, MonotonicTime now) {
    const auto is_gone = [&](const auto& entry) { return !apps.contains(entry.first); };
    std::erase_if(read_, is_gone);
    std::erase_if(waiting_, is_gone);
    for (const auto& [app, stamp] : apps) {
        const auto read = read_.find(app);
        if (read != read_.end() && read->second == stamp) {
            // What was there before a change is there again.
            waiting_.erase(app);
            continue;
        }
        const auto [waiting, fresh] = waiting_.try_emplace(app);
        Waiting& state = waiting->second;
        if (!fresh && state.stamp == stamp) continue;
        if (fresh) state.due_at_last = now + settle_time_max;
        state.due = is_in_folder(stamp) ? std::min(now + settle_time_, state.due_at_last) : now;
        state.stamp = stamp;
    }
}

std::vector<AppId> AppIntake::take_due(MonotonicTime now) {
    std::vector<AppId> due;
    for (auto next = waiting_.begin(); next != waiting_.end();) {
        if (next->second.due > now) {
            ++next;
            continue;
        }
        due.push_back(next->first);
        read_[next->first] = std::move(next->second.stamp);
        next = waiting_.erase(next);
    }
    return due;
}

std::optional<MonotonicTime> AppIntake::next_due() const {
    std::optional<MonotonicTime> next;
    for (const auto& [app, waiting] : waiting_) {
        if (!next || waiting.due < *next) next = waiting.due;
    }
    return next;
}

void AppIntake::clear() {
    read_.clear();
    waiting_.clear();
}

RevisionId revision_of(const ManifestText& text) {
    if (text.files.empty()) return RevisionId(digest(text.text));
    std::string all;
    add_part(all, text.text);
    for (const auto& [path, bytes] : text.files) {
        add_part(all, path);
        add_part(all, bytes);
    }
    return RevisionId(digest(all));
}

bool is_shrunk(const ManifestText& before, const ManifestText& wanted) {
    if (before.text != wanted.text || before.files.size() <= wanted.files.size()) return false;
    return std::all_of(wanted.files.begin(), wanted.files.end(), [&](const auto& file) {
        const auto known = before.files.find(file.first);
        return known != before.files.end() && known->second == file.second;
    });
}

std::uint64_t index_of_change(const ManifestText& wanted, std::uint64_t highest,
                              std::uint64_t listing, const BeforeChange& before) {
    if (highest >= before.modify_index) return highest;
    if (wanted == before.text) return before.modify_index;
    const bool deleted = listing > before.modify_index && is_shrunk(before.text, wanted);
    return deleted ? listing : highest;
}

}  // namespace nap
