// SPDX-License-Identifier: Apache-2.0
#include "kernels/elementwise/compare.h"

namespace glimpse::kernels {
namespace {

template <typename T, typename Value>
void Walk(const CompareParams& p, const T* in1, const T* in2, uint8_t* out, Value value) {
  const auto walk = [&](auto function) {
    ForEachPair(p.shape, in1, in2, out,
                [value, function](T a, T b) -> uint8_t { return function(value(a, 0), value(b, 1)) ? 1 : 0; });
  };
  switch (p.function) {
    case Comparison::kEqual:
      return walk([](auto a, auto b) { return a == b; });
    case Comparison::kNotEqual:
      return walk([](auto a, auto b) { return a != b; });
    case Comparison::kLess:
      return walk([](auto a, auto b) { return a < b; });
    case Comparison::kLessEqual:
      return walk([](auto a, auto b) { return a <= b; });
    case Comparison::kGreater:
      return walk([](auto a, auto b) { return a > b; });
    case Comparison::kGreaterEqual:
      return walk([](auto a, auto b) { return a >= b; });
  }
}

}  // namespace

template <typename T>
void CompareRef(const CompareParams& p, const T* in1, const T* in2, uint8_t* out) {
  if constexpr (sizeof(T) <= 2) {
    if (p.scaled) {
      constexpr int kLeftShift = 8;
      return Walk(p, in1, in2, out, [&p](T stored, int which) {
        const int32_t centred = stored - (which == 0 ? p.zero_point1 : p.zero_point2);
        return MultiplyDoubleRounding(centred * (1 << kLeftShift), which == 0 ? p.input1 : p.input2);
      });
    }
  }
  Walk(p, in1, in2, out, [](T stored, int) { return stored; });
}

template void CompareRef(const CompareParams&, const float*, const float*, uint8_t*);
template void CompareRef(const CompareParams&, const int8_t*, const int8_t*, uint8_t*);
template void CompareRef(const CompareParams&, const uint8_t*, const uint8_t*, uint8_t*);
template void CompareRef(const CompareParams&, const int16_t*, const int16_t*, uint8_t*);
template void CompareRef(const CompareParams&, const int32_t*, const int32_t*, uint8_t*);
template void CompareRef(const CompareParams&, const int64_t*, const int64_t*, uint8_t*);

}  // namespace glimpse::kernels
