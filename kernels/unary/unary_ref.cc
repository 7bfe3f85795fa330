// SPDX-License-Identifier: Apache-2.0
#include <cmath>
#include <type_traits>

#include "kernels/quant/inverse_sqrt.h"
#include "kernels/unary/unary.h"

namespace glimpse::kernels {
namespace {

constexpr int kRsqrtBits = 20;  // the root is kept times 2^20

float Gelu(float x) { return 0.5F * x * std::erfc(x * -0.70710678F); }

float GeluApproximate(float x) { return 0.5F * x * (1.0F + std::tanh(0.79788456F * (x + 0.044715F * x * x * x))); }

}  // namespace

float ValueOf(UnaryFunction function, float x) {
  switch (function) {
    case UnaryFunction::kAbs:
      return std::abs(x);
    case UnaryFunction::kCeil:
      return std::ceil(x);
    case UnaryFunction::kCos:
      return std::cos(x);
    case UnaryFunction::kElu:
      return x < 0 ? std::expm1(x) : x;
    case UnaryFunction::kEluMicro:
      return x < 0 ? std::exp(x) - 1.0F : x;
    case UnaryFunction::kExp:
      return std::exp(x);
    case UnaryFunction::kFloor:
      return std::floor(x);
    case UnaryFunction::kGelu:
      return Gelu(x);
    case UnaryFunction::kGeluApproximate:
      return GeluApproximate(x);
    case UnaryFunction::kLog:
      return std::log(x);
    case UnaryFunction::kNeg:
      return -x;
    case UnaryFunction::kRound:
      return std::nearbyint(x);
    case UnaryFunction::kRoundMicro:
      return x < 0 && x >= -0.5F ? 0.0F : std::nearbyint(x);
    case UnaryFunction::kRsqrt:
      return 1.0F / std::sqrt(x);
    case UnaryFunction::kSign:
      return x > 0 ? 1.0F : (x < 0 ? -1.0F : std::abs(x));
    case UnaryFunction::kSin:
      return std::sin(x);
    case UnaryFunction::kSqrt:
      return std::sqrt(x);
    case UnaryFunction::kSquare:
      return x * x;
  }
  return x;
}

void UnaryF32Ref(UnaryFunction function, int64_t count, const float* input, float* output) {
  for (int64_t i = 0; i < count; ++i) output[i] = ValueOf(function, input[i]);
}

template <typename T>
void UnaryIntRef(UnaryFunction function, int64_t count, const T* input, T* output) {
  using Unsigned = std::make_unsigned_t<T>;
  for (int64_t i = 0; i < count; ++i) {
    const T x = input[i];
    const auto negated = static_cast<T>(static_cast<Unsigned>(0U - static_cast<Unsigned>(x)));
    if (function == UnaryFunction::kSign) {
      output[i] = static_cast<T>((x > 0) - (x < 0));
    } else {
      output[i] = function == UnaryFunction::kNeg || x < 0 ? negated : x;
    }
  }
}

AbsParams MakeAbs(Profile profile, PerTensor input, PerTensor output) {
  const double ratio = profile == Profile::kTfliteMicro
                           ? static_cast<double>(input.scale) / static_cast<double>(output.scale)
                           : static_cast<double>(input.scale / output.scale);
  return {input.zero_point, output.zero_point, input.scale != output.scale, QuantizeMultiplier(ratio)};
}

template <typename T>
T AbsOf(const AbsParams& p, int32_t q) {
  const int32_t magnitude = std::abs(q - p.input_zero_point);
  const int32_t scaled = p.rescale ? MultiplyDoubleRounding(magnitude, p.multiplier) : magnitude;
  return Saturate<T>(WrappingAdd(scaled, p.output_zero_point));
}

std::optional<RsqrtParams> MakeRsqrt(Profile profile, PerTensor input, PerTensor output) {
  const double root = profile == Profile::kTfliteMicro
                          ? std::sqrt(static_cast<double>(input.scale)) * static_cast<double>(output.scale)
                          : static_cast<double>(std::sqrt(input.scale) * output.scale);
  const double real = 1.0 / root;
  if (!(real >= 0x1p-12 && real < 0x1p30)) return std::nullopt;
  RsqrtParams p{input.zero_point, output.zero_point, QuantizeMultiplier(real)};
  p.multiplier.shift -= kRsqrtBits;
  return p;
}

template <typename T>
T RsqrtOf(const RsqrtParams& p, int32_t q) {
  const int32_t x = q - p.input_zero_point;
  if (x <= 0) return std::numeric_limits<T>::max();
  FixedPointMultiplier root = InverseSqrt(x);
  root.shift += kRsqrtBits;
  const int32_t scaled = MultiplyDoubleRounding(MultiplyDoubleRounding(1, root), p.multiplier);
  return Saturate<T>(WrappingAdd(scaled, p.output_zero_point));
}

template <typename T>
T SqrtOf(PerTensor input, PerTensor output, int32_t q) {
  const float x = input.scale * static_cast<float>(q - input.zero_point);
  const int32_t steps = ToInt32(static_cast<double>(std::trunc(std::sqrt(x) / output.scale)));
  return Saturate<T>(WrappingAdd(steps, output.zero_point));
}

#define GLIMPSE_INSTANTIATE(T)                                        \
  template void UnaryIntRef<T>(UnaryFunction, int64_t, const T*, T*); \
  template T AbsOf<T>(const AbsParams&, int32_t);                     \
  template T RsqrtOf<T>(const RsqrtParams&, int32_t);                 \
  template T SqrtOf<T>(PerTensor, PerTensor, int32_t);
GLIMPSE_INSTANTIATE(int8_t)
GLIMPSE_INSTANTIATE(int16_t)
#undef GLIMPSE_INSTANTIATE
template void UnaryIntRef<int32_t>(UnaryFunction, int64_t, const int32_t*, int32_t*);
template void UnaryIntRef<int64_t>(UnaryFunction, int64_t, const int64_t*, int64_t*);

}  // namespace glimpse::kernels
