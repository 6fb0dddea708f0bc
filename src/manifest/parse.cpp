#include "manifest/parse.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "manifest/draft.hpp"
#include "manifest/keys.hpp"
#include "manifest/merge.hpp"
#include "manifest/project.hpp"
#include "manifest/text.hpp"

namespace nap {
namespace {

constexpr std::size_t app_name_bytes_max = 63;

/// A key that may be a misspelt `services`, and the one error then worth giving.
bool reported_misspelt_services(const YamlField& root) {
    constexpr std::string_view wanted[] = {"services"};
    for (const YamlEntry& entry : root.node.entries) {
        if (entry.value.kind != YamlKind::mapping || entry.value.find("image") != nullptr) continue;
        if (nearest(entry.key, wanted).empty()) continue;
        root.errors.add(entry.position, join_path("", entry.key),
                        fmt::format("unknown key {}; did you mean `services`?", quoted(entry.key)));
        return true;
    }
    return false;
}

void expect_services(const YamlField& field, const Draft& draft) {
    if (!draft.services_seen.empty()) return;
    field.error("expected at least one service, found none; to remove the app, delete its key");
}

void read_services(const YamlField& field, Draft& draft) {
    for (const YamlEntry& entry : field.node.entries) {
        read_service(field.child(entry), entry.key, draft);
    }
    expect_services(field, draft);
}

void read_version1(const YamlField& root, Draft& draft) {
    draft.form = ManifestForm::version1;
    if (reported_misspelt_services(root)) return;
    for (const YamlEntry& entry : root.node.entries) {
        const bool is_scalar = entry.value.kind == YamlKind::scalar;
        if (entry.key.starts_with("x-") || (entry.key == "version" && is_scalar)) continue;
        const YamlField field = root.child(entry);
        if (field.is_mapping()) {
            read_service(field, entry.key, draft);
            continue;
        }
        draft.services_seen.insert(entry.key);
        field.unexpected("a service (a mapping), as there is no top-level `services:`");
    }
    expect_services(root, draft);
}

void read_services_form(const YamlField& root, Draft& draft) {
    check_keys(root, keys::top_level);
    if (const auto include = root.find("include")) include->error("could not be resolved");
    if (const auto version = root.find("version")) (void)version->text();
    if (const auto name = root.find("name")) {
        const auto value = name->string();
        if (value && *value != draft.spec.app.str()) {
            name->error(
                fmt::format("expected the name of the app, `{}`, found {}; correct it, "
                            "leave it out, or give the app's key, file or folder that name",
                            draft.spec.app.str(), quoted(*value)));
        }
    }
    if (const auto networks = root.find("networks")) read_networks(*networks, draft);
    if (const auto volumes = root.find("volumes")) read_volumes_declared(*volumes, draft);
    if (const auto configs = root.find("configs")) {
        read_files_declared(*configs, configs_kind, draft);
    }
    if (const auto secrets = root.find("secrets")) {
        read_files_declared(*secrets, secrets_kind, draft);
    }
    const auto services = root.find("services");
    if (!services) {
        root.error("expected the key `services`, found none; add it");
    } else if (services->expect_mapping()) {
        read_services(*services, draft);
    }
}

}  // namespace

ParsedManifest parse_manifest(const AppId& app, const ManifestText& manifest) {
    ErrorSink errors(manifest.file);
    ParsedManifest parsed;
    const std::optional<YamlNode> tree = read_project(app, manifest, errors, &parsed.asked);
    if (const auto problem = app_name_problem(app.str())) errors.add({}, "", *problem);
    Draft draft;
    draft.manifest = &manifest;
    draft.spec.app = app;
    if (tree) {
        const YamlField root{*tree, "", errors};
        if (root.expect_mapping()) {
            // First, as services are read by it.
            if (const auto x_nap = root.find("x-nap")) read_app_x_nap(*x_nap, draft.spec);
            if (is_version1(root.node)) {
                read_version1(root, draft);
            } else {
                read_services_form(root, draft);
            }
            check_dependencies(draft, errors);
            settle_conditions(draft, errors);
            drop_left_out(draft, errors);
        }
    }
    parsed.asked.merge(draft.asked);
    parsed.warnings = errors.take_warnings();
    parsed.errors = errors.take();
    if (parsed.errors.empty()) parsed.spec = std::move(draft.spec);
    return parsed;
}

std::optional<std::string> app_name_problem(const std::string& name) {
    const auto is_start = [](char c) { return is_digit(c) || (c >= 'a' && c <= 'z'); };
    const bool good = !name.empty() && is_start(name.front()) &&
                      std::all_of(name.begin(), name.end(),
                                  [&](char c) { return is_start(c) || c == '_' || c == '-'; });
    if (good && name.size() <= app_name_bytes_max) return std::nullopt;
    return fmt::format(
        "{} cannot be the name of an app; expected at most {} of a-z, 0-9, `_` and "
        "`-`, beginning with a letter or digit",
        quoted(name), app_name_bytes_max);
}

}  // namespace nap
