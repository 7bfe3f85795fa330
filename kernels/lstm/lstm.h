// SPDX-License-Identifier: Apache-2.0
// LSTM and UNIDIRECTIONAL_SEQUENCE_LSTM: one layer of long short-term memory over a sequence.
//
// With * the product of a matrix and a vector, . that of elements, for each step of each batch:
//     gate_g = act_g(W_g * x + R_g * h + P_g . c + b_g)          g: input, forget, cell (no P), output
//     or, normalized, act_g(N_g . normalize(W_g * x + R_g * h + P_g . c) + b_g): mean 0 and deviation 1 over the cells
//     c = clip(gate_forget . c + gate_input . gate_cell)          without an input gate it is 1 - gate_forget
//     h = clip(projection * (gate_output . tanh(c)) + bias)       or gate_output . tanh(c) without projection
// and h is the output of the step. P of the output gate sees the new c. act is the logistic function, for the cell
// tanh.
//
// Shapes: input [batches, steps, inputs], or [steps, batches, inputs] when time_major; W_g [cells, inputs], R_g [cells,
// outputs], P_g, N_g and b_g [cells]; projection [outputs, cells], its bias [outputs]; h (`state`) [batches, outputs],
// c
// (`cell`) [batches, cells], both read and written; output like input with `outputs`. outputs = cells without
// projection. Dense; no memory overlaps. Nothing can fail; reentrant. Preconditions: validated parameters.
// Sources: TFLite, kernels/lstm_eval.cc, kernels/internal/reference/portable_tensor_utils.cc; TFLite Micro,
// kernels/lstm_eval.h and lstm_eval_common.cc.
#pragma once

#include <cstdint>

#include "kernels/quant/fixed_point.h"
#include "kernels/quant/requantize.h"

namespace glimpse::kernels {

struct LstmShape {
  int32_t batches = 1;
  int32_t steps = 1;
  int32_t inputs = 1;
  int32_t cells = 1;
  int32_t outputs = 1;
  bool time_major = false;
};

// Gates, in the order of the operator's inputs.
enum LstmGate { kLstmInput = 0, kLstmForget = 1, kLstmCell = 2, kLstmOutput = 3 };

// Pointers of one call. nullptr: input_weights[kLstmInput] without input gate; peephole and projection when absent.
template <typename Activation, typename Weight, typename Peephole, typename Bias, typename Cell>
struct LstmTensors {
  const Activation* input = nullptr;
  const Weight* input_weights[4] = {};
  const Weight* recurrent_weights[4] = {};
  const Peephole* peephole[4] = {};
  const Peephole* norm[4] = {};  // all that have weights, or none
  const Bias* bias[4] = {};
  const Weight* projection = nullptr;
  const Bias* projection_bias = nullptr;
  Activation* state = nullptr;
  Cell* cell = nullptr;
  Activation* output = nullptr;
};

// Fixed point of the integer forms: gates are Q3.12 before their function and Q0.15 behind it, the cell state is
// 2^cell_power in a unit.
struct LstmIntegerParams {
  bool micro = false;  // TFLite Micro's arithmetic, else LiteRT's
  int32_t input_zero_point = 0;
  int32_t state_zero_point = 0;
  int32_t hidden_zero_point = 0;  // of gate_output . tanh(c)
  FixedPointMultiplier input[4];
  FixedPointMultiplier recurrent[4];
  FixedPointMultiplier peephole[4];
  FixedPointMultiplier norm[4];      // with it, gates before it have scales of their own
  int32_t variance_guard[4] = {};    // stands for a variance below 1
  FixedPointMultiplier forget_cell;  // the products of the new cell state, of TFLite Micro alone
  FixedPointMultiplier input_cell;
  FixedPointMultiplier hidden;
  FixedPointMultiplier projection;
  int cell_power = -15;
  int16_t cell_clip = 0;       // 0: none
  int8_t projection_clip = 0;  // 0: none
};

// int8 activations and weights, or in TFLite Micro int16 activations with an int64 bias; int16 cell state. Sums wrap;
// each becomes Q3.12 by its own multiplier and saturates. LiteRT: the functions of gemmlowp in 16 bits; TFLite Micro:
// its table of the logistic function. `scratch`: 5 * cells.
template <typename Activation, typename Bias>
void LstmIntegerRef(const LstmShape& shape, const LstmIntegerParams& params,
                    const LstmTensors<Activation, int8_t, int16_t, Bias, int16_t>& tensors, int16_t* scratch);

struct LstmFloatParams {
  Activation activation = Activation::kTanh;  // of the cell gate and of the cell state
  float cell_clip = 0;                        // 0: none
  float projection_clip = 0;
};

// float32, sums in the order of indices, with the C library's exp and tanh. The runtime's own order and functions
// differ in the last bits. `scratch`: 5 * cells.
void LstmF32Ref(const LstmShape& shape, const LstmFloatParams& params,
                const LstmTensors<float, float, float, float, float>& tensors, float* scratch);

}  // namespace glimpse::kernels
