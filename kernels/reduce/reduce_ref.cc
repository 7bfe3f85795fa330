// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cmath>
#include <limits>
#include <type_traits>

#include "kernels/boolean.h"
#include "kernels/quant/requantize.h"
#include "kernels/reduce/reduce.h"

namespace glimpse::kernels {
namespace {

// XNNPACK, which takes float reductions over nothing, has infinities where the kernels of TFLite have finite numbers.
template <typename T>
T Neutral(Reduction reduction, ReduceOrder order) {
  if (std::is_same_v<T, float> && order == ReduceOrder::kOptimized) {
    if (reduction == Reduction::kMax) return -std::numeric_limits<T>::infinity();
    if (reduction == Reduction::kMin) return std::numeric_limits<T>::infinity();
  }
  switch (reduction) {
    case Reduction::kProd:
    case Reduction::kAll:
      return static_cast<T>(1);
    case Reduction::kMax:
      return std::numeric_limits<T>::lowest();
    case Reduction::kMin:
      return std::numeric_limits<T>::max();
    case Reduction::kSum:
    case Reduction::kAny:
      break;
  }
  return T{};
}

// Through unsigned numbers of 64 bits, which wrap.
template <typename T>
T Add(T a, T b) {
  if constexpr (std::is_floating_point_v<T>) return a + b;
  return static_cast<T>(static_cast<uint64_t>(a) + static_cast<uint64_t>(b));
}
template <typename T>
T Multiply(T a, T b) {
  if constexpr (std::is_floating_point_v<T>) return a * b;
  return static_cast<T>(static_cast<uint64_t>(a) * static_cast<uint64_t>(b));
}

// Joins all elements: join(current, in).
template <typename T, typename Join>
void JoinAll(const ReduceShape& shape, T neutral, bool first_starts, const T* input, T* output, Join join) {
  const int64_t count = shape.input_count();
  if (!first_starts || count == 0) {
    std::fill(output, output + shape.output_count, neutral);
    ForEachReduced(shape, [&](int64_t i, int64_t k, bool) { output[k] = join(output[k], input[i]); });
    return;
  }
  ForEachReduced(shape,
                 [&](int64_t i, int64_t k, bool first) { output[k] = first ? input[i] : join(output[k], input[i]); });
}

template <typename T>
T Finish(const QuantizedReduceParams& p, int32_t scaled) {
  return static_cast<T>(std::min(std::max(WrappingAdd(scaled, p.output_zero_point), p.output_min), p.output_max));
}

int32_t MultiplyWide(int64_t x, FixedPointMultiplier m) {
  const int64_t reduced = m.multiplier < 0x7FFF0000 ? (int64_t{m.multiplier} + (1 << 15)) >> 16 : 0x7FFF;
  const int shift = 15 - m.shift;
  const uint64_t product = static_cast<uint64_t>(x) * static_cast<uint64_t>(reduced) + (uint64_t{1} << (shift - 1));
  return static_cast<int32_t>(static_cast<uint32_t>(static_cast<uint64_t>(static_cast<int64_t>(product) >> shift)));
}

}  // namespace

template <typename T>
void ReduceRef(const ReduceShape& shape, Reduction reduction, ReduceOrder order, const T* input, T* output) {
  const bool all = std::all_of(shape.reduced.begin(), shape.reduced.begin() + shape.rank, [](bool r) { return r; });
  const bool reference = order == ReduceOrder::kReference;
  const auto run = [&](auto join) {
    JoinAll(shape, Neutral<T>(reduction, order), all || !reference, input, output, join);
  };
  if constexpr (std::is_same_v<T, Boolean>) {
    if (reduction == Reduction::kAll) return run([](T a, T b) -> T { return a && b; });
    return run([](T a, T b) -> T { return a || b; });
  } else {
    switch (reduction) {
      case Reduction::kSum:
        return run([](T a, T b) { return Add(a, b); });
      case Reduction::kProd:
        return run([](T a, T b) { return Multiply(a, b); });
      case Reduction::kMax:
        if (reference) return run([](T a, T b) { return b > a ? b : a; });
        return run([](T a, T b) { return a > b ? a : b; });
      case Reduction::kMin:
        if (reference) return run([](T a, T b) { return b < a ? b : a; });
        return run([](T a, T b) { return a < b ? a : b; });
      case Reduction::kAll:
      case Reduction::kAny:
        break;  // of bool alone
    }
  }
}

template <typename T>
void SumToInt32Ref(const ReduceShape& shape, const T* input, int32_t* sums) {
  std::fill(sums, sums + shape.output_count, 0);
  ForEachReduced(shape, [&](int64_t i, int64_t k, bool) { sums[k] = WrappingAdd(sums[k], input[i]); });
}

template <typename T>
void SumQuantizedRef(const ReduceShape& shape, const QuantizedReduceParams& p, const T* input, int32_t* sums,
                     T* output) {
  SumToInt32Ref(shape, input, sums);
  const bool empty = shape.input_count() == 0;
  for (int64_t k = 0; k < shape.output_count; ++k) {
    const auto centred = static_cast<int32_t>(static_cast<uint64_t>(int64_t{sums[k]}) -
                                              static_cast<uint64_t>(p.input_zero_point * shape.reduced_count));
    output[k] = empty ? T{} : Finish<T>(p, MultiplyDoubleRounding(centred, p.multiplier));
  }
}

template <typename T>
void SumQuantizedXnnpackRef(const ReduceShape& shape, const QuantizedReduceParams& p, const T* input, int32_t* sums,
                            T* output) {
  SumToInt32Ref(shape, input, sums);
  const float bias =
      static_cast<float>(p.output_zero_point) - static_cast<float>(p.input_zero_point * shape.reduced_count) * p.scale;
  for (int64_t k = 0; k < shape.output_count; ++k) {
    const float real = static_cast<float>(sums[k]) * p.scale + bias;
    const float in_range = std::min(std::max(real, static_cast<float>(p.output_min)), static_cast<float>(p.output_max));
    output[k] = static_cast<T>(std::rint(in_range));
  }
}

template <typename T>
void SumQuantizedFloatRef(const ReduceShape& shape, const QuantizedReduceParams& p, const T* input, int32_t* sums,
                          T* output) {
  SumToInt32Ref(shape, input, sums);
  const float bias = static_cast<float>(-p.input_zero_point) * p.scale * static_cast<float>(shape.reduced_count);
  for (int64_t k = 0; k < shape.output_count; ++k) {
    const float real = std::round(static_cast<float>(sums[k]) * p.scale + bias);
    output[k] = Finish<T>(p, ToInt32(static_cast<double>(real)));
  }
}

double ProdMultiplier(float input_scale, float output_scale, int64_t count) {
  return static_cast<double>(input_scale) /
         std::pow(static_cast<double>(output_scale), 1.0 / static_cast<double>(count));
}

template <typename T>
void ProdQuantizedRef(const ReduceShape& shape, const QuantizedReduceParams& p, const T* input, int32_t* products,
                      T* output) {
  ForEachReduced(shape, [&](int64_t i, int64_t k, bool first) {
    const int32_t centred = input[i] - p.input_zero_point;
    products[k] = first ? centred : MultiplyWide(int64_t{products[k]} * centred, p.multiplier);
  });
  if (shape.input_count() == 0) return;
  for (int64_t k = 0; k < shape.output_count; ++k) output[k] = Finish<T>(p, MultiplyWide(products[k], p.multiplier));
}

template void ReduceRef(const ReduceShape&, Reduction, ReduceOrder, const int8_t*, int8_t*);
template void ReduceRef(const ReduceShape&, Reduction, ReduceOrder, const uint8_t*, uint8_t*);
template void ReduceRef(const ReduceShape&, Reduction, ReduceOrder, const int16_t*, int16_t*);
template void ReduceRef(const ReduceShape&, Reduction, ReduceOrder, const int32_t*, int32_t*);
template void ReduceRef(const ReduceShape&, Reduction, ReduceOrder, const int64_t*, int64_t*);
template void ReduceRef(const ReduceShape&, Reduction, ReduceOrder, const float*, float*);
template void ReduceRef(const ReduceShape&, Reduction, ReduceOrder, const Boolean*, Boolean*);

#define GLIMPSE_INSTANTIATE(T)                                                                                    \
  template void SumToInt32Ref(const ReduceShape&, const T*, int32_t*);                                            \
  template void SumQuantizedRef(const ReduceShape&, const QuantizedReduceParams&, const T*, int32_t*, T*);        \
  template void SumQuantizedXnnpackRef(const ReduceShape&, const QuantizedReduceParams&, const T*, int32_t*, T*); \
  template void SumQuantizedFloatRef(const ReduceShape&, const QuantizedReduceParams&, const T*, int32_t*, T*);   \
  template void ProdQuantizedRef(const ReduceShape&, const QuantizedReduceParams&, const T*, int32_t*, T*);
GLIMPSE_INSTANTIATE(int8_t)
GLIMPSE_INSTANTIATE(uint8_t)
GLIMPSE_INSTANTIATE(int16_t)
#undef GLIMPSE_INSTANTIATE

}  // namespace glimpse::kernels
