// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "kernels/elementwise/elementwise.h"
#include "kernels/quant/requantize.h"

namespace glimpse::kernels {
namespace {

constexpr int kLeftShift = 20;  // headroom that ADD gives its inputs

// output = function(in1, in2) for every element, rows of the last dimension in the inner loop.
template <typename Function>
void ForEachPair(const BroadcastShape& shape, const int8_t* in1, const int8_t* in2, int8_t* output, Function function) {
  if (shape.rank == 0) {
    *output = function(*in1, *in2);
    return;
  }
  const int last = shape.rank - 1;
  const auto inner = static_cast<size_t>(last);
  int64_t rows = 1;
  for (int d = 0; d < last; ++d) rows *= shape.dims[static_cast<size_t>(d)];
  std::array<int32_t, kMaxElementwiseRank> at{};
  for (int64_t row = 0; row < rows; ++row) {
    for (int64_t i = 0; i < shape.dims[inner]; ++i) {
      *output++ = function(in1[i * shape.step1[inner]], in2[i * shape.step2[inner]]);
    }
    for (int d = last - 1; d >= 0; --d) {  // to the next row, like the wheels of a counter
      const auto k = static_cast<size_t>(d);
      in1 += shape.step1[k];
      in2 += shape.step2[k];
      if (++at[k] < shape.dims[k]) break;
      in1 -= shape.step1[k] * shape.dims[k];
      in2 -= shape.step2[k] * shape.dims[k];
      at[k] = 0;
    }
  }
}

int8_t Finish(const ElementwiseParams& p, int32_t acc) {
  const int32_t scaled = MultiplyDoubleRounding(acc, p.output);
  return static_cast<int8_t>(std::min(std::max(WrappingAdd(scaled, p.output_zero_point), p.output_min), p.output_max));
}

}  // namespace

bool SetAddMultipliers(float scale1, float scale2, float output_scale, ElementwiseParams& params) {
  const double twice_max = 2 * static_cast<double>(std::max(scale1, scale2));
  const double output = twice_max / (static_cast<double>(1 << kLeftShift) * static_cast<double>(output_scale));
  if (!(output < 1)) return false;
  params.input1 = QuantizeMultiplier(static_cast<double>(scale1) / twice_max);
  params.input2 = QuantizeMultiplier(static_cast<double>(scale2) / twice_max);
  params.output = QuantizeMultiplier(output);
  return params.output.shift <= 0;
}

void SetMulMultiplier(Profile profile, float scale1, float scale2, float output_scale, ElementwiseParams& params) {
  const double real = profile == Profile::kTfliteMicro ? static_cast<double>(scale1) * static_cast<double>(scale2) /
                                                             static_cast<double>(output_scale)
                                                       : static_cast<double>(scale1 * scale2 / output_scale);
  params.output = QuantizeMultiplier(real);
}

void AddS8Ref(const ElementwiseParams& p, const int8_t* input1, const int8_t* input2, int8_t* output) {
  ForEachPair(p.shape, input1, input2, output, [&p](int8_t a, int8_t b) {
    const int32_t scaled1 = MultiplyDoubleRounding((a - p.zero_point1) * (1 << kLeftShift), p.input1);
    const int32_t scaled2 = MultiplyDoubleRounding((b - p.zero_point2) * (1 << kLeftShift), p.input2);
    return Finish(p, scaled1 + scaled2);  // each at most 255 * 2^19
  });
}

void MulS8Ref(const ElementwiseParams& p, const int8_t* input1, const int8_t* input2, int8_t* output) {
  ForEachPair(p.shape, input1, input2, output,
              [&p](int8_t a, int8_t b) { return Finish(p, (a - p.zero_point1) * (b - p.zero_point2)); });
}

}  // namespace glimpse::kernels
