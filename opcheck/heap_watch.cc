// SPDX-License-Identifier: Apache-2.0
#include "opcheck/heap_watch.h"

#include <atomic>
#include <cerrno>
#include <cstddef>

#include "opcheck/kernel_runner.h"

namespace glimpse::opcheck {

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)

std::optional<uint64_t> HeapCallsOfInvokes() { return std::nullopt; }
std::optional<int64_t> LiveHeapBlocks() { return std::nullopt; }

#else

namespace {
thread_local uint64_t heap_calls = 0;
std::atomic<int64_t> live_blocks = 0;

// A block that was made for somebody, or nullptr.
void* Count(void* block) {
  if (InvokeRuns()) ++heap_calls;
  if (block != nullptr) live_blocks.fetch_add(1, std::memory_order_relaxed);
  return block;
}
// One that was given back.
void Uncount() { live_blocks.fetch_sub(1, std::memory_order_relaxed); }
}  // namespace

std::optional<uint64_t> HeapCallsOfInvokes() { return heap_calls; }
std::optional<int64_t> LiveHeapBlocks() { return live_blocks.load(); }

#endif

}  // namespace glimpse::opcheck

#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)

// The C library's allocator under the names that it keeps for those who replace it. Visible, so that plugins find these
// before the library's.
#pragma GCC visibility push(default)
extern "C" {
void* __libc_malloc(size_t bytes);
void* __libc_calloc(size_t count, size_t bytes);
void* __libc_realloc(void* block, size_t bytes);
void* __libc_memalign(size_t align, size_t bytes);
void __libc_free(void* block);

void* malloc(size_t bytes) { return glimpse::opcheck::Count(__libc_malloc(bytes)); }
void* calloc(size_t count, size_t bytes) { return glimpse::opcheck::Count(__libc_calloc(count, bytes)); }
void* memalign(size_t align, size_t bytes) { return glimpse::opcheck::Count(__libc_memalign(align, bytes)); }
void* aligned_alloc(size_t align, size_t bytes) { return memalign(align, bytes); }
void free(void* block) {
  if (block != nullptr) glimpse::opcheck::Uncount();
  __libc_free(block);
}
void* realloc(void* block, size_t bytes) {
  // A block of no bytes is one that is given back.
  const bool had_one = block != nullptr;
  void* const made = __libc_realloc(block, bytes);
  if (had_one && (made != nullptr || bytes == 0)) glimpse::opcheck::Uncount();
  return glimpse::opcheck::Count(made);
}
int posix_memalign(void** block, size_t align, size_t bytes) {
  if (align % sizeof(void*) != 0 || (align & (align - 1)) != 0 || align == 0) return EINVAL;
  void* const made = memalign(align, bytes);
  if (made == nullptr) return ENOMEM;
  *block = made;
  return 0;
}
}
#pragma GCC visibility pop

#endif
