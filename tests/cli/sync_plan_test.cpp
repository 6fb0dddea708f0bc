#include "cli/sync_plan.hpp"

#include <gmock/gmock.h>

namespace nap::test {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

const AppId shop("shop");
const AppId blog("blog");

class PlanSync : public ::testing::Test {
  protected:
    SyncPlan plan(bool prune = false) const {
        return plan_sync({.keys = Keys("nap"),
                          .wanted = wanted,
                          .entries = entries,
                          .managed = managed,
                          .prune = prune});
    }
    /// `set shop.yml@5`: what, of which key, if it is at which index.
    static std::vector<std::string> ops_of(const SyncPlan& plan) {
        std::vector<std::string> ops;
        for (const SyncBatch& batch : plan.batches) {
            for (const KvOp& op : batch.ops) {
                ops.push_back((op.verb == KvVerb::cas ? "set " : "remove ") +
                              op.key.substr(std::string("nap/apps/").size()) + "@" +
                              std::to_string(op.index));
            }
        }
        return ops;
    }
    void known(const std::string& name, const std::string& value, std::uint64_t index) {
        entries.push_back({.key = "nap/apps/" + name, .value = value, .modify_index = index});
    }
    std::map<AppId, FolderFiles> wanted;
    std::vector<KvEntry> entries;
    std::set<AppId> managed;
};

TEST_F(PlanSync, WritesOnlyWhatDiffersAndDropsFilesThatAreGone) {
    wanted[shop] = {{"shop/compose.yml", "b"}, {"shop/.env", "1"}, {"shop/new", ""}};
    known("shop/compose.yml", "a", 5);
    known("shop/.env", "1", 6);
    known("shop/old", "", 7);
    known(".sentinel", "uuid", 2);
    EXPECT_THAT(ops_of(plan()),
                ElementsAre("set shop/compose.yml@5", "set shop/new@0", "remove shop/old@7"));
}

TEST_F(PlanSync, IsEmptyOnceAllAgrees) {
    wanted[shop] = {{"shop.yml", "a"}};
    known("shop.yml", "a", 5);
    managed = {shop};
    EXPECT_THAT(plan().batches, IsEmpty());
}

TEST_F(PlanSync, AnotherLayoutComesAndGoesInOneStep) {
    wanted[shop] = {{"shop/compose.yml", "a"}};
    known("shop.yml", "a", 5);
    const SyncPlan steps = plan();
    EXPECT_EQ(steps.batches.size(), 1U);
    EXPECT_THAT(ops_of(steps), ElementsAre("set shop/compose.yml@0", "remove shop.yml@5"));
}

TEST_F(PlanSync, PrunesOnlyWhenAskedAndOnlyWhatIsItsOwn) {
    wanted[shop] = {{"shop.yml", "a"}};
    known("blog.yml", "b", 6);
    known("by-hand", "c", 7);
    known("shop.yml", "a", 5);
    managed = {shop, blog};
    EXPECT_THAT(ops_of(plan(false)), IsEmpty());
    EXPECT_THAT(plan(false).left, ElementsAre(blog));
    EXPECT_THAT(ops_of(plan(true)), ElementsAre("remove blog.yml@6"));
    EXPECT_THAT(plan(true).left, IsEmpty());
}

TEST_F(PlanSync, NoAppIsEverInTwoTransactions) {
    for (int app = 0; app < 40; ++app) {
        const std::string name = "app" + std::to_string(app);
        for (int file = 0; file <= app; ++file)
            wanted[AppId(name)][name + "/f" + std::to_string(file)] = "x";
    }
    std::map<std::string, std::size_t> batch_of;
    const SyncPlan steps = plan();
    for (std::size_t i = 0; i < steps.batches.size(); ++i) {
        EXPECT_LE(steps.batches[i].ops.size(), 63U);
        for (const KvOp& op : steps.batches[i].ops) {
            const std::string app = op.key.substr(9, op.key.find('/', 9) - 9);
            EXPECT_EQ(batch_of.try_emplace(app, i).first->second, i) << app;
        }
    }
    EXPECT_EQ(batch_of.size(), 40U);
}

TEST_F(PlanSync, AnAppThatFitsNoTransactionIsRefused) {
    for (int file = 0; file < 64; ++file)
        wanted[shop]["shop/f" + std::to_string(file)] = "x";
    EXPECT_THAT(plan().refusals, ElementsAre(HasSubstr("64 files")));
    wanted[shop] = {{"shop/compose.yml", std::string(300 * 1024, 'x')},
                    {"shop/a", std::string(100 * 1024, 'x')}};
    EXPECT_THAT(plan().refusals, ElementsAre(HasSubstr("half of an app is never written")));
}

}  // namespace
}  // namespace nap::test
