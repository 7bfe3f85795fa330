// SPDX-License-Identifier: Apache-2.0
#include "engine/plugin/elf_image.h"

#include <algorithm>
#include <string>

#include "base/strings.h"

namespace glimpse {
namespace {

Unexpected Damaged(const std::string& what) {
  return Unexpected(ErrorCode::kPlugin, StrCat("is truncated or damaged: ", what));
}

// Linkers write about ten.
constexpr uint64_t kMaxSegments = 256;

uint32_t GnuHash(std::string_view name) {
  uint32_t hash = 5381;
  for (const char c : name) hash = hash * 33 + static_cast<unsigned char>(c);
  return hash;
}

uint32_t SysvHash(std::string_view name) {
  uint32_t hash = 0;
  for (const char c : name) {
    hash = (hash << 4) + static_cast<unsigned char>(c);
    hash ^= (hash >> 24) & 0xf0;
    hash &= 0x0fffffff;
  }
  return hash;
}

}  // namespace

template <typename Elf>
Result<ElfImage<Elf>> ElfImage<Elf>::Open(std::span<const std::byte> file) {
  ElfImage image;
  image.file_ = file;
  GLIMPSE_RETURN_IF_ERROR(image.ReadSegments());
  return image;
}

template <typename Elf>
Result<void> ElfImage<Elf>::ReadSegments() {
  using Phdr = typename Elf::Phdr;
  const auto header = ReadAt<typename Elf::Ehdr>(file_, 0);
  if (!header) return Damaged("the ELF header does not fit the file");
  if (header->e_phentsize != sizeof(Phdr)) return Damaged("its program headers have an odd size");
  if (header->e_phnum > kMaxSegments) return Damaged(StrCat("it has ", header->e_phnum, " program headers"));
  std::optional<Phdr> dynamic;
  uint64_t last_end = 0;
  for (uint64_t i = 0; i < header->e_phnum; ++i) {
    const uint64_t table = header->e_phoff;
    if (table > file_.size()) return Damaged("its program headers lie outside the file");
    const auto segment = ReadAt<Phdr>(file_, table + i * sizeof(Phdr));
    if (!segment) return Damaged("its program headers lie outside the file");
    if (segment->p_type == PT_DYNAMIC) dynamic = *segment;
    if (segment->p_type != PT_LOAD) continue;
    // Mapping a segment that the file does not hold would end in SIGBUS.
    if (segment->p_offset > file_.size() || file_.size() - segment->p_offset < segment->p_filesz) {
      return Damaged(StrCat("a segment of ", segment->p_filesz, " bytes at offset ", segment->p_offset,
                            " lies outside the file's ", file_.size(), " bytes"));
    }
    uint64_t end = 0;
    if (segment->p_memsz < segment->p_filesz || segment->p_vaddr < last_end ||
        __builtin_add_overflow(uint64_t{segment->p_vaddr}, uint64_t{segment->p_memsz}, &end)) {
      return Damaged("its segments overlap or are out of order");
    }
    last_end = end;
    segments_.push_back({segment->p_vaddr, segment->p_offset, segment->p_filesz});
  }
  if (segments_.empty()) return Damaged("it has nothing to load");
  if (!dynamic) return Damaged("it has no dynamic section");
  return ReadDynamic(*dynamic);
}

template <typename Elf>
Result<void> ElfImage<Elf>::ReadDynamic(const typename Elf::Phdr& header) {
  using Dyn = typename Elf::Dyn;
  uint64_t symbol_bytes = sizeof(Sym);
  for (uint64_t at = 0; at + sizeof(Dyn) <= header.p_filesz; at += sizeof(Dyn)) {
    const auto entry = ReadMapped<Dyn>(header.p_vaddr + at);
    if (!entry) return Damaged("its dynamic section lies outside the loaded segments");
    const uint64_t value = entry->d_un.d_val;
    if (entry->d_tag == DT_NULL) break;
    if (entry->d_tag == DT_SYMTAB) symbols_ = value;
    if (entry->d_tag == DT_STRTAB) strings_ = value;
    if (entry->d_tag == DT_STRSZ) strings_bytes_ = value;
    if (entry->d_tag == DT_SYMENT) symbol_bytes = value;
    if (entry->d_tag == DT_GNU_HASH) gnu_hash_ = value;
    if (entry->d_tag == DT_HASH) sysv_hash_ = value;
  }
  if (symbol_bytes != sizeof(Sym)) return Damaged("its dynamic symbols have an odd size");
  if (symbols_ == 0 || strings_ == 0) return Damaged("it has no dynamic symbols");
  if (gnu_hash_ == 0 && sysv_hash_ == 0) return Damaged("it has no hash table of symbols");
  return {};
}

template <typename Elf>
std::optional<uint64_t> ElfImage<Elf>::OffsetOf(uint64_t address, uint64_t bytes) const {
  for (const Segment& segment : segments_) {
    if (address < segment.address) continue;
    const uint64_t into = address - segment.address;
    if (into <= segment.file_bytes && segment.file_bytes - into >= bytes) return segment.offset + into;
  }
  return std::nullopt;
}

template <typename Elf>
Result<std::optional<typename Elf::Sym>> ElfImage<Elf>::FindSymbol(std::string_view name) const {
  // The dynamic linker prefers the GNU table, so that is the one to ask.
  return gnu_hash_ != 0 ? FindByGnuHash(name) : FindBySysvHash(name);
}

template <typename Elf>
Result<std::optional<typename Elf::Sym>> ElfImage<Elf>::FindByGnuHash(std::string_view name) const {
  const auto bucket_count = ReadMapped<uint32_t>(gnu_hash_);
  const auto first_symbol = ReadMapped<uint32_t>(gnu_hash_ + 4);
  const auto bloom_words = ReadMapped<uint32_t>(gnu_hash_ + 8);
  if (!bucket_count || !first_symbol || !bloom_words || *bucket_count == 0) {
    return Damaged("its hash table of symbols is broken");
  }
  const uint32_t hash = GnuHash(name);
  const uint64_t buckets = gnu_hash_ + 16 + uint64_t{*bloom_words} * sizeof(typename Elf::BloomWord);
  const uint64_t chains = buckets + uint64_t{*bucket_count} * 4;
  const auto start = ReadMapped<uint32_t>(buckets + uint64_t{hash % *bucket_count} * 4);
  if (!start) return Damaged("its hash table of symbols is broken");
  if (*start == 0) return std::optional<Sym>();
  if (*start < *first_symbol) return Damaged("its hash table of symbols is broken");
  // Bounded by the file's size: a table without an end could run through many segments that map the same bytes.
  for (uint64_t step = 0; step <= file_.size() / 4; ++step) {
    const uint64_t index = *start + step;
    const auto link = ReadMapped<uint32_t>(chains + (index - *first_symbol) * 4);
    if (!link) break;
    if ((*link | 1) == (hash | 1)) {
      GLIMPSE_ASSIGN_OR_RETURN(const auto symbol, MatchSymbol(index, name));
      if (symbol) return symbol;
    }
    if ((*link & 1) != 0) return std::optional<Sym>();
  }
  return Damaged("its hash table of symbols has no end");
}

template <typename Elf>
Result<std::optional<typename Elf::Sym>> ElfImage<Elf>::FindBySysvHash(std::string_view name) const {
  const auto bucket_count = ReadMapped<uint32_t>(sysv_hash_);
  const auto chain_count = ReadMapped<uint32_t>(sysv_hash_ + 4);
  if (!bucket_count || !chain_count || *bucket_count == 0) return Damaged("its hash table of symbols is broken");
  const uint64_t buckets = sysv_hash_ + 8;
  const uint64_t chains = buckets + uint64_t{*bucket_count} * 4;
  uint64_t link = buckets + uint64_t{SysvHash(name) % *bucket_count} * 4;
  // A sound chain visits each symbol once; the bound ends one that runs in a circle. The count may be a lie, so the
  // file's size bounds it too.
  const uint64_t steps = std::min<uint64_t>(*chain_count, file_.size() / 4);
  for (uint64_t step = 0; step <= steps; ++step) {
    const auto index = ReadMapped<uint32_t>(link);
    if (!index) return Damaged("its hash table of symbols is broken");
    if (*index == STN_UNDEF) return std::optional<Sym>();
    GLIMPSE_ASSIGN_OR_RETURN(const auto symbol, MatchSymbol(*index, name));
    if (symbol) return symbol;
    link = chains + uint64_t{*index} * 4;
  }
  return Damaged("its hash table of symbols has no end");
}

template <typename Elf>
Result<std::optional<typename Elf::Sym>> ElfImage<Elf>::MatchSymbol(uint64_t index, std::string_view name) const {
  const auto symbol = ReadMapped<Sym>(symbols_ + index * sizeof(Sym));
  if (!symbol) return Damaged("its table of symbols lies outside the file");
  if (symbol->st_name >= strings_bytes_) return Damaged("a symbol's name lies outside the table of names");
  const auto text = OffsetOf(strings_ + symbol->st_name, name.size() + 1);
  // A name that does not fit before the end of the segment is another, shorter one.
  if (!text || strings_bytes_ - symbol->st_name <= name.size()) return std::optional<Sym>();
  const std::byte* found = file_.data() + *text;
  const bool same = std::memcmp(found, name.data(), name.size()) == 0 && found[name.size()] == std::byte{0};
  return same ? std::optional<Sym>(*symbol) : std::optional<Sym>();
}

template class ElfImage<Elf32Class>;
template class ElfImage<Elf64Class>;

}  // namespace glimpse
