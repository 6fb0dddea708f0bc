#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "clients/local_store.hpp"
#include "model/keys.hpp"
#include "model/standalone_record.hpp"
#include "ports/clock.hpp"
#include "watchers/app_folder.hpp"
#include "watchers/folder_watch.hpp"

namespace nap {

/// Keeps the manifests in a LocalStore equal to those in a folder. What cannot be read is not gone:
/// it stays in the store as it was.
class FolderFeed {
  public:
    struct Options {
        LocalStore& store;
        const Clock& clock;
        Keys keys;
        std::string folder;
    };
    static Result<std::unique_ptr<FolderFeed>> create(asio::any_io_executor executor,
                                                      Options options);
    FolderFeed(asio::any_io_executor executor, Options options, std::unique_ptr<FolderWatch> watch);

    /// Looks once, at once.
    void look();
    void start();
    void stop();
    asio::awaitable<void> join();

    /// What keeps the folder from being followed, for people; empty when nothing does.
    [[nodiscard]] const std::vector<std::string>& problems() const { return problems_; }

  private:
    using Apps = std::map<AppId, FolderFiles>;

    asio::awaitable<void> follow();
    [[nodiscard]] Apps known_apps() const;
    void write_app(const AppId& app, const FolderFiles& wanted, const FolderFiles& known);
    void drop_missing(const AppFolder& found, const Apps& known,
                      std::vector<std::string>& problems);
    /// The folder is the one that the apps in the store have come from.
    [[nodiscard]] bool is_same_folder(const AppFolder& found) const;
    [[nodiscard]] StandaloneRecord record() const;
    void remember_folder(const AppFolder& found);
    void say(std::vector<std::string> problems, std::vector<std::string> notes);
    void write(const std::vector<KvOp>& ops);

    Options options_;
    std::unique_ptr<FolderWatch> watch_;
    std::map<AppId, MonotonicTime> missing_since_;
    std::vector<std::string> problems_;
    std::vector<std::string> notes_;
    bool write_failed_ = false;  ///< in the last look
    bool failed_before_ = false;
    TaskGroup tasks_;
};

}  // namespace nap
