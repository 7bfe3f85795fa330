// SPDX-License-Identifier: Apache-2.0
#include "tests/engine/run/allocation_counter.h"

#include <atomic>
#include <cstdlib>
#include <new>

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)

// Sanitizers bring an allocator of their own, which must not be replaced by halves.
namespace glimpse::testkit {
std::optional<size_t> Allocations() { return std::nullopt; }
}  // namespace glimpse::testkit

#else

namespace {
std::atomic<size_t> g_allocations{0};
}  // namespace

void* operator new(size_t bytes) {
  ++g_allocations;
  void* block = std::malloc(bytes == 0 ? 1 : bytes);
  if (block == nullptr) throw std::bad_alloc();
  return block;
}
void* operator new[](size_t bytes) { return operator new(bytes); }
void operator delete(void* block) noexcept { std::free(block); }
void operator delete[](void* block) noexcept { std::free(block); }
void operator delete(void* block, size_t) noexcept { std::free(block); }
void operator delete[](void* block, size_t) noexcept { std::free(block); }

namespace glimpse::testkit {
std::optional<size_t> Allocations() { return g_allocations.load(); }
}  // namespace glimpse::testkit

#endif
