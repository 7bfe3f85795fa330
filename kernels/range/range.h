// SPDX-License-Identifier: Apache-2.0
// RANGE: numbers at equal distances.
#pragma once

#include <cstdint>
#include <optional>

namespace glimpse::kernels {

// How many numbers lie in [start, limit), or (limit, start] for a negative delta: ceil(|limit - start| / |delta|), in
// float32 the quotient rounded before the ceiling. Nothing when delta is 0 or points away from limit, when an argument
// is not finite, or when the count leaves int32. T is int32_t, int64_t or float. Reentrant.
template <typename T>
std::optional<int32_t> RangeCount(T start, T limit, T delta);

// out[0] = start, out[i] = out[i - 1] + delta: float32 rounds after each addition. REQUIRES: count as RangeCount gives
// it. Source: TFLite, kernels/range.cc.
template <typename T>
void RangeRef(T start, T delta, int32_t count, T* output);

}  // namespace glimpse::kernels
