// SPDX-License-Identifier: Apache-2.0
#include "kernels/elementwise/sum_s8.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>

namespace glimpse::kernels {
namespace {

constexpr int32_t kValues = 256;
using Terms = std::array<int32_t, kValues>;

// A linear function before it is taken apart: floor((a * k1 + b * k2 + c) / 2^shift).
struct Line {
  int64_t k1 = 0;
  int64_t k2 = 0;
  int64_t c = 0;
  int shift = 0;
  int low = 0;
};

double Real(FixedPointMultiplier m) { return std::ldexp(static_cast<double>(m.multiplier), m.shift - 31); }

int32_t Clamp(const QuantizedParams& p, int32_t scaled) {
  return std::clamp(WrappingAdd(scaled, p.output_zero_point), p.output_min, p.output_max);
}

// The factors fit their halves, and no sum of products leaves int32.
bool Fits(const Line& line) {
  constexpr int64_t kFactor = int64_t{1} << 30;
  const int64_t largest = 128 * (std::abs(line.k1) + std::abs(line.k2)) + std::abs(line.c);
  return std::abs(line.k1) < kFactor && std::abs(line.k2) < kFactor && (largest >> line.low) < (int64_t{1} << 31) - 1 &&
         line.shift - line.low >= 0 && line.shift - line.low <= 31;
}

bool TakeApart(const Line& line, SumS8* sum) {
  if (!Fits(line)) return false;
  const auto halves = [](int64_t k1, int64_t k2) {
    return static_cast<int32_t>((static_cast<uint32_t>(k1) & 0xFFFF) | static_cast<uint32_t>(k2) << 16);
  };
  sum->high_factors = halves(line.k1 >> 15, line.k2 >> 15);
  sum->low_factors = halves(line.k1 & 0x7FFF, line.k2 & 0x7FFF);
  sum->addend = static_cast<int32_t>(line.c >> line.low);
  sum->low_shift = line.low;
  sum->high_shift = line.shift - line.low;
  sum->linear = true;
  return true;
}

// Where c must lie for the line to give TFLite's value for every pair: [low, high).
struct Interval {
  int64_t low = -(int64_t{1} << 61);
  int64_t high = int64_t{1} << 61;
};

Interval ConstantsFor(const QuantizedParams& p, const Line& line, const Terms& terms1, const Terms& terms2) {
  Interval interval;
  for (int32_t a = 0; a < kValues; ++a) {
    for (int32_t b = 0; b < kValues; ++b) {
      const int32_t sum = terms1[static_cast<size_t>(a)] + terms2[static_cast<size_t>(b)];
      const int32_t output = Clamp(p, MultiplyDoubleRounding(sum, p.output));
      const int64_t products = (a - 128) * line.k1 + (b - 128) * line.k2;
      const int64_t scaled = output - p.output_zero_point;
      // At the ends of the clamp's range anything beyond will do.
      if (output > p.output_min) interval.low = std::max(interval.low, (scaled << line.shift) - products);
      if (output < p.output_max) interval.high = std::min(interval.high, ((scaled + 1) << line.shift) - products);
    }
  }
  return interval;
}

// A line with the exact ratios that holds for all pairs.
bool FindLine(const QuantizedParams& p, SumS8* sum) {
  const double sign = p.function == Arithmetic::kSub ? -1 : 1;
  const double ratio1 = std::ldexp(Real(p.input1) * Real(p.output), p.left_shift);
  const double ratio2 = std::ldexp(Real(p.input2) * Real(p.output), p.left_shift) * sign;
  Terms terms1;
  Terms terms2;
  for (int32_t x = 0; x < kValues; ++x) {
    const auto at = static_cast<size_t>(x);
    terms1[at] = MultiplyDoubleRounding((x - 128 - p.zero_point1) * (1 << p.left_shift), p.input1);
    terms2[at] = MultiplyDoubleRounding((x - 128 - p.zero_point2) * (1 << p.left_shift), p.input2);
    if (p.function == Arithmetic::kSub) terms2[at] = -terms2[at];
  }
  const double largest = std::max(ratio1, std::abs(ratio2));
  if (!(largest > 0x1p-10) || largest > 0x1p8) return false;
  Line line;
  line.shift = 29 - std::ilogb(largest);
  line.k1 = std::llrint(std::ldexp(ratio1, line.shift));
  line.k2 = std::llrint(std::ldexp(ratio2, line.shift));
  const int64_t start = (int64_t{1} << (line.shift - 1)) - line.k1 * p.zero_point1 - line.k2 * p.zero_point2;
  line.c = start;
  while (!Fits(line)) {
    if (++line.low > 15) return false;
  }
  const Interval interval = ConstantsFor(p, line, terms1, terms2);
  if (interval.low >= interval.high) return false;
  // Near one half where that is possible, otherwise in the middle; a multiple of 2^low.
  line.c = start;
  if (start < interval.low || start >= interval.high) line.c = interval.low + (interval.high - interval.low) / 2;
  line.c = line.c >> line.low << line.low;
  if (line.c < interval.low) line.c += int64_t{1} << line.low;
  return line.c < interval.high && TakeApart(line, sum);
}

LaneScales SpreadScale(FixedPointMultiplier multiplier, int32_t zero_point, int32_t vector_lanes, void* memory) {
  OutputScale scale;
  scale.fixed = multiplier;
  LinearParams params;
  params.scales = &scale;
  params.output_zero_point = zero_point;
  const LaneScales lanes = MapLaneScales(params, ScaleForm::kAnyShift, kSumLanes, memory);
  for (int32_t lane = 0; lane < kSumLanes; ++lane) SetLane(lanes, lane, vector_lanes, &scale, 0);
  return lanes;
}

}  // namespace

size_t SumS8Bytes() { return 3 * LaneScalesBytes(kSumLanes); }

bool PrepareSumS8(const QuantizedParams& p, int32_t vector_lanes, void* memory, SumS8* sum) {
  if (p.function != Arithmetic::kAdd && p.function != Arithmetic::kSub) return false;
  *sum = {};
  sum->output_zero_point = p.output_zero_point;
  sum->output_min = p.output_min;
  sum->output_max = p.output_max;
  if (p.scheme == QuantizedScheme::kMultipliers) {
    Line line;
    line.k1 = p.multiplier1;
    line.k2 = p.multiplier2;
    line.shift = p.shift;
    line.c = (int64_t{1} << (p.shift - 1)) - line.k1 * p.zero_point1 - line.k2 * p.zero_point2;
    return TakeApart(line, sum);
  }
  if (p.scheme != QuantizedScheme::kFixed || p.output.shift > 0 || p.output.shift < -31) return false;
  if (FindLine(p, sum)) return true;
  auto* at = static_cast<uint8_t*>(memory);
  sum->zero_point1 = p.zero_point1;
  sum->zero_point2 = p.zero_point2;
  sum->negative = p.function == Arithmetic::kSub;
  sum->input1 = SpreadScale(p.input1, 0, vector_lanes, at);
  sum->input2 = SpreadScale(p.input2, 0, vector_lanes, at + LaneScalesBytes(kSumLanes));
  sum->output = SpreadScale(p.output, p.output_zero_point, vector_lanes, at + 2 * LaneScalesBytes(kSumLanes));
  return true;
}

}  // namespace glimpse::kernels
