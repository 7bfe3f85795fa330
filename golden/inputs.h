// SPDX-License-Identifier: Apache-2.0
// Input tensors for golden vectors: made from a seed, or given.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "base/result.h"
#include "engine/run/interpreter.h"

namespace glimpse::golden {

// More would make a self-test slow, and one kernel error shows in the first few.
inline constexpr uint64_t kMaxSamples = 64;

// The content of all inputs of a model for a number of samples.
struct Inputs {
  uint64_t samples = 0;
  bool seeded = true;
  uint64_t seed = 1;                                      // with `seeded`
  std::vector<std::vector<std::vector<std::byte>>> data;  // otherwise: by sample, then by input, content of the tensor
};

// Writes sample `sample` into the interpreter's inputs.
//
// Seeded content is the same on every machine and in every version. Input i of sample s starts a splitmix64 sequence
// (Steele, Lea, Flood 2014) at seed + 0x9e3779b97f4a7c15 * (1 + 1024 * s + i), modulo 2^64; each element takes its next
// number r, in the order of memory:
//   int8, uint8, int4 (a byte of two)   the lowest byte of r
//   int16, uint16                       the lowest two bytes, little-endian
//   int32, int64, uint32, uint64, bool  r modulo 2: such inputs are often indices or flags
//   float32                             (r >> 40) / 2^23 - 1, exact, in [-1, 1)
//
// Errors: kUnsupported for a seeded input of another type, or one whose shape is only known at run time.
// REQUIRES: sample < inputs.samples; given data has the sizes of the model's inputs.
Result<void> LoadSample(const Inputs& inputs, uint64_t sample, Interpreter& interpreter);

}  // namespace glimpse::golden
