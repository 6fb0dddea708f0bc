#pragma once

#include "manifest/variables.hpp"
#include "manifest/yaml_field.hpp"

namespace nap {

/// Fills in the variables of every value of a document; keys and extension fields are left alone.
/// A value that had one in it is a string from then on, which readers take for a number or a
/// boolean where they want one. A variable that is not set is warned of once.
void interpolate_tree(YamlNode& root, Variables& variables, YamlBudget& budget, ErrorSink& errors);

}  // namespace nap
