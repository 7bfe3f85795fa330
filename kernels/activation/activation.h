// SPDX-License-Identifier: Apache-2.0
// RELU, RELU6, LEAKY_RELU and LOGISTIC on int8. An int8 function of one int8 has 256 values: all of them are tabulated
// once.
#pragma once

#include <array>
#include <cstdint>
#include <optional>

#include "kernels/quant/fixed_point.h"
#include "kernels/quant/profile.h"
#include "kernels/quant/requantize.h"

namespace glimpse::kernels {

// Value of the function for stored input q at index q + 128.
using Int8Table = std::array<int8_t, 256>;

// out[i] = table[in[i] + 128]. Shapes: `count` elements each; output may be the same memory as input. Cannot fail.
// Reentrant.
void LookUpS8Ref(const Int8Table& table, int64_t count, const int8_t* input, int8_t* output);

// The tables below: pure functions, reentrant; nothing where the named runtime refuses the scales, too.

// clamp(zp_out + MultiplyDoubleRounding(q - zp_in, m)) to [zp_out, 127]; m is s_in / s_out, divided in float by LiteRT
// and in double by TFLite Micro. Source: TFLite, kernels/activations.cc; TFLite Micro, kernels/activations_common.cc.
Int8Table ReluTable(Profile profile, PerTensor input, PerTensor output);

// LiteRT: as RELU, with the upper bound zp_out + round(6 / s_out). TFLite Micro: the stored value clamped to [zp_in,
// zp_in + round(6 / s_in)] and not rescaled, so that the output's scale and zero point play no part. Source: as above.
Int8Table Relu6Table(Profile profile, PerTensor input, PerTensor output);

// zp_out + MultiplyDoubleRounding(q - zp_in, m), m being s_in / s_out for q >= zp_in and s_in * alpha / s_out below, in
// float by LiteRT and in double by TFLite Micro; clamped to int8. A negative alpha changes the sign of the result.
//
// Source: TFLite, kernels/internal/reference/leaky_relu.h, kernels/activations.cc; TFLite Micro,
// kernels/leaky_relu_common.cc.
Int8Table LeakyReluTable(Profile profile, PerTensor input, PerTensor output, float alpha);

// LiteRT: zp_out + round(1 / (1 + exp(-s_in * (q - zp_in))) / s_out), in float with the C library's exp; its reciprocal
// 1 / s_out multiplies. TFLite Micro: fixed point, input in Q4.27, gemmlowp's logistic function; the output's scale is
// taken to be 1/256. Nothing when s_in < 2^-27 (TFLite Micro). Source: TFLite, kernels/internal/common.h (LUTPopulate);
// TFLite Micro, kernels/logistic_common.cc and kernels/internal/reference/integer_ops/logistic.h.
std::optional<Int8Table> LogisticTable(Profile profile, PerTensor input, PerTensor output);

}  // namespace glimpse::kernels
