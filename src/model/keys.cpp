#include "model/keys.hpp"

#include <string_view>

namespace nap {

AppKey parse_app_key(const std::string& name) {
    AppKey key{.app = name.substr(0, name.find('/')), .file = name};
    if (key.app.size() < name.size()) return key;
    for (const std::string_view ending : {".yml", ".yaml", ".json"}) {
        if (key.app.ends_with(ending)) {
            key.app.resize(key.app.size() - ending.size());
            return key;
        }
    }
    return key;
}

}  // namespace nap
