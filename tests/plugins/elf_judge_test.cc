// SPDX-License-Identifier: Apache-2.0
#include "engine/plugin/elf_judge.h"

#include <elf.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <link.h>

#include <cstring>
#include <random>

#include "glimpse/op_abi.h"
#include "tests/plugins/plugin_folder.h"

namespace glimpse {
namespace {

using testing::HasSubstr;
using testing::StartsWith;
using testkit::ZooBytes;

const ElfTarget kHere = ElfTarget::OfThisProgram();

std::string Reason(const std::vector<std::byte>& file) {
  const auto judged = JudgeElf(file, kHere);
  return judged ? "accepted" : judged.error().message;
}

template <typename T>
void Put(std::vector<std::byte>& file, size_t offset, T value) {
  ASSERT_LE(offset + sizeof(T), file.size());
  std::memcpy(file.data() + offset, &value, sizeof(T));
}

template <typename T>
T Get(const std::vector<std::byte>& file, size_t offset) {
  T value;
  std::memcpy(&value, file.data() + offset, sizeof(T));
  return value;
}

// File offsets of the program headers of a type.
std::vector<size_t> ProgramHeaders(const std::vector<std::byte>& file, uint32_t type) {
  const auto header = Get<ElfW(Ehdr)>(file, 0);
  std::vector<size_t> found;
  for (size_t i = 0; i < header.e_phnum; ++i) {
    const size_t at = header.e_phoff + i * sizeof(ElfW(Phdr));
    if (Get<ElfW(Phdr)>(file, at).p_type == type) found.push_back(at);
  }
  return found;
}

// File offset of the dynamic entry `tag`. The dynamic section's own program header says where it lies in the file.
size_t DynamicEntry(const std::vector<std::byte>& file, int64_t tag) {
  const auto dynamic = Get<ElfW(Phdr)>(file, ProgramHeaders(file, PT_DYNAMIC).at(0));
  for (size_t at = dynamic.p_offset; at < dynamic.p_offset + dynamic.p_filesz; at += sizeof(ElfW(Dyn))) {
    if (Get<ElfW(Dyn)>(file, at).d_tag == tag) return at;
  }
  ADD_FAILURE() << "the plugin has no dynamic entry " << tag;
  return dynamic.p_offset;
}

void PutDynamic(std::vector<std::byte>& file, int64_t tag, uint64_t value) {
  auto entry = Get<ElfW(Dyn)>(file, DynamicEntry(file, tag));
  entry.d_un.d_val = static_cast<decltype(entry.d_un.d_val)>(value);
  Put(file, DynamicEntry(file, tag), entry);
}

TEST(JudgeElf, ASoundPluginIsReadWithoutBeingLoaded) {
  const auto judged = JudgeElf(ZooBytes("trap"), kHere);  // its constructor would end this program
  ASSERT_TRUE(judged) << judged.error().message;
  EXPECT_EQ(judged->words, (std::array<uint32_t, 6>{GLIMPSE_OP_PLUGIN_MAGIC, GLIMPSE_ABI_MAJOR, GLIMPSE_ABI_MINOR,
                                                    GLIMPSE_ABI_PATCH, sizeof(glimpse_op_plugin_entry), 0}));
  EXPECT_NE(judged->address, 0u);
}

TEST(JudgeElf, TheOlderHashTableServesToo) { EXPECT_EQ(Reason(ZooBytes("sysv_hash")), "accepted"); }

TEST(JudgeElf, APluginOfTheOtherClassIsReadForAProgramOfThatClass) {
#ifdef GLIMPSE_HAVE_GOOD32
  const auto file = ZooBytes("good32");
  const auto judged = JudgeElf(file, {ELFCLASS32, kHere.byte_order, EM_386});
  ASSERT_TRUE(judged) << judged.error().message;
  EXPECT_EQ(judged->words[4], 44u) << "six words and five pointers of 4 bytes";
  EXPECT_EQ(Reason(file), "is a 32-bit ELF file, this program is 64-bit: build it for this machine");
#else
  GTEST_SKIP() << "the compiler makes no 32-bit shared object here";
#endif
}

TEST(JudgeElf, SaysWhatIsNoPluginForThisMachine) {
  EXPECT_EQ(Reason({}), "is empty");
  EXPECT_EQ(Reason({std::byte{0x7f}, std::byte{'E'}}), "is no ELF file");
  std::vector<std::byte> text(5000, std::byte{'x'});
  EXPECT_EQ(Reason(text), "is no ELF file");

  auto file = ZooBytes("good");
  Put<unsigned char>(file, EI_CLASS, kHere.elf_class == ELFCLASS64 ? ELFCLASS32 : ELFCLASS64);
  EXPECT_THAT(Reason(file), HasSubstr("-bit ELF file, this program is "));
  Put<unsigned char>(file, EI_CLASS, 9);
  EXPECT_THAT(Reason(file), StartsWith("is a class-9 ELF file"));

  file = ZooBytes("good");
  Put<unsigned char>(file, EI_DATA, kHere.byte_order == ELFDATA2LSB ? ELFDATA2MSB : ELFDATA2LSB);
  EXPECT_EQ(Reason(file), "has the other byte order: build it for this machine");

  file = ZooBytes("good");
  Put<uint16_t>(file, EI_NIDENT + 2, EM_RISCV);
  EXPECT_THAT(Reason(file), StartsWith("is built for riscv, this program for "));
  Put<uint16_t>(file, EI_NIDENT + 2, 12345);
  EXPECT_THAT(Reason(file), StartsWith("is built for machine 12345, this program for "));

  file = ZooBytes("good");
  Put<uint16_t>(file, EI_NIDENT, ET_EXEC);
  EXPECT_EQ(Reason(file), "is no shared object (ELF type 2)");
}

TEST(JudgeElf, SaysWhatIsWrongWithTheEntry) {
  EXPECT_EQ(Reason(ZooBytes("nothing")), "exports no symbol glimpse_op_plugin: it is no operator plugin");
  EXPECT_EQ(Reason(ZooBytes("function")),
            "glimpse_op_plugin is no data object: define it as a constant of type glimpse_op_plugin_entry");
  EXPECT_THAT(Reason(ZooBytes("small")), StartsWith("glimpse_op_plugin is 20 bytes long, an entry of ABI 1.1 has "));
  EXPECT_EQ(Reason(ZooBytes("zeroed")),
            "glimpse_op_plugin is not in initialised data: the file does not hold its content");
  EXPECT_EQ(Reason(ZooBytes("magic")),
            "glimpse_op_plugin begins with 0x12345678, not with the magic 0x504f4c47: it is no operator plugin");
  EXPECT_EQ(Reason(ZooBytes("major")),
            "speaks plugin ABI 2.1, this program speaks 1.1: it needs a newer version of this program, "
            "or must be built against this version's headers");
  EXPECT_EQ(Reason(ZooBytes("minor")),
            "speaks plugin ABI 1.99, this program speaks 1.1: it needs a newer version of this program, "
            "or must be built against this version's headers");
  EXPECT_THAT(Reason(ZooBytes("entry_size")),
              StartsWith("glimpse_op_plugin claims 24 bytes in struct_size, ABI 1.1 needs "));
  EXPECT_EQ(Reason(ZooBytes("entry_reserved")), "glimpse_op_plugin has 3 in its reserved word, not 0");
}

TEST(JudgeElf, AnyTruncationIsRefusedUnlessOnlyWhatIsNotLoadedIsMissing) {
  const auto whole = ZooBytes("good");
  size_t loaded_end = 0;
  for (const size_t at : ProgramHeaders(whole, PT_LOAD)) {
    const auto segment = Get<ElfW(Phdr)>(whole, at);
    loaded_end = std::max<size_t>(loaded_end, segment.p_offset + segment.p_filesz);
  }
  ASSERT_GT(loaded_end, 1000u);
  for (size_t size = 0; size < loaded_end; size += size < 1024 ? 1 : 61) {
    const std::vector<std::byte> part(whole.begin(), whole.begin() + static_cast<ptrdiff_t>(size));
    EXPECT_NE(Reason(part), "accepted") << size;
  }
  const std::vector<std::byte> stripped(whole.begin(), whole.begin() + static_cast<ptrdiff_t>(loaded_end));
  EXPECT_EQ(Reason(stripped), "accepted") << "section headers are not needed to load it";
}

TEST(JudgeElf, ProgramHeadersThatLeadOutsideAreRefused) {
  const auto whole = ZooBytes("good");
  auto file = whole;
  Put(file, offsetof(ElfW(Ehdr), e_phoff), static_cast<decltype(ElfW(Ehdr)::e_phoff)>(-8));
  EXPECT_THAT(Reason(file), HasSubstr("program headers lie outside the file"));
  file = whole;
  Put<uint16_t>(file, offsetof(ElfW(Ehdr), e_phentsize), 1);
  EXPECT_THAT(Reason(file), HasSubstr("program headers have an odd size"));
  file = whole;
  Put<uint16_t>(file, offsetof(ElfW(Ehdr), e_phnum), 0);
  EXPECT_THAT(Reason(file), HasSubstr("it has nothing to load"));
  file = whole;
  Put<uint16_t>(file, offsetof(ElfW(Ehdr), e_phnum), 0xffff);
  EXPECT_THAT(Reason(file), HasSubstr("it has 65535 program headers"));
  file = whole;
  Put<uint32_t>(file, ProgramHeaders(whole, PT_DYNAMIC).at(0) + offsetof(ElfW(Phdr), p_type), PT_NOTE);
  EXPECT_THAT(Reason(file), HasSubstr("it has no dynamic section"));

  const size_t last_load = ProgramHeaders(whole, PT_LOAD).back();
  file = whole;
  auto segment = Get<ElfW(Phdr)>(whole, last_load);
  segment.p_filesz = segment.p_memsz = file.size();
  Put(file, last_load, segment);
  EXPECT_THAT(Reason(file), HasSubstr("lies outside the file's"));
  segment = Get<ElfW(Phdr)>(whole, last_load);
  segment.p_vaddr = 0;
  Put(file, last_load, segment);
  EXPECT_THAT(Reason(file), HasSubstr("segments overlap or are out of order"));
}

TEST(JudgeElf, TablesThatLeadOutsideAreRefused) {
  const auto whole = ZooBytes("good");
  for (const int64_t tag : {DT_SYMTAB, DT_STRTAB, DT_GNU_HASH}) {
    for (const uint64_t address : {uint64_t{1} << 40, ~uint64_t{0} - 3, uint64_t{0x7fffffff}}) {
      auto file = whole;
      PutDynamic(file, tag, address);
      EXPECT_NE(Reason(file), "accepted") << tag << " " << address;
    }
  }
  auto file = whole;
  PutDynamic(file, DT_STRSZ, 1);
  EXPECT_THAT(Reason(file), HasSubstr("name lies outside the table of names"));
  file = whole;
  PutDynamic(file, DT_SYMENT, 7);
  EXPECT_THAT(Reason(file), HasSubstr("dynamic symbols have an odd size"));
  file = whole;
  PutDynamic(file, DT_SYMTAB, 0);
  EXPECT_THAT(Reason(file), HasSubstr("it has no dynamic symbols"));
  file = whole;
  PutDynamic(file, DT_GNU_HASH, 0);
  EXPECT_THAT(Reason(file), HasSubstr("it has no hash table of symbols"));
}

TEST(JudgeElf, AHashChainInACircleEnds) {
  auto file = ZooBytes("sysv_hash");
  // The table lies in the first segment, where addresses and offsets are the same.
  const size_t table = Get<ElfW(Dyn)>(file, DynamicEntry(file, DT_HASH)).d_un.d_val;
  const auto buckets = Get<uint32_t>(file, table);
  const auto chains = Get<uint32_t>(file, table + 4);
  Put<uint32_t>(file, table + 4, 0xffffffffu);
  for (uint32_t i = 0; i < buckets; ++i) Put<uint32_t>(file, table + 8 + i * 4, 1);
  for (uint32_t i = 0; i < chains; ++i) Put<uint32_t>(file, table + 8 + (buckets + i) * 4, i == 1 ? 2 : 1);
  // No symbol may bear the name, or the search ends early.
  const size_t names = Get<ElfW(Dyn)>(file, DynamicEntry(file, DT_STRTAB)).d_un.d_val;
  const size_t bytes = Get<ElfW(Dyn)>(file, DynamicEntry(file, DT_STRSZ)).d_un.d_val;
  for (size_t i = 1; i < bytes; ++i) Put<char>(file, names + i, 'q');
  EXPECT_EQ(Reason(file), "is truncated or damaged: its hash table of symbols has no end");
}

// Any bytes at all get an answer, and what is accepted has the words that this program speaks. Over-reads are for the
// address sanitizer to find: the bytes lie in a block of exactly their size.
TEST(JudgeElf, MutatedPluginsNeverCrashIt) {
  const uint32_t seed = 20240607;
  std::mt19937 random(seed);
  size_t refused = 0;
  for (const char* animal : {"good", "sysv_hash"}) {
    const auto whole = ZooBytes(animal);
    ASSERT_GT(whole.size(), 4096u);
    for (int round = 0; round < 20000; ++round) {
      auto file = whole;
      const int changes = 1 + static_cast<int>(random() % 6);
      for (int i = 0; i < changes; ++i) {
        // Headers and tables at the start are where most decisions are made.
        const size_t range = random() % 4 == 0 ? file.size() : 2048;
        const size_t at = random() % range;
        const auto kind = random() % 3;
        file[at] = static_cast<std::byte>(kind == 0   ? 0xff
                                          : kind == 1 ? random()
                                                      : static_cast<unsigned>(file[at]) ^ (1u << random() % 8));
      }
      if (random() % 8 == 0) file.resize(random() % file.size());
      file.shrink_to_fit();
      const auto judged = JudgeElf(file, kHere);
      if (!judged) {
        ++refused;
        EXPECT_FALSE(judged.error().message.empty());
        EXPECT_EQ(judged.error().message.find('\n'), std::string::npos);
      } else {
        ASSERT_EQ(judged->words[0], GLIMPSE_OP_PLUGIN_MAGIC) << "seed " << seed << " round " << round;
        ASSERT_EQ(judged->words[2], GLIMPSE_ABI_MINOR);
      }
    }
  }
  EXPECT_GT(refused, 1000u);
}

}  // namespace
}  // namespace glimpse
