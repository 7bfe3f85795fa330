// SPDX-License-Identifier: Apache-2.0
// Bounds on what a model may make us hold or compute: the file is untrusted.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "base/result.h"

namespace glimpse {

// Defaults fit every published model that a Raspberry Pi can run in reasonable time, with room to spare.
struct Limits {
  uint64_t file_bytes = 512u << 20;      // length of the model file
  uint64_t tensors = 16384;              // in one subgraph
  uint64_t operators = 16384;            // in one subgraph
  uint64_t tensor_bytes = 256u << 20;    // one tensor
  uint64_t arena_bytes = 512u << 20;     // all memory that one interpreter asks for
  uint64_t work = 20'000'000'000;        // multiply-accumulates and other steps of one invoke
  uint64_t loop_iterations = 1'000'000;  // of one WHILE
  double seconds = 300;                  // of one invoke, 0: no limit
};

// Reads "NAME=NUMBER", such as "work=5000000000" or "seconds=2.5". Names: file-bytes, tensors, operators, tensor-bytes,
// memory-bytes (arena_bytes), work, loop-iterations, seconds. Errors: kInvalidArgument with the nearest name.
Result<void> SetLimit(std::string_view text, Limits* limits);

}  // namespace glimpse
