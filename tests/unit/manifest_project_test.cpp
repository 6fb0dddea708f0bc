#include "manifest/project.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>

#include "manifest_tree.hpp"

namespace nap {
namespace {

using testing::HasSubstr;

TEST(manifest_override, files_are_merged_by_their_known_names) {
    for (const char* name : {"compose.override.yml", "compose.override.yaml",
                             "docker-compose.override.yml", "docker-compose.override.yaml"}) {
        EXPECT_EQ(read_as_text("a: {image: x}", {{name, "a: {image: y}"}}), "{a:{image:y}}");
    }
    EXPECT_EQ(read_as_text("a: {image: x}", {{"sub/compose.override.yml", "a: {image: y}"}}),
              "{a:{image:x}}");
    EXPECT_EQ(read_as_text("a: {image: x}", {{"compose.override.yml", "a: {image: y}"},
                                             {"docker-compose.override.yml", "a: {image: z}"}}),
              "{a:{image:y}}\nwarning: apps/docker-compose.override.yml:1:1: is not read, as there "
              "is `compose.override.yml` too; keep one of the two");
}

TEST(manifest_override, errors_name_their_file) {
    EXPECT_EQ(read_as_text("a: {image: x}", {{"compose.override.yml", "a:\n  b: [\n"}}),
              "apps/compose.override.yml:2:6: expected `,` or `]` in the list that opens here; "
              "close it");
    EXPECT_EQ(read_as_text("a: {image: $}", {{"compose.override.yml", "a: {user: $}"}}),
              "apps/shop.yml:1:12: a.image: expected the name of a variable after `$`; write `$$` "
              "for a literal dollar sign\n"
              "apps/compose.override.yml:1:11: a.user: expected the name of a variable after `$`; "
              "write `$$` for a literal dollar sign");
}

TEST(manifest_extends, takes_what_is_not_set) {
    EXPECT_EQ(read_as_text("services:\n  a: {image: x, user: u}\n"
                           "  b: {extends: a, user: v}\n  c: {extends: {service: b}, dns: d}\n"),
              "{services:{a:{image:x,user:u},b:{image:x,user:v},c:{image:x,user:v,dns:d}}}");
    EXPECT_EQ(read_as_text("c: {extends: {service: b}}\nb: {extends: {service: a}}\na: {image: x}"),
              "{c:{image:x},b:{image:x},a:{image:x}}");
    EXPECT_EQ(read_as_text("services: {a: {image: x}}\n---\nservices: {b: {extends: a}}"),
              "{services:{a:{image:x},b:{image:x}}}");
}

TEST(manifest_extends, other_files) {
    const Files files = {{"base/common.yml",
                          "web: {extends: {file: ../more.yml, service: w}, env_file: e.env,\n"
                          " volumes: ['./d:/d', 'n:/n', '/h:/h', {type: bind, source: s, "
                          "target: /s}]}\n"},
                         {"more.yml", "services: {w: {image: '$X', volumes: [.:/top]}}"},
                         {"base/e.env", "A=1"},
                         {".env", "X=x"}};
    EXPECT_EQ(
        read_as_text("services: {a: {extends: {file: ./base/common.yml, service: web}}}", files),
        "{services:{a:{image:x,volumes:[.:/top,./base/d:/d,n:/n,/h:/h,{type:bind,"
        "source:./base/s,target:/s}],environment:{A:1}}}}");
    EXPECT_EQ(read_as_text("services: {a: {extends: {file: shop.yml, service: b}}, b: {image: x}}"),
              "{services:{a:{image:x},b:{image:x}}}");
}

TEST(manifest_extends, errors_stand_where_the_file_or_service_is_named) {
    const auto extends = [](const std::string& what, const Files& files = {}) {
        return read_as_text("services:\n  a:\n    extends: " + what, files);
    };
    EXPECT_EQ(extends("b"),
              "apps/shop.yml:3:14: services.a.extends: there is no service `b` to extend in "
              "apps/shop.yml");
    EXPECT_THAT(extends("{file: b.yml, service: b}"),
                HasSubstr("3:21: services.a.extends.file: there is no file `b.yml` in the app's"));
    EXPECT_THAT(extends("{file: b.yml, service: b}", {{"b.yml", "c: {image: x}"}}),
                HasSubstr("services.a.extends.service: there is no service `b` to extend in "
                          "apps/b.yml"));
    EXPECT_THAT(extends("{file: b.yml, service: b}", {{"b.yml", "b: {"}}),
                HasSubstr("apps/b.yml:1:4: expected `,` or `}`"));
    EXPECT_THAT(extends("{file: ../b.yml, service: b}"), HasSubstr("leads out of the app's"));
    EXPECT_THAT(extends("{file: /b.yml, service: b}"), HasSubstr("the absolute path `/b.yml`"));
    EXPECT_THAT(extends("{file: '~/b', service: b}"), HasSubstr("the absolute path"));
    EXPECT_THAT(extends("{file: x/../../b, service: b}"), HasSubstr("leads out"));
    EXPECT_THAT(extends("{file: b.yml}"), HasSubstr("expected the key `service`"));
    EXPECT_THAT(extends("{services: b}"), HasSubstr("did you mean `service`?"));
    EXPECT_THAT(extends("a"), HasSubstr("extends itself"));
    EXPECT_THAT(extends("{file: shop.yml, service: a}"), HasSubstr("extends itself"));
    EXPECT_THAT(extends("b\n  b: {extends: c}\n  c: {extends: b}"), HasSubstr("extends itself"));
    EXPECT_THAT(extends("{file: b.yml, service: b}",
                        {{"b.yml", "b: {extends: {file: shop.yml, service: a}}"}}),
                HasSubstr("extends itself"));
    EXPECT_THAT(extends("[b]"), HasSubstr("expected a string, found a list"));
}

TEST(manifest_include, short_and_long_form) {
    const Files files = {{"db/compose.yml",
                          "services: {db: {image: '$IMAGE', env_file: e.env,\n"
                          " volumes: [./d:/d]}}\nvolumes: {v: }\nname: other"},
                         {"db/more.yml", "services: {db: {user: u}}"},
                         {"db/.env", "IMAGE=redis"},
                         {"db/e.env", "A=$OUT"},
                         {"other.env", "IMAGE=valkey"},
                         {".env", "OUT=o"},
                         {"e.env", "A=top"}};
    EXPECT_EQ(read_as_text("include: [db/compose.yml]\nservices: {a: {image: x}}\n", files),
              "{services:{a:{image:x},db:{image:redis,volumes:[./db/d:/d],environment:{A:o}}},"
              "volumes:{v:}}");
    EXPECT_EQ(read_as_text("include:\n  - path: [db/compose.yml, ./db/more.yml]\n"
                           "    env_file: other.env\n    project_directory: .\n",
                           files),
              "{services:{db:{image:valkey,volumes:[./d:/d],user:u,environment:{A:top}}},"
              "volumes:{v:}}");
    EXPECT_EQ(read_as_text("include: [a.yml]\n", {{"a.yml", "include: [b/b.yml]"},
                                                  {"b/b.yml", "include: [c/c.yml]"},
                                                  {"b/c/c.yml", "services: {c: {image: x}}"}}),
              "{services:{c:{image:x}}}");
    EXPECT_EQ(
        read_as_text("include: [a.yml]\n", {{"a.yml", "services: {c: {image: x}}"},
                                            {"compose.override.yml", "services: {c: {image: y}}"}}),
        "{services:{c:{image:y}}}");
}

TEST(manifest_include, errors_stand_where_they_are_made) {
    EXPECT_THAT(read_as_text("include: [db.yml]"),
                HasSubstr("apps/shop.yml:1:11: include[0]: there is no file `db.yml`"));
    EXPECT_THAT(read_as_text("include: [../db.yml]"), HasSubstr("leads out"));
    EXPECT_THAT(read_as_text("include: db.yml"), HasSubstr("include: expected a list"));
    EXPECT_THAT(read_as_text("include: [{paths: x}]"), HasSubstr("did you mean `path`?"));
    EXPECT_THAT(read_as_text("include: [shop.yml]"), HasSubstr("includes itself"));
    EXPECT_THAT(read_as_text("include: [a.yml]",
                             {{"a.yml", "include: [b.yml]"}, {"b.yml", "include: [a.yml]"}}),
                HasSubstr("apps/b.yml:1:11: include[0]: the file `a.yml` includes itself"));
    EXPECT_EQ(read_as_text("include: [a.yml]\nservices: {c: {image: y}}",
                           {{"a.yml", "services: {c: {image: x}}"}}),
              "apps/shop.yml:2:15: services.c: an included file has it too, at apps/a.yml:1:12; "
              "rename one of the two, or change it in an override file");
    EXPECT_EQ(read_as_text("include: [a.yml]\nservices: {c: {image: x}}",
                           {{"a.yml", "services: {c: {image: x}}"}}),
              "{services:{c:{image:x}}}");
}

TEST(manifest_env, files_go_into_the_environment) {
    const Files files = {{"a.env", "A=1\nB=2\n"}, {"sub/b.env", "B=3\nC='$x'\n"}, {".env", "P=p"}};
    const auto service = [&](const std::string& what) {
        return read_as_text("w: {" + what + "}", files);
    };
    EXPECT_EQ(service("env_file: a.env"), "{w:{environment:{A:1,B:2}}}");
    EXPECT_EQ(service("env_file: [a.env, ./sub/b.env]"), "{w:{environment:{A:1,B:3,C:$x}}}");
    EXPECT_EQ(service("env_file: [{path: a.env}], environment: {A: own}"),
              "{w:{environment:{A:own,B:2}}}");
    EXPECT_EQ(service("env_file: a.env, environment: [A=own, Z=z]"),
              "{w:{environment:[A=own,Z=z,B=2]}}");
    EXPECT_EQ(service("env_file: [{path: no.env, required: false}]"), "{w:{}}");
    EXPECT_EQ(service("env_file: [{path: sub/b.env, format: raw}]"),
              "{w:{environment:{B:3,C:'$x'}}}");
    EXPECT_EQ(service("environment: [P, A=1]"), "{w:{environment:[P=p,A=1]}}");
    EXPECT_EQ(service("environment: {P: , A: ''}"), "{w:{environment:{P:p,A:}}}");
    EXPECT_EQ(service("env_file: a.env, environment: [A]"), "{w:{environment:[A=1,B=2]}}");
    EXPECT_EQ(service("environment: [NOT]"),
              "{w:{environment:[]}}\nwarning: apps/shop.yml:1:19: w.environment.NOT: the variable "
              "`NOT` has no value here and is not set in `.env`, so it is left out; give it "
              "one");
    EXPECT_EQ(service("label_file: a.env, labels: {A: own}"), "{w:{labels:{A:own,B:2}}}");
}

TEST(manifest_env, errors) {
    EXPECT_EQ(read_as_text("w: {env_file: [no.env, ../x, /y, [z], {required: true}]}"),
              "apps/shop.yml:1:16: w.env_file[0]: there is no file `no.env` in the app's project "
              "directory; add it there\n"
              "apps/shop.yml:1:24: w.env_file[1]: the path `../x` leads out of the app's project "
              "directory; put the file beside the manifest or below\n"
              "apps/shop.yml:1:30: w.env_file[2]: expected a path relative to the app's project "
              "directory, found the absolute path `/y`; nap reads no files of a host, so put it "
              "beside the manifest\n"
              "apps/shop.yml:1:34: w.env_file[3]: expected a string, found a list\n"
              "apps/shop.yml:1:39: w.env_file[4]: expected the key `path`, found none; add it");
    EXPECT_EQ(
        read_as_text("w: {env_file: a.env}", {{"a.env", "A=1\nB='x"}}),
        "apps/a.env:2:3: a quote that is not closed; close it, or escape it with a backslash");
    EXPECT_THAT(read_as_text("w: {env_file: {path: a.env, format: x}}", {{"a.env", ""}}),
                HasSubstr("w.env_file.format: expected `raw`"));
    EXPECT_THAT(read_as_text("w: {env_file: {path: ../x, required: false}}"), HasSubstr("leads"));
    EXPECT_THAT(read_as_text("w: {label_file: no}"), HasSubstr("w.label_file: there is no file"));
}

TEST(manifest_contents, of_configs_and_secrets) {
    const Files files = {{"c.txt", "line $X\n"}, {".env", "PASSWORD=hunter2"}};
    EXPECT_EQ(read_as_text("services: {a: {image: x}}\n"
                           "configs: {c: {file: ./c.txt}, d: {content: in}, e: {external: true}}\n"
                           "secrets: {s: {environment: PASSWORD}}",
                           files),
              "{services:{a:{image:x}},configs:{c:{content:line $X\n},d:{content:in},"
              "e:{external:true}},secrets:{s:{content:hunter2}}}");
    EXPECT_EQ(read_as_text("services: {a: {image: x}}\nconfigs: {c: {file: no}, d: {file: /x}}\n"
                           "secrets: {s: {environment: PATH}, t: {content: a, file: c.txt}}",
                           files),
              "apps/shop.yml:2:21: configs.c.file: there is no file `no` in the app's project "
              "directory; add it there\n"
              "apps/shop.yml:2:36: configs.d.file: expected a path relative to the app's project "
              "directory, found the absolute path `/x`; nap reads no files of a host, so put it "
              "beside the manifest\n"
              "apps/shop.yml:3:28: secrets.s.environment: the variable `PATH` is not set; set it "
              "in `.env`\n"
              "apps/shop.yml:3:57: secrets.t.file: expected one of `content`, `file` and "
              "`environment`; drop the others");
}

TEST(manifest_limits, copies_cost_no_more_than_a_large_manifest) {
    std::string wide = "services:\n  a: {image: x, labels: {";
    for (int i = 0; i < 2'000; ++i)
        wide += "l" + std::to_string(i) + ": v, ";
    wide += "}}\n";
    for (int i = 0; i < 2'000; ++i)
        wide += "  s" + std::to_string(i) + ": {extends: a}\n";
    std::string chain = "services:\n  s0: {image: x}\n";
    for (int i = 1; i < 5'000; ++i) {
        chain += "  s" + std::to_string(10'000 - i) + ": {extends: s" +
                 std::to_string(i == 4'999 ? 0 : 10'000 - i - 1) + "}\n";
    }
    std::string files = "services:\n";
    std::string includes = "include:\n";
    for (int i = 0; i < 3'000; ++i) {
        files += "  s" + std::to_string(i) + ": {image: x, env_file: e.env}\n";
        includes += "  - c.yml\n";
    }
    const Files big = {{"e.env", "A=" + std::string(100'000, 'x')},
                       {"c.yml", "#" + std::string(100'000, 'x') + "\nservices: {}\n"}};
    for (const std::string& text : {wide, chain, files, includes}) {
        const auto start = std::chrono::steady_clock::now();
        const std::string read = read_as_text(text, big);
        EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::seconds(1));
        EXPECT_TRUE(read.find("too large") != std::string::npos ||
                    read.find("in a row") != std::string::npos)
            << read.substr(0, 300);
    }
}

}  // namespace
}  // namespace nap
