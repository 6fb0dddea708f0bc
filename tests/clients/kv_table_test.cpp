#include "clients/kv_table.hpp"

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "clients/kv_journal.hpp"

namespace nap::test {
namespace {

const SessionId held("s-held");
const KvTable::Sessions sessions{
    {held, SessionSpec{.name = "a", .delete_on_end = true}},
    {SessionId("s-lock"), SessionSpec{.name = "b"}},
};

class KvTableTest : public ::testing::Test {
  protected:
    Result<void> transact(const std::vector<KvOp>& ops) {
        const auto changes = table.changes_of(ops, sessions);
        if (!changes) return changes.error();
        table.apply(*changes);
        return {};
    }
    void set(const std::string& key, const std::string& value) {
        ASSERT_TRUE(transact({{.verb = KvVerb::set, .key = key, .value = value}}));
    }
    std::uint64_t index_of(const std::string& key) const {
        return table.read_key(key).entries.at(0).modify_index;
    }
    KvTable table;
};

TEST_F(KvTableTest, WritingWhatIsThereChangesNoIndex) {
    set("a", "1");
    const std::uint64_t first = index_of("a");
    set("a", "1");
    EXPECT_EQ(index_of("a"), first);
    set("a", "2");
    EXPECT_GT(index_of("a"), first);
}

TEST_F(KvTableTest, ATransactionIsWholeOrNothing) {
    set("a", "1");
    const auto failed = transact({{.verb = KvVerb::set, .key = "a", .value = "2"},
                                  {.verb = KvVerb::check_not_exists, .key = "a"}});
    ASSERT_FALSE(failed);
    EXPECT_EQ(failed.error().code, Errc::not_committed);
    EXPECT_EQ(table.read_key("a").entries.at(0).value, "1");
}

TEST_F(KvTableTest, ChecksSeeWhatTheTransactionHasDoneSoFar) {
    EXPECT_TRUE(transact({{.verb = KvVerb::cas, .key = "a", .value = "1", .index = 0},
                          {.verb = KvVerb::remove, .key = "a"},
                          {.verb = KvVerb::check_not_exists, .key = "a"}}));
    EXPECT_FALSE(transact({{.verb = KvVerb::cas, .key = "a", .value = "1", .index = 99}}));
}

TEST_F(KvTableTest, AListKnowsOfDeletions) {
    set("p/a", "1");
    set("p/b", "1");
    set("q", "1");
    const std::uint64_t before = table.read_prefix("p/").index;
    EXPECT_TRUE(transact({{.verb = KvVerb::remove, .key = "p/b"}}));
    const KvListing listing = table.read_prefix("p/");
    EXPECT_EQ(listing.entries.size(), 1U);
    EXPECT_GT(listing.index, before);
    EXPECT_GT(listing.index, index_of("q"));
    EXPECT_TRUE(transact({{.verb = KvVerb::remove_tree, .key = "p/"}}));
    EXPECT_TRUE(table.read_prefix("p/").entries.empty());
}

TEST_F(KvTableTest, AKeyThatComesWakesWhoWaitsForIt) {
    const std::uint64_t absent = table.read_key("a").index;
    set("a", "1");
    EXPECT_GT(table.read_key("a").index, absent);
}

TEST_F(KvTableTest, ALockIsHeldByOne) {
    const KvOp lock{.verb = KvVerb::lock, .key = "a", .value = "1", .session = held};
    KvOp other = lock;
    other.session = SessionId("s-lock");
    EXPECT_TRUE(transact({lock}));
    EXPECT_FALSE(transact({other}));
    EXPECT_TRUE(transact({{.verb = KvVerb::check_session, .key = "a", .session = held}}));
    set("a", "2");
    EXPECT_EQ(table.read_key("a").entries.at(0).session, held) << "a write leaves the lock";
    other.session = SessionId("unknown");
    other.key = "b";
    EXPECT_FALSE(transact({other}));
}

TEST_F(KvTableTest, WhatASessionHoldsGoesOrIsReleasedAtItsEnd) {
    EXPECT_TRUE(transact({{.verb = KvVerb::lock, .key = "node", .session = held}}));
    const SessionId lock("s-lock");
    EXPECT_TRUE(transact({{.verb = KvVerb::lock, .key = "leader", .value = "x", .session = lock}}));
    table.apply(table.changes_at_end_of(held));
    table.apply(table.changes_at_end_of(lock));
    EXPECT_TRUE(table.read_key("node").entries.empty());
    const KvListing leader = table.read_key("leader");
    EXPECT_EQ(leader.entries.at(0).value, "x");
    EXPECT_TRUE(leader.entries.at(0).session.empty());
}

class KvJournalTest : public ::testing::Test {
  protected:
    KvJournalTest() { std::filesystem::create_directories(dir); }
    ~KvJournalTest() override { std::filesystem::remove_all(dir); }
    std::string read() const {
        std::ifstream in(path, std::ios::binary);
        return {std::istreambuf_iterator<char>(in), {}};
    }
    void write(const std::string& text) const { std::ofstream(path, std::ios::binary) << text; }
    static KvChanges change(const std::string& key, const std::string& value, std::uint64_t index) {
        return {{key, KvRecord{.value = value, .modify_index = index}}};
    }
    std::filesystem::path dir =
        std::filesystem::temp_directory_path() / ("nap-journal-" + std::to_string(::getpid()));
    std::string path = dir / "kv.journal";
};

TEST_F(KvJournalTest, TellsAgainWhatItWasTold) {
    KvTable table;
    const std::string bytes("\x00\xff\n", 3);
    {
        auto journal = KvJournal::open(path, table);
        ASSERT_TRUE(journal);
        ASSERT_TRUE(journal->append(change("a", bytes, 7)));
        ASSERT_TRUE(journal->append(change("b", "1", 8)));
        ASSERT_TRUE(journal->append({{"b", std::nullopt}}));
    }
    KvTable again;
    ASSERT_TRUE(KvJournal::open(path, again));
    ASSERT_EQ(again.records().size(), 1U);
    EXPECT_EQ(again.records().at("a").value, bytes);
    EXPECT_EQ(again.records().at("a").modify_index, 7U);
    EXPECT_GE(again.next_index(), 8U);
}

TEST_F(KvJournalTest, ALineCutShortIsNotThereAtAll) {
    KvTable table;
    {
        auto journal = KvJournal::open(path, table);
        ASSERT_TRUE(journal);
        ASSERT_TRUE(journal->append(change("a", "1", 2)));
        ASSERT_TRUE(journal->append(change("b", "2", 3)));
    }
    const std::string whole = read();
    const std::size_t first = whole.find('\n') + 1;
    for (std::size_t length = first; length + 1 < whole.size(); ++length) {
        write(whole.substr(0, length));
        KvTable cut;
        ASSERT_TRUE(KvJournal::open(path, cut));
        EXPECT_EQ(cut.records().size(), 1U) << length;
    }
}

}  // namespace
}  // namespace nap::test
