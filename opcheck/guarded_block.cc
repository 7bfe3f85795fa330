// SPDX-License-Identifier: Apache-2.0
#include "opcheck/guarded_block.h"

#include <sys/mman.h>
#include <unistd.h>

#include <cstdio>
#include <cstring>
#include <mutex>
#include <new>
#include <utility>

#include "base/strings.h"

#ifdef __SANITIZE_ADDRESS__
// Of the address sanitizer's run-time.
extern "C" {
void __asan_poison_memory_region(const volatile void* address, size_t bytes);
void __asan_unpoison_memory_region(const volatile void* address, size_t bytes);
}
#endif

namespace glimpse::opcheck {
namespace {

constexpr uint8_t kCanary = 0xA5;
// Canaries before a block, at least.
constexpr size_t kFront = 64;

std::mutex list_mutex;
GuardedBlock* first_block = nullptr;

size_t PageBytes() {
  static const auto bytes = static_cast<size_t>(::sysconf(_SC_PAGESIZE));
  return bytes;
}

}  // namespace

GuardedBlock::GuardedBlock(std::string name, size_t bytes, size_t tail, size_t align, Place where)
    : name_(std::move(name)), size_(bytes), tail_(tail) {
  const size_t page = PageBytes();
  const size_t inside = (kFront + bytes + tail + 3 * align + page - 1) / page * page;
  map_bytes_ = inside + 2 * page;
  void* const map = ::mmap(nullptr, map_bytes_, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (map == MAP_FAILED) throw std::bad_alloc();
  map_ = static_cast<uint8_t*>(map);
  inside_ = map_ + page;
  inside_end_ = inside_ + inside;
  if (::mprotect(inside_, inside, PROT_READ | PROT_WRITE) != 0) throw std::bad_alloc();
  std::memset(inside_, kCanary, inside);
  auto place = reinterpret_cast<uintptr_t>(inside_end_) - tail - bytes;
  place -= place % align;
  if (where == Place::kOdd && place % (2 * align) == 0) place -= align;
  data_ = reinterpret_cast<uint8_t*>(place);
  const std::lock_guard lock(list_mutex);
  next_ = first_block;
  if (next_ != nullptr) next_->before_ = this;
  first_block = this;
}

GuardedBlock::~GuardedBlock() {
  {
    const std::lock_guard lock(list_mutex);
    (before_ == nullptr ? first_block : before_->next_) = next_;
    if (next_ != nullptr) next_->before_ = before_;
  }
#ifdef __SANITIZE_ADDRESS__
  __asan_unpoison_memory_region(inside_, static_cast<size_t>(inside_end_ - inside_));
#endif
  ::munmap(map_, map_bytes_);
}

void GuardedBlock::Fill(uint8_t value) { std::memset(data_, value, size_); }

void GuardedBlock::Write(const std::vector<uint8_t>& content) {
  if (!content.empty()) std::memcpy(data_, content.data(), content.size());
}

void GuardedBlock::Protect() {
  state_ = State::kProtected;
  ::mprotect(inside_, static_cast<size_t>(inside_end_ - inside_), PROT_READ);
#ifdef __SANITIZE_ADDRESS__
  // Finer than pages.
  __asan_poison_memory_region(data_ + size_ + tail_, static_cast<size_t>(inside_end_ - (data_ + size_ + tail_)));
#endif
}

void GuardedBlock::Retire() {
  state_ = State::kRetired;
  ::mprotect(inside_, static_cast<size_t>(inside_end_ - inside_), PROT_NONE);
}

std::string GuardedBlock::Damage() const {
  // Nobody could write there.
  if (state_ != State::kWritable) return "";
  size_t before = 0;
  size_t behind = 0;
  for (const uint8_t* at = inside_; at < data_; ++at) before += *at != kCanary;
  for (const uint8_t* at = data_ + size_; at < inside_end_; ++at) behind += *at != kCanary;
  if (before == 0 && behind == 0) return "";
  return StrCat(before + behind, " bytes ",
                before == 0   ? "behind "
                : behind == 0 ? "before "
                              : "around ",
                name_, " (", size_, " bytes) were overwritten");
}

bool GuardedBlock::ExplainAddress(const void* address, char* text, size_t size) {
  const auto* at = static_cast<const uint8_t*>(address);
  for (const GuardedBlock* block = first_block; block != nullptr; block = block->next_) {
    if (at < block->map_ || at >= block->map_ + block->map_bytes_) continue;
    const uint8_t* const end = block->data_ + block->size_;
    const char* const name = block->name_.c_str();
    if (block->state_ == State::kRetired) {
      std::snprintf(text, size, "in the memory of %s, which was good until the call returned", name);
    } else if (at < block->data_) {
      std::snprintf(text, size, "%td bytes before %s (%zu bytes)", block->data_ - at, name, block->size_);
    } else if (at >= end && !(block->state_ == State::kProtected && at < end + block->tail_)) {
      std::snprintf(text, size, "%td bytes behind the end of %s (%zu bytes)", at - end + 1, name, block->size_);
    } else {
      std::snprintf(text, size, "writing to %s, which must not be written", name);
    }
    return true;
  }
  return false;
}

}  // namespace glimpse::opcheck
