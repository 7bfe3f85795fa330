// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cstddef>
#include <limits>
#include <type_traits>

#include "kernels/lstm/lstm.h"
#include "kernels/quant/exp.h"
#include "kernels/quant/inverse_sqrt.h"
#include "kernels/sigmoid/sigmoid.h"

namespace glimpse::kernels {
namespace {

template <typename T>
T Clamped(int32_t x) {
  return static_cast<T>(std::clamp<int32_t>(x, std::numeric_limits<T>::min(), std::numeric_limits<T>::max()));
}

int32_t Scale(int32_t sum, FixedPointMultiplier m) { return MultiplyDoubleRounding(sum, m); }
int32_t Scale(int64_t sum, FixedPointMultiplier m) { return MultiplyReduced(sum, m); }

// bias + sum of weights times centred values, in the type that a bias has.
template <typename Value, typename Bias>
Bias Dot(const int8_t* weights, const Value* values, int32_t count, int32_t zero_point, Bias bias) {
  using Wrapping = std::make_unsigned_t<Bias>;
  auto sum = static_cast<Wrapping>(bias);
  for (int32_t i = 0; i < count; ++i) sum += static_cast<Wrapping>(Bias{weights[i]} * Bias{values[i] - zero_point});
  return static_cast<Bias>(sum);
}

int16_t Function(bool micro, bool tanh, int16_t x) {
  if (!micro) return tanh ? Tanh(x, 3) : Logistic(x, 3);
  const SigmoidS16Params q12 = {3, 0, true};
  int16_t y = 0;
  if (tanh) {
    TanhS16Ref(q12, 1, &x, &y);
  } else {
    LogisticS16Ref(q12, 1, &x, &y);
  }
  return y;
}

// tanh of the cell state, Q0.15.
int16_t CellTanh(const LstmIntegerParams& p, int16_t c) {
  const int integer_bits = 15 + p.cell_power;
  if (!p.micro) return Tanh(c, integer_bits);
  const int left = integer_bits - 3;
  const SigmoidS16Params position = left < 0 ? SigmoidS16Params{3, -left, false} : SigmoidS16Params{3 << left, 0, true};
  int16_t y = 0;
  TanhS16Ref(position, 1, &c, &y);
  return y;
}

// One step of one batch.
template <typename Activation, typename Bias>
class IntegerStep {
 public:
  using Tensors = LstmTensors<Activation, int8_t, int16_t, Bias, int16_t>;
  IntegerStep(const LstmShape& shape, const LstmIntegerParams& params, const Tensors& tensors, int16_t* scratch)
      : s_(shape), p_(params), t_(tensors), scratch_(scratch) {}

  void Run(const Activation* x, Activation* h, int16_t* c) const {
    const bool coupled = t_.input_weights[kLstmInput] == nullptr;
    if (!coupled) Gate(kLstmInput, x, h, c);
    Gate(kLstmForget, x, h, c);
    Gate(kLstmCell, x, h, c);
    for (int32_t j = 0; j < s_.cells; ++j) {
      const int16_t forget = At(kLstmForget, j);
      const auto input = static_cast<int16_t>(coupled ? 32767 - forget : At(kLstmInput, j));
      c[j] = Clip(NewCell(forget, c[j], input, At(kLstmCell, j)));
    }
    Gate(kLstmOutput, x, h, c);
    Hidden(c, h);
  }

 private:
  int16_t& At(int gate, int32_t j) const { return scratch_[int64_t{gate} * s_.cells + j]; }

  void Gate(int g, const Activation* x, const Activation* h, const int16_t* c) const {
    for (int32_t j = 0; j < s_.cells; ++j) {
      const Bias bias = t_.bias[g] == nullptr || t_.norm[g] != nullptr ? 0 : t_.bias[g][j];
      const Bias from_input =
          Dot(t_.input_weights[g] + int64_t{j} * s_.inputs, x, s_.inputs, p_.input_zero_point, bias);
      const Bias from_state =
          Dot(t_.recurrent_weights[g] + int64_t{j} * s_.outputs, h, s_.outputs, p_.state_zero_point, Bias{0});
      int32_t recurrent = Scale(from_state, p_.recurrent[g]);
      if (p_.micro) recurrent = Clamped<int16_t>(recurrent);
      auto sum = Clamped<int16_t>(WrappingAdd(Clamped<int16_t>(Scale(from_input, p_.input[g])), recurrent));
      if (t_.peephole[g] != nullptr) {
        sum = Clamped<int16_t>(WrappingAdd(Scale(int32_t{t_.peephole[g][j] * c[j]}, p_.peephole[g]), sum));
      }
      At(g, j) = sum;
    }
    if (t_.norm[g] != nullptr) Normalize(g);
    for (int32_t j = 0; j < s_.cells; ++j) At(g, j) = Function(p_.micro, g == kLstmCell, At(g, j));
  }

