#pragma once

#include <functional>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "model/ids.hpp"

namespace nap {

/// What `$NAME` stands for in a manifest: the few names that nap sets itself, then those of `.env`.
/// Never the environment of a process, nor anything that differs between hosts: the leader and
/// every host read the same out of the same manifest.
class Variables {
  public:
    Variables() = default;
    explicit Variables(const AppId& app);
    /// Those of `outer`, in this order, come first; they must outlive this.
    explicit Variables(std::vector<const Variables*> outer) : outer_(std::move(outer)) {}

    /// nullptr when it is not set.
    [[nodiscard]] const std::string* find(std::string_view name) const;
    /// Does not change what is set already.
    void set_default(std::string name, std::string value);
    void set(std::string name, std::string value);
    /// Set by nap, whatever the manifest's files say.
    [[nodiscard]] static bool is_own(std::string_view name);
    /// True once for every name: for warnings.
    [[nodiscard]] bool first_miss(const std::string& name) { return missed_.insert(name).second; }

  private:
    std::vector<const Variables*> outer_;
    std::map<std::string, std::string, std::less<>> values_;
    std::set<std::string> missed_;
};

struct Interpolation {
    std::string text;
    std::vector<std::string> unset;  ///< variables that are not set and have no default
    bool lost_start = false;         ///< the text begins with one of these
    std::string problem;             ///< what is wrong; empty when nothing is. Shows no value
};

/// The warning for a variable that is not set.
[[nodiscard]] std::string unset_variable(std::string_view name);

/// Replaces `$NAME`, `${NAME}`, the forms with `:-`, `-`, `:?`, `?`, `:+`, `+`, and `$$`. At most
/// `bytes_max` come out.
[[nodiscard]] Interpolation interpolate(std::string_view text, const Variables& variables,
                                        std::size_t bytes_max);

}  // namespace nap
