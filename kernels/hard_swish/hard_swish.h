// SPDX-License-Identifier: Apache-2.0
// HARD_SWISH: x * min(max(x + 3, 0), 6) / 6.
#pragma once

#include <cstdint>
#include <optional>

#include "kernels/quant/lookup.h"
#include "kernels/quant/requantize.h"

namespace glimpse::kernels {

// The table on T (int8_t, uint8_t) in fixed point of 16 bits. x = 128 * (q - zp_in). The gate in [0, 1] is x times
// s_in / 128 / (3 / 32768), a 16-bit multiplier and a shift: shifted left by all but one bit with saturation,
// multiplied, shifted by the last, or shifted right with rounding; then (gate + 32768) / 2. The value is x times s_in /
// 128 / s_out, its multiplier rounded to 16 bits too, times the gate (truncated), shifted right with rounding; zp_out
// is added modulo 2^16 and the sum clamped. A shift to the right by 16 or more gives 1 for what is not negative and -1
// for the rest, as gemmlowp's rounding in 16 bits does. Both scales are quotients in float. Nothing when s_in / 128 /
// s_out is 1 or more, which TFLite refuses. Pure, reentrant.
// Source: TFLite, kernels/internal/reference/hard_swish.h, kernels/activations.cc. Exactness: all three profiles
// (TFLite Micro: int8).
template <typename T>
std::optional<ByteTable> HardSwishTable(PerTensor input, PerTensor output);

// x * min(6, max(0, x + 3)) / 6 in float. Output may be the same memory as input. Cannot fail. Reentrant.
void HardSwishF32Ref(int64_t count, const float* input, float* output);

}  // namespace glimpse::kernels
