// SPDX-License-Identifier: Apache-2.0
// FramePool: memory for frames that is used again and again.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

namespace glimpse::media {

// A camera gives a frame of the same size many times a second; with a pool none of them takes memory from the system
// once as many are there as are held at a time. What was handed out may outlive the pool. Thread-safe.
class FramePool {
 public:
  // At most `most` unused ones are kept.
  explicit FramePool(size_t most = 8);

  // `bytes` bytes of any content, to be filled and then put into a Frame, whose last copy gives them back.
  std::shared_ptr<std::vector<uint8_t>> Take(size_t bytes);

 private:
  struct State;
  template <typename T>
  struct SlotAllocator;
  std::shared_ptr<State> state_;
};

}  // namespace glimpse::media
