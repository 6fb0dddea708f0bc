#include <algorithm>

#include "fuzz.hpp"
#include "manifest/parse.hpp"
#include "manifest/project.hpp"

// The input is files apart by lines `=== name`; what stands before the first of them is the
// manifest.
namespace nap::fuzz {
namespace {

constexpr std::string_view folder = "apps/shop/";
constexpr std::string_view mark = "=== ";

ManifestText split(std::string_view input) {
    ManifestText manifest;
    manifest.file = std::string(folder) + "compose.yml";
    std::string* file = &manifest.text;
    while (!input.empty()) {
        const std::size_t size = std::min(input.find('\n') + 1, input.size());
        const std::string_view line = input.substr(0, size == 0 ? input.size() : size);
        input.remove_prefix(line.size());
        if (line.starts_with(mark)) {
            const std::string_view name = line.substr(mark.size());
            file = &manifest.files[std::string(name.substr(0, name.find('\n')))];
        } else {
            *file += line;
        }
    }
    return manifest;
}

void require_located(const ManifestText& manifest, const std::vector<ManifestError>& errors) {
    for (const ManifestError& error : errors) {
        const std::string shown = to_string(error);
        require(!error.message.empty(), "an error without a message", shown);
        if (error.file == manifest.file) {
            require_inside(manifest.text, error.line, error.column, shown);
            continue;
        }
        require(error.file.starts_with(folder), "an error in a file that is not there", shown);
        const auto file = manifest.files.find(error.file.substr(folder.size()));
        require(file != manifest.files.end(), "an error in a file that is not there", shown);
        require_inside(file->second, error.line, error.column, shown);
    }
}

/// A manifest is what its files make of it: the tree that they are put together to is, written as
/// one file, the same app.
void require_round_trip(const AppId& app, const ManifestText& manifest, const AppSpec& spec) {
    ErrorSink errors(manifest.file);
    const auto tree = read_project(app, manifest, errors);
    require(tree.has_value() && errors.empty(), "read twice, refused once", manifest.text);
    const std::string flow = as_flow(*tree, true);
    if (flow.empty()) return;
    const ParsedManifest again = parse_manifest(app, {manifest.file, flow});
    require(again.errors.empty(), "as one file it is refused",
            again.errors.empty() ? "" : to_string(again.errors.front()) + "\n" + flow);
    require(*again.spec == spec, "as one file it is another app", flow);
}

}  // namespace

void manifest(std::string_view input) {
    const AppId app("shop");
    const ManifestText text = split(input);
    const ParsedManifest parsed = parse_manifest(app, text);
    require(parsed.spec.has_value() == parsed.errors.empty(), "a spec or errors, never both",
            input);
    require_located(text, parsed.errors);
    require_located(text, parsed.warnings);
    if (!parsed.spec) return;
    require(!parsed.spec->services.empty() || !parsed.warnings.empty(), "no service, and not said",
            input);
    require_round_trip(app, text, *parsed.spec);
}

}  // namespace nap::fuzz
