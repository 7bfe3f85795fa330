// SPDX-License-Identifier: Apache-2.0
#include "base/build_tree.h"

#include <filesystem>
#include <system_error>

namespace glimpse {

std::string BuildTreeOfThisProgram() {
  std::error_code error;
  // Not there, or not known: an error, too.
  const std::filesystem::path tree = std::filesystem::canonical(GLIMPSE_BUILD_TREE, error);
  if (error) return "";
  const std::filesystem::path program = std::filesystem::read_symlink("/proc/self/exe", error);
  if (error) return "";
  // Compared name by name, so that /a/build-2 is not taken for a part of /a/build.
  auto part = program.begin();
  for (const auto& name : tree) {
    if (part == program.end() || *part != name) return "";
    ++part;
  }
  return tree.string();
}

}  // namespace glimpse
