// SPDX-License-Identifier: Apache-2.0
// The vector forms of requantisation against the scalar rules, at the thresholds of every output value and at the ends
// of int32. The input is 0, so that the bias is the sum.
#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <functional>
#include <memory>
#include <random>

#include "tests/kernels/support/instruction_sets.h"

namespace glimpse::testkit {
namespace {

using kernels::OutputScale;
using kernels::Rounding;

struct Case {
  int32_t acc = 0;
  OutputScale scale;
};

class Requantize : public OnInstructionSet {
 protected:
  // All cases as the channels of a 1x1 convolution, whose pixels are all the same.
  std::vector<int8_t> Compute(const std::vector<Case>& cases, int32_t zero_point, int32_t min, int32_t max) {
    const kernels::PackedConv2DS8& conv = *GetParam().conv;
    std::vector<OutputScale> scales;
    std::vector<int32_t> bias;
    for (const Case& c : cases) {
      scales.push_back(c.scale);
      bias.push_back(c.acc);
    }
    kernels::Conv2DParams p;
    p.width.input = pixels_;
    p.width.output = pixels_;
    p.output_depth = static_cast<int32_t>(cases.size());
    p.linear = {0, 0, zero_point, min, max, scales.data()};
    const std::vector<int8_t> weights(cases.size(), 1);
    const kernels::FilterView filter{weights.data(), 1, 0, 0, 0};
    const auto memory = [](size_t bytes) {
      return std::unique_ptr<void, void (*)(void*)>(std::aligned_alloc(64, (bytes + 63) / 64 * 64), std::free);
    };
    const auto packed = memory(conv.packed_bytes(p, filter));
    conv.pack(p, filter, bias.data(), packed.get());
    const auto scratch = memory(conv.scratch_bytes(p, packed.get()));
    const std::vector<int8_t> input(static_cast<size_t>(pixels_));
    std::vector<int8_t> output(cases.size() * input.size());
    conv.run(p, packed.get(), input.data(), scratch.get(), output.data());
    return output;
  }

  void ExpectScalarValues(const std::vector<Case>& cases, int32_t zero_point, int32_t min, int32_t max) {
    const std::vector<int8_t> output = Compute(cases, zero_point, min, max);
    int wrong = 0;
    for (size_t i = 0; i < cases.size() && wrong < 5; ++i) {
      const int8_t expected = kernels::RequantizeToInt8(cases[i].acc, cases[i].scale, zero_point, min, max);
      for (size_t at = i; at < output.size() && wrong < 5; at += cases.size()) {
        if (output[at] == expected) continue;
        ++wrong;
        ADD_FAILURE() << "acc " << cases[i].acc << " scale " << cases[i].scale.real << " zero point " << zero_point
                      << " [" << min << ", " << max << "] pixel " << at / cases.size() << ": " << int{output[at]}
                      << " for " << int{expected};
      }
    }
  }

