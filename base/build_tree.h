// SPDX-License-Identifier: Apache-2.0
// Whether a program runs from its build tree, where it finds plugins, modules and models that are not installed.
#pragma once

#include <string>

namespace glimpse {

// The build tree that this program runs from (its file lies below it), or "". Always "" when configured with
// GLIMPSE_FIND_BUILD_TREE=OFF, as packages are: whoever owns the folder of that name on another machine must not be
// trusted. Reentrant.
std::string BuildTreeOfThisProgram();

}  // namespace glimpse
