#pragma once

#include <string>
#include <vector>

#include "cli/scheduled.hpp"

namespace nap {

struct ExplainInput {
    const std::string& service;  ///< empty: all
    const AppSpec& spec;
    const ClusterView& view;
    const std::vector<HostReport>& reports;  ///< of the app
};

/// Where the instances of an app are, and what each node says to one more of each service.
[[nodiscard]] std::vector<ExplainedService> explain_services(const ExplainInput& input,
                                                             const Scheduled& scheduled);

}  // namespace nap
