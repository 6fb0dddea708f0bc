#include "model/app_spec.hpp"

#include <set>

namespace nap {

std::vector<std::string> dependencies_of(const ServiceSpec& service) {
    std::vector<std::string> names;
    std::set<std::string> seen;
    for (const LinkSpec& link : service.links) {
        if (seen.insert(link.service).second) names.push_back(link.service);
    }
    for (const std::string& name : service.depends_on) {
        if (seen.insert(name).second) names.push_back(name);
    }
    return names;
}

}  // namespace nap
