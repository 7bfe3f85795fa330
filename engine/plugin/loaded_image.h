// SPDX-License-Identifier: Apache-2.0
// Plugins as the dynamic linker has mapped them: one image for each distinct content, for the life of the process.
#pragma once

#include <memory>
#include <span>
#include <string>
#include <vector>

#include "base/result.h"
#include "base/unique_fd.h"
#include "engine/plugin/elf_judge.h"
#include "engine/plugin/private_copy.h"
#include "glimpse/op_abi.h"

namespace glimpse {

// One mapped shared object. Images are never unmapped: kernels, thread-local data and the host's own tables may point
// into them. Loading the same bytes for the same host facts again gives the same image, whose init() ran once; other
// bytes, at the same path or not, and other host facts give another image.
//
//     Map -> mapped --Initialise--> usable | refused for good (the reason is kept)
//
// [control]
class LoadedImage {
 public:
  // Has a copy mapped that JudgeElf accepted as `judged`; the plugin's constructors run here. The copy's descriptor
  // stays open as long as the process lives: glibc tells loaded objects apart by the name they were opened with,
  // /proc/self/fd/N, so N must never be used again for another file (by device and inode, too, the copy stays unique).
  // Errors: kPlugin, the reason without the file's name.
  static Result<LoadedImage*> Map(PrivateCopy copy, const ElfEntry& judged, const glimpse_host& host);

  // Runs init() unless it ran before, asks for the factory and checks every descriptor. deinit() of an image whose
  // init() succeeded runs when the process exits. Errors: kPlugin, likewise; the same again when called again.
  Result<void> Initialise();

  const std::string& name() const { return name_; }
  const std::string& version() const { return version_; }
  // REQUIRES of both: Initialise() succeeded.
  const glimpse_op_factory& factory() const { return *factory_; }
  const std::vector<glimpse_op_descriptor>& descriptors() const { return descriptors_; }

 private:
  enum class State { kMapped, kUsable, kRefused };

  LoadedImage(UniqueFd copy, const glimpse_host* host);
  Result<void> ReadEntry(void* handle, const ElfEntry& judged);
  Result<void> RunInit();

  UniqueFd copy_;
  const glimpse_op_plugin_entry* entry_ = nullptr;  // null: its entry is not what it should be
  const glimpse_host* host_;
  std::string name_, version_;
  State state_ = State::kMapped;
  Error refusal_;
  const glimpse_op_factory* factory_ = nullptr;
  std::vector<glimpse_op_descriptor> descriptors_;
};

}  // namespace glimpse
