// Walks tests/golden_manifests: what each manifest comes to, or what is wrong with it. A folder is
// an app with the files beside its manifest; its output is expected.txt, that of `x.yml` is
// `x.txt`. NAP_UPDATE_GOLDEN=1 rewrites the outputs; `git diff` then shows what has changed.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <functional>
#include <nlohmann/json.hpp>
#include <set>
#include <sstream>

#include "cli/message_literals.hpp"
#include "clients/docker_codec.hpp"
#include "manifest/keys.hpp"
#include "manifest/merge.hpp"
#include "manifest/parse.hpp"
#include "model/app_files.hpp"
#include "reconciler/container_config.hpp"

namespace nap {
namespace {

namespace fs = std::filesystem;
using nlohmann::ordered_json;

const fs::path folder = NAP_SOURCE_DIR "/tests/golden_manifests";

std::string text_of(const fs::path& path) {
    std::ostringstream text;
    text << std::ifstream(path, std::ios::binary).rdbuf();
    return text.str();
}

/// The inputs: folders, and files.
std::vector<std::string> cases() {
    std::vector<std::string> names;
    for (const auto& entry : fs::directory_iterator(folder)) {
        if (entry.is_directory() || entry.path().extension() == ".yml") {
            names.push_back(entry.path().filename());
        }
    }
    std::sort(names.begin(), names.end());
    return names;
}

std::vector<AppFile> files_of(const std::string& name) {
    if (!fs::is_directory(folder / name)) return {{.name = name, .bytes = text_of(folder / name)}};
    std::vector<AppFile> files;
    for (const auto& entry : fs::recursive_directory_iterator(folder / name)) {
        if (!entry.is_regular_file() || entry.path().filename() == "expected.txt") continue;
        files.push_back(
            {.name = fs::relative(entry.path(), folder), .bytes = text_of(entry.path())});
    }
    return files;
}

fs::path output_of(const std::string& name) {
    if (fs::is_directory(folder / name)) return folder / name / "expected.txt";
    return (folder / name).replace_extension(".txt");
}

ParsedManifest read(const std::string& name) {
    const std::string app = app_of_name(name);
    const AppSource source = assemble_app(app, files_of(name));
    if (!source.errors.empty()) return {.spec = std::nullopt, .errors = source.errors};
    return parse_manifest(AppId(app), source.text);
}

/// What of a service is not in the request that makes its container.
ordered_json terms_of(const ServiceSpec& service) {
    const ServiceSpec plain;
    ordered_json terms;
    const auto add = [&](const char* key, const auto& value, const auto& fallback) {
        if (value != fallback) terms[key] = value;
    };
    add("replicas", service.replicas, plain.replicas);
    add("global", service.mode == DeployMode::global, false);
    for (const Constraint& constraint : service.placement.constraints) {
        terms["constraints"].push_back(constraint.attribute + (constraint.equal ? "==" : "!=") +
                                       constraint.value);
    }
    add("spread over", service.placement.spread_over, plain.placement.spread_over);
    add("per node at most", service.placement.per_node_max, 0);
    add("memory set aside", service.memory_bytes_reserved, 0);
    add("cores set aside", service.nano_cpus_reserved, 0);
    add("restart", static_cast<int>(service.restart.policy), 0);
    add("restarts at most", service.restart.attempts_max, 0);
    add("restart when unhealthy", service.restart_unhealthy, true);
    add("depends on", service.depends_on, plain.depends_on);
    for (const auto& [name, of_it] : service.terms) {
        terms["terms"][name] = {static_cast<int>(of_it.condition), of_it.restart, of_it.required};
    }
    for (const LinkSpec& link : service.links)
        terms["links"].push_back(link.service + ":" + link.alias);
    add("container name", service.container_name, "");
    add("pull", static_cast<int>(service.pull), 0);
    add("partition", static_cast<int>(service.partition), 0);
    add("sticky", static_cast<int>(service.sticky), 0);
    add("relink", static_cast<int>(service.relink), 0);
    add("on relink", static_cast<int>(service.on_relink.kind), 0);
    add("relink signal", service.on_relink.signal, "");
    for (const ContainerFile& file : service.files)
        terms["files"].push_back({file.path, file.content, file.uid, file.gid, file.mode});
    return terms;
}

std::string pretty(const std::string& json) {
    return ordered_json::parse(json).dump(1) + "\n";
}

std::string output(const ParsedManifest& parsed) {
    std::string text;
    for (const ManifestError& error : parsed.errors)
        text += "error: " + to_string(error) + "\n";
    for (const ManifestError& warning : parsed.warnings)
        text += "warning: " + to_string(warning) + "\n";
    if (!parsed.spec) return text;
    const AppSpec& app = *parsed.spec;
    if (app.colocate) text += "colocate\n";
    if (app.strategy != Strategy::spread) {
        text += "strategy " + std::to_string(static_cast<int>(app.strategy)) + "\n";
    }
    for (const auto& [name, network] : app.networks) {
        text += "network " + name + (network.external ? " (external)" : "") + "\n" +
                pretty(encode_create_network(network));
    }
    for (const auto& [name, volume] : app.volumes) {
        text += "volume " + name + (volume.external ? " (external)" : "") + "\n" +
                pretty(encode_create_volume(volume));
    }
    for (const auto& [name, service] : app.services) {
        const ordered_json terms = terms_of(service);
        text += "service " + name + " " + (terms.is_null() ? "" : terms.dump(1)) + "\n" +
                pretty(encode_create_container(container_config(app, name)));
    }
    return text;
}

class GoldenManifest : public testing::TestWithParam<std::string> {};

TEST_P(GoldenManifest, comes_to_what_is_written) {
    const std::string text = output(read(GetParam()));
    if (std::getenv("NAP_UPDATE_GOLDEN") != nullptr) {
        std::ofstream(output_of(GetParam())) << text;
    } else {
        EXPECT_EQ(text, text_of(output_of(GetParam())));
    }
}

std::string test_name(const testing::TestParamInfo<std::string>& golden) {
    std::string name = golden.param;
    std::replace_if(
        name.begin(), name.end(), [](char c) { return c == '-' || c == '.'; }, '_');
    return name;
}

INSTANTIATE_TEST_SUITE_P(all, GoldenManifest, testing::ValuesIn(cases()), test_name);

/// Calls `visit` for the mappings at `path`, as `services.*.ports[]`; `*` is any key.
void visit_all(const YamlNode& node, std::string_view path,
               const std::function<void(const YamlNode&)>& visit) {
    if (path.starts_with("[]")) {
        for (const YamlNode& item : node.items)
            visit_all(item, path.substr(2), visit);
        return;
    }
    if (path.starts_with('.')) path.remove_prefix(1);
    if (path.empty()) return visit(node);
    const std::string_view key = path.substr(0, path.find_first_of(".["));
    for (const YamlEntry& entry : node.entries) {
        if (key == "*" || key == entry.key) visit_all(entry.value, path.substr(key.size()), visit);
    }
}

std::vector<std::string> paths_of(const KeySection& section) {
    if (&section == &keys::x_nap) return {"services.*.x-nap"};
    if (&section == &keys::app_x_nap) return {"x-nap"};
    std::istringstream words{std::string(section.paths)};
    std::vector<std::string> paths;
    for (std::string path; words >> path;)
        paths.push_back(path);
    if (paths.empty()) paths.emplace_back();  // the top level
    return paths;
}

/// Titles and keys that stand in the documents of a text.
void collect_keys(const std::string& text, std::set<std::string>& found) {
    YamlBudget budget;
    for (const YamlNode& document :
         read_yaml_stream(0, text, manifest_bytes_max, budget).documents) {
        for (const KeySection* section : key_sections()) {
            for (std::string path : paths_of(*section)) {
                const bool of_service = path.starts_with("services.");
                if (is_version1(document) && of_service) path.erase(0, sizeof("services"));
                visit_all(document, path, [&](const YamlNode& mapping) {
                    for (const YamlEntry& entry : mapping.entries)
                        found.insert(std::string(section->title) + ": " + entry.key);
                });
            }
        }
    }
}

TEST(golden_manifests, have_every_key) {
    std::set<std::string> accepted;
    std::set<std::string> refused;
    for (const std::string& name : cases()) {
        auto& found = read(name).errors.empty() ? accepted : refused;
        for (const AppFile& file : files_of(name))
            collect_keys(file.bytes, found);
    }
    for (const KeySection* section : key_sections()) {
        for (const KeyRow& row : section->rows) {
            const std::string key = std::string(section->title) + ": " + std::string(row.key);
            const bool is_refused = row.status == KeyStatus::refused;
            EXPECT_TRUE((is_refused ? refused : accepted).contains(key))
                << "no " << (is_refused ? "refused" : "accepted") << " manifest in " << folder
                << " has " << key;
        }
    }
}

/// Messages that no manifest brings about, and why.
bool is_out_of_reach(const std::string& message) {
    static const std::string_view all[] = {
        // Only were a stage before it to forget something.
        "could not be resolved",
        "could not be resolved: it must be in the app's project directory",
        // Names that files of a folder cannot have, but keys in Consul can.
        "the name {} of a file {}; rename it",
        "has an empty part, `.` or `..`",
        "has a part of more than 255 bytes",
        "has a control character in it",
        "{} is both a file and a folder of the project directory; rename one",
        // It would take files of 4 MiB.
        "too large: the files that are mounted have more than 4 MiB in all",
        // It would take a file of 256 KiB.
        "{} bytes; at most {} are accepted",
        // Of config files, which are read by the same reader.
        "expected the end of the file, found another document; keep one",
        "the tags `!reset` and `!override` have no meaning here; remove them",
    };
    return std::find(std::begin(all), std::end(all), message) != std::end(all);
}

TEST(golden_manifests, have_every_message) {
    std::vector<std::string> said;
    for (const std::string& name : cases()) {
        const ParsedManifest parsed = read(name);
        for (const auto* list : {&parsed.errors, &parsed.warnings}) {
            for (const ManifestError& error : *list)
                said.push_back(error.message);
        }
    }
    std::size_t messages = 0;
    for (const auto& entry : fs::directory_iterator(NAP_SOURCE_DIR "/src/manifest")) {
        const std::string file = entry.path().filename();
        // The reader of config files, and the rows of the keys, which the test above looks at.
        if (file.starts_with("config_file") || file.starts_with("keys_")) continue;
        for (const std::string& message : test::message_literals(text_of(entry.path()))) {
            ++messages;
            const bool found = std::any_of(said.begin(), said.end(), [&](const auto& text) {
                return test::comes_from(text, message);
            });
            EXPECT_NE(found, is_out_of_reach(message)) << file << ": " << message;
        }
    }
    EXPECT_GT(messages, 200U);
}

}  // namespace
}  // namespace nap
