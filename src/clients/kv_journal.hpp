#pragma once

#include <string>

#include "clients/kv_table.hpp"

namespace nap {

/// Keeps a KvTable on disk: one line of JSON for each transaction, appended before it takes effect,
/// so that a transaction is there whole or not at all. Rewritten once it has grown far beyond what
/// it tells.
class KvJournal {
  public:
    /// `io` when the file cannot be read or written. A line that is cut short, the last one after a
    /// crash, ends what is read.
    static Result<KvJournal> open(const std::string& path, KvTable& table);
    KvJournal(KvJournal&& other) noexcept;
    KvJournal& operator=(KvJournal&&) = delete;
    ~KvJournal();

    /// After an error nothing of it is in the file.
    Result<void> append(const KvChanges& changes);
    /// Writes the file anew from `table` when that is worth it.
    void compact(const KvTable& table);

  private:
    KvJournal(std::string path, int fd) : path_(std::move(path)), fd_(fd) {}

    Result<void> write_anew(const KvTable& table);

    std::string path_;
    int fd_ = -1;
    std::size_t bytes_ = 0;
    std::size_t bytes_anew_ = 0;  ///< after the last rewrite
};

}  // namespace nap
