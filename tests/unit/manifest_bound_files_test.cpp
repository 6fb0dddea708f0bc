// Relative binds, as they are read.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "manifest/parse.hpp"

namespace nap {
namespace {

using testing::HasSubstr;
using Files = std::map<std::string, std::string>;

const Files project = {
    {"conf/a.conf", "A"}, {"conf/more/b.conf", "B"}, {"confuse", "no"}, {"init.sh", "#!/bin/sh\n"}};

ParsedManifest read(const std::string& volumes, const Files& files = project) {
    return parse_manifest(
        AppId("shop"),
        {"shop/compose.yml", "services: {web: {image: x, volumes: [" + volumes + "]}}", files});
}

/// The only mount; what is wrong, when anything is.
std::string mounted(const std::string& volumes, const Files& files = project) {
    const ParsedManifest parsed = read(volumes, files);
    if (!parsed.spec) return parsed.errors.front().path + ": " + parsed.errors.front().message;
    const MountSpec& mount = parsed.spec->services.at("web").mounts.at(0);
    std::string text = mount.kind == MountKind::project
                           ? mount.source + (mount.read_only ? "|ro" : "")
                           : "another kind";
    for (const auto& [path, content] : *mount.files.by_path)
        text += "|" + path + "=" + content;
    return text;
}

TEST(bound_files, come_from_the_project_directory) {
    const std::string conf = "conf|ro|a.conf=A|more/b.conf=B";
    EXPECT_EQ(mounted("'./conf:/etc/app:ro'"), conf);
    EXPECT_EQ(mounted("'./conf/:/etc/app:ro,z'"), conf);
    EXPECT_EQ(mounted("'./x/../conf:/etc/app:ro'"), conf);
    EXPECT_EQ(mounted("{type: bind, source: conf, target: /etc/app, read_only: true}"), conf);
    EXPECT_EQ(mounted("'./conf/a.conf:/a:ro'"), "conf/a.conf|ro|=A");
    EXPECT_THAT(mounted("'.:/srv:ro'"), HasSubstr("|compose.yml=services: {web:"));
    EXPECT_THAT(mounted("'.:/srv:ro'"), HasSubstr("|conf/more/b.conf=B|confuse=no|init.sh=#!"));
}

TEST(bound_files, are_read_only_whatever_is_said) {
    EXPECT_TRUE(read("'./conf:/etc/app:ro'").warnings.empty());
    const ParsedManifest silent = read("'./conf:/etc/app'");
    ASSERT_TRUE(silent.spec);
    EXPECT_TRUE(silent.spec->services.at("web").mounts.at(0).read_only);
    ASSERT_EQ(silent.warnings.size(), 1U);
    EXPECT_THAT(silent.warnings[0].message, HasSubstr("is mounted read-only"));
    EXPECT_THAT(mounted("'./conf:/etc/app:rw'"),
                HasSubstr("volumes[0]: the app's files are the same"));
    EXPECT_THAT(mounted("{type: bind, source: ./conf, target: /c, read_only: false}"),
                HasSubstr("cannot be written to"));
}

TEST(bound_files, that_are_not_there_or_cannot_be) {
    EXPECT_THAT(mounted("'./conf:/c:ro'", {}), HasSubstr("there is no file or folder `./conf`"));
    EXPECT_THAT(mounted("'./site.conf:/etc/nginx'"), HasSubstr("`./site.conf`"));
    EXPECT_THAT(mounted("'./site:/etc/nginx/site.conf'"), HasSubstr("`./site`"));
    EXPECT_THAT(mounted("'./Caddyfile:/etc/caddy/Caddyfile'"), HasSubstr("`./Caddyfile`"));
    EXPECT_THAT(mounted("'.env:/app/.env'"), HasSubstr("`./.env`"));
    EXPECT_THAT(mounted("{type: bind, source: ./d, target: /d, bind: {create_host_path: false}}"),
                HasSubstr("there is no file or folder `./d`"));
    EXPECT_THAT(mounted("'../conf:/c:ro'"), HasSubstr("leads out of the app's project directory"));
    EXPECT_THAT(mounted("'./conf/../..:/c:ro'"), HasSubstr("leads out of"));
    EXPECT_THAT(mounted("'~/conf:/c:ro'"), HasSubstr("whoever runs Compose"));
    EXPECT_THAT(mounted("'./c:/c:ro'", {{"c", ""}, {"c/d", ""}}),
                HasSubstr("both a file and a folder"));
    EXPECT_THAT(mounted("'./c:/c:ro'", {{"c/a", ""}, {"c/a/b", ""}}), HasSubstr("`a` is both"));
    EXPECT_THAT(mounted("'./c:/c:ro'", {{"c/../e", ""}}),
                HasSubstr("has an empty part, `.` or `..`"));
    EXPECT_THAT(mounted("'./c:/c:ro'", {{"c//e", ""}}), HasSubstr("has an empty part"));
    EXPECT_THAT(mounted("'./c:/c:ro'", {{"c/e\n", ""}}), HasSubstr("control character"));
    EXPECT_THAT(mounted("'./c:/c:ro'", {{"c/" + std::string(256, 'x'), ""}}), HasSubstr("255"));
    const Files large = {{"c/large", std::string(3 << 20, 'x')}};
    EXPECT_THAT(mounted("'./c:/c:ro', './c:/d:ro'", large), HasSubstr("more than 4 MiB in all"));
}

TEST(bound_files, a_folder_without_files_is_a_volume_to_write_to) {
    for (const char* volume : {"'./data:/data'", "'./data/:/data:rw'", "'././data:/data:z'",
                               "{type: bind, source: data, target: /data, read_only: false}"}) {
        const ParsedManifest parsed = read(volume, {{"data/.gitkeep", ""}, {"other", "x"}});
        ASSERT_TRUE(parsed.spec) << volume;
        const MountSpec& mount = parsed.spec->services.at("web").mounts.at(0);
        EXPECT_EQ(mount.kind, MountKind::volume) << volume;
        EXPECT_FALSE(mount.read_only) << volume;
        EXPECT_EQ(mount.options, MountOptions{.copy = false}) << volume;
        const VolumeSpec& made = parsed.spec->volumes.at(mount.source);
        EXPECT_EQ(made.name, "shop_.data") << volume;
        EXPECT_FALSE(made.external);
        ASSERT_EQ(parsed.warnings.size(), 1U) << volume;
        EXPECT_THAT(parsed.warnings[0].message, HasSubstr("is kept in the volume `shop_.data`"));
    }
    EXPECT_TRUE(read("'./etc.d:/etc/app/conf.d'", {}).spec);
    // One folder is one volume, for whoever mounts it.
    const ParsedManifest shared = read("'./a/b:/x', './a/b:/y', './a:/z'", {});
    ASSERT_TRUE(shared.spec);
    EXPECT_EQ(shared.spec->volumes.size(), 2U);
    EXPECT_EQ(shared.spec->volumes.at("./a/b").name, "shop_.a.b");
    // The manifest itself is no file that a container would write to.
    const ParsedManifest whole = read("'.:/etc/app'", {});
    ASSERT_TRUE(whole.spec);
    EXPECT_EQ(whole.spec->volumes.at(".").name, "shop_.");
    EXPECT_THAT(mounted("'.:/srv:ro'", {}), HasSubstr("|ro|compose.yml="));
}

TEST(bound_files, a_folder_takes_no_other_volumes_name) {
    const auto declared = [](const std::string& name) {
        return parse_manifest(AppId("shop"),
                              {"shop/compose.yml",
                               "services: {web: {image: x, volumes: ['./data:/data']}}\n"
                               "volumes: {other: {name: " +
                                   name + "}}"});
    };
    EXPECT_TRUE(declared("shop_data").spec);
    EXPECT_THAT(declared("shop_.data").errors.at(0).message, HasSubstr("rename one of the two"));
    EXPECT_THAT(read("'./a/b:/x', './a.b/:/y'", {}).errors.at(0).message,
                HasSubstr("there is no file or folder `./a.b`"));
    EXPECT_THAT(read("'./a b:/x', './a+b:/y'", {}).errors.at(0).message,
                HasSubstr("would be called `shop_.a.b`"));
}

TEST(bound_files, configs_cannot_be_below_them) {
    const ParsedManifest parsed = parse_manifest(
        AppId("shop"), {"shop/compose.yml",
                        "services: {web: {image: x, volumes: ['./conf:/etc/app:ro'], configs: "
                        "[{source: c, target: /etc/app/c}]}}\nconfigs: {c: {content: x}}",
                        project});
    ASSERT_EQ(parsed.errors.size(), 1U);
    EXPECT_THAT(parsed.errors[0].message, HasSubstr("would be hidden by the app's files"));
}

TEST(bound_files, a_host_path_does_not_begin_with_nothing) {
    const auto lost = HasSubstr("the variable that the host path begins with is not set");
    EXPECT_THAT(mounted("'${HOME}/x:/y'"), lost);
    EXPECT_THAT(mounted("'$HOME/x:/y'"), lost);
    EXPECT_THAT(mounted("'${A:-$HOME}/x:/y'"), lost);
    EXPECT_THAT(mounted("'${DATA}:/y'"), lost);
    EXPECT_THAT(mounted("{type: bind, source: '${HOME}/x', target: /y}"), lost);
    EXPECT_TRUE(read("'/srv/${X}/x:/y'").spec);
    EXPECT_TRUE(read("'${X:-/srv}/x:/y'").spec);
    EXPECT_TRUE(read("'$${X}:/y'").errors.front().message.find("variable") == std::string::npos);
    EXPECT_TRUE(read("'${HOME}/x:/y'", {{".env", "HOME=/srv\n"}}).spec);
}

}  // namespace
}  // namespace nap
