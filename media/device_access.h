// SPDX-License-Identifier: Apache-2.0
// Why a device cannot be opened, in words that say what to do.
#pragma once

#include <string>
#include <vector>

namespace glimpse::media {

// Where the system's files are, another folder in tests and for `glimpse doctor --root`.
struct SystemRoot {
  std::string path;  // "" for the machine itself
  std::string At(const std::string& file) const { return path + file; }
};

// A program that has a file open.
struct Holder {
  int pid = 0;
  std::string name;  // of the program, "" when it cannot be told
};

// The processes that have `device` ("/dev/video0") open, without this one, as far as this user may see. Reentrant.
std::vector<Holder> HoldersOf(const std::string& device, const SystemRoot& root = {});
// "in use by motion (process 812)", "in use by another program" when none can be seen.
std::string InUseText(const std::string& device, const SystemRoot& root = {});

// Why open(2) of `device` said `error` to this process, and what to do:
//   EACCES  which group has it, and that the user is not in it
//   EPERM   that the unit does not allow it (DeviceAllow=)
//   ENOENT, ENODEV, EBUSY and what else the system says
std::string ExplainOpenError(const std::string& device, int error);

}  // namespace glimpse::media
