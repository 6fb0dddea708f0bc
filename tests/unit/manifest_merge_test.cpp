#include "manifest/merge.hpp"

#include <gtest/gtest.h>

#include "manifest_tree.hpp"

namespace nap {
namespace {

/// One service in two documents, and what comes out of them.
struct MergeCase {
    const char* base;
    const char* over;
    const char* result;

    friend void PrintTo(const MergeCase& c, std::ostream* out) {
        *out << c.base << " + " << c.over;
    }
};

class Merged : public testing::TestWithParam<MergeCase> {};

TEST_P(Merged, service) {
    const auto service = [](const char* text) {
        return "services: {w: {" + std::string(text) + "}}\n";
    };
    const std::string expected = "{services:{w:{" + std::string(GetParam().result) + "}}}";
    const std::string base = service(GetParam().base);
    const std::string over = service(GetParam().over);
    // By documents of one file, by an override file and by `extends` alike.
    EXPECT_EQ(read_as_text(base + "---\n" + over), expected);
    EXPECT_EQ(read_as_text(base, {{"compose.override.yml", over}}), expected);
    const std::string extends = GetParam().over[0] == '\0' ? "extends: {file: b.yml, service: w}"
                                                           : "extends: {file: b.yml, service: w}, ";
    EXPECT_EQ(read_as_text("services: {w: {" + extends + GetParam().over + "}}", {{"b.yml", base}}),
              expected);
}

INSTANTIATE_TEST_SUITE_P(
    rules, Merged,
    testing::Values(
        MergeCase{"image: a, user: u", "image: b", "image:b,user:u"},
        MergeCase{"image: a", "", "image:a"}, MergeCase{"image: a", "image: ", "image:a"},
        MergeCase{"dns: [a]", "dns: [b, a]", "dns:[a,b]"},
        MergeCase{"dns: a", "dns: b", "dns:[a,b]"}, MergeCase{"dns: [a]", "dns: b", "dns:[a,b]"},
        MergeCase{"command: [a, b]", "command: [c]", "command:[c]"},
        MergeCase{"command: [a]", "command: c d", "command:c d"},
        MergeCase{"entrypoint: a", "entrypoint: [b]", "entrypoint:[b]"},
        MergeCase{"healthcheck: {test: [CMD, a], retries: 1}",
                  "healthcheck: {test: [CMD, b], timeout: 2s}",
                  "healthcheck:{test:[CMD,b],retries:1,timeout:2s}"},
        MergeCase{"environment: {A: 1, B: 2}", "environment: {B: 3, C: 4}",
                  "environment:{A:1,B:3,C:4}"},
        MergeCase{"environment: [A=1, B=2]", "environment: [B=3, C=4]",
                  "environment:[A=1,B=3,C=4]"},
        MergeCase{"environment: [A=1, B=2]", "environment: {B: 3}", "environment:{A:1,B:3}"},
        MergeCase{"labels: {a: 1}", "labels: [a=2, b]", "labels:{a:2,b:}"},
        MergeCase{"ports: ['80:80', 81]", "ports: ['80:80', '82:82']", "ports:[80:80,81,82:82]"},
        MergeCase{"ports: ['80:80']", "ports: ['81:80']", "ports:[80:80,81:80]"},
        MergeCase{"ports: ['80:80/tcp']", "ports: [{target: 80, published: 80, mode: host}]",
                  "ports:[{target:80,published:80,mode:host}]"},
        MergeCase{"ports: ['127.0.0.1:80:80']", "ports: ['80:80', '80:80/udp']",
                  "ports:[127.0.0.1:80:80,80:80,80:80/udp]"},
        MergeCase{"ports: ['[::1]:80:80']", "ports: [{target: 80, published: 80, host_ip: '::1'}]",
                  "ports:[{target:80,published:80,host_ip:::1}]"},
        MergeCase{"volumes: ['a:/a', 'b:/b']", "volumes: ['c:/b/:ro']", "volumes:[a:/a,c:/b/:ro]"},
        MergeCase{"volumes: [/a]", "volumes: [{type: bind, source: /x, target: /a}]",
                  "volumes:[{type:bind,source:/x,target:/a}]"},
        MergeCase{"devices: ['/dev/a:/dev/x']", "devices: ['/dev/b:/dev/x:r']",
                  "devices:[/dev/b:/dev/x:r]"},
        MergeCase{"secrets: [s]", "secrets: [{source: t, target: s}, u]",
                  "secrets:[{source:t,target:s},u]"},
        MergeCase{"configs: [s]", "configs: [{source: t, target: /s}]",
                  "configs:[{source:t,target:/s}]"},
        MergeCase{"networks: [a, b]", "networks: [b, c]", "networks:[a,b,c]"},
        MergeCase{"networks: [a]", "networks: {a: {aliases: [x]}, b: }",
                  "networks:{a:{aliases:[x]},b:}"},
        MergeCase{"networks: {a: {aliases: [x]}}", "networks: {a: {aliases: [x, y]}}",
                  "networks:{a:{aliases:[x,y]}}"},
        MergeCase{"depends_on: [a]", "depends_on: [b]", "depends_on:[a,b]"},
        MergeCase{"depends_on: [a]", "depends_on: {b: {condition: service_healthy}}",
                  "depends_on:{a:{condition:service_started},b:{condition:service_healthy}}"},
        MergeCase{"logging: {driver: a, options: {x: 1}}", "logging: {options: {y: 2}}",
                  "logging:{driver:a,options:{x:1,y:2}}"},
        MergeCase{"logging: {driver: a, options: {x: 1}}", "logging: {driver: b}",
                  "logging:{driver:b}"},
        MergeCase{"deploy: {resources: {limits: {cpus: 1}}, labels: {a: b}}",
                  "deploy: {resources: {limits: {memory: 1m}}, labels: {a: c}}",
                  "deploy:{resources:{limits:{cpus:1,memory:1m}},labels:{a:c}}"},
        MergeCase{"ulimits: {nofile: 1}", "ulimits: {nofile: {soft: 1, hard: 2}, core: 0}",
                  "ulimits:{nofile:{soft:1,hard:2},core:0}"},
        MergeCase{"tmpfs: /a", "tmpfs: [/b]", "tmpfs:[/a,/b]"},
        MergeCase{"extra_hosts: ['a:1']", "extra_hosts: ['a:1', 'b:2']", "extra_hosts:[a:1,b:2]"},
        MergeCase{"extra_hosts: ['a:1']", "extra_hosts: {b: 2}", "extra_hosts:[a:1,b:2]"},
        MergeCase{"extra_hosts: {a: [1, 2]}", "extra_hosts: ['b:3']", "extra_hosts:[a:1,a:2,b:3]"},
        MergeCase{"x-nap: {relink: dns, sticky: auto}", "x-nap: {sticky: never}",
                  "x-nap:{relink:dns,sticky:never}"}));

INSTANTIATE_TEST_SUITE_P(
    tags, Merged,
    testing::Values(MergeCase{"image: a, ports: ['80']", "ports: !reset []", "image:a"},
                    MergeCase{"image: a, user: u", "user: !reset null", "image:a"},
                    MergeCase{"image: a", "ports: !reset []", "image:a"},
                    MergeCase{"ports: ['80']", "ports: !override ['81']", "ports:[81]"},
                    MergeCase{"environment: {A: 1, B: 2}", "environment: {A: !reset null}",
                              "environment:{B:2}"},
                    MergeCase{"environment: {A: 1, B: 2}", "environment: !override {C: 3}",
                              "environment:{C:3}"},
                    MergeCase{"deploy: {replicas: 2, mode: global}",
                              "deploy: !override {replicas: 3}", "deploy:{replicas:3}"}));

TEST(manifest_merge, top_level_sections) {
    EXPECT_EQ(read_as_text("services: {a: {image: x}}\nnetworks: {n: {driver: d, labels: [k=v]}}\n"
                           "volumes: {v: }\n---\nservices: {b: {image: y}}\n"
                           "networks: {n: {internal: true, labels: [k=w]}}\n"
                           "volumes: {v: {driver: l}}\n---\n# nothing\n---\nname: shop\n"),
              "{services:{a:{image:x},b:{image:y}},networks:{n:{driver:d,labels:[k=w],"
              "internal:true}},volumes:{v:{driver:l}},name:shop}");
    EXPECT_EQ(read_as_text("services: {a: {image: x}, b: {image: y}}\n---\n"
                           "services: {b: !reset {}}\n"),
              "{services:{a:{image:x}}}");
    EXPECT_EQ(read_as_text("services: {networks: {ports: [a]}}\n---\n"
                           "services: {networks: {ports: [a]}}\n"),
              "{services:{networks:{ports:[a]}}}");
}

TEST(manifest_merge, version1) {
    EXPECT_EQ(read_as_text("web: {image: a, command: [x], ports: ['80']}\n---\n"
                           "web: {command: [y], ports: ['81']}\ndb: {image: b}\n"),
              "{web:{image:a,command:[y],ports:[80,81]},db:{image:b}}");
}

TEST(manifest_merge, tags_alone_in_a_file_mean_nothing_else) {
    EXPECT_EQ(read_as_text("a: {image: !override x, ports: !reset [1], dns: [a, !reset b]}"),
              "{a:{image:x,dns:[a]}}");
}

TEST(manifest_merge, errors_name_the_document_they_are_in) {
    EXPECT_EQ(read_as_text("a: {image: x}\n---\n[b]\n"),
              "apps/shop.yml:3:1: expected a mapping, found a list");
    EXPECT_EQ(
        read_as_text("a: {image: x}\nb: 1\n---\na: 1\na: 2\n"),
        "apps/shop.yml:5:1: the key `a` is already set at line 4, column 1; remove one of the "
        "two");
}

}  // namespace
}  // namespace nap