  int32_t pixels_ = 1;
};

OutputScale ScaleOf(Rounding rounding, double real) {
  OutputScale scale;
  scale.rounding = rounding;
  scale.real = real;
  scale.single = static_cast<float>(real);
  scale.fixed = kernels::QuantizeMultiplier(real);
  return scale;
}

// Sums at which the scaled value changes, found by bisection, with their neighbours; and the ends of int32.
void AddThresholds(const OutputScale& scale, std::vector<Case>* cases) {
  const auto at = [&](int64_t acc) { return kernels::Requantize(static_cast<int32_t>(acc), scale); };
  for (int32_t value = -260; value <= 260; ++value) {
    int64_t low = INT32_MIN;
    int64_t high = INT32_MAX;
    if (!(scale.real < 0.9) || at(low) >= value || at(high) < value) continue;  // nothing wraps below that
    while (high - low > 1) {
      const int64_t middle = (low + high) >> 1;
      (at(middle) >= value ? high : low) = middle;
    }
    for (int64_t acc = low - 1; acc <= high + 1; ++acc) {
      if (acc >= INT32_MIN && acc <= INT32_MAX) cases->push_back({static_cast<int32_t>(acc), scale});
    }
  }
  constexpr int32_t kExtremes[] = {INT32_MIN,
                                   INT32_MIN + 1,
                                   INT32_MAX,
                                   INT32_MAX - 1,
                                   0,
                                   1,
                                   -1,
                                   (1 << 30),
                                   -(1 << 30),
                                   (1 << 30) + 128,
                                   (1 << 30) - 1,
                                   2,
                                   -2,
                                   (1 << 30) + 1,
                                   (1 << 24) + 1,
                                   (1 << 29) + 64,
                                   -(1 << 30) - 1000,
                                   63,
                                   -63};
  for (const int32_t acc : kExtremes) cases->push_back({acc, scale});
}

const double kReals[] = {1e-11,  1.3e-11, 0x1p-33,  0x1p-32, 0x1.8p-32, 0x1p-31, 0x1.0000001p-30, 3e-9,
                         1e-7,   0x1p-20, 1.7e-5,   0.0003,  0x1p-8,    0.00731, 0.0625,          0.1,
                         0x1p-2, 0.3,     0.499999, 0.5,     0.51,      0.75,    0.99999,         0x1.fffffep-1};
const double kLargeReals[] = {1, 1.5, 2, 3.7, 100, 65536.5, 1e8};
const Rounding kRoundings[] = {Rounding::kDouble, Rounding::kRealHalfAway, Rounding::kFloatHalfEven};

void ForEachRange(const std::function<void(int32_t, int32_t, int32_t)>& body) {
  body(-128, -128, 127);  // every negative value is clipped
  body(5, 5, 90);         // likewise
  body(0, -128, 127);
  body(-3, -128, 127);
  body(127, -128, 127);
  body(-128, -100, 100);
}

TEST_P(Requantize, EqualsTheScalarRuleAtEveryThreshold) {
  for (const Rounding rounding : kRoundings) {
    std::vector<Case> cases;
    for (const double real : kReals) AddThresholds(ScaleOf(rounding, real), &cases);
    ForEachRange(
        [&](int32_t zero_point, int32_t min, int32_t max) { ExpectScalarValues(cases, zero_point, min, max); });
  }
}

// Below 0.5 all shifts go to the right, which has forms of its own.
TEST_P(Requantize, EqualsTheScalarRuleWhereEveryShiftGoesToTheRight) {
  std::vector<Case> cases;
  for (const double real : kReals) {
    if (real < 0.5) AddThresholds(ScaleOf(Rounding::kDouble, real), &cases);
  }
  ForEachRange([&](int32_t zero_point, int32_t min, int32_t max) { ExpectScalarValues(cases, zero_point, min, max); });
}

// Where there are enough of them, a form may be searched for, and pixels are stored several at a time.
TEST_P(Requantize, EqualsTheScalarRuleInLayersOfManyPixels) {
  pixels_ = 67;
  std::mt19937 random(8);
  std::uniform_real_distribution<double> exponent(-14, -1.01);
  for (int i = 0; i < 12; ++i) {
    std::vector<Case> cases;
    for (int j = 0; j < 4; ++j) AddThresholds(ScaleOf(Rounding::kDouble, std::exp2(exponent(random))), &cases);
    ForEachRange(
        [&](int32_t zero_point, int32_t min, int32_t max) { ExpectScalarValues(cases, zero_point, min, max); });
  }
}

TEST_P(Requantize, EqualsTheScalarRuleForScalesAboveOne) {
  for (const Rounding rounding : kRoundings) {
    std::vector<Case> cases;
    for (const double real : kLargeReals) AddThresholds(ScaleOf(rounding, real), &cases);
    ForEachRange(
        [&](int32_t zero_point, int32_t min, int32_t max) { ExpectScalarValues(cases, zero_point, min, max); });
  }
}

TEST_P(Requantize, EqualsTheScalarRuleForRandomSumsAndScales) {
  std::mt19937 random(7);
  std::uniform_real_distribution<double> exponent(-33, 3);
  std::uniform_int_distribution<int32_t> sum(INT32_MIN, INT32_MAX);
  for (const Rounding rounding : kRoundings) {
    for (const double most : {-1.01, 3.0}) {
      std::vector<Case> cases;
      while (cases.size() < 50000) {
        const double log2 = exponent(random);
        if (log2 > most) continue;
        const int shift = static_cast<int>(random() % 32);
        cases.push_back({sum(random) >> shift, ScaleOf(rounding, std::exp2(log2))});
      }
      ForEachRange(
          [&](int32_t zero_point, int32_t min, int32_t max) { ExpectScalarValues(cases, zero_point, min, max); });
    }
  }
}

INSTANTIATE_TEST_SUITE_P(All, Requantize, testing::ValuesIn(InstructionSets()), InstructionSetName);

}  // namespace
}  // namespace glimpse::testkit
