#include <gtest/gtest.h>

#include <algorithm>

#include "manifest/keys.hpp"
#include "manifest/parse.hpp"

namespace nap {
namespace {

/// A place in a manifest, with `%` where a key goes, and the keys that may stand there.
struct Place {
    const char* text;
    const char* path;
    const KeySection* section;
};

const Place places[] = {
    {"services:\n  web:\n    image: a\n    %: x\n", "services.web.", &keys::service},
    {"web:\n  image: a\n  %: x\n", "web.", &keys::service},
    {"services: {web: {image: a}}\n%: x\n", "", &keys::top_level},
    {"services:\n  web:\n    image: a\n    ulimits:\n      nofile:\n        soft: 1\n"
     "        hard: 1\n        %: x\n",
     "services.web.ulimits.nofile.", &keys::ulimit},
    {"services:\n  web:\n    image: a\n    logging:\n      %: x\n", "services.web.logging.",
     &keys::logging},
    {"services:\n  web:\n    image: a\n    devices:\n      - source: /dev/null\n        %: x\n",
     "services.web.devices[0].", &keys::device},
    {"services:\n  web:\n    image: a\n    gpus:\n      - driver: a\n        %: x\n",
     "services.web.gpus[0].", &keys::device_request},
    {"services:\n  web:\n    image: a\n    blkio_config:\n      %: x\n",
     "services.web.blkio_config.", &keys::blkio},
    {"services:\n  web:\n    image: a\n    blkio_config:\n      device_read_bps:\n"
     "        - path: /dev/a\n          rate: 1\n          %: x\n",
     "services.web.blkio_config.device_read_bps[0].", &keys::blkio_device},
    {"services:\n  db: {image: a}\n  web:\n    image: a\n    depends_on:\n      db:\n"
     "        %: x\n",
     "services.web.depends_on.db.", &keys::dependency},
    {"configs: {c: {content: a}}\nservices:\n  web:\n    image: a\n    configs:\n"
     "      - source: c\n        %: x\n",
     "services.web.configs[0].", &keys::file_use},
    {"services:\n  web:\n    image: a\n    deploy:\n      %: x\n", "services.web.deploy.",
     &keys::deploy},
    {"services:\n  web:\n    image: a\n    deploy:\n      placement:\n        %: x\n",
     "services.web.deploy.placement.", &keys::placement},
    {"services:\n  web:\n    image: a\n    deploy:\n      placement:\n        preferences:\n"
     "          - spread: node.id\n            %: x\n",
     "services.web.deploy.placement.preferences[0].", &keys::preference},
    {"services:\n  web:\n    image: a\n    deploy:\n      resources:\n        %: x\n",
     "services.web.deploy.resources.", &keys::resources},
    {"services:\n  web:\n    image: a\n    deploy:\n      resources:\n        limits:\n"
     "          %: x\n",
     "services.web.deploy.resources.limits.", &keys::limits},
    {"services:\n  web:\n    image: a\n    deploy:\n      resources:\n        reservations:\n"
     "          %: x\n",
     "services.web.deploy.resources.reservations.", &keys::reservations},
    {"services:\n  web:\n    image: a\n    deploy:\n      restart_policy:\n        %: x\n",
     "services.web.deploy.restart_policy.", &keys::restart_policy},
    {"services:\n  web:\n    image: a\n    post_start:\n      - command: a\n        %: x\n",
     "services.web.post_start[0].", &keys::hook},
    {"services:\n  web:\n    image: a\n    healthcheck:\n      %: x\n", "services.web.healthcheck.",
     &keys::healthcheck},
    {"services:\n  web:\n    image: a\n    ports:\n      - target: 1\n        %: x\n",
     "services.web.ports[0].", &keys::port},
    {"services:\n  web:\n    image: a\n    volumes:\n      - type: volume\n        target: /d\n"
     "        %: x\n",
     "services.web.volumes[0].", &keys::mount},
    {"services:\n  web:\n    image: a\n    volumes:\n      - type: bind\n        source: /s\n"
     "        target: /d\n        bind:\n          %: x\n",
     "services.web.volumes[0].bind.", &keys::mount_bind},
    {"services:\n  web:\n    image: a\n    volumes:\n      - type: volume\n        target: /d\n"
     "        volume:\n          %: x\n",
     "services.web.volumes[0].volume.", &keys::mount_volume},
    {"services:\n  web:\n    image: a\n    volumes:\n      - type: tmpfs\n        target: /d\n"
     "        tmpfs:\n          %: x\n",
     "services.web.volumes[0].tmpfs.", &keys::mount_tmpfs},
    {"services:\n  web:\n    image: a\n    networks:\n      default:\n        %: x\n",
     "services.web.networks.default.", &keys::service_network},
    {"services: {web: {image: a}}\nnetworks:\n  n:\n    %: x\n", "networks.n.", &keys::network},
    {"services: {web: {image: a}}\nnetworks:\n  n:\n    ipam:\n      %: x\n", "networks.n.ipam.",
     &keys::ipam},
    {"services: {web: {image: a}}\nnetworks:\n  n:\n    ipam:\n      config:\n"
     "        - subnet: 10.1.0.0/16\n          %: x\n",
     "networks.n.ipam.config[0].", &keys::ipam_pool},
    {"services: {web: {image: a}}\nvolumes:\n  v:\n    %: x\n", "volumes.v.", &keys::volume},
    {"services: {web: {image: a}}\nsecrets:\n  s:\n    content: a\n    %: x\n", "secrets.s.",
     &keys::file_source},
    {"services:\n  web:\n    image: a\n    x-nap:\n      %: x\n", "services.web.x-nap.",
     &keys::x_nap},
    {"services: {web: {image: a}}\nx-nap:\n  %: x\n", "x-nap.", &keys::app_x_nap},
    {"web: {image: a}\nx-nap:\n  %: x\n", "x-nap.", &keys::app_x_nap},
};

ParsedManifest parse_with_key(const Place& place, std::string_view key) {
    std::string text = place.text;
    text.replace(text.find('%'), 1, key);
    return parse_manifest(AppId("shop"), {"shop.yml", text});
}

std::vector<ManifestError> errors_with_key(const Place& place, const std::string& key) {
    return parse_with_key(place, key).errors;
}

/// Those about `key` itself.
std::size_t count_of(const std::vector<ManifestError>& all, const Place& place,
                     std::string_view key, const std::string& beginning) {
    return static_cast<std::size_t>(
        std::count_if(all.begin(), all.end(), [&](const ManifestError& error) {
            return error.path == place.path + std::string(key) &&
                   error.message.starts_with(beginning) && error.line > 0;
        }));
}

TEST(manifest_keys, every_section_is_tried) {
    for (const KeySection* section : key_sections()) {
        EXPECT_TRUE(std::any_of(std::begin(places), std::end(places), [&](const Place& place) {
            return place.section == section;
        })) << section->title;
    }
}

TEST(manifest_keys, are_treated_as_their_rows_say) {
    for (const Place& place : places) {
        for (const KeyRow& row : place.section->rows) {
            // Those the templates have already.
            if (std::string(place.text).find(std::string(row.key) + ": ") != std::string::npos) {
                continue;
            }
            const ParsedManifest parsed = parse_with_key(place, row.key);
            const std::string name = "`" + std::string(row.key) + "` is ";
            const auto refused = count_of(parsed.errors, place, row.key, name + "not supported");
            const auto ignored = count_of(parsed.warnings, place, row.key, name + "ignored");
            const auto unknown = count_of(parsed.errors, place, row.key, "unknown key");
            EXPECT_EQ(refused, row.status == KeyStatus::refused ? 1U : 0U) << place.path << row.key;
            EXPECT_EQ(ignored, row.status == KeyStatus::ignored ? 1U : 0U) << place.path << row.key;
            EXPECT_EQ(unknown, 0U) << place.path << row.key;
            if (row.status == KeyStatus::ignored) {
                EXPECT_TRUE(parsed.errors.empty()) << place.path << row.key;
            }
        }
    }
}

TEST(manifest_keys, unknown_keys_are_refused_everywhere) {
    for (const Place& place : places) {
        const auto errors = errors_with_key(place, "zzzzzzzzzz");
        ASSERT_EQ(errors.size(), 1U) << place.path;
        EXPECT_EQ(errors[0].path, std::string(place.path) + "zzzzzzzzzz");
        EXPECT_EQ(errors[0].message, "unknown key `zzzzzzzzzz`");
    }
}

TEST(manifest_keys, extension_fields_are_ignored) {
    for (const Place& place : places) {
        const bool in_x_nap = std::string(place.path).find("x-nap") != std::string::npos;
        EXPECT_EQ(errors_with_key(place, "x-mine").empty(), !in_x_nap) << place.path;
    }
}

TEST(manifest_keys, misspelt_keys_get_a_suggestion) {
    const std::pair<const char*, const char*> cases[] = {
        {"imagee", "image"},
        {"prots", "ports"},
        {"enviroment", "environment"},
        {"depend_on", "depends_on"},
        {"volume", "volumes"},
        {"restrat", "restart"},
        {"health_check", "healthcheck"},
        {"privilegd", "privileged"},
        {"Image", "image"},
        {"container-name", "container_name"},
    };
    for (const auto& [wrong, right] : cases) {
        const auto errors = errors_with_key(places[0], wrong);
        ASSERT_EQ(errors.size(), 1U) << wrong;
        EXPECT_EQ(errors[0].message,
                  "unknown key `" + std::string(wrong) + "`; did you mean `" + right + "`?");
    }
}

TEST(manifest_keys, all_refused_at_once) {
    std::string text = "services:\n  web:\n    image: a\n";
    std::size_t refused = 0;
    for (const KeyRow& row : keys::service.rows) {
        if (row.status != KeyStatus::refused) continue;
        text += "    " + std::string(row.key) + ": x\n";
        ++refused;
    }
    const auto errors = parse_manifest(AppId("shop"), {"shop.yml", text}).errors;
    EXPECT_EQ(errors.size(), refused);
}

}  // namespace
}  // namespace nap
