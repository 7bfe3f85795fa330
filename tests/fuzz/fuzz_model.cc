// SPDX-License-Identifier: Apache-2.0
// libFuzzer target: any bytes as a model file. Run with a folder of seeds (write_seeds makes some):
//     fuzz_model -max_len=65536 SEEDS
#include <cstdint>
#include <cstdio>
#include <cstdlib>

#include "tests/fuzz/model_invariants.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const auto* begin = reinterpret_cast<const std::byte*>(data);
  glimpse::Limits limits;
  limits.tensor_bytes = 1 << 20;
  const auto model = glimpse::Model::Parse({begin, begin + size}, "fuzz.tflite", limits);
  if (!model) return 0;
  const std::string broken = glimpse::testkit::BrokenPromise(**model);
  if (!broken.empty()) {
    std::fprintf(stderr, "broken promise: %s\n", broken.c_str());
    std::abort();
  }
  return 0;
}
