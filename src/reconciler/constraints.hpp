#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "model/app_spec.hpp"
#include "model/cluster.hpp"

namespace nap {

/// An attribute of nodes, read once: `node.labels.zone` and the like. As in Swarm its name may be
/// in any case, but for the label's own.
class NodeAttribute {
  public:
    explicit NodeAttribute(const std::string& name);

    /// Empty where the node has none. Lives as long as the record.
    [[nodiscard]] std::string_view of(const NodeRecord& record) const;

  private:
    enum class Kind {
        unknown,
        hostname,
        id,
        role,
        os,
        arch,
        node_label,
        engine_label,
    };
    Kind kind_ = Kind::unknown;
    std::string label_;
};

/// A constraint, read once. Values compare as in Swarm: without regard to case, and a label that is
/// missing is an empty one.
struct NodeRule {
    explicit NodeRule(const Constraint& constraint);

    [[nodiscard]] bool admits(const NodeRecord& record) const;
    /// `node.labels.zone is b, not a`; of a record that it does not admit.
    [[nodiscard]] std::string refusal(const NodeRecord& record) const;

    NodeAttribute attribute;
    const Constraint* constraint;  ///< must outlive this
};

}  // namespace nap
