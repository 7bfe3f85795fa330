// SPDX-License-Identifier: Apache-2.0
// SUM, REDUCE_PROD, REDUCE_MAX, REDUCE_MIN, REDUCE_ALL and REDUCE_ANY; which elements a reduction joins.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "kernels/quant/fixed_point.h"

namespace glimpse::kernels {

inline constexpr int kMaxReduceRank = 8;

// Input dims; the output has those that are not reduced, in order. Dense, last dimension fastest.
struct ReduceShape {
  int rank = 0;
  std::array<int32_t, kMaxReduceRank> dims{};
  std::array<bool, kMaxReduceRank> reduced{};  // dimension disappears
  int64_t reduced_count = 1;                   // product of the reduced dimensions
  int64_t output_count = 1;                    // product of the others

  int64_t input_count() const { return reduced_count * output_count; }
};

// Calls body(element of the input, element of the output that it belongs to, whether it is the first of these), in the
// order of the input.
template <typename Body>
void ForEachReduced(const ReduceShape& shape, Body body) {
  std::array<int64_t, kMaxReduceRank> step{};  // elements of the output that a step along each dimension moves
  int64_t size = 1;
  for (int d = shape.rank - 1; d >= 0; --d) {
    const auto k = static_cast<size_t>(d);
    if (shape.reduced[k]) continue;
    step[k] = size;
    size *= shape.dims[k];
  }
  std::array<int32_t, kMaxReduceRank> at{};
  int64_t target = 0;
  int inside = 0;  // reduced dimensions of which the position is not 0
  const int64_t count = shape.input_count();
  for (int64_t i = 0; i < count; ++i) {
    body(i, target, inside == 0);
    for (int d = shape.rank - 1; d >= 0; --d) {  // to the next element, like the wheels of a counter
      const auto k = static_cast<size_t>(d);
      target += step[k];
      if (++at[k] < shape.dims[k]) {
        inside += shape.reduced[k] && at[k] == 1 ? 1 : 0;
        break;
      }
      inside -= shape.reduced[k] && at[k] > 1 ? 1 : 0;
      target -= step[k] * shape.dims[k];
      at[k] = 0;
    }
  }
}

enum class Reduction { kSum, kProd, kMax, kMin, kAll, kAny };

// How floats that do not compare (NaN) or compare equal (-0 and 0) are joined.
enum class ReduceOrder {
  kReference,  // in wins when larger (smaller); the first value starts only if every dimension is reduced
  kOptimized   // current wins when larger (smaller), else in; the first value starts
};

// out[k] = the elements that belong to k, joined in the order of the input: sum and product (of integers modulo 2 to
// the power of their width), largest, smallest; kAll and kAny for bool alone, the other four for all but bool. Without
// any element: 0, 1, the type's lowest, its largest (of float with kOptimized minus infinity, infinity), true, false.
//
// T is int8_t, uint8_t, int16_t, int32_t, int64_t, float or Boolean. Output overlaps no input. Cannot fail. Reentrant.
// Exactness: LiteRT 2.3, with kReference its reference kernels and TFLite Micro; sums and products of float depend on
// the order in which other kernels add, and where NaN or both zeros meet XNNPACK's largest and smallest of float
// differ. Source: TFLite, kernels/reduce.cc, kernels/internal/reference/reduce.h and
// kernels/internal/optimized/reduce.h.
template <typename T>
void ReduceRef(const ReduceShape& shape, Reduction reduction, ReduceOrder order, const T* input, T* output);

// Sums of stored values modulo 2^32. T is int8_t, uint8_t or int16_t. As above otherwise.
template <typename T>
void SumToInt32Ref(const ReduceShape& shape, const T* input, int32_t* sums);

struct QuantizedReduceParams {
  int32_t input_zero_point = 0;
  int32_t output_zero_point = 0;
  int32_t output_min = -128;  // range of the output's type
  int32_t output_max = 127;
  FixedPointMultiplier multiplier;
  float scale = 1;  // for the forms in float
};

// SUM on int8, uint8, int16: out[k] = clamp(zp_out + MultiplyDoubleRounding(sum - reduced_count * zp_in, m)), m being
// that of s_in / s_out. `sums` holds output_count elements. Without any element the output is 0.
// Exactness: LiteRT 2.3 with reference kernels and TFLite Micro. Source: QuantizedMeanOrSum of reference/reduce.h.
template <typename T>
void SumQuantizedRef(const ReduceShape& shape, const QuantizedReduceParams& params, const T* input, int32_t* sums,
                     T* output);

// SUM and MEAN on int8 and uint8 as XNNPACK has them: out[k] = rint(clamp(float(sum) * scale + bias)), ties to even,
// all in float, bias = float(zp_out) - float(reduced_count * zp_in) * scale; scale = s_in / s_out, for MEAN that
// quotient times (1 / reduced_count). Measured at ties against LiteRT 2.3.
template <typename T>
void SumQuantizedXnnpackRef(const ReduceShape& shape, const QuantizedReduceParams& params, const T* input,
                            int32_t* sums, T* output);

// The same as LiteRT's optimised kernels have it: clamp(zp_out + round(float(sum) * scale + bias)), all in float, ties
// away from zero, bias = -zp_in * scale * reduced_count, scale = s_in / s_out. Source: optimized/reduce.h.
template <typename T>
void SumQuantizedFloatRef(const ReduceShape& shape, const QuantizedReduceParams& params, const T* input, int32_t* sums,
                          T* output);

// Multiplier of each step of a quantized product of `count` elements: s_in / s_out^(1 / count).
double ProdMultiplier(float input_scale, float output_scale, int64_t count);

// REDUCE_PROD on int8 and int16: p = in - zp_in of the first element; then p = m(p * (in - zp_in)) for each further
// one; out = clamp(zp_out + m(p)), where m multiplies by the 15 upper bits of the multiplier and rounds half up:
// (x * ((multiplier + 2^15) >> 16) + 2^(14 - shift)) >> (15 - shift). Products wrap modulo 2^64, results modulo 2^32.
// `products` holds output_count elements. Without any element the output is not written. shift in [-31, 7].
// Exactness: LiteRT 2.3. Source: QuantizedReduceProd of reference/reduce.h, kernels/internal/common.h.
template <typename T>
void ProdQuantizedRef(const ReduceShape& shape, const QuantizedReduceParams& params, const T* input, int32_t* products,
                      T* output);

}  // namespace glimpse::kernels
