// What nap creates from a Compose file equals what docker-compose 1.29 creates from it, but for the
// differences that are listed with their reasons.

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <set>

#include "differential/differences.hpp"
#include "differential/makers.hpp"
#include "support/testbed.hpp"

namespace nap::test {

void PrintTo(const Case& test_case, std::ostream* out) {
    *out << test_case.name;
}

namespace {

/// Things that cases use and do not own.
void make_foreign_objects() {
    const Docker& docker = testbed().docker();
    docker.cli({"network", "create", "--subnet", "10.212.0.0/24", "outside_net"});
    docker.cli({"volume", "create", "outside_data"});
    std::filesystem::create_directories("/tmp/nap-differential/data");
}

void clear_engine() {
    testbed().docker().purge();
    std::filesystem::remove_all("/tmp/nap-differential");
}

class Differential : public ::testing::TestWithParam<Case> {
  public:
    /// All cases that this run is about are made here, as they share an agent and the waiting.
    static void SetUpTestSuite() {
        const std::vector<Case> cases = selected_cases();
        // The engine is slow at removing many networks at once.
        constexpr std::size_t group_size = 20;
        for (std::size_t at = 0; at < cases.size(); at += group_size) {
            const std::size_t end = std::min(cases.size(), at + group_size);
            make_group({cases.begin() + at, cases.begin() + end});
        }
    }

    /// An entry that no case needs any more would hide a mistake one day.
    static void TearDownTestSuite() {
        if (compose.size() != all_cases().size()) return;
        for (const KnownDifference& entry : known_differences()) {
            EXPECT_TRUE(met.contains(&entry))
                << "no longer a difference: " << entry.cases << " " << entry.path;
        }
    }

    static inline MadeByCase compose;
    static inline MadeByCase nap;
    static inline std::set<const KnownDifference*> met;

  private:
    static void make_group(const std::vector<Case>& cases) {
        make_foreign_objects();
        compose.merge(made_by_compose(cases));
        clear_engine();
        make_foreign_objects();
        nap.merge(made_by_nap(cases));
        clear_engine();
    }

    static std::vector<Case> selected_cases() {
        const auto* suite = ::testing::UnitTest::GetInstance()->current_test_suite();
        std::vector<Case> selected;
        for (const Case& test_case : all_cases()) {
            for (int i = 0; i < suite->total_test_count(); ++i) {
                const auto* test = suite->GetTestInfo(i);
                if (test->should_run() && test->name() == "same/" + test_case.name)
                    selected.push_back(test_case);
            }
        }
        return selected;
    }
};

TEST_P(Differential, same) {
    const std::string name = GetParam().name;
    ASSERT_EQ(compose.at(name).error, "") << "docker-compose does not create it";
    ASSERT_EQ(nap.at(name).error, "") << "nap does not create it";
    ASSERT_FALSE(compose.at(name).app.at("containers").empty());
    for (const Difference& difference : differences(compose.at(name).app, nap.at(name).app)) {
        const KnownDifference* entry = known(name, difference);
        if (entry != nullptr) {
            met.insert(entry);
            continue;
        }
        ADD_FAILURE() << fmt::format("{}\n  docker-compose: {}\n  nap:            {}",
                                     difference.path, difference.compose.dump(),
                                     difference.nap.dump());
    }
}

INSTANTIATE_TEST_SUITE_P(Cases, Differential, ::testing::ValuesIn(all_cases()),
                         [](const auto& shown) { return shown.param.name; });

}  // namespace
}  // namespace nap::test
