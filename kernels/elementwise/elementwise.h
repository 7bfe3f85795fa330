// SPDX-License-Identifier: Apache-2.0
// ADD and MUL on int8, with broadcasting.
#pragma once

#include <array>
#include <cstdint>
#include <optional>

#include "kernels/quant/fixed_point.h"
#include "kernels/quant/profile.h"

namespace glimpse::kernels {

inline constexpr int kMaxElementwiseRank = 8;

// Output shape and, for each input, how many elements a step along each dimension moves (0 where it is broadcast).
struct BroadcastShape {
  int rank = 0;
  std::array<int32_t, kMaxElementwiseRank> dims{};
  std::array<int64_t, kMaxElementwiseRank> step1{};
  std::array<int64_t, kMaxElementwiseRank> step2{};
};

struct ElementwiseParams {
  BroadcastShape shape;
  int32_t zero_point1 = 0;
  int32_t zero_point2 = 0;
  int32_t output_zero_point = 0;
  FixedPointMultiplier input1;  // ADD only
  FixedPointMultiplier input2;  // ADD only
  FixedPointMultiplier output;
  int32_t output_min = -128;  // the fused activation's range
  int32_t output_max = 127;
};

// Sets the multipliers of ADD: with t = 2 * max(s1, s2), those of s1 / t, s2 / t and t / (2^20 * s_out), in double.
// Returns false when the last is not below 1, where TFLite ends the program. Reentrant.
bool SetAddMultipliers(float scale1, float scale2, float output_scale, ElementwiseParams& params);

// Sets the multiplier of MUL: s1 * s2 / s_out, computed in float by LiteRT and in double by TFLite Micro. Reentrant.
void SetMulMultiplier(Profile profile, float scale1, float scale2, float output_scale, ElementwiseParams& params);

// out = clamp(zp_out + M(M((in1 - zp1) * 2^20, m1) + M((in2 - zp2) * 2^20, m2), m_out)), M being
// MultiplyDoubleRounding. Shapes: as params.shape says; dense. Ranges: zero points in [-128, 127], input multipliers of
// at most 1/2. Preconditions: validated parameters. Output may be the same memory as an input that is not broadcast.
// Cannot fail. Reentrant. Exactness: LiteRT 2.3 with reference kernels and TFLite Micro. Source: TFLite,
// kernels/add.cc, kernels/internal/reference/integer_ops/add.h.
void AddS8Ref(const ElementwiseParams& params, const int8_t* input1, const int8_t* input2, int8_t* output);

// out = clamp(zp_out + MultiplyDoubleRounding((in1 - zp1) * (in2 - zp2), m)). Shapes, aliasing and threads as above.
// Exactness: LiteRT 2.3 with reference kernels and TFLite Micro.
// Source: TFLite, kernels/mul.cc, kernels/internal/reference/integer_ops/mul.h; TFLite Micro, kernels/mul_common.cc.
void MulS8Ref(const ElementwiseParams& params, const int8_t* input1, const int8_t* input2, int8_t* output);

}  // namespace glimpse::kernels
