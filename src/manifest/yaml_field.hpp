#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "manifest/yaml_tree.hpp"
#include "model/manifest_error.hpp"

namespace nap {

/// Collects the errors and warnings of a manifest and of the files it is made of. Beyond
/// `errors_max` they are only counted, and every error is clipped, so that the list fits a status
/// key whatever the input.
class ErrorSink {
  public:
    static constexpr std::size_t errors_max = 500;

    explicit ErrorSink(std::string file, std::vector<ManifestError> errors = {});

    /// A further file; returns the number that positions in it carry.
    int add_file(std::string name);
    [[nodiscard]] const std::string& file(int number) const;

    void add(YamlPosition at, const std::string& path, const std::string& message);
    /// Something that does not keep the manifest from being used.
    void warn(YamlPosition at, const std::string& path, const std::string& message);
    [[nodiscard]] bool empty() const { return errors_.found.empty(); }
    [[nodiscard]] bool full() const { return errors_.found.size() >= errors_max; }

    /// Sorted by file, line and column.
    [[nodiscard]] std::vector<ManifestError> take();
    [[nodiscard]] std::vector<ManifestError> take_warnings();

  private:
    struct Found {
        int file = 0;
        ManifestError error;
    };
    struct List {
        std::vector<Found> found;
        std::size_t dropped = 0;
    };

    void add_to(List& list, YamlPosition at, const std::string& path, const std::string& message);
    std::vector<ManifestError> take(List& list, const char* noun);

    std::vector<std::string> files_;
    List errors_;
    List warnings_;
};

/// A value together with its path and where to report what is wrong with it. Readers report and
/// return nullopt when the value is not what they expect; they never show the value itself, which
/// may be a secret.
struct YamlField {
    const YamlNode& node;
    std::string path;
    ErrorSink& errors;

    void error(const std::string& message) const { errors.add(node.position, path, message); }
    void warn(const std::string& message) const { errors.warn(node.position, path, message); }

    [[nodiscard]] YamlField child(const YamlEntry& entry) const;
    [[nodiscard]] YamlField item(std::size_t index) const;
    [[nodiscard]] std::optional<YamlField> find(std::string_view key) const;

    [[nodiscard]] bool is_sequence() const { return node.kind == YamlKind::sequence; }
    [[nodiscard]] bool is_mapping() const { return node.kind == YamlKind::mapping; }
    [[nodiscard]] bool expect_sequence() const;
    [[nodiscard]] bool expect_mapping() const;
    /// Reports "expected `what`, found …".
    void unexpected(std::string_view what) const;

    /// A string: quoted, or plain and neither a number, a boolean nor null.
    [[nodiscard]] std::optional<std::string> string() const;
    /// Any scalar but null, as it is written.
    [[nodiscard]] std::optional<std::string> text() const;
    [[nodiscard]] std::optional<bool> boolean() const;
    /// A whole number, also when written as a string.
    [[nodiscard]] std::optional<std::int64_t> integer(std::int64_t min, std::int64_t max) const;
    [[nodiscard]] std::vector<std::string> strings() const;

    /// Reports keys of this mapping that are not among these; `x-` keys are let through.
    void check_keys(std::span<const std::string_view> known) const;
};

/// "; did you mean `x`?" for the nearest candidate, or nothing.
[[nodiscard]] std::string suggestion(std::string_view name,
                                     std::span<const std::string_view> candidates);

/// `services.web` for (`services`, `web`), `web` for an empty parent.
[[nodiscard]] std::string join_path(const std::string& parent, std::string_view key);

}  // namespace nap
