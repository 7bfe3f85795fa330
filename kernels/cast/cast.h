// SPDX-License-Identifier: Apache-2.0
// CAST between element types, and half precision.
#pragma once

#include <bit>
#include <cmath>
#include <cstdint>
#include <limits>
#include <type_traits>

#include "kernels/boolean.h"

namespace glimpse::kernels {

// A float16 by its bits.
struct Half {
  uint16_t bits = 0;
};

// Exact. A NaN stays one.
float FloatFromHalf(Half half);
// To nearest, ties to even; what is too large becomes infinity, NaN 0x7e00 with its sign.
Half HalfFromFloat(float value);

// What NaN becomes as an integer.
enum class NanTo { kLargest, kZero };

// One element. Integers to narrower ones keep the low bits; to bool, everything but 0 is true (NaN too); to float, the
// nearest, ties to even. Floating point to an integer is truncated and saturates; NaN becomes the largest number
// (LiteRT) or 0 (TFLite Micro). To float16 everything goes through float. Cannot fail. Reentrant.
// Exactness: LiteRT 2.3 with any kernels, TFLite Micro. Source: TFLite, kernels/cast.cc.
template <typename Out, typename In>
Out CastOf(In value, NanTo nan) {
  if constexpr (std::is_same_v<In, Half>) {
    return CastOf<Out>(FloatFromHalf(value), nan);
  } else if constexpr (std::is_same_v<Out, Half>) {
    return HalfFromFloat(static_cast<float>(value));
  } else if constexpr (std::is_same_v<Out, Boolean>) {
    return value != In{};
  } else if constexpr (std::is_floating_point_v<In> && std::is_integral_v<Out>) {
    if (std::isnan(value)) return nan == NanTo::kZero ? Out{0} : std::numeric_limits<Out>::max();
    // The least number and one past the largest are exact in floating point.
    constexpr In kLow = static_cast<In>(std::numeric_limits<Out>::min());
    constexpr In kEnd = static_cast<In>(std::numeric_limits<Out>::max() / 2 + 1) * 2;
    if (value < kLow) return std::numeric_limits<Out>::min();
    return value >= kEnd ? std::numeric_limits<Out>::max() : static_cast<Out>(value);
  } else {
    return static_cast<Out>(value);
  }
}

// Shapes: `count` elements each. Output may be the same memory as input for types of one size.
template <typename Out, typename In>
void CastRef(NanTo nan, int64_t count, const In* input, Out* output) {
  for (int64_t i = 0; i < count; ++i) output[i] = CastOf<Out>(input[i], nan);
}

}  // namespace glimpse::kernels
