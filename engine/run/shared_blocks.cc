// SPDX-License-Identifier: Apache-2.0
#include "engine/run/shared_blocks.h"

#include <cstring>
#include <functional>
#include <string_view>
#include <utility>

namespace glimpse {
namespace {

std::string_view Text(const AlignedMemory& block) {
  return {reinterpret_cast<const char*>(block.bytes().data()), block.bytes().size()};
}

}  // namespace

SharedBlocks& SharedBlocks::OfProcess() {
  static auto& blocks = *new SharedBlocks();  // never destroyed: kernels may outlive static objects
  return blocks;
}

std::shared_ptr<AlignedMemory> SharedBlocks::Share(std::shared_ptr<AlignedMemory> block) {
  const std::string_view content = Text(*block);
  const uint64_t hash = std::hash<std::string_view>()(content);
  const std::lock_guard lock(mutex_);
  std::erase_if(blocks_, [](const auto& known) { return known.second.expired(); });
  const auto [begin, end] = blocks_.equal_range(hash);
  for (auto it = begin; it != end; ++it) {
    // The hash is a guess, the content decides: models are not trusted.
    if (auto known = it->second.lock(); known && Text(*known) == content) return known;
  }
  blocks_.emplace(hash, block);
  return block;
}

}  // namespace glimpse
