// SPDX-License-Identifier: Apache-2.0
// Loops that do nothing but exact int8 multiply-accumulates, one for each instruction that can.
#ifndef GLIMPSE_BENCH_INT8_PEAK_H_
#define GLIMPSE_BENCH_INT8_PEAK_H_

#include <cstdint>
#include <string>
#include <vector>

namespace glimpse::bench {

// A loop over registers alone: no loads, as many independent sums as hide the latency of the instruction.
struct PeakLoop {
  const char* instruction;     // as the architecture's manual writes it, and the width of its vectors
  bool (*supported)();         // by this CPU, as far as it says
  void (*run)(int64_t turns);  // no side effect but time
  int64_t macs_a_turn;         // int8 by int8 products that are added to an int32 sum, exactly, in one turn of the loop
};

// All loops of this architecture, supported or not.
const std::vector<PeakLoop>& PeakLoops();

// The CPU's name, and those of its features that int8 kernels are chosen by.
std::string CpuName();
std::vector<std::string> CpuFeatures();

}  // namespace glimpse::bench

#endif  // GLIMPSE_BENCH_INT8_PEAK_H_
