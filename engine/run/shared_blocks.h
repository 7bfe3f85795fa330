// SPDX-License-Identifier: Apache-2.0
// Constant memory that several kernels need: equal content is held once in a process. Two graphs over one model, the
// old and the new of a swap for instance, pack their weights alike and so share them.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <mutex>

#include "engine/run/aligned_memory.h"

namespace glimpse {

// Thread-safe. A block is known for as long as somebody holds it.
class SharedBlocks {
 public:
  static SharedBlocks& OfProcess();

  // A block with the same content: one that is known already, or else `block`, which is known from now on. (Among many
  // blocks that are alike in most places the same one may be missed.) Nobody may write to either afterwards.
  std::shared_ptr<AlignedMemory> Share(std::shared_ptr<AlignedMemory> block);

 private:
  std::mutex mutex_;
  std::multimap<uint64_t, std::weak_ptr<AlignedMemory>> blocks_;  // by a fingerprint of the content
};

}  // namespace glimpse
