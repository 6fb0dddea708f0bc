#pragma once

#include <string>
#include <vector>

#include "model/app_spec.hpp"
#include "model/error.hpp"

namespace nap {

/// A tar archive (ustar) of the files, to be unpacked at `/`. `rejected` when a path is too long
/// for one. Folders are not in it: those that are there keep their owners and modes.
[[nodiscard]] Result<std::string> encode_tar(const std::vector<ContainerFile>& files);

}  // namespace nap
