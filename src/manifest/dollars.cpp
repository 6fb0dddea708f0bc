#include "manifest/dollars.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace nap {
namespace {

/// Where `x-…` is an extension field, and not the name of something.
bool has_extensions(std::string_view key) {
    constexpr std::string_view maps_of_names[] = {
        "services", "networks", "volumes", "environment", "labels", "driver_opts", "extra_hosts"};
    return std::find(std::begin(maps_of_names), std::end(maps_of_names), key) ==
           std::end(maps_of_names);
}

/// One step of a path, rendered only when there is something to say.
struct Step {
    const Step* parent = nullptr;
    std::string_view key;
    std::size_t index = 0;
    bool is_item = false;

    [[nodiscard]] std::string path() const {
        if (parent == nullptr) return {};
        const std::string above = parent->path();
        return is_item ? fmt::format("{}[{}]", above, index) : join_path(above, key);
    }
};

class Walk {
  public:
    Walk(Variables& variables, YamlBudget& budget, ErrorSink& errors)
        : variables_(variables), budget_(budget), errors_(errors) {}

    void node(YamlNode& node, const Step& step) {
        if (node.kind == YamlKind::scalar) {
            if (node.text.find('$') != std::string::npos) text(node, step);
            return;
        }
        for (std::size_t i = 0; i < node.items.size(); ++i)
            this->node(node.items[i], {&step, "", i, true});
        const std::string_view key = step.is_item ? std::string_view() : step.key;
        for (YamlEntry& entry : node.entries) {
            const bool extension = entry.key.starts_with("x-") && entry.key != "x-nap";
            if (extension && has_extensions(key)) continue;
            this->node(entry.value, {&step, entry.key});
        }
    }

  private:
    static bool is_path(const Step& step) {
        if (step.is_item) {
            return step.parent->key == "volumes" || step.parent->key == "env_file";
        }
        return step.key == "source" || step.key == "file" || step.key == "env_file";
    }

    /// Compose is run in the project directory, so that is what `$PWD` is.
    void replace_working_folder(std::string& text) const {
        if (variables_.find("PWD") != nullptr) return;
        for (const std::string_view before : {"${PWD}", "$PWD"}) {
            const bool is_whole = text.size() > before.size() &&
                                  (text[before.size()] == '/' || text[before.size()] == ':');
            if (!text.starts_with(before) || !is_whole) continue;
            text.replace(0, before.size(), ".");
            return;
        }
    }

    void text(YamlNode& node, const Step& step) {
        const std::size_t left =
            yaml_text_bytes_max - std::min(budget_.text_bytes, yaml_text_bytes_max);
        if (is_path(step)) replace_working_folder(node.text);
        Interpolation filled = interpolate(node.text, variables_, left);
        if (filled.problem.empty() && !budget_.charge(0, filled.text.size())) {
            filled.problem = "too large once its variables are filled in";
        }
        if (!filled.problem.empty()) {
            errors_.add(node.position, step.path(), filled.problem);
            node.broken = true;
        }
        for (const std::string& name : filled.unset) {
            if (!variables_.first_miss(name)) continue;
            errors_.warn(node.position, step.path(), unset_variable(name));
        }
        node.text = std::move(filled.text);
        node.plain = false;
        node.lost_start = filled.lost_start;
    }

    Variables& variables_;
    YamlBudget& budget_;
    ErrorSink& errors_;
};

}  // namespace

void interpolate_tree(YamlNode& root, Variables& variables, YamlBudget& budget, ErrorSink& errors) {
    Walk(variables, budget, errors).node(root, {});
}

}  // namespace nap
