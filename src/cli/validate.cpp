#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <optional>
#include <ostream>
#include <utility>

#include "cli/commands.hpp"
#include "cli/manifest_file.hpp"
#include "clients/cli_json.hpp"
#include "model/app_files.hpp"

namespace nap {

namespace {

namespace fs = std::filesystem;

bool is_manifest_name(const fs::path& path) {
    const std::string ending = path.extension().string();
    return ending == ".yml" || ending == ".yaml" || ending == ".json";
}

/// The manifest of a project directory; nullopt when the folder is none.
std::optional<std::string> main_file_of(const fs::path& folder) {
    for (const std::string_view name : main_file_names) {
        std::error_code ignored;
        if (fs::exists(folder / name, ignored)) return (folder / name).string();
    }
    return std::nullopt;
}

/// The manifest of the folder, or else those directly in it and those of the folders in it, sorted;
/// an error when there is none.
Result<std::vector<std::string>> manifests_in(const std::string& folder) {
    std::error_code ec;
    std::vector<std::string> files;
    if (auto main = main_file_of(folder)) return std::vector<std::string>{std::move(*main)};
    for (fs::directory_iterator next(folder, ec), end; !ec && next != end; next.increment(ec)) {
        std::error_code ignored;
        if (is_manifest_name(next->path()) && !next->is_directory(ignored)) {
            files.push_back(next->path().string());
        } else if (auto main = main_file_of(next->path())) {
            files.push_back(std::move(*main));
        }
    }
    if (ec) return Error{Errc::io, fmt::format("cannot read {}: {}", folder, ec.message())};
    if (files.empty()) {
        return Error{Errc::not_found, fmt::format("{} holds no .yml, .yaml or .json file", folder)};
    }
    std::sort(files.begin(), files.end());
    return files;
}

struct Check {
    std::vector<CheckedManifest> manifests;
    std::vector<std::string> missing;  ///< what could not be read, and why
};

void check_file(const std::string& file, Check& check) {
    const auto text = read_manifest_text(file);
    if (!text) {
        check.missing.push_back(text.error().message);
        return;
    }
    CheckedManifest checked{.file = file, .app = AppId(app_of_file(file)), .errors = {}};
    ParsedManifest parsed = parse_manifest(checked.app, *text);
    checked.errors = std::move(parsed.errors);
    checked.warnings = std::move(parsed.warnings);
    check.manifests.push_back(std::move(checked));
}

void check_path(const std::string& path, Check& check) {
    std::error_code ignored;
    if (!fs::is_directory(path, ignored)) {
        check_file(path, check);
        return;
    }
    const auto files = manifests_in(path);
    if (!files) {
        check.missing.push_back(files.error().message);
        return;
    }
    for (const std::string& file : *files)
        check_file(file, check);
}

Outcome summary(const Check& check) {
    std::size_t errors = 0;
    std::size_t warnings = 0;
    std::size_t invalid = 0;
    for (const CheckedManifest& manifest : check.manifests) {
        errors += manifest.errors.size();
        warnings += manifest.warnings.size();
        if (!manifest.errors.empty()) ++invalid;
    }
    const std::string checked = counted(check.manifests.size(), "manifest") + " checked";
    if (invalid > 0) {
        return {Exit::invalid,
                fmt::format("{}, {} invalid, {}", checked, invalid, counted(errors, "error"))};
    }
    if (!check.missing.empty()) return {Exit::not_found, checked + ", not all could be read"};
    const std::string warned = warnings == 0 ? "" : ", " + counted(warnings, "warning");
    return {Exit::ok, checked + ", no errors" + warned};
}

}  // namespace

Outcome validate(const ValidateCommand& command, const Console& console) {
    Check check;
    for (const std::string& path : command.paths)
        check_path(path, check);
    if (command.json) console.out << cli_json(check.manifests) << '\n';
    for (const CheckedManifest& manifest : check.manifests) {
        for (const ManifestError& error : manifest.errors) {
            if (!command.json) console.out << printable(to_string(error)) << '\n';
        }
        for (const ManifestError& warning : manifest.warnings) {
            if (!command.json) console.out << "warning: " << printable(to_string(warning)) << '\n';
        }
    }
    for (const std::string& message : check.missing)
        console.say("nap: " + message);
    return summary(check);
}

}  // namespace nap
