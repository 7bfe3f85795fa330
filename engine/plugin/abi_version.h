// SPDX-License-Identifier: Apache-2.0
// Which versions of the plugin ABI go together (glimpsed-plugin(7), docs/adr/0002-c-abi-for-operators.md).
#pragma once

#include <cstdint>
#include <string>

#include "base/strings.h"

namespace glimpse {

struct AbiVersion {
  uint32_t major = 0;
  uint32_t minor = 0;
};

// Why a host of version `host` does not take a plugin compiled with the headers of `plugin`, or "". The plugin's minor
// version may be earlier: structs grew only at their ends since.
inline std::string AbiMismatch(AbiVersion plugin, AbiVersion host) {
  if (plugin.major == host.major && plugin.minor <= host.minor) return "";
  const bool newer = plugin.major >= host.major;
  return StrCat("speaks plugin ABI ", plugin.major, ".", plugin.minor, ", this program speaks ", host.major, ".",
                host.minor,
                newer ? ": it needs a newer version of this program, or must be built against this version's headers"
                      : ": build it against this version's headers");
}

}  // namespace glimpse
