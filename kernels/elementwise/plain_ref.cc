// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cmath>
#include <type_traits>

#include "kernels/elementwise/plain.h"
#include "kernels/quant/requantize.h"

namespace glimpse::kernels {
namespace {

// `function` on a and b as unsigned numbers of at least 32 bits, cut back to T; floats as they are.
template <typename T, typename Function>
T Wrapping(T a, T b, Function function) {
  if constexpr (std::is_floating_point_v<T>) {
    return function(a, b);
  } else {
    using Wide = std::conditional_t<sizeof(T) == 8, uint64_t, uint32_t>;
    return static_cast<T>(function(static_cast<Wide>(a), static_cast<Wide>(b)));
  }
}

template <typename T>
constexpr bool Overflows(T a, T b) {
  if constexpr (std::is_floating_point_v<T> || std::is_unsigned_v<T>) {
    return false;
  } else {
    return b == -1 && a == std::numeric_limits<T>::min();
  }
}

template <typename T>
T Quotient(T a, T b) {
  if (Overflows(a, b)) return std::numeric_limits<T>::max();
  return static_cast<T>(a / b);
}

template <typename T>
T FloorDiv(T a, T b) {
  if (Overflows(a, b)) return a;
  const double quotient = std::floor(static_cast<double>(a) / static_cast<double>(b));
  return static_cast<T>(quotient);
}

template <typename T>
T FloorMod(T a, T b) {
  if (Overflows(a, b)) return 0;
  T remainder = 0;
  if constexpr (std::is_floating_point_v<T>) {
    remainder = std::fmod(a, b);
  } else {
    remainder = static_cast<T>(a % b);
  }
  return remainder != 0 && (b < 0) != (remainder < 0) ? static_cast<T>(remainder + b) : remainder;
}

template <typename T>
T Power(T a, T b) {
  if constexpr (std::is_floating_point_v<T>) {
    return std::pow(a, b);
  } else {
    return static_cast<T>(ToInt32(std::pow(static_cast<double>(a), static_cast<double>(b))));
  }
}

template <typename T, typename Function>
void Walk(const PlainParams<T>& p, const T* input1, const T* input2, T* output, Function function) {
  ForEachPair(p.shape, input1, input2, output,
              [&p, function](T a, T b) { return std::min(std::max(function(a, b), p.min), p.max); });
}

template <typename T>
void IntegerRef(const PlainParams<T>& p, const T* input1, const T* input2, T* output) {
  if (p.function == Plain::kXor) {
    Walk(p, input1, input2, output, [](T a, T b) { return static_cast<T>(a ^ b); });
  } else {
    constexpr int kBits = std::numeric_limits<T>::digits + (std::is_signed_v<T> ? 1 : 0);
    Walk(p, input1, input2, output, [](T a, T b) {
      return static_cast<T>(a >> (b < 0 ? 0 : std::min<int64_t>(static_cast<int64_t>(b), kBits - 1)));
    });
  }
}

constexpr float kLeastNormal = std::numeric_limits<float>::min();

float Flushed(float x) { return std::abs(x) < kLeastNormal ? std::copysign(0.0F, x) : x; }

// `result`, rounded from `exact`. One that only rounding made 2^-126 counts as below it unless 24 bits without a limit
// to the exponent would also have.
float FlushedResult(float result, double exact) {
  constexpr double kRoundsToLeast = static_cast<double>(kLeastNormal) * (1 - 0x1p-25);
  return std::abs(exact) < kRoundsToLeast ? std::copysign(0.0F, result) : result;
}

float Product(float a, float b) { return FlushedResult(a * b, static_cast<double>(a) * static_cast<double>(b)); }

void FlushingRef(const PlainParams<float>& p, const float* in1, const float* in2, float* out) {
  const auto walk = [&](auto function) {
    Walk(p, in1, in2, out, [function](float a, float b) { return function(Flushed(a), Flushed(b)); });
  };
  switch (p.function) {
    case Plain::kAdd:
      return walk([](float a, float b) { return Flushed(a + b); });
    case Plain::kSub:
      return walk([](float a, float b) { return Flushed(a - b); });
    case Plain::kMul:
      return walk(Product);
    case Plain::kDiv:
      return walk([](float a, float b) {
        return b == 0 ? a / b : FlushedResult(a / b, static_cast<double>(a) / static_cast<double>(b));
      });
    case Plain::kSquaredDifference:
      return walk([](float a, float b) { return Product(Flushed(a - b), Flushed(a - b)); });
    case Plain::kMaximum:
      return walk([](float a, float b) { return a > b ? a : b; });
    default:
      return walk([](float a, float b) { return a < b ? a : b; });
  }
}

}  // namespace

template <typename T>
void PlainRef(const PlainParams<T>& p, const T* in1, const T* in2, T* out) {
  if constexpr (std::is_same_v<T, float>) {
    if (p.flushes) return FlushingRef(p, in1, in2, out);
  }
  switch (p.function) {
    case Plain::kAdd:
      return Walk(p, in1, in2, out, [](T a, T b) { return Wrapping(a, b, [](auto x, auto y) { return x + y; }); });
    case Plain::kSub:
      return Walk(p, in1, in2, out, [](T a, T b) { return Wrapping(a, b, [](auto x, auto y) { return x - y; }); });
    case Plain::kMul:
      return Walk(p, in1, in2, out, [](T a, T b) { return Wrapping(a, b, [](auto x, auto y) { return x * y; }); });
    case Plain::kSquaredDifference:
      return Walk(p, in1, in2, out,
                  [](T a, T b) { return Wrapping(a, b, [](auto x, auto y) { return (x - y) * (x - y); }); });
    case Plain::kDiv:
      return Walk(p, in1, in2, out, Quotient<T>);
    case Plain::kMaximum:
      return Walk(p, in1, in2, out, [](T a, T b) { return a > b ? a : b; });
    case Plain::kMinimum:
      return Walk(p, in1, in2, out, [](T a, T b) { return a < b ? a : b; });
    case Plain::kFloorDiv:
      return Walk(p, in1, in2, out, FloorDiv<T>);
    case Plain::kFloorMod:
      return Walk(p, in1, in2, out, FloorMod<T>);
    case Plain::kPow:
      return Walk(p, in1, in2, out, Power<T>);
    case Plain::kLogicalAnd:
      return Walk(p, in1, in2, out, [](T a, T b) { return static_cast<T>(a != 0 && b != 0); });
    case Plain::kLogicalOr:
      return Walk(p, in1, in2, out, [](T a, T b) { return static_cast<T>(a != 0 || b != 0); });
    case Plain::kXor:
    case Plain::kRightShift:
      if constexpr (std::is_integral_v<T>) IntegerRef(p, in1, in2, out);
      return;
    case Plain::kAtan2:
      if constexpr (std::is_floating_point_v<T>) {
        Walk(p, in1, in2, out, [](T a, T b) { return std::atan2(a, b); });
      }
      return;
  }
}

template void PlainRef(const PlainParams<float>&, const float*, const float*, float*);
template void PlainRef(const PlainParams<int8_t>&, const int8_t*, const int8_t*, int8_t*);
template void PlainRef(const PlainParams<uint8_t>&, const uint8_t*, const uint8_t*, uint8_t*);
template void PlainRef(const PlainParams<int16_t>&, const int16_t*, const int16_t*, int16_t*);
template void PlainRef(const PlainParams<int32_t>&, const int32_t*, const int32_t*, int32_t*);
template void PlainRef(const PlainParams<int64_t>&, const int64_t*, const int64_t*, int64_t*);

template <typename T>
bool IsWholePower(T value, int32_t* exponent) {
  if constexpr (std::is_floating_point_v<T>) {
    *exponent = ToInt32(static_cast<double>(std::round(value)));
    return std::abs(value - static_cast<T>(*exponent)) < 1e-5F && *exponent >= 1;
  } else {
    *exponent = value;
    return value >= 1;
  }
}

template <typename T>
void WholePowerRef(int64_t count, const T* base, int32_t exponent, T* output) {
  const auto product = [](T a, T b) {
    const T wrapped = Wrapping(a, b, [](auto x, auto y) { return x * y; });
    return std::min(std::max(wrapped, std::numeric_limits<T>::lowest()), std::numeric_limits<T>::max());
  };
  int32_t top = 1;  // the exponent's highest bit
  while (top <= exponent / 2) top *= 2;
  for (int64_t i = 0; i < count; ++i) {
    T power = base[i];
    for (int32_t bit = top / 2; bit > 0; bit /= 2) {
      power = product(power, power);
      if ((exponent & bit) != 0) power = product(base[i], power);
    }
    output[i] = power;
  }
}

template bool IsWholePower(float, int32_t*);
template bool IsWholePower(int32_t, int32_t*);
template void WholePowerRef(int64_t, const float*, int32_t, float*);
template void WholePowerRef(int64_t, const int32_t*, int32_t, int32_t*);

void LogicalNotRef(int64_t count, const uint8_t* input, uint8_t* output) {
  for (int64_t i = 0; i < count; ++i) output[i] = input[i] == 0 ? 1 : 0;
}

}  // namespace glimpse::kernels
