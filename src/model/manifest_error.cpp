#include "model/manifest_error.hpp"

namespace nap {

std::string to_string(const ManifestError& error) {
    std::string text = error.file;
    if (error.line > 0) {
        text += ":" + std::to_string(error.line) + ":" + std::to_string(error.column);
    }
    if (!error.path.empty()) text += ": " + error.path;
    return text + ": " + error.message;
}

}  // namespace nap
