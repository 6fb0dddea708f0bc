#pragma once

#include <string>

#include "manifest/yaml_tree.hpp"

namespace nap {

// What makes an entry of a list unique, so that a later file can change it. Empty when the entry
// cannot be understood: it is then kept beside the others, and its reader reports it.

[[nodiscard]] std::string text_key(const YamlNode& item);    ///< all of it; `path` of an env file
[[nodiscard]] std::string pair_key(const YamlNode& item);    ///< what stands before `=`
[[nodiscard]] std::string port_key(const YamlNode& item);    ///< address, both ports, protocol
[[nodiscard]] std::string mount_key(const YamlNode& item);   ///< path in the container
[[nodiscard]] std::string device_key(const YamlNode& item);  ///< path in the container
[[nodiscard]] std::string secret_key(const YamlNode& item);  ///< path in the container
[[nodiscard]] std::string config_key(const YamlNode& item);  ///< path in the container
[[nodiscard]] std::string subnet_key(const YamlNode& item);

/// A scalar becomes a list of one; null an empty list.
void make_list(YamlNode& node);

/// A list becomes a mapping: of `key=value` entries, or of names without values; those of
/// `depends_on` get the condition that their short form has. Left alone when an entry is no scalar.
void make_mapping(YamlNode& node, bool of_names, bool of_dependencies);

}  // namespace nap
