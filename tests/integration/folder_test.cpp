// Apps that are folders of keys.

#include <fmt/format.h>

#include "support/nap_test.hpp"

namespace nap::test {
namespace {

using ::testing::HasSubstr;

class Folder : public NapTest {
  protected:
    void put_key(const std::string& name, const std::string& value) const {
        consul().put(key("apps/" + name), value);
    }
    void await_status(const std::string& phase, std::uint64_t index_min) {
        await("shop is " + phase, [&] {
            const json document = status("shop");
            return !document.is_null() && document.at("phase") == phase &&
                   document.at("modify_index") >= index_min;
        });
    }
    std::uint64_t index_of(const std::string& name) const {
        return consul().modify_index(key("apps/" + name));
    }
    json assigned() const { return consul().get_json(key("assigned/nap0/shop")); }
};

TEST_F(Folder, written_key_by_key_it_is_acted_on_once_and_whole) {
    start_agent();
    put_key("shop/compose.yml", "services:\n" + sleeper("a"));
    put_key("shop/compose.yml", "services:\n" + sleeper("a") + sleeper("b"));
    put_key("shop/.env", "A=1\n");
    put_key("shop/conf/site.conf", "x");
    await_status("converged", index_of("shop/conf/site.conf"));
    EXPECT_EQ(lives("shop").size(), 2U);
    const json order = assigned();
    EXPECT_EQ(order.at("serial"), 1) << "it was assigned more than once";
    EXPECT_EQ(order.at("manifest").at("file"), "shop/compose.yml");
    EXPECT_EQ(order.at("manifest").at("files").at(".env").at("text"), "A=1\n");
    EXPECT_EQ(order.at("manifest").at("files").at("conf/site.conf").at("text"), "x");
}

TEST_F(Folder, a_deleted_file_is_a_new_revision_and_no_older_manifest) {
    start_agent();
    put_key("shop/compose.yml", "services:\n" + sleeper("a"));
    put_key("shop/.env", "A=1\n");
    await_status("converged", index_of("shop/.env"));
    const std::uint64_t before = status("shop").at("modify_index");
    const std::string revision = status("shop").at("revision");
    const Lives ran = lives("shop");
    consul().remove(key("apps/shop/.env"));
    await("another revision is in force", [&] {
        const json now = status("shop");
        return now.at("revision") != revision && now.at("phase") == "converged";
    });
    EXPECT_GT(status("shop").at("modify_index"), before);
    EXPECT_EQ(lives("shop"), ran);
    EXPECT_FALSE(assigned().at("manifest").contains("files"));
    // A new leader comes to the same.
    const json settled = assigned();
    agent().terminate();
    agent().start();
    agent().await_ready();
    put_key("other", "services:\n" + sleeper("a"));
    await_converged("other");
    EXPECT_EQ(assigned().at("serial"), settled.at("serial"));
    put_key("shop/.env", "A=2\n");
    await_status("converged", index_of("shop/.env"));
    EXPECT_EQ(lives("shop"), ran);
}

TEST_F(Folder, that_loses_its_manifest_is_kept_and_goes_with_its_last_key) {
    start_agent();
    put_key("shop/compose.yml", "services:\n" + sleeper("a"));
    put_key("shop/.env", "A=1\n");
    await_status("converged", index_of("shop/.env"));
    const Lives ran = lives("shop");
    consul().remove(key("apps/shop/compose.yml"));
    await_status("invalid", 0);
    EXPECT_EQ(lives("shop"), ran);
    EXPECT_THAT(status("shop").at("errors").at(0).at("message"), HasSubstr("no compose.yaml"));
    consul().remove_tree(key("apps/shop/"));
    await_gone("shop");
}

TEST_F(Folder, taken_apart_into_a_key_for_each_value_is_named) {
    start_agent();
    put_key("shop/services/a/image", "nap/busybox:1");
    put_key("shop/services/a/command", "sleep 1000");
    await_status("invalid", 0);
    EXPECT_THAT(status("shop").at("errors").at(0).at("message"), HasSubstr("expand_keys"));
    EXPECT_THAT(agent().nap({"status"}).out, HasSubstr("shop"));
}

TEST_F(Folder, values_may_be_gzip) {
    start_agent();
    const std::string packed =
        run_ok({"gzip", "-nc"}, {.input = "services:\n" + sleeper("a"), .env = {}});
    put_key("shop", packed);
    await_status("converged", index_of("shop"));
    const Lives ran = lives("shop");
    put_key("shop", packed.substr(0, packed.size() / 2));
    await_status("invalid", index_of("shop"));
    EXPECT_THAT(status("shop").at("errors").at(0).at("message"), HasSubstr("cut short"));
    const std::string bomb = run_ok({"gzip", "-nc"}, {.input = std::string(40'000'000, ' ')});
    put_key("shop", bomb);
    await_status("invalid", index_of("shop"));
    EXPECT_THAT(status("shop").at("errors").at(0).at("message"), HasSubstr("unpacks to more"));
    EXPECT_EQ(lives("shop"), ran);
}

TEST_F(Folder, too_large_to_be_assigned_is_an_error_that_names_the_file) {
    start_agent();
    put_key("shop/compose.yml", "services:\n" + sleeper("a"));
    await_status("converged", index_of("shop/compose.yml"));
    const Lives ran = lives("shop");
    put_key("shop/large.bin", std::string(400'000, 'x'));
    await_status("invalid", index_of("shop/large.bin"));
    EXPECT_THAT(status("shop").at("errors").at(0).at("message"), HasSubstr("large.bin"));
    EXPECT_EQ(lives("shop"), ran);
}

}  // namespace
}  // namespace nap::test
