// SPDX-License-Identifier: Apache-2.0
#include "engine/run/shared_blocks.h"

#include <algorithm>
#include <cstddef>
#include <cstring>
#include <string_view>
#include <utility>

namespace glimpse {
namespace {

std::string_view Text(const AlignedMemory& block) {
  return {reinterpret_cast<const char*>(block.bytes().data()), block.bytes().size()};
}

// Of so many places; weights are large, and to read them all takes as long as to pack them.
constexpr size_t kPlaces = 64;
// A model could be full of blocks that differ elsewhere.
constexpr int kMostCompared = 8;

uint64_t Fingerprint(std::string_view content) {
  uint64_t mixed = content.size();
  const size_t pitch = std::max(content.size() / kPlaces, sizeof(uint64_t));
  for (size_t at = 0; at + sizeof(uint64_t) <= content.size(); at += pitch) {
    uint64_t word = 0;
    std::memcpy(&word, content.data() + at, sizeof(word));
    mixed = (mixed ^ word) * 0x9e3779b97f4a7c15u;
    mixed ^= mixed >> 32;
  }
  return mixed;
}

}  // namespace

SharedBlocks& SharedBlocks::OfProcess() {
  static auto& blocks = *new SharedBlocks();  // never destroyed: kernels may outlive static objects
  return blocks;
}

std::shared_ptr<AlignedMemory> SharedBlocks::Share(std::shared_ptr<AlignedMemory> block) {
  const std::string_view content = Text(*block);
  const uint64_t fingerprint = Fingerprint(content);
  const std::lock_guard lock(mutex_);
  std::erase_if(blocks_, [](const auto& known) { return known.second.expired(); });
  const auto [begin, end] = blocks_.equal_range(fingerprint);
  int compared = 0;
  for (auto it = begin; it != end && compared < kMostCompared; ++it, ++compared) {
    // The fingerprint is a guess, the content decides.
    if (auto known = it->second.lock(); known && Text(*known) == content) return known;
  }
  blocks_.emplace(fingerprint, block);
  return block;
}

}  // namespace glimpse
