// SPDX-License-Identifier: Apache-2.0
// Bounds-checked view of a shared object's bytes: addresses become file offsets, symbols are found as the dynamic
// linker does.
#pragma once

#include <elf.h>

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace glimpse {

// Types of one ELF class.
struct Elf32Class {
  using Ehdr = Elf32_Ehdr;
  using Phdr = Elf32_Phdr;
  using Dyn = Elf32_Dyn;
  using Sym = Elf32_Sym;
  using BloomWord = uint32_t;
  static constexpr uint64_t kPointerBytes = 4;
};
struct Elf64Class {
  using Ehdr = Elf64_Ehdr;
  using Phdr = Elf64_Phdr;
  using Dyn = Elf64_Dyn;
  using Sym = Elf64_Sym;
  using BloomWord = uint64_t;
  static constexpr uint64_t kPointerBytes = 8;
};

// A value of the file at an offset, or nothing when it does not lie inside.
template <typename T>
std::optional<T> ReadAt(std::span<const std::byte> file, uint64_t offset) {
  if (offset > file.size() || file.size() - offset < sizeof(T)) return std::nullopt;
  T value;
  std::memcpy(&value, file.data() + offset, sizeof(T));  // nothing in a file is sure to be aligned
  return value;
}

// One shared object of class `Elf`, in the byte order of this machine. A view: the bytes must outlive it.
template <typename Elf>
class ElfImage {
 public:
  using Sym = typename Elf::Sym;

  // Reads and checks program headers and dynamic section. Errors: kPlugin.
  static Result<ElfImage> Open(std::span<const std::byte> file);

  // The file offset of `bytes` bytes that will be mapped at `address`; nothing when they are not all file content.
  std::optional<uint64_t> OffsetOf(uint64_t address, uint64_t bytes) const;

  // The dynamic symbol `name`, or nothing. Errors: kPlugin, when the tables lead outside the file.
  Result<std::optional<Sym>> FindSymbol(std::string_view name) const;

 private:
  struct Segment {
    uint64_t address, offset, file_bytes;
  };

  template <typename T>
  std::optional<T> ReadMapped(uint64_t address) const {
    const auto offset = OffsetOf(address, sizeof(T));
    return offset ? ReadAt<T>(file_, *offset) : std::nullopt;
  }

  Result<void> ReadSegments();
  Result<void> ReadDynamic(const typename Elf::Phdr& header);
  Result<std::optional<Sym>> FindByGnuHash(std::string_view name) const;
  Result<std::optional<Sym>> FindBySysvHash(std::string_view name) const;
  // Whether symbol `index` has that name; kPlugin when it lies outside the file.
  Result<std::optional<Sym>> MatchSymbol(uint64_t index, std::string_view name) const;

  std::span<const std::byte> file_;
  std::vector<Segment> segments_;
  // Addresses of the tables, 0 when there is none.
  uint64_t symbols_ = 0, strings_ = 0, strings_bytes_ = 0, gnu_hash_ = 0, sysv_hash_ = 0;
};

extern template class ElfImage<Elf32Class>;
extern template class ElfImage<Elf64Class>;

}  // namespace glimpse
