#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "model/cluster.hpp"
#include "model/ids.hpp"
#include "model/time.hpp"

namespace nap {

/// The names of an app's keys under `nap/apps/`, and the ModifyIndex of each.
using AppStamp = std::map<std::string, std::uint64_t>;

/// Says when an app's keys are to be read. An app that is one key is read as soon as it changes.
/// One in a folder may be written key by key, by tools that know no transactions: it is read once
/// nothing in it has changed for a while, so that no half of it is acted on.
class AppIntake {
  public:
    static constexpr milliseconds settle_time_max{2'000};  ///< should it never rest

    explicit AppIntake(milliseconds settle_time) : settle_time_(settle_time) {}

    /// All apps that have keys now.
    void see(const std::map<AppId, AppStamp>& apps, MonotonicTime now);
    /// Apps that have changed and are to be read now; they count as read.
    [[nodiscard]] std::vector<AppId> take_due(MonotonicTime now);

    /// Changed and not read yet.
    [[nodiscard]] bool waits(const AppId& app) const { return waiting_.contains(app); }
    [[nodiscard]] std::optional<MonotonicTime> next_due() const;
    void clear();

  private:
    struct Waiting {
        AppStamp stamp;
        MonotonicTime due;
        MonotonicTime due_at_last;
    };

    milliseconds settle_time_;
    std::map<AppId, AppStamp> read_;
    std::map<AppId, Waiting> waiting_;
};

/// Named by the digest of all its files.
[[nodiscard]] RevisionId revision_of(const ManifestText& text);

/// `wanted` is `before` without some of the files beside the manifest, and nothing else.
[[nodiscard]] bool is_shrunk(const ManifestText& before, const ManifestText& wanted);

/// What has been in force of an app, for `index_of_change`.
struct BeforeChange {
    const ManifestText& text;
    std::uint64_t modify_index = 0;
};

/// The ModifyIndex to count for `wanted`, whose keys have at most `highest`, in a listing of index
/// `listing`. An index that goes back means an older manifest, which hosts refuse; but when a file
/// is deleted, the highest of the rest is lower too. The listing's own then tells of the deletion.
[[nodiscard]] std::uint64_t index_of_change(const ManifestText& wanted, std::uint64_t highest,
                                            std::uint64_t listing, const BeforeChange& before);

}  // namespace nap
