// SPDX-License-Identifier: Apache-2.0
// The bytes of a plugin, read once, and the sealed copy of them that the dynamic linker maps.
//
// Mapping the file itself would leave us at the mercy of whoever overwrites it in place later (cp does): code that runs
// would change under our feet, or vanish with SIGBUS. A sealed anonymous file holds exactly the bytes that were judged,
// for ever, and a file that was replaced or overwritten is simply another copy. Its name, as seen in /proc/PID/maps, is
// the plugin's.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <vector>

#include "base/result.h"
#include "base/unique_fd.h"

namespace glimpse {

// Larger shared objects are refused: the largest real set of kernels is a few megabytes.
inline constexpr size_t kMaxPluginBytes = size_t{256} << 20;

// Everything that the regular file behind `fd` holds. Errors: kPlugin, the reason without the file's name.
Result<std::vector<std::byte>> ReadPlugin(int fd);

// An anonymous file with those bytes that nobody can change any more; `name` is for people. Errors: kPlugin, likewise.
Result<UniqueFd> SealedCopy(std::span<const std::byte> bytes, const std::string& name);

// Whether the sealed copy behind `fd` holds exactly `bytes`.
bool SameContent(int fd, std::span<const std::byte> bytes);

}  // namespace glimpse