  // Mean and deviation with ten bits behind the point; products and sums wrap as the runtime's do.
  void Normalize(int g) const {
    int64_t sum = 0;
    int64_t squares = 0;
    for (int32_t j = 0; j < s_.cells; ++j) {
      sum += At(g, j);
      squares += At(g, j) * At(g, j);
    }
    const auto mean = static_cast<int32_t>(sum * 1024 / s_.cells);
    const int64_t variance = squares * ((1 << 20) / s_.cells) - int64_t{mean} * mean;
    auto narrow = static_cast<int32_t>(variance / (1 << 20));
    if (narrow < 1) narrow = p_.variance_guard[g];
    const FixedPointMultiplier inverse = InverseSqrt(narrow);
    const FixedPointMultiplier out = {p_.norm[g].multiplier, std::min(p_.norm[g].shift + 12, 30)};
    for (int32_t j = 0; j < s_.cells; ++j) {
      const int32_t rescaled = MultiplyDoubleRounding(1024 * At(g, j) - mean, inverse);
      const uint32_t weighted = static_cast<uint32_t>(rescaled) * static_cast<uint32_t>(int32_t{t_.norm[g][j]}) +
                                static_cast<uint32_t>(static_cast<int32_t>(t_.bias[g][j]));
      const auto wide = int64_t{static_cast<int32_t>(weighted)};
      const auto rounded = static_cast<int32_t>((wide > 0 ? wide + 512 : wide - 512) / 1024);
      At(g, j) = Clamped<int16_t>(MultiplyDoubleRounding(rounded, out));
    }
  }

  int16_t NewCell(int16_t forget, int16_t c, int16_t input, int16_t update) const {
    if (p_.micro) {
      return Clamped<int16_t>(Clamped<int16_t>(Scale(int32_t{forget * c}, p_.forget_cell)) +
                              Clamped<int16_t>(Scale(int32_t{input * update}, p_.input_cell)));
    }
    const auto kept = static_cast<int16_t>(RoundingDivideByPot(forget * c, 15));
    return Clamped<int16_t>(kept + static_cast<int16_t>(RoundingDivideByPot(input * update, 30 + p_.cell_power)));
  }

  int16_t Clip(int16_t c) const {
    if (p_.cell_clip <= 0) return c;
    return std::clamp(c, static_cast<int16_t>(-p_.cell_clip), p_.cell_clip);
  }

  void Hidden(const int16_t* c, Activation* h) const {
    int16_t* const hidden = scratch_ + int64_t{4} * s_.cells;
    for (int32_t j = 0; j < s_.cells; ++j) {
      const int32_t scaled = Scale(int32_t{At(kLstmOutput, j) * CellTanh(p_, c[j])}, p_.hidden);
      if (t_.projection == nullptr) {
        h[j] = Clamped<Activation>(WrappingAdd(scaled, p_.hidden_zero_point));
      } else {  // stored without its zero point, but clamped as if with the negated one
        hidden[j] = static_cast<int16_t>(Clamped<Activation>(WrappingAdd(scaled, -p_.hidden_zero_point)));
      }
    }
    if (t_.projection == nullptr) return;
    for (int32_t o = 0; o < s_.outputs; ++o) {
      const int32_t bias = t_.projection_bias == nullptr ? 0 : static_cast<int32_t>(t_.projection_bias[o]);
      const int32_t sum =
          Dot(t_.projection + int64_t{o} * s_.cells, hidden, s_.cells, -p_.hidden_zero_point, int32_t{bias});
      auto out = Clamped<Activation>(WrappingAdd(Scale(sum, p_.projection), p_.state_zero_point));
      if (p_.projection_clip > 0) {
        out =
            std::clamp(out, static_cast<Activation>(-p_.projection_clip), static_cast<Activation>(p_.projection_clip));
      }
      h[o] = out;
    }
  }

  const LstmShape& s_;
  const LstmIntegerParams& p_;
  const Tensors& t_;
  int16_t* scratch_;
};

}  // namespace

template <typename Activation, typename Bias>
void LstmIntegerRef(const LstmShape& s, const LstmIntegerParams& p,
                    const LstmTensors<Activation, int8_t, int16_t, Bias, int16_t>& t, int16_t* scratch) {
  const IntegerStep<Activation, Bias> step(s, p, t, scratch);
  for (int32_t b = 0; b < s.batches; ++b) {
    Activation* const h = t.state + int64_t{b} * s.outputs;
    for (int32_t i = 0; i < s.steps; ++i) {
      const int64_t row = s.time_major ? int64_t{i} * s.batches + b : int64_t{b} * s.steps + i;
      step.Run(t.input + row * s.inputs, h, t.cell + int64_t{b} * s.cells);
      std::copy_n(h, s.outputs, t.output + row * s.outputs);
    }
  }
}

template void LstmIntegerRef<int8_t, int32_t>(const LstmShape&, const LstmIntegerParams&,
                                              const LstmTensors<int8_t, int8_t, int16_t, int32_t, int16_t>&, int16_t*);
template void LstmIntegerRef<int16_t, int64_t>(const LstmShape&, const LstmIntegerParams&,
                                               const LstmTensors<int16_t, int8_t, int16_t, int64_t, int16_t>&,
                                               int16_t*);

}  // namespace glimpse::kernels
