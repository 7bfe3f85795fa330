// SPDX-License-Identifier: Apache-2.0
#include "media/frame_pool.h"

#include <array>
#include <mutex>
#include <new>
#include <utility>

namespace glimpse::media {

// A vector, and room for what a shared_ptr needs beside it: counting is done there, and takes no memory either.
struct FramePool::State {
  struct Slot {
    std::vector<uint8_t> bytes;
    alignas(std::max_align_t) std::array<std::byte, 96> counts;
  };

  explicit State(size_t kept) : most(kept) { unused.reserve(kept); }

  const size_t most;
  std::mutex mutex;  // guards what follows
  std::vector<std::unique_ptr<Slot>> unused;
};

// Gives a shared_ptr's counts their place in the slot. The slot is free again when that place is, not when the vector
// is let go of: a weak pointer could still look at the counts.
template <typename T>
struct FramePool::SlotAllocator {
  using value_type = T;

  SlotAllocator(std::shared_ptr<State> s, State::Slot* l) : state(std::move(s)), slot(l) {}
  template <typename U>
  SlotAllocator(const SlotAllocator<U>& other) : state(other.state), slot(other.slot) {}  // NOLINT: as allocators do

  T* allocate(size_t) {
    static_assert(sizeof(T) <= sizeof(State::Slot::counts) && alignof(T) <= alignof(std::max_align_t));
    return reinterpret_cast<T*>(slot->counts.data());
  }
  void deallocate(T*, size_t) {
    std::unique_ptr<State::Slot> back(slot);
    const std::lock_guard lock(state->mutex);
    if (state->unused.size() < state->most) state->unused.push_back(std::move(back));
  }
  template <typename U>
  bool operator==(const SlotAllocator<U>& other) const {
    return slot == other.slot;
  }

  std::shared_ptr<State> state;
  State::Slot* slot;
};

FramePool::FramePool(size_t most) : state_(std::make_shared<State>(most)) {}

std::shared_ptr<std::vector<uint8_t>> FramePool::Take(size_t bytes) {
  std::unique_ptr<State::Slot> slot;
  {
    const std::lock_guard lock(state_->mutex);
    if (!state_->unused.empty()) {
      slot = std::move(state_->unused.back());
      state_->unused.pop_back();
    }
  }
  if (slot == nullptr) slot = std::make_unique<State::Slot>();
  slot->bytes.resize(bytes);
  State::Slot* const taken = slot.release();
  return {&taken->bytes, [](std::vector<uint8_t>*) {}, SlotAllocator<std::byte>(state_, taken)};
}

}  // namespace glimpse::media
