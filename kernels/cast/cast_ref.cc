// SPDX-License-Identifier: Apache-2.0
#include "kernels/cast/cast.h"

namespace glimpse::kernels {

float FloatFromHalf(Half half) {
  const uint32_t sign = static_cast<uint32_t>(half.bits & 0x8000U) << 16;
  const uint32_t exponent = (half.bits >> 10) & 31U;
  const uint32_t fraction = half.bits & 0x3ffU;
  if (exponent == 31) return std::bit_cast<float>(sign | 0x7f800000U | (fraction << 13));
  if (exponent == 0) {
    const float magnitude = static_cast<float>(fraction) * 0x1p-24F;
    return sign != 0 ? -magnitude : magnitude;
  }
  return std::bit_cast<float>(sign | ((exponent + 112) << 23) | (fraction << 13));
}

Half HalfFromFloat(float value) {
  const auto bits = std::bit_cast<uint32_t>(value);
  const auto sign = static_cast<uint16_t>((bits >> 16) & 0x8000U);
  if (std::isnan(value)) return {static_cast<uint16_t>(sign | 0x7e00U)};
  const float magnitude = std::abs(value);
  if (magnitude >= 65520.0F) return {static_cast<uint16_t>(sign | 0x7c00U)};
  if (magnitude < 0x1p-14F) {  // subnormal: a multiple of 2^-24
    return {static_cast<uint16_t>(sign | static_cast<uint16_t>(std::rint(magnitude * 0x1p24F)))};
  }
  const uint32_t kept = (bits & 0x7fffffffU) - (112U << 23);
  const uint32_t rounded = (kept + 0xfffU + ((kept >> 13) & 1U)) >> 13;
  return {static_cast<uint16_t>(sign | rounded)};
}

}  // namespace glimpse::kernels
