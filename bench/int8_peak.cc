// SPDX-License-Identifier: Apache-2.0
// int8_peak: how many exact int8 multiply-accumulates a second one core can do, for each instruction that it has. One
// line of JSON: {"cpu", "features", "peaks": [{"instruction", "gmacs"}]}. It is the yardstick of the benchmarks: no
// kernel that computes each product of a layer can be faster, one by Winograd's algorithm can.
#include "bench/int8_peak.h"

#include <algorithm>
#include <chrono>
#include <iostream>
#include <nlohmann/json.hpp>

namespace glimpse::bench {
namespace {

using Clock = std::chrono::steady_clock;

constexpr int64_t kTurns = 20'000;  // well below a millisecond: most repetitions are not interrupted
constexpr int kRepetitions = 300;   // long enough for a core to reach its speed

// The fastest repetition: what is wanted is a ceiling.
double Gmacs(const PeakLoop& loop) {
  auto shortest = Clock::duration::max();
  for (int i = 0; i < kRepetitions; ++i) {
    const auto start = Clock::now();
    loop.run(kTurns);
    shortest = std::min(shortest, Clock::now() - start);
  }
  const double nanoseconds = std::chrono::duration<double, std::nano>(shortest).count();
  return static_cast<double>(loop.macs_a_turn * kTurns) / nanoseconds;
}

}  // namespace
}  // namespace glimpse::bench

int main() {
  namespace bench = glimpse::bench;
  nlohmann::ordered_json line{
      {"cpu", bench::CpuName()}, {"features", bench::CpuFeatures()}, {"peaks", nlohmann::ordered_json::array()}};
  for (const bench::PeakLoop& loop : bench::PeakLoops()) {
    if (loop.supported()) line["peaks"].push_back({{"instruction", loop.instruction}, {"gmacs", bench::Gmacs(loop)}});
  }
  std::cout << line << '\n';
  return 0;
}
