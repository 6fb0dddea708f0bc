#include "manifest/variables.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "manifest/parse.hpp"

namespace nap {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

Variables some() {
    Variables variables(AppId("shop"));
    variables.set_default("SET", "value");
    variables.set_default("EMPTY", "");
    variables.set_default("DOLLARS", "$SET");
    return variables;
}

struct GoodCase {
    const char* text;
    const char* result;

    friend void PrintTo(const GoodCase& good, std::ostream* out) { *out << good.text; }
};

class Interpolated : public testing::TestWithParam<GoodCase> {};

TEST_P(Interpolated, gives) {
    const Interpolation filled = interpolate(GetParam().text, some(), 1000);
    EXPECT_EQ(filled.problem, "");
    EXPECT_EQ(filled.text, GetParam().result);
    EXPECT_THAT(filled.unset, IsEmpty());
}

INSTANTIATE_TEST_SUITE_P(
    forms, Interpolated,
    testing::Values(
        GoodCase{"", ""}, GoodCase{"plain } text", "plain } text"}, GoodCase{"$SET", "value"},
        GoodCase{"a $SET-b", "a value-b"}, GoodCase{"${SET}x", "valuex"},
        GoodCase{"$$SET $$$$ $${SET}", "$SET $$ ${SET}"}, GoodCase{"$$$SET", "$value"},
        GoodCase{"[$EMPTY]", "[]"}, GoodCase{"$NAP_APP/${COMPOSE_PROJECT_NAME}", "shop/shop"},
        GoodCase{"${NOT:-d}", "d"}, GoodCase{"${NOT-d}", "d"}, GoodCase{"${SET:-d}", "value"},
        GoodCase{"${SET-d}", "value"}, GoodCase{"${EMPTY:-d}", "d"}, GoodCase{"[${EMPTY-d}]", "[]"},
        GoodCase{"[${NOT:-}]", "[]"}, GoodCase{"[${NOT:+a}]", "[]"}, GoodCase{"[${NOT+a}]", "[]"},
        GoodCase{"${SET:+a}", "a"}, GoodCase{"${SET+a}", "a"}, GoodCase{"[${EMPTY:+a}]", "[]"},
        GoodCase{"${EMPTY+a}", "a"}, GoodCase{"${SET:?e}", "value"}, GoodCase{"[${EMPTY?e}]", "[]"},
        GoodCase{"${NOT:-${SET}}", "value"}, GoodCase{"${NOT:-${NO:-${EMPTY:-x}}}", "x"},
        GoodCase{"${NOT:-a$SET${SET}b}c", "avaluevaluebc"}, GoodCase{"${SET:-${NOT}}", "value"},
        GoodCase{"${SET:-${NOT:?e}}", "value"}, GoodCase{"${NOT:-a:b-c?d+e}", "a:b-c?d+e"},
        GoodCase{"${NOT:-$$}", "$"}, GoodCase{"${NOT:- a b }", " a b "},
        GoodCase{"${NOT:-{x}}", "{x}"}, GoodCase{"$DOLLARS", "$SET"},
        GoodCase{"${SET:+[${EMPTY:-in}]}", "[in]"}, GoodCase{"é$SET", "évalue"}));

class NotInterpolated : public testing::TestWithParam<GoodCase> {};

TEST_P(NotInterpolated, says_why) {
    const Interpolation filled = interpolate(GetParam().text, some(), 1000);
    EXPECT_THAT(filled.problem, HasSubstr(GetParam().result));
    EXPECT_EQ(filled.text, "");
}

INSTANTIATE_TEST_SUITE_P(
    forms, NotInterpolated,
    testing::Values(GoodCase{"$", "write `$$` for a literal dollar sign"},
                    GoodCase{"a$ b", "write `$$`"}, GoodCase{"$1", "write `$$`"},
                    GoodCase{"$(x)", "write `$$`"}, GoodCase{"${", "the name of a variable"},
                    GoodCase{"${}", "the name of a variable"},
                    GoodCase{"${1}", "the name of a variable"}, GoodCase{"${SET", "one of `:-`"},
                    GoodCase{"${SET:x}", "one of `:-`"}, GoodCase{"${SET x}", "one of `:-`"},
                    GoodCase{"${SET:-x", "expected `}`"}, GoodCase{"${NOT:-${SET}", "expected `}`"},
                    GoodCase{"${NOT:?give it}",
                             "the variable `NOT` is not set: give it; set it in `.env`"},
                    GoodCase{"${NOT?}", "the variable `NOT` is not set; set it"},
                    GoodCase{"${EMPTY:?$SET}", "the variable `EMPTY` is empty: $SET"},
                    GoodCase{"${SET:+${NOT?x}}", "the variable `NOT` is not set: x"}));

TEST(manifest_variables, unset_ones_are_named_and_empty) {
    const Interpolation filled = interpolate("$A${B}${C:-$D}", some(), 1000);
    EXPECT_EQ(filled.text, "");
    EXPECT_EQ(filled.problem, "");
    EXPECT_THAT(filled.unset, ElementsAre("A", "B", "D"));
}

TEST(manifest_variables, are_bounded) {
    std::string nested = "x";
    for (int i = 0; i < 50'000; ++i)
        nested = "${A:-" + nested;
    EXPECT_THAT(interpolate(nested, some(), 1000).problem, HasSubstr("nested more than 16"));
    std::string many;
    for (int i = 0; i < 300; ++i)
        many += "$SET";
    EXPECT_THAT(interpolate(many, some(), 1000).problem, HasSubstr("too large"));
}

ParsedManifest parse(const std::string& text, const std::string& env) {
    return parse_manifest(AppId("shop"), {"shop.yml", text, {{".env", env}}});
}

TEST(manifest_variables, values_are_typed_once_they_are_filled_in) {
    const auto parsed = parse(
        "services:\n  web:\n    image: nginx:$TAG\n    user: $ID\n    cpus: $CPUS\n"
        "    deploy: {replicas: \"${N}\"}\n    x-nap: {restart_unhealthy: $NO}\n"
        "    environment: {A: $ID, $B: x}\n    x-any: $1\nx-top: ${broken\n",
        "TAG=1.2\nID=1000\nCPUS=0.5\nN=3\nNO=false\n");
    ASSERT_TRUE(parsed.spec) << to_string(parsed.errors.at(0));
    const ServiceSpec& web = parsed.spec->services.at("web");
    EXPECT_EQ(web.image, "nginx:1.2");
    EXPECT_EQ(web.user, "1000");
    EXPECT_EQ(web.replicas, 3);
    EXPECT_FALSE(web.restart_unhealthy);
    EXPECT_EQ(web.environment, (StringMap{{"A", "1000"}, {"$B", "x"}}));
    EXPECT_THAT(parsed.warnings, IsEmpty());
}

TEST(manifest_variables, unset_ones_are_warned_of_once) {
    const auto parsed = parse("web:\n  image: a\n  hostname: h$X\n  user: u$X$Y\n", "");
    ASSERT_TRUE(parsed.spec);
    ASSERT_EQ(parsed.warnings.size(), 2U);
    EXPECT_THAT(to_string(parsed.warnings[0]),
                HasSubstr("shop.yml:3:13: web.hostname: the variable `X` is not set"));
    EXPECT_THAT(to_string(parsed.warnings[1]), HasSubstr("4:9: web.user: the variable `Y`"));
}

TEST(manifest_variables, the_environment_of_the_process_is_not_read) {
    const auto parsed = parse("web: {image: a, hostname: \"x${PATH}${HOME}\"}", "");
    ASSERT_TRUE(parsed.spec);
    EXPECT_EQ(parsed.spec->services.at("web").hostname, "x");
}

TEST(manifest_variables, a_laughing_env_file_is_an_error_at_once) {
    std::string env = "A0=xxxxxxxxxx\n";
    for (int i = 1; i < 40; ++i) {
        env += "A" + std::to_string(i) + "=";
        for (int k = 0; k < 10; ++k)
            env += "${A" + std::to_string(i - 1) + "}";
        env += "\n";
    }
    const auto parsed = parse("web: {image: a, hostname: $A39}", env);
    EXPECT_FALSE(parsed.spec);
    EXPECT_THAT(to_string(parsed.errors.at(0)), HasSubstr(".env:"));
    EXPECT_THAT(to_string(parsed.errors.at(0)), HasSubstr("too large"));
}

TEST(manifest_variables, nap_sets_the_name_of_the_app) {
    const auto parsed = parse("web: {image: a, hostname: $NAP_APP}", "NAP_APP=other\n");
    ASSERT_TRUE(parsed.spec);
    EXPECT_EQ(parsed.spec->services.at("web").hostname, "shop");
    ASSERT_EQ(parsed.warnings.size(), 1U);
    EXPECT_THAT(to_string(parsed.warnings[0]), HasSubstr(".env:1:1: NAP_APP: is not used"));
}

}  // namespace
}  // namespace nap
