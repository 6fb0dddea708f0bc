#pragma once

#include <string>

#include "support/docker.hpp"

namespace nap::test {

/// All that the engine has of an app (a Compose project), as nap or docker-compose created it, in a
/// form that does not depend on who did: `{"containers": {"web.1": …}, "networks": …, "volumes":
/// …}`. Left out or named alike are ids, default names of containers, labels of the tools, and
/// addresses that the engine chose. What is null or empty is left out too, as it means the same.
/// Throws Failure when the engine does not answer.
json inspected_app(const Docker& docker, const std::string& app);

}  // namespace nap::test
