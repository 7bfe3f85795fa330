// SPDX-License-Identifier: Apache-2.0
// Reads what a shared object says about itself from its bytes, before the dynamic linker runs any of its code.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>

#include "base/result.h"

namespace glimpse {

// What the dynamic linker of a program can map: ELF class and byte order as in e_ident, e_machine.
struct ElfTarget {
  uint8_t elf_class = 0;   // ELFCLASS32 or ELFCLASS64
  uint8_t byte_order = 0;  // ELFDATA2LSB or ELFDATA2MSB
  uint16_t machine = 0;    // EM_X86_64, EM_AARCH64, EM_ARM ...

  // That of the running program, from its own ELF header.
  static ElfTarget OfThisProgram();
};

// The entry symbol as it stands in the file.
struct ElfEntry {
  // magic, abi_major, abi_minor, abi_patch, struct_size, reserved of glimpse_op_plugin_entry: they hold no address, so
  // no relocation changes them.
  std::array<uint32_t, 6> words{};
  // Where the symbol lies, relative to where the object will be mapped (st_value).
  uint64_t address = 0;
};

// Judges `file`, the whole content of a shared object: it is for `target`; its segments lie inside the file; the
// dynamic symbol glimpse_op_plugin, found through the hash table that the dynamic linker uses, is a data object of the
// size of a glimpse_op_plugin_entry in initialised data; its magic is right, its ABI version is one that this program
// takes (engine/plugin/abi_version.h), and its struct_size fits. Never reads outside `file` and ends for any content.
// [reentrant] Errors: kPlugin; the message is the reason alone, without the file's name.
Result<ElfEntry> JudgeElf(std::span<const std::byte> file, const ElfTarget& target);

}  // namespace glimpse
