#include "manifest/project_files.hpp"

#include <fmt/format.h>

#include <utility>

#include "manifest/merge.hpp"
#include "manifest/parse.hpp"
#include "manifest/text.hpp"

namespace nap {

std::string normal_path(std::string_view path) {
    std::vector<std::string_view> parts;
    while (!path.empty()) {
        const std::size_t slash = std::min(path.find('/'), path.size());
        const std::string_view part = path.substr(0, slash);
        path.remove_prefix(std::min(slash + 1, path.size()));
        if (part.empty() || part == ".") continue;
        if (part == ".." && !parts.empty() && parts.back() != "..") {
            parts.pop_back();
        } else {
            parts.push_back(part);
        }
    }
    return fmt::format("{}", fmt::join(parts, "/"));
}

std::string joined_path(const std::string& folder, const std::string& path) {
    const bool absolute =
        path.starts_with('/') || path.starts_with('~') || path.find("://") != std::string::npos;
    if (absolute || path.empty()) return path;
    return normal_path(folder + "/" + path);
}

std::string folder_of(const std::string& path) {
    const std::size_t slash = path.rfind('/');
    return slash == std::string::npos ? std::string() : path.substr(0, slash);
}

ProjectFiles::ProjectFiles(const ManifestText& manifest, ErrorSink& errors,
                           std::set<std::string>* asked)
    : manifest_(manifest), errors_(errors), asked_(asked) {
    const std::size_t name = manifest.file.rfind('/') + 1;  // 0 when there is no slash
    folder_ = manifest.file.substr(0, name);
    main_name_ = manifest.file.substr(name);
    numbers_[main_name_] = 0;
}

ProjectFile ProjectFiles::main() const {
    return {main_name_, &manifest_.text, 0};
}

std::optional<ProjectFile> ProjectFiles::find(const std::string& path) {
    const std::string normal = normal_path(path);
    if (asked_ != nullptr) asked_->insert(normal);
    const auto found = manifest_.files.find(normal);
    if (found == manifest_.files.end()) {
        if (normal == main_name_) return main();
        return std::nullopt;
    }
    const auto [number, is_new] = numbers_.emplace(normal, 0);
    if (is_new) number->second = errors_.add_file(folder_ + normal);
    return ProjectFile{normal, &found->second, number->second};
}

std::string ProjectFiles::problem(const std::string& path) {
    if (path.empty()) return "expected the path of a file, found an empty string";
    if (path.find("://") != std::string::npos || path.starts_with("git@")) {
        return fmt::format(
            "{} is somewhere else, and nap reads the app's project directory alone; "
            "put a copy beside the manifest",
            quoted(path));
    }
    if (path.starts_with('/') || path.starts_with('~')) {
        return fmt::format(
            "expected a path relative to the app's project directory, found the absolute path {}; "
            "nap reads no files of a host, so put it beside the manifest",
            quoted(path));
    }
    if (!normal_path(path).starts_with("..")) return {};
    return fmt::format(
        "the path {} leads out of the app's project directory; put the file beside the manifest "
        "or below",
        quoted(path));
}

std::optional<ProjectFile> ProjectFiles::open(const std::string& path, const YamlField& named) {
    if (const std::string what = problem(path); !what.empty()) {
        named.error(what);
        return std::nullopt;
    }
    auto file = find(path);
    if (!file) {
        named.error(fmt::format("there is no file {} in the app's project directory; add it there",
                                quoted(normal_path(path))));
    }
    return file;
}

std::optional<std::vector<YamlNode>> read_documents(const ProjectFile& file,
                                                    ProjectReading& reading) {
    // The text itself counts too: it may be little else than comments, and read many times.
    if (file.number != 0 && !reading.budget.charge(0, file.text->size())) {
        reading.errors.add({1, 1, file.number}, "",
                           "too large: the manifest with its files passes nap's limits");
        return std::nullopt;
    }
    YamlStream stream =
        read_yaml_stream(file.number, *file.text, manifest_bytes_max, reading.budget);
    for (const YamlProblem& problem : stream.problems)
        reading.errors.add(problem.position, "", problem.message);
    reading.has_tags = reading.has_tags || stream.has_tags;
    if (!stream.complete) return std::nullopt;
    for (const YamlNode& document : stream.documents) {
        if (!YamlField{document, "", reading.errors}.expect_mapping()) return std::nullopt;
    }
    return std::move(stream.documents);
}

YamlNode* services_of(YamlNode& root) {
    YamlNode* services = is_version1(root) ? &root : root.find("services");
    return services != nullptr && services->kind == YamlKind::mapping ? services : nullptr;
}

std::vector<YamlField> one_or_more(const YamlField& field) {
    std::vector<YamlField> fields;
    if (!field.is_sequence()) {
        if (!field.node.is_null()) fields.push_back(field);
        return fields;
    }
    for (std::size_t i = 0; i < field.node.items.size(); ++i)
        fields.push_back(field.item(i));
    return fields;
}

}  // namespace nap
