// SPDX-License-Identifier: Apache-2.0
#include "tests/fuzz/mutations.h"

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <random>

#include "base/strings.h"

namespace glimpse::testkit {
namespace {

constexpr uint32_t kWords[] = {0,      1,       2,          3,          7,          64,         0xff,       0x100,
                               0xffff, 0x10000, 0x7ffffffe, 0x7fffffff, 0x80000000, 0xfffffff0, 0xfffffffe, 0xffffffff};

class RandomDamage {
 public:
  explicit RandomDamage(uint64_t seed) : random_(seed) {}

  void Apply(std::vector<std::byte>* file) {
    const size_t changes = 1 + Below(3);
    for (size_t i = 0; i < changes && !file->empty(); ++i) ApplyOne(file);
  }

 private:
  size_t Below(size_t end) { return static_cast<size_t>(random_() % end); }

  void ApplyOne(std::vector<std::byte>* file) {
    const size_t at = Below(file->size());
    const size_t length = std::min(file->size() - at, 1 + Below(32));
    const size_t other = Below(file->size() - length + 1);
    const auto begin = file->begin() + static_cast<std::ptrdiff_t>(at);
    const auto end = begin + static_cast<std::ptrdiff_t>(length);
    const auto from = file->begin() + static_cast<std::ptrdiff_t>(other);
    switch (Below(16)) {
      case 0:
        *begin = static_cast<std::byte>(Below(256));
        break;
      case 1:
        Put(file, at, kWords[Below(std::size(kWords))]);
        break;
      case 2:  // a small change of a word: an index or offset that is nearly right
        Put(file, at, Word(*file, at) + static_cast<uint32_t>(Below(65)) - 32);
        break;
      case 3: {
        const std::vector<std::byte> copy(from, from + static_cast<std::ptrdiff_t>(length));
        std::copy(copy.begin(), copy.end(), begin);
        break;
      }
      case 4:
        std::fill(begin, end, static_cast<std::byte>(Below(256)));
        break;
      case 5:
        file->erase(begin, end);
        break;
      case 6:
      case 7:
      case 8:  // one bit
        *begin ^= static_cast<std::byte>(1u << Below(8));
        break;
      default:  // a small number where one may be meant
        Put(file, at, static_cast<uint32_t>(Below(32)));
    }
  }

  static uint32_t Word(const std::vector<std::byte>& file, size_t at) {
    uint32_t word = 0;
    at = at / 4 * 4;
    if (at + 4 <= file.size()) std::memcpy(&word, file.data() + at, 4);
    return word;
  }
  static void Put(std::vector<std::byte>* file, size_t at, uint32_t word) {
    at = at / 4 * 4;
    if (at + 4 <= file->size()) std::memcpy(file->data() + at, &word, 4);
  }

  std::mt19937_64 random_;
};

}  // namespace

void ForEachTruncation(const std::vector<std::byte>& file, const MutantVisitor& visit) {
  for (size_t length = 0; length < file.size(); ++length) {
    visit({file.begin(), file.begin() + static_cast<std::ptrdiff_t>(length)}, StrCat("cut to ", length, " bytes"));
  }
}

void ForEachByteDamage(const std::vector<std::byte>& file, const MutantVisitor& visit) {
  std::vector<std::byte> mutant = file;
  for (size_t at = 0; at < file.size(); ++at) {
    const auto old = std::to_integer<uint8_t>(file[at]);
    std::vector<int> values = {0, 0xff, old ^ 0xff, old + 1, old - 1};
    for (int bit = 0; bit < 8; ++bit) values.push_back(old ^ (1 << bit));
    for (const int value : values) {
      mutant[at] = static_cast<std::byte>(value);
      if (mutant[at] == file[at]) continue;
      visit(mutant, StrCat("byte ", at, " set to ", std::to_integer<int>(mutant[at])));
    }
    mutant[at] = file[at];
  }
}

void ForEachWordDamage(const std::vector<std::byte>& file, const MutantVisitor& visit) {
  std::vector<std::byte> mutant = file;
  for (size_t at = 0; at + 4 <= file.size(); at += 4) {
    for (const uint32_t word : kWords) {
      std::memcpy(mutant.data() + at, &word, 4);
      visit(mutant, StrCat("word at ", at, " set to ", word));
    }
    std::memcpy(mutant.data() + at, file.data() + at, 4);
  }
}

void ForEachRandomDamage(const std::vector<std::byte>& file, uint64_t seed, size_t count, const MutantVisitor& visit) {
  for (size_t i = 0; i < count; ++i) {
    std::vector<std::byte> mutant = file;
    RandomDamage(seed + i).Apply(&mutant);
    visit(mutant, StrCat("random damage with seed ", seed + i));
  }
}

uint64_t NumberFromEnvironment(const char* name, uint64_t otherwise) {
  const char* text = std::getenv(name);
  return text == nullptr ? otherwise : std::strtoull(text, nullptr, 0);
}

}  // namespace glimpse::testkit
