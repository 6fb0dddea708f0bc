#include "model/keys.hpp"

namespace nap {

AppKey parse_app_key(const std::string& name) {
    AppKey key{.app = name.substr(0, name.find('/')), .file = name};
    if (key.app.size() < name.size()) return key;
    for (const std::string_view ending : manifest_endings) {
        if (key.app.ends_with(ending)) {
            key.app.resize(key.app.size() - ending.size());
            return key;
        }
    }
    return key;
}

}  // namespace nap
