// SPDX-License-Identifier: Apache-2.0
// Damages files in every way that is cheap to enumerate, and in seeded random ways.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

namespace glimpse::testkit {

// Called with each damaged file and a description that tells how to make it again.
using MutantVisitor = std::function<void(const std::vector<std::byte>& mutant, const std::string& how)>;

// The file cut at every length from 0 to its own minus 1.
void ForEachTruncation(const std::vector<std::byte>& file, const MutantVisitor& visit);
// Every byte replaced by 0x00, 0xff, its complement, itself plus one and minus one, and with each of its bits flipped.
void ForEachByteDamage(const std::vector<std::byte>& file, const MutantVisitor& visit);
// Every aligned 32-bit word replaced by numbers that lengths, offsets and indices are likely to be wrong with.
void ForEachWordDamage(const std::vector<std::byte>& file, const MutantVisitor& visit);
// `count` files with 1 to 3 random changes each: bits, bytes, words, copied, filled and removed ranges.
void ForEachRandomDamage(const std::vector<std::byte>& file, uint64_t seed, size_t count, const MutantVisitor& visit);

// The environment variable as a number, or `otherwise`.
uint64_t NumberFromEnvironment(const char* name, uint64_t otherwise);

}  // namespace glimpse::testkit
