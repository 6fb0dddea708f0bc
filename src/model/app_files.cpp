#include "model/app_files.hpp"

#include <algorithm>

#include "model/keys.hpp"

namespace nap {

namespace {

std::string_view first_part(std::string_view path) {
    return path.substr(0, path.find('/'));
}

std::string_view after_first_part(std::string_view path) {
    const std::size_t slash = path.find('/');
    return slash == std::string_view::npos ? std::string_view() : path.substr(slash + 1);
}

std::string_view without_ending(std::string_view name) {
    for (const std::string_view ending : manifest_endings) {
        if (name.ends_with(ending)) return name.substr(0, name.size() - ending.size());
    }
    return name;
}

ManifestError whole_file_error(const std::string& file, std::string message) {
    return {.file = file, .line = 1, .column = 1, .path = "", .message = std::move(message)};
}

std::string joined(const std::vector<AppFile>& files) {
    std::string text;
    for (const AppFile& file : files)
        text += (text.empty() ? "" : " and ") + file.name;
    return text;
}

/// The index in `files` of the folder's manifest.
std::optional<std::size_t> find_main(const std::string& folder, const std::vector<AppFile>& files) {
    for (const std::string_view name : main_file_names) {
        for (std::size_t i = 0; i < files.size(); ++i) {
            if (files[i].name == folder + std::string(name)) return i;
        }
    }
    return std::nullopt;
}

std::string why_no_main(const std::string& app, const std::vector<AppFile>& files) {
    std::vector<std::string_view> paths;
    paths.reserve(files.size());
    for (const AppFile& file : files)
        paths.push_back(after_first_part(file.name));
    if (is_exploded(paths)) {
        return "the manifest of " + app + " has been taken apart into a key for each value (" +
               files.front().name +
               ", …), as tools that sync YAML into Consul do; switch that off there (in "
               "git2consul: "
               "`expand_keys`), so that the file as a whole becomes the value of one key";
    }
    return "the folder of " + app + " holds " + files.front().name +
           (files.size() > 1 ? " and more" : "") +
           ", but no compose.yaml, compose.yml, docker-compose.yml or docker-compose.yaml; put it "
           "there, or delete the folder to remove the app";
}

}  // namespace

bool is_main_file(std::string_view name) {
    return std::find(main_file_names.begin(), main_file_names.end(), name) != main_file_names.end();
}

bool is_exploded(const std::vector<std::string_view>& paths) {
    return std::any_of(paths.begin(), paths.end(), [](std::string_view path) {
        if (is_main_file(first_part(path))) path = after_first_part(path);
        const std::string_view below = after_first_part(path);
        if (first_part(path) == "services") return !after_first_part(below).empty();
        // Services at top level, as in the version-1 form.
        return below == "image";
    });
}

std::string app_of_name(const std::string& name) {
    if (name.find('/') == std::string::npos) return parse_app_key(name).app;
    return std::string(without_ending(first_part(name)));
}

AppSource assemble_app(const std::string& app, std::vector<AppFile> files) {
    std::sort(files.begin(), files.end(),
              [](const AppFile& a, const AppFile& b) { return a.name < b.name; });
    AppSource source;
    for (const AppFile& file : files)
        source.modify_index = std::max(source.modify_index, file.modify_index);
    const auto in_folder = [](const AppFile& file) {
        return file.name.find('/') != std::string::npos;
    };
    const bool any_in_folder = std::any_of(files.begin(), files.end(), in_folder);
    const bool all_in_folder = std::all_of(files.begin(), files.end(), in_folder);
    source.text.file = files.front().name;
    if (!any_in_folder && files.size() == 1) {
        source.text.text = std::move(files.front().bytes);
        return source;
    }
    if (!all_in_folder) {
        source.errors.push_back(whole_file_error(
            files.front().name,
            "app " + app + " has several keys, " + joined(files) + "; delete all but one"));
        return source;
    }
    const std::string folder = app + "/";
    const auto main = find_main(folder, files);
    if (!main) {
        source.errors.push_back(whole_file_error(files.front().name, why_no_main(app, files)));
        return source;
    }
    source.text.file = files[*main].name;
    source.text.text = std::move(files[*main].bytes);
    for (std::size_t i = 0; i < files.size(); ++i) {
        if (i == *main || !files[i].name.starts_with(folder)) continue;
        source.text.files.emplace(files[i].name.substr(folder.size()), std::move(files[i].bytes));
    }
    return source;
}

}  // namespace nap
