// SPDX-License-Identifier: Apache-2.0
#include "engine/run/aligned_memory.h"

#include <sys/mman.h>

#include <cstdlib>
#include <cstring>
#include <utility>

#include "base/checked_math.h"
#include "base/strings.h"
#include "glimpse/op_abi.h"

namespace glimpse {
namespace {

constexpr size_t kMapFrom = 64 * 1024;  // smaller blocks share pages on the heap

size_t PaddedSize(size_t bytes) {
  const auto with_tail = CheckedAdd<size_t>(bytes, GLIMPSE_TAIL_BYTES);
  const auto padded = with_tail ? CheckedAlignUp<size_t>(*with_tail, GLIMPSE_ALIGN) : std::nullopt;
  return padded.value_or(0);
}

}  // namespace

Result<AlignedMemory> AlignedMemory::Allocate(size_t bytes) {
  AlignedMemory memory;
  const size_t padded = PaddedSize(bytes);
  void* block = nullptr;
  if (padded >= kMapFrom) {
    block = ::mmap(nullptr, padded, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (block == MAP_FAILED) block = nullptr;
    memory.mapped_ = true;
  } else if (padded > 0) {
    block = std::aligned_alloc(GLIMPSE_ALIGN, padded);
    if (block != nullptr) std::memset(block, 0, padded);
  }
  if (block == nullptr) {
    memory.mapped_ = false;
    return Unexpected(ErrorCode::kExhausted, StrCat("the system has no ", bytes, " bytes of memory"));
  }
  memory.data_ = static_cast<std::byte*>(block);
  memory.size_ = bytes;
  return memory;
}

AlignedMemory::AlignedMemory(AlignedMemory&& other) noexcept
    : data_(std::exchange(other.data_, nullptr)),
      size_(std::exchange(other.size_, 0)),
      mapped_(std::exchange(other.mapped_, false)) {}

AlignedMemory& AlignedMemory::operator=(AlignedMemory&& other) noexcept {
  std::swap(data_, other.data_);
  std::swap(size_, other.size_);
  std::swap(mapped_, other.mapped_);
  return *this;
}

AlignedMemory::~AlignedMemory() {
  if (data_ == nullptr) return;
  if (mapped_) {
    ::munmap(data_, PaddedSize(size_));
  } else {
    std::free(data_);
  }
}

}  // namespace glimpse
