// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cmath>

#include "kernels/hybrid/hybrid.h"
#include "kernels/lstm/lstm.h"

namespace glimpse::kernels {
namespace {

using Tensors = LstmTensors<float, float, float, float, float>;

float Dot(const float* weights, const float* values, int32_t count) {
  float sum = 0;
  for (int32_t i = 0; i < count; ++i) sum += weights[i] * values[i];
  return sum;
}

float Clip(float x, float limit) { return limit > 0 ? std::clamp(x, -limit, limit) : x; }

// gate = weights . (gate - mean) / sqrt(variance + 1e-8) + bias
void Normalize(const LstmShape& s, const float* weights, const float* bias, float* gate) {
  const auto count = static_cast<float>(s.cells);
  float sum = 0;
  for (int32_t j = 0; j < s.cells; ++j) sum += gate[j];
  const float mean = sum / count;
  float squares = 0;
  for (int32_t j = 0; j < s.cells; ++j) squares += (gate[j] - mean) * (gate[j] - mean);
  const float inverse = 1.0F / std::sqrt(squares / count + 1e-8F);
  for (int32_t j = 0; j < s.cells; ++j) gate[j] = (gate[j] - mean) * inverse * weights[j] + bias[j];
}

void Gate(const LstmShape& s, const LstmFloatParams& p, const Tensors& t, int g, const float* x, const float* h,
          const float* c, float* gate) {
  for (int32_t j = 0; j < s.cells; ++j) {
    float sum = t.norm[g] == nullptr ? t.bias[g][j] : 0;
    sum += Dot(t.input_weights[g] + int64_t{j} * s.inputs, x, s.inputs);
    sum += Dot(t.recurrent_weights[g] + int64_t{j} * s.outputs, h, s.outputs);
    if (t.peephole[g] != nullptr) sum += t.peephole[g][j] * c[j];
    gate[j] = sum;
  }
  if (t.norm[g] != nullptr) Normalize(s, t.norm[g], t.bias[g], gate);
  for (int32_t j = 0; j < s.cells; ++j) {
    gate[j] = g == kLstmCell ? ActivateFloat(p.activation, gate[j]) : 1.0F / (1.0F + std::exp(-gate[j]));
  }
}

void Step(const LstmShape& s, const LstmFloatParams& p, const Tensors& t, const float* x, float* h, float* c,
          float* scratch) {
  float* const gates[4] = {scratch, scratch + s.cells, scratch + int64_t{2} * s.cells, scratch + int64_t{3} * s.cells};
  float* const hidden = scratch + int64_t{4} * s.cells;
  const bool coupled = t.input_weights[kLstmInput] == nullptr;
  if (!coupled) Gate(s, p, t, kLstmInput, x, h, c, gates[kLstmInput]);
  Gate(s, p, t, kLstmForget, x, h, c, gates[kLstmForget]);
  Gate(s, p, t, kLstmCell, x, h, c, gates[kLstmCell]);
  for (int32_t j = 0; j < s.cells; ++j) {
    const float input = coupled ? 1.0F - gates[kLstmForget][j] : gates[kLstmInput][j];
    c[j] = Clip(gates[kLstmForget][j] * c[j] + gates[kLstmCell][j] * input, p.cell_clip);
  }
  Gate(s, p, t, kLstmOutput, x, h, c, gates[kLstmOutput]);
  for (int32_t j = 0; j < s.cells; ++j) hidden[j] = gates[kLstmOutput][j] * ActivateFloat(p.activation, c[j]);
  if (t.projection == nullptr) {
    std::copy_n(hidden, s.cells, h);
    return;
  }
  for (int32_t o = 0; o < s.outputs; ++o) {
    const float bias = t.projection_bias == nullptr ? 0 : t.projection_bias[o];
    h[o] = Clip(bias + Dot(t.projection + int64_t{o} * s.cells, hidden, s.cells), p.projection_clip);
  }
}

}  // namespace

void LstmF32Ref(const LstmShape& s, const LstmFloatParams& p, const Tensors& t, float* scratch) {
  for (int32_t b = 0; b < s.batches; ++b) {
    float* const h = t.state + int64_t{b} * s.outputs;
    for (int32_t i = 0; i < s.steps; ++i) {
      const int64_t row = s.time_major ? int64_t{i} * s.batches + b : int64_t{b} * s.steps + i;
      Step(s, p, t, t.input + row * s.inputs, h, t.cell + int64_t{b} * s.cells, scratch);
      std::copy_n(h, s.outputs, t.output + row * s.outputs);
    }
  }
}

}  // namespace glimpse::kernels
