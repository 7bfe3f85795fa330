// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cstddef>
#include <limits>

#include "kernels/hybrid/hybrid.h"
#include "kernels/svdf/svdf.h"

namespace glimpse::kernels {
namespace {

// Index of the state's first entry of filter `f`, all batches counted: b * filters + f.
size_t StateIndex(const SvdfShape& s, int64_t filter) {
  return static_cast<size_t>(filter) * static_cast<size_t>(s.memory);
}

template <typename State>
void Age(const SvdfShape& s, State* state) {
  for (int64_t f = 0; f < int64_t{s.batches} * s.filters; ++f) {
    State* row = state + StateIndex(s, f);
    std::copy(row + 1, row + s.memory, row);
  }
}

template <typename State>
State Clamped(int32_t x) {
  return static_cast<State>(
      std::clamp<int32_t>(x, std::numeric_limits<State>::min(), std::numeric_limits<State>::max()));
}

// The part after the features: time weights as time(index), bias and activation.
template <typename Time>
void FilterOverTime(const SvdfShape& s, const SvdfFloatParams& p, Time time, const float* bias, const float* state,
                    float* output) {
  const int32_t units = s.filters / s.rank;
  for (int32_t b = 0; b < s.batches; ++b) {
    for (int32_t u = 0; u < units; ++u) {
      float total = p.bias_first && bias != nullptr ? bias[u] : 0.0F;
      for (int32_t f = u * s.rank; f < (u + 1) * s.rank; ++f) {
        const float* row = state + StateIndex(s, int64_t{b} * s.filters + f);
        const size_t w = StateIndex(s, f);
        float sum = 0;
        for (int32_t m = 0; m < s.memory; ++m) sum += time(w + static_cast<size_t>(m)) * row[m];
        total += sum;
      }
      if (!p.bias_first && bias != nullptr) total += bias[u];
      *output++ = ActivateFloat(p.activation, total);
    }
  }
}

}  // namespace

template <typename State>
void SvdfIntegerRef(const SvdfShape& s, const SvdfQuantization& q, const int8_t* input, const int8_t* features,
                    const State* time, const int32_t* bias, State* state, int8_t* output) {
  Age(s, state);
  const int32_t units = s.filters / s.rank;
  for (int32_t b = 0; b < s.batches; ++b, input += s.inputs) {
    State* const batch = state + StateIndex(s, int64_t{b} * s.filters);
    const int8_t* w = features;
    for (int32_t f = 0; f < s.filters; ++f, w += s.inputs) {
      uint32_t sum = 0;
      for (int32_t i = 0; i < s.inputs; ++i) sum += static_cast<uint32_t>(w[i] * (input[i] - q.input_zero_point));
      const int32_t scaled = MultiplyDoubleRounding(static_cast<int32_t>(sum), q.feature);
      batch[StateIndex(s, f) + static_cast<size_t>(s.memory) - 1] =
          static_cast<State>(Clamped<State>(scaled) + q.state_zero_point);
    }
    for (int32_t u = 0; u < units; ++u) {
      uint32_t sum = bias == nullptr ? 0 : static_cast<uint32_t>(bias[u]);
      for (size_t m = StateIndex(s, int64_t{u} * s.rank); m < StateIndex(s, int64_t{u + 1} * s.rank); ++m) {
        sum += static_cast<uint32_t>(time[m] * (batch[m] - q.state_zero_point));
      }
      const int32_t scaled = MultiplyDoubleRounding(static_cast<int32_t>(sum), q.output);
      *output++ = Clamped<int8_t>(WrappingAdd(scaled, q.output_zero_point));
    }
  }
}

template void SvdfIntegerRef<int16_t>(const SvdfShape&, const SvdfQuantization&, const int8_t*, const int8_t*,
                                      const int16_t*, const int32_t*, int16_t*, int8_t*);
template void SvdfIntegerRef<int8_t>(const SvdfShape&, const SvdfQuantization&, const int8_t*, const int8_t*,
                                     const int8_t*, const int32_t*, int8_t*, int8_t*);

void SvdfF32Ref(const SvdfShape& s, const SvdfFloatParams& p, const float* input, const float* features,
                const float* time, const float* bias, float* state, float* output) {
  Age(s, state);
  for (int32_t b = 0; b < s.batches; ++b, input += s.inputs) {
    const float* w = features;
    for (int32_t f = 0; f < s.filters; ++f, w += s.inputs) {
      float sum = 0;
      for (int32_t i = 0; i < s.inputs; ++i) sum += w[i] * input[i];
      state[StateIndex(s, int64_t{b} * s.filters + f) + static_cast<size_t>(s.memory) - 1] = sum;
    }
  }
  FilterOverTime(
      s, p, [time](size_t i) { return time[i]; }, bias, state, output);
}

void SvdfHybridRef(const SvdfShape& s, const SvdfFloatParams& p, const SvdfHybridParams& h, const float* input,
                   const int8_t* features, const int8_t* time, const float* bias, int8_t* row, float* state,
                   float* output) {
  Age(s, state);
  const bool silent = AllZero(input, int64_t{s.batches} * s.inputs);
  for (int32_t b = 0; b < s.batches; ++b, input += s.inputs) {
    const RowQuantization quantization = QuantizeRow(input, s.inputs, h.asymmetric, row);
    const float scale = quantization.scale * h.feature_scale;
    const int8_t* w = features;
    for (int32_t f = 0; f < s.filters; ++f, w += s.inputs) {
      const int32_t dot = silent ? 0 : HybridDot(row, w, s.inputs, quantization.zero_point);
      state[StateIndex(s, int64_t{b} * s.filters + f) + static_cast<size_t>(s.memory) - 1] =
          silent ? 0.0F : 0.0F + static_cast<float>(dot) * scale;
    }
  }
  FilterOverTime(
      s, p, [time, &h](size_t i) { return static_cast<float>(time[i]) * h.time_scale; }, bias, state, output);
}

}  // namespace glimpse::kernels
