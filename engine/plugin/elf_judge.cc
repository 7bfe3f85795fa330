// SPDX-License-Identifier: Apache-2.0
#include "engine/plugin/elf_judge.h"

#include <elf.h>
#include <link.h>

#include <bit>
#include <iomanip>
#include <sstream>

#include "base/strings.h"
#include "engine/plugin/abi_version.h"
#include "engine/plugin/elf_image.h"
#include "engine/plugin/refusal.h"
#include "glimpse/op_abi.h"

// Put at the start of the program's own ELF header by the static linker.
extern "C" const ElfW(Ehdr) __ehdr_start __attribute__((visibility("hidden")));  // NOLINT: the linker's name

namespace glimpse {
namespace {

std::string Hex(uint32_t value) {
  std::ostringstream out;
  out << "0x" << std::hex << std::setw(8) << std::setfill('0') << value;
  return out.str();
}

std::string MachineName(uint16_t machine) {
  switch (machine) {
    case EM_386:
      return "i386";
    case EM_X86_64:
      return "x86-64";
    case EM_ARM:
      return "arm (32-bit)";
    case EM_AARCH64:
      return "arm64";
    case EM_RISCV:
      return "riscv";
    default:
      return StrCat("machine ", machine);
  }
}

std::string ClassName(uint8_t elf_class) {
  if (elf_class == ELFCLASS32) return "32-bit";
  return elf_class == ELFCLASS64 ? "64-bit" : StrCat("class-", int{elf_class});
}

Result<void> CheckIdentity(std::span<const std::byte> file, const ElfTarget& target) {
  if (file.empty()) return Refuse("is empty");
  const auto ident = ReadAt<std::array<unsigned char, EI_NIDENT>>(file, 0);
  if (!ident || std::memcmp(ident->data(), ELFMAG, SELFMAG) != 0) return Refuse("is no ELF file");
  if ((*ident)[EI_CLASS] != target.elf_class) {
    return Refuse(StrCat("is a ", ClassName((*ident)[EI_CLASS]), " ELF file, this program is ",
                         ClassName(target.elf_class), ": build it for this machine"));
  }
  if ((*ident)[EI_DATA] != target.byte_order) {
    return Refuse("has the other byte order: build it for this machine");
  }
  if ((*ident)[EI_VERSION] != EV_CURRENT) return Refuse("has an unknown ELF version");
  // e_type and e_machine have the same place in both classes.
  const auto type = ReadAt<uint16_t>(file, EI_NIDENT);
  const auto machine = ReadAt<uint16_t>(file, EI_NIDENT + 2);
  if (!type || !machine) return Refuse("is truncated or damaged: the ELF header does not fit the file");
  if (*machine != target.machine) {
    return Refuse(StrCat("is built for ", MachineName(*machine), ", this program for ", MachineName(target.machine)));
  }
  if (*type != ET_DYN) return Refuse(StrCat("is no shared object (ELF type ", *type, ")"));
  return {};
}

Result<void> CheckWords(const ElfEntry& entry, uint64_t entry_bytes) {
  const auto [magic, major, minor, patch, struct_size, reserved] = entry.words;
  if (magic != GLIMPSE_OP_PLUGIN_MAGIC) {
    return Refuse(StrCat("glimpse_op_plugin begins with ", Hex(magic), ", not with the magic ",
                         Hex(GLIMPSE_OP_PLUGIN_MAGIC), ": it is no operator plugin"));
  }
  if (const std::string why = AbiMismatch({major, minor}, {GLIMPSE_ABI_MAJOR, GLIMPSE_ABI_MINOR}); !why.empty()) {
    return Refuse(why);
  }
  if (struct_size < entry_bytes) {
    return Refuse(StrCat("glimpse_op_plugin claims ", struct_size, " bytes in struct_size, ABI ", GLIMPSE_ABI_MAJOR,
                         ".", GLIMPSE_ABI_MINOR, " needs ", entry_bytes));
  }
  if (reserved != 0) return Refuse(StrCat("glimpse_op_plugin has ", reserved, " in its reserved word, not 0"));
  return {};
}

template <typename Elf>
Result<ElfEntry> JudgeClass(std::span<const std::byte> file) {
  // Six words and five pointers, as glimpse_op_plugin_entry has in this class.
  constexpr uint64_t kEntryBytes = 6 * 4 + 5 * Elf::kPointerBytes;
  static_assert(Elf::kPointerBytes != sizeof(void*) || kEntryBytes == sizeof(glimpse_op_plugin_entry));
  GLIMPSE_ASSIGN_OR_RETURN(const auto image, ElfImage<Elf>::Open(file));
  GLIMPSE_ASSIGN_OR_RETURN(const auto symbol, image.FindSymbol(GLIMPSE_OP_PLUGIN_SYMBOL));
  if (!symbol || symbol->st_shndx == SHN_UNDEF) {
    return Refuse("exports no symbol glimpse_op_plugin: it is no operator plugin");
  }
  // The type sits in the low bits of st_info in both classes.
  if (ELF64_ST_TYPE(symbol->st_info) != STT_OBJECT || symbol->st_shndx >= SHN_LORESERVE) {
    return Refuse("glimpse_op_plugin is no data object: define it as a constant of type glimpse_op_plugin_entry");
  }
  if (symbol->st_size < kEntryBytes) {
    return Refuse(StrCat("glimpse_op_plugin is ", symbol->st_size, " bytes long, an entry of ABI ", GLIMPSE_ABI_MAJOR,
                         ".", GLIMPSE_ABI_MINOR, " has ", kEntryBytes));
  }
  const auto offset = image.OffsetOf(symbol->st_value, kEntryBytes);
  if (!offset) return Refuse("glimpse_op_plugin is not in initialised data: the file does not hold its content");
  ElfEntry entry;
  entry.words = *ReadAt<decltype(entry.words)>(file, *offset);
  entry.address = symbol->st_value;
  GLIMPSE_RETURN_IF_ERROR(CheckWords(entry, kEntryBytes));
  return entry;
}

}  // namespace

ElfTarget ElfTarget::OfThisProgram() {
  return {__ehdr_start.e_ident[EI_CLASS], __ehdr_start.e_ident[EI_DATA], __ehdr_start.e_machine};
}

Result<ElfEntry> JudgeElf(std::span<const std::byte> file, const ElfTarget& target) {
  GLIMPSE_RETURN_IF_ERROR(CheckIdentity(file, target));
  return target.elf_class == ELFCLASS32 ? JudgeClass<Elf32Class>(file) : JudgeClass<Elf64Class>(file);
}

}  // namespace glimpse
