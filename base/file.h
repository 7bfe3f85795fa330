// SPDX-License-Identifier: Apache-2.0
// Whole-file reading and writing with limits and clear errors.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "base/result.h"
#include "base/unique_fd.h"

namespace glimpse {

// Opens for reading, close-on-exec, regular files only (a FIFO or device would block or never end).
// Errors: kIo, naming the path and what the system said.
Result<UniqueFd> OpenRegularFile(const std::string& path);

// The bytes of `path`. Errors: kIo; kExhausted when the file is larger than `max_bytes`.
Result<std::vector<std::byte>> ReadFile(const std::string& path, uint64_t max_bytes);

// Replaces `path` with `bytes` (written to a temporary beside it, then renamed, so a reader never sees half).
// Errors: kIo.
Result<void> WriteFile(const std::string& path, std::span<const std::byte> bytes);

// "what 'path': strerror(errno)" as a kIo error; call right after the failing system call.
Error ErrnoError(const std::string& what, const std::string& path);

}  // namespace glimpse
