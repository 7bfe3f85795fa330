// SPDX-License-Identifier: Apache-2.0
// The transforms of winograd.h along one axis, for four, three and two outputs, on anything that has +, - and *:
// vectors of any instruction set, and plain numbers, with which the formula is proven here when this is compiled.
//
// Internal linkage throughout, like kernels/quant/requantize_avx2.h.
#pragma once

#include <cstdint>

#include "kernels/conv2d/winograd.h"

namespace glimpse::kernels {
namespace {

// F(kOutputs, 3): Input() is B d, Back() is A' m. The points are the first kPoints of winograd.h.
template <int kOutputs>
struct WinogradForm;

template <>
struct WinogradForm<4> {
  static constexpr int kPoints = 6;

  template <typename V>
  __attribute__((always_inline)) static constexpr void Input(const V (&d)[6], V (&to)[6]) {
    const V a = d[4] - d[2] * 4;
    const V b = d[3] - d[1] * 4;
    const V c = d[4] - d[2];
    const V e = (d[3] - d[1]) * 2;
    to[0] = a - d[2] + d[0] * 4;
    to[1] = a + b;
    to[2] = a - b;
    to[3] = d[5] - d[3] - (d[3] - d[1]) * 4;
    to[4] = c + e;
    to[5] = c - e;
  }

  template <typename V>
  __attribute__((always_inline)) static constexpr void Back(const V (&m)[6], V (&to)[4]) {
    const V s1 = m[1] + m[2];
    const V d1 = m[1] - m[2];
    const V s2 = m[4] + m[5];
    const V d2 = (m[4] - m[5]) * 2;
    to[0] = m[0] + s1 + s2;
    to[1] = d1 + d2;
    to[2] = s1 + s2 * 4;
    to[3] = d1 + d2 * 4 + m[3] * 2;
  }
};

template <>
struct WinogradForm<3> {
  static constexpr int kPoints = 5;

  template <typename V>
  __attribute__((always_inline)) static constexpr void Input(const V (&d)[5], V (&to)[5]) {
    const V a = d[3] - d[1];
    const V b = d[3] - d[2];
    to[0] = (d[0] - d[2]) * 2 + a;
    to[1] = b - d[1] * 2;
    to[2] = b + (d[1] - d[2]) * 2;
    to[3] = d[4] - d[2] - a * 2;
    to[4] = a;
  }

  template <typename V>
  __attribute__((always_inline)) static constexpr void Back(const V (&m)[5], V (&to)[3]) {
    const V one = m[1] * 2 + m[1];
    const V s = one + m[2];
    to[0] = m[0] * 2 + s + m[4] * 4;
    to[1] = one - m[2] + m[4] * 8;
    to[2] = s + m[4] * 16 + m[3] * 2;
  }
};

template <>
struct WinogradForm<2> {
  static constexpr int kPoints = 4;

  template <typename V>
  __attribute__((always_inline)) static constexpr void Input(const V (&d)[4], V (&to)[4]) {
    to[0] = d[0] - d[2];
    to[1] = d[1] + d[2];
    to[2] = d[2] - d[1];
    to[3] = d[3] - d[1];
  }

  template <typename V>
  __attribute__((always_inline)) static constexpr void Back(const V (&m)[4], V (&to)[2]) {
    const V s = m[1] + m[2];
    const V d = m[2] - m[1];
    to[0] = m[0] * 4 - s * 2 - s;
    to[1] = d * 2 + d + m[3] * 2;
  }
};

// Output o must be 24 d[o + i] for a weight of 1 at i, for each input that is 1 alone: the formula is linear in both.
template <int kOutputs>
constexpr bool IsProven(const int32_t (&filter_matrix)[6][3]) {
  using Form = WinogradForm<kOutputs>;
  for (int at = 0; at < kOutputs + 2; ++at) {
    int32_t input[kOutputs + 2] = {};
    input[at] = 1;
    int32_t points[Form::kPoints] = {};
    Form::Input(input, points);
    for (int i = 0; i < 3; ++i) {
      int32_t products[Form::kPoints] = {};
      for (int p = 0; p < Form::kPoints; ++p) products[p] = points[p] * filter_matrix[p][i];
      int32_t outputs[kOutputs] = {};
      Form::Back(products, outputs);
      for (int o = 0; o < kOutputs; ++o) {
        if (outputs[o] != (at == o + i ? 24 : 0)) return false;
      }
    }
  }
  return true;
}

static_assert(IsProven<4>(kWinogradFilterMatrix));
static_assert(IsProven<3>(kWinogradFilterMatrix));
static_assert(IsProven<2>(kWinogradFilterMatrix));

}  // namespace
}  // namespace glimpse::kernels
