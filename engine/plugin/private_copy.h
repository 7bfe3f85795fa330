// SPDX-License-Identifier: Apache-2.0
// The sealed copy of a plugin, which is judged, and then mapped by the dynamic linker.
//
// Mapping the file itself would leave us at the mercy of whoever overwrites it in place later (cp does): code that runs
// would change under our feet, or vanish with SIGBUS. A sealed anonymous file holds exactly the bytes that were judged,
// for ever, and a file that was replaced or overwritten is simply another copy. Its name, as seen in /proc/PID/maps, is
// the plugin's.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <utility>

#include "base/result.h"
#include "base/unique_fd.h"

namespace glimpse {

// Larger shared objects are refused: the largest real set of kernels is a few megabytes.
inline constexpr size_t kMaxPluginBytes = size_t{256} << 20;

// An anonymous file that nobody can change any more.
class PrivateCopy {
 public:
  // Of all that the regular file behind `fd` holds, from its beginning; `name` is for people. Errors: kPlugin, the
  // reason without the file's name.
  static Result<PrivateCopy> Of(int fd, const std::string& name);
  // The file itself, which is as good as a copy for as long as whoever may write it leaves it alone. Errors: likewise.
  static Result<PrivateCopy> InPlace(UniqueFd fd);
  PrivateCopy(PrivateCopy&& other) noexcept
      : fd_(std::move(other.fd_)), bytes_(std::exchange(other.bytes_, std::span<const std::byte>())) {}
  PrivateCopy& operator=(PrivateCopy&&) = delete;
  ~PrivateCopy() { Unmap(); }

  std::span<const std::byte> bytes() const { return bytes_; }
  // The file alone, without bytes() from here on.
  UniqueFd TakeFile();

 private:
  explicit PrivateCopy(UniqueFd fd) : fd_(std::move(fd)) {}
  Result<void> Map(size_t size);
  void Unmap();

  UniqueFd fd_;
  std::span<const std::byte> bytes_;  // mapped
};

// Whether the file behind `fd` holds exactly `bytes`.
bool SameContent(int fd, std::span<const std::byte> bytes);

}  // namespace glimpse
