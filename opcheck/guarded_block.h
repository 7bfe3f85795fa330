// SPDX-License-Identifier: Apache-2.0
// Memory that tells who strays from it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace glimpse::opcheck {

// A block between pages that nobody may touch, filled up with canaries: a write beside it is seen by Damage(), a read
// or write further away ends in a signal, which ExplainAddress() can explain. Thread-compatible.
class GuardedBlock {
 public:
  enum class Place {
    kOdd,   // at a multiple of `align`, and of no larger power of two
    kFlush  // as near to the page behind as `align` lets it
  };
  // `bytes` at a multiple of `align`, a power of two; `tail` bytes behind them may be read. `name` is for messages:
  // "output 0".
  GuardedBlock(std::string name, size_t bytes, size_t tail, size_t align, Place place = Place::kOdd);
  ~GuardedBlock();
  GuardedBlock(const GuardedBlock&) = delete;
  GuardedBlock& operator=(const GuardedBlock&) = delete;

  uint8_t* data() const { return data_; }
  size_t size() const { return size_; }
  void Fill(uint8_t value);
  // REQUIRES: content of size() bytes, or fewer.
  void Write(const std::vector<uint8_t>& content);
  std::vector<uint8_t> Content() const { return {data_, data_ + size_}; }

  // From here on it may be read alone.
  void Protect();
  // From here on it may not be touched at all.
  void Retire();
  // "3 bytes behind output 0 (28 bytes) were overwritten", or "".
  std::string Damage() const;

  // What `address`, at which somebody crashed, is to the blocks that exist: "40 bytes behind output 0 (28 bytes)";
  // written into `text` of `size` bytes without use of the heap. False when it is nothing to any. Async-signal-safe
  // enough: the process is about to end.
  static bool ExplainAddress(const void* address, char* text, size_t size);

 private:
  std::string name_;
  size_t size_;
  size_t tail_;
  uint8_t* map_ = nullptr;  // with the two pages that nobody may touch
  size_t map_bytes_ = 0;
  uint8_t* inside_ = nullptr;  // between these pages
  uint8_t* inside_end_ = nullptr;
  uint8_t* data_ = nullptr;
  enum class State { kWritable, kProtected, kRetired } state_ = State::kWritable;
  GuardedBlock* next_ = nullptr;  // of all blocks
  GuardedBlock* before_ = nullptr;
};

}  // namespace glimpse::opcheck
