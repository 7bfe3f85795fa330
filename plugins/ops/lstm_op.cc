// SPDX-License-Identifier: Apache-2.0
// LSTM and UNIDIRECTIONAL_SEQUENCE_LSTM, which have the same inputs:
//     0 input; 1-4 weights of the input, 5-8 of the state (input, forget, cell, output gate); 9-11 peephole (input,
//     forget, output); 12-15 biases; 16, 17 projection and its bias; 18 state; 19 cell state; 20-23 layer normalization
#include <algorithm>
#include <cmath>
#include <string>
#include <vector>

#include "kernels/lstm/lstm.h"
#include "kernels/sigmoid/sigmoid.h"
#include "plugins/ops/checks.h"
#include "plugins/ops/linear_checks.h"
#include "plugins/ops/ops.h"

namespace glimpse::ops {
namespace {

using kernels::FixedPointMultiplier;
using kernels::Profile;
using kernels::QuantizeMultiplier;

enum Input : uint32_t {
  kX = 0,
  kInputWeights = 1,
  kRecurrentWeights = 5,
  kPeephole = 9,
  kBias = 12,
  kProjection = 16,
  kProjectionBias = 17,
  kState = 18,
  kCell = 19,
  kLayerNorm = 20
};
constexpr uint32_t kPeepholeOf[4] = {9, 10, 0, 11};  // 0: none

std::string Name(uint32_t i) { return "input " + std::to_string(i); }

class LstmOp final : public sdk::Kernel {
 public:
  explicit LstmOp(bool sequence) : sequence_(sequence) {}

  Status Prepare(PrepareContext& context) override {
    GLIMPSE_SDK_TRY(GetProfile(context, &profile_));
    GLIMPSE_SDK_TRY(ReadOptions(context));
    GLIMPSE_SDK_TRY(CheckPresence(context));
    GLIMPSE_SDK_TRY(SetSizes(context));
    type_ = context.input(kX).dtype();
    size_t scratch_count = 0;
    GLIMPSE_SDK_TRY(CheckShapes(context));
    if (type_ == GLIMPSE_FLOAT32) {
      GLIMPSE_SDK_TRY(PrepareFloat(context));
      scratch_count = 5 * static_cast<size_t>(s_.cells);
      GLIMPSE_SDK_TRY(float_scratch_.Request(context, scratch_count));
    } else {
      GLIMPSE_SDK_TRY(PrepareInteger(context));
      scratch_count = 5 * static_cast<size_t>(s_.cells);
      GLIMPSE_SDK_TRY(scratch_.Request(context, scratch_count));
    }
    std::vector<int64_t> dims(context.input(kX).dims().begin(), context.input(kX).dims().end());
    dims.back() = s_.outputs;
    GLIMPSE_SDK_TRY(SetShape(context, 0, dims, sdk::DtypeBytes(type_)));
    // Sizes of int32 each: the products of two fit, of more they may not.
    const auto rows = static_cast<uint64_t>(s_.batches) * static_cast<uint64_t>(s_.steps);
    const auto terms = 4 * static_cast<uint64_t>(s_.cells) *
                       (static_cast<uint64_t>(s_.inputs) + 2 * static_cast<uint64_t>(s_.outputs));
    return context.ReportWork(rows <= UINT64_MAX / terms ? rows * terms : UINT64_MAX, rows);
  }

  Status Invoke(const sdk::InvokeContext& context) override {
    if (type_ == GLIMPSE_FLOAT32) {
      kernels::LstmF32Ref(s_, f_, Tensors<float, float, float, float, float>(context),
                          float_scratch_.in(context).data());
    } else if (type_ == GLIMPSE_INT8) {
      kernels::LstmIntegerRef<int8_t, int32_t>(s_, p_, Tensors<int8_t, int8_t, int16_t, int32_t, int16_t>(context),
                                               scratch_.in(context).data());
    } else {
      kernels::LstmIntegerRef<int16_t, int64_t>(s_, p_, Tensors<int16_t, int8_t, int16_t, int64_t, int16_t>(context),
                                                scratch_.in(context).data());
    }
    return Ok();
  }

 private:
  Status ReadOptions(const PrepareContext& context) {
    s_ = {};
    if (sequence_) {
      glimpse_sequence_lstm_options options{};
      GLIMPSE_SDK_TRY(GetOptions(context, &options));
      if (options.diagonal_recurrent_tensors != 0) return Unsupported("diagonal_recurrent_tensors is set");
      activation_ = options.activation;
      cell_clip_ = options.cell_clip;
      projection_clip_ = options.projection_clip;
      s_.time_major = options.time_major != 0;
    } else {
      if (profile_ == Profile::kTfliteMicro) return Unsupported("TFLite Micro has no LSTM, only the sequence form");
      glimpse_lstm_options options{};
      GLIMPSE_SDK_TRY(GetOptions(context, &options));
      if (options.kernel_type != 0) return Unsupported("kernel_type is ", options.kernel_type, "; only 0 is supported");
      activation_ = options.activation;
      cell_clip_ = options.cell_clip;
      projection_clip_ = options.projection_clip;
    }
    if (activation_ == GLIMPSE_ACT_TANH) return Ok();
    return Unsupported("fused_activation_function is ", activation_, "; only 4 (tanh) is supported");
  }

  Status CheckPresence(const PrepareContext& context) const {
    const auto has = [&](uint32_t i) { return context.input(i).present(); };
    for (const uint32_t i : {0U, 2U, 3U, 4U, 6U, 7U, 8U, 13U, 14U, 15U, 18U, 19U}) {
      if (!has(i)) return InvalidNode(Name(i), " is missing");
    }
    if (has(1) != has(5) || has(1) != has(12)) return InvalidNode("inputs 1, 5 and 12 must be all there or none");
    if (has(10) != has(11) || has(9) != (has(10) && has(1))) {
      return InvalidNode("inputs 9 (with an input gate), 10 and 11 must be all there or none");
    }
    if (has(kProjectionBias) && !has(kProjection)) return InvalidNode("input 17 is there without input 16");
    const bool norm = has(kLayerNorm + 1);
    if (has(22) != norm || has(23) != norm || has(20) != (norm && has(1))) {
      return InvalidNode("inputs 20 (with an input gate), 21, 22 and 23 must be all there or none");
    }
    if (norm && profile_ == Profile::kTfliteMicro) return Unsupported("TFLite Micro has no layer normalization");
    if (profile_ == Profile::kTfliteMicro &&
        (!has(1) || has(10) || has(kProjection) || context.op().input_count() != 24)) {
      return Unsupported("TFLite Micro takes 24 inputs, with an input gate, without peephole and projection");
    }
    return Ok();
  }

  Status SetSizes(const PrepareContext& context) {
    const Tensor input = context.input(kX);
    const uint32_t rank = sequence_ ? 3 : 2;
    GLIMPSE_SDK_TRY(RequireRank(input, "input 0", rank, rank));
    GLIMPSE_SDK_TRY(RequireElements(input, "input 0"));
    GLIMPSE_SDK_TRY(RequireRank(context.input(8), "input 8", 2, 2));
    GLIMPSE_SDK_TRY(RequireElements(context.input(8), "input 8"));
    s_.steps = sequence_ ? input.dim(s_.time_major ? 0 : 1) : 1;
    s_.batches = input.dim(s_.time_major ? 1 : 0);
    s_.inputs = input.dim(rank - 1);
    s_.cells = context.input(8).dim(0);
    s_.outputs = context.input(8).dim(1);
    if (context.input(kProjection).present() || s_.outputs == s_.cells) return Ok();
    return InvalidNode("input 8 is ", context.input(8).Describe(), "; without projection it must be square");
  }

  static Status RequireMatrix(const PrepareContext& context, uint32_t i, int64_t rows, int64_t cols) {
    const Tensor tensor = context.input(i);
    if (!tensor.present()) return Ok();
    if (tensor.rank() == 2 && tensor.dim(0) == rows && tensor.dim(1) == cols) return Ok();
    return InvalidNode(Name(i), " is ", tensor.Describe(), "; it must be [", rows, ",", cols, "]");
  }

  static Status RequireCount(const PrepareContext& context, uint32_t i, int64_t count) {
    const Tensor tensor = context.input(i);
    if (!tensor.present() || tensor.element_count() == count) return Ok();
    return InvalidNode(Name(i), " is ", tensor.Describe(), "; it must have ", count, " elements");
  }

  Status CheckShapes(const PrepareContext& context) const {
    for (uint32_t g = 0; g < 4; ++g) {
      GLIMPSE_SDK_TRY(RequireMatrix(context, kInputWeights + g, s_.cells, s_.inputs));
      GLIMPSE_SDK_TRY(RequireMatrix(context, kRecurrentWeights + g, s_.cells, s_.outputs));
      GLIMPSE_SDK_TRY(RequireCount(context, kBias + g, s_.cells));
      GLIMPSE_SDK_TRY(RequireCount(context, kLayerNorm + g, s_.cells));
    }
    for (uint32_t i = kPeephole; i < kBias; ++i) GLIMPSE_SDK_TRY(RequireCount(context, i, s_.cells));
    GLIMPSE_SDK_TRY(RequireMatrix(context, kProjection, s_.outputs, s_.cells));
    GLIMPSE_SDK_TRY(RequireCount(context, kProjectionBias, s_.outputs));
    GLIMPSE_SDK_TRY(RequireCount(context, kState, int64_t{s_.batches} * s_.outputs));
    GLIMPSE_SDK_TRY(RequireCount(context, kCell, int64_t{s_.batches} * s_.cells));
    for (const uint32_t i : {kState, kCell}) {
      if (!context.input(i).is_variable()) return InvalidNode(Name(i), " must be a variable");
    }
    return Ok();
  }

  // All present inputs of that range have the type.
  static Status RequireTypes(const PrepareContext& context, uint32_t first, uint32_t end, glimpse_dtype type) {
    for (uint32_t i = first; i < end; ++i) {
      if (context.input(i).present()) GLIMPSE_SDK_TRY(RequireType(context.input(i), Name(i), type));
    }
    return Ok();
  }

  Status PrepareFloat(const PrepareContext& context) {
    GLIMPSE_SDK_TRY(RequireTypes(context, kInputWeights, kLayerNorm + 4, GLIMPSE_FLOAT32));
    GLIMPSE_SDK_TRY(RequireType(context.output(0), "output 0", GLIMPSE_FLOAT32));
    f_ = {kernels::Activation::kTanh, cell_clip_, projection_clip_};
    return Ok();
  }

  Status PrepareInteger(const PrepareContext& context) {
    const bool wide = type_ == GLIMPSE_INT16;
    p_ = {};
    p_.micro = profile_ == Profile::kTfliteMicro;
    if (type_ != GLIMPSE_INT8 && !(wide && p_.micro)) {
      return Unsupported("input 0 is ", context.input(kX).Describe(), "; it must be float32 or int8",
                         p_.micro ? " or int16" : " (TFLite Micro also takes int16)");
    }
    const glimpse_dtype bias = wide ? GLIMPSE_INT64 : GLIMPSE_INT32;
    GLIMPSE_SDK_TRY(RequireTypes(context, kInputWeights, kPeephole, GLIMPSE_INT8));
    GLIMPSE_SDK_TRY(RequireTypes(context, kPeephole, kBias, GLIMPSE_INT16));
    GLIMPSE_SDK_TRY(RequireTypes(context, kLayerNorm, kLayerNorm + 4, GLIMPSE_INT16));
    GLIMPSE_SDK_TRY(RequireTypes(context, kBias, kProjection, bias));
    GLIMPSE_SDK_TRY(RequireTypes(context, kProjection, kProjectionBias, GLIMPSE_INT8));
    GLIMPSE_SDK_TRY(RequireTypes(context, kProjectionBias, kState, bias));
    GLIMPSE_SDK_TRY(RequireType(context.input(kState), Name(kState), type_));
    GLIMPSE_SDK_TRY(RequireType(context.input(kCell), Name(kCell), GLIMPSE_INT16));
    GLIMPSE_SDK_TRY(RequireType(context.output(0), "output 0", type_));
    kernels::PerTensor x;
    kernels::PerTensor state;
    kernels::PerTensor cell;
    kernels::PerTensor output;
    GLIMPSE_SDK_TRY(RequireQuantizedActivation(context.input(kX), Name(kX), &x));
    GLIMPSE_SDK_TRY(RequireQuantizedActivation(context.input(kState), Name(kState), &state));
    GLIMPSE_SDK_TRY(RequireQuantizedActivation(context.input(kCell), Name(kCell), &cell));
    GLIMPSE_SDK_TRY(RequireQuantizedActivation(context.output(0), "output 0", &output));
    p_.input_zero_point = x.zero_point;
    p_.state_zero_point = state.zero_point;
    if (!kernels::IsPowerOfTwo(cell.scale, &p_.cell_power) || p_.cell_power < -15 || p_.cell_power > -9) {
      return Unsupported(Name(kCell), " has scale ", cell.scale, "; it must be a power of two from 2^-15 to 2^-9");
    }
    SetClips(cell.scale, output.scale);
    GLIMPSE_SDK_TRY(SetGateScales(context, x.scale, state.scale));
    return p_.micro ? SetMicroScales(state, cell.scale) : SetHiddenScales(context, state.scale);
  }

  void SetClips(float cell_scale, float output_scale) {
    const auto clip = [&](float limit, float scale, double max) {
      if (!(limit > 0)) return 0.0;
      const double quotient =
          p_.micro ? static_cast<double>(limit) / static_cast<double>(scale) : static_cast<double>(limit / scale);
      return std::min(quotient, max);
    };
    p_.cell_clip = static_cast<int16_t>(clip(cell_clip_, cell_scale, 32767.0));
    p_.projection_clip = static_cast<int8_t>(clip(projection_clip_, output_scale, 127.0));
  }

  // Unit of gate `g` before normalization: 2^-12, or what the intermediate says.
  Status GetGateScale(const PrepareContext& context, uint32_t g, float* scale) {
    *scale = 1.0F / 4096;
    const Tensor norm = context.input(kLayerNorm + g);
    if (!norm.present()) return Ok();
    kernels::PerTensor weight;
    GLIMPSE_SDK_TRY(RequireQuantizedActivation(norm, Name(kLayerNorm + g), &weight));
    const Tensor gate = context.op().intermediate(g);
    if (!gate.present() || gate.scale_count() != 1 || !(gate.scale() > 0) || !std::isfinite(gate.scale())) {
      return InvalidNode("intermediate ", g, " must have one positive scale");
    }
    *scale = gate.scale();
    GLIMPSE_SDK_TRY(RequireMultiplier(static_cast<double>(weight.scale) * 10000, "scale of a normalization"));
    p_.norm[g] = QuantizeMultiplier(static_cast<double>(weight.scale));
    p_.variance_guard[g] = std::max(1, static_cast<int32_t>(10000 * weight.scale));
    return Ok();
  }

  // Scale of a weight times that of what it meets, in units of the gate.
  Status GateScale(const PrepareContext& context, uint32_t i, float scale, float gate_scale,
                   FixedPointMultiplier* multiplier) const {
    const Tensor tensor = context.input(i);
    if (!tensor.present()) return Ok();
    kernels::PerTensor weight;
    GLIMPSE_SDK_TRY(RequireQuantizedActivation(tensor, Name(i), &weight));
    if (weight.zero_point != 0) {
      return Unsupported(Name(i), " has zero point ", weight.zero_point, "; weights must have 0");
    }
    double real = static_cast<double>(weight.scale * scale / gate_scale);
    if (p_.micro)
      real = static_cast<double>(weight.scale) * static_cast<double>(scale) / static_cast<double>(gate_scale);
    GLIMPSE_SDK_TRY(RequireMultiplier(real, "scale of a gate"));
    *multiplier = QuantizeMultiplier(real);
    return Ok();
  }

  Status SetGateScales(const PrepareContext& context, float x_scale, float state_scale) {
    for (uint32_t g = 0; g < 4; ++g) {
      float gate_scale = 0;
      GLIMPSE_SDK_TRY(GetGateScale(context, g, &gate_scale));
      GLIMPSE_SDK_TRY(GateScale(context, kInputWeights + g, x_scale, gate_scale, &p_.input[g]));
      GLIMPSE_SDK_TRY(GateScale(context, kRecurrentWeights + g, state_scale, gate_scale, &p_.recurrent[g]));
      if (kPeepholeOf[g] == 0) continue;
      const float cell_scale = std::ldexp(1.0F, p_.cell_power);
      GLIMPSE_SDK_TRY(GateScale(context, kPeepholeOf[g], cell_scale, gate_scale, &p_.peephole[g]));
    }
    return Ok();
  }

  Status SetMicroScales(kernels::PerTensor state, float cell_scale) {
    p_.hidden_zero_point = state.zero_point;
    p_.forget_cell =
        QuantizeMultiplier(std::ldexp(1.0, -15) * static_cast<double>(cell_scale) / static_cast<double>(cell_scale));
    p_.input_cell = QuantizeMultiplier(std::ldexp(1.0, -30) / static_cast<double>(cell_scale));
    const double hidden = std::ldexp(1.0, -30) / static_cast<double>(state.scale);
    GLIMPSE_SDK_TRY(RequireMultiplier(hidden, "scale of the state"));
    p_.hidden = QuantizeMultiplier(hidden);
    return Ok();
  }

  Status SetHiddenScales(const PrepareContext& context, float state_scale) {
    if (context.op().intermediate_count() != 5) {
      return Unsupported("the node has ", context.op().intermediate_count(),
                         " intermediates; the form with 5 is supported");
    }
    kernels::PerTensor hidden;
    const Tensor intermediate = context.op().intermediate(4);
    if (!intermediate.present()) return InvalidNode("intermediate 4 is missing");
    if (intermediate.dtype() == GLIMPSE_INT8) {
      GLIMPSE_SDK_TRY(RequireInt8(intermediate, "intermediate 4", &hidden));
    } else {
      return Unsupported("intermediate 4 is ", intermediate.Describe(), "; it must be int8");
    }
    p_.hidden_zero_point = hidden.zero_point;
    const auto real = static_cast<float>(std::ldexp(std::ldexp(1.0, -15) / static_cast<double>(hidden.scale), -15));
    GLIMPSE_SDK_TRY(RequireMultiplier(static_cast<double>(real), "scale of intermediate 4"));
    p_.hidden = QuantizeMultiplier(static_cast<double>(real));
    const Tensor projection = context.input(kProjection);
    if (!projection.present()) return Ok();
    kernels::PerTensor weight;
    GLIMPSE_SDK_TRY(RequireInt8(projection, Name(kProjection), &weight));
    if (weight.zero_point != 0) return Unsupported(Name(kProjection), " has a zero point; weights must have 0");
    const float scale = weight.scale * hidden.scale / state_scale;
    GLIMPSE_SDK_TRY(RequireMultiplier(static_cast<double>(scale), "scale of the projection"));
    p_.projection = QuantizeMultiplier(static_cast<double>(scale));
    return Ok();
  }

  template <typename A, typename W, typename P, typename B, typename C>
  kernels::LstmTensors<A, W, P, B, C> Tensors(const sdk::InvokeContext& context) const {
    kernels::LstmTensors<A, W, P, B, C> t;
    t.input = context.input<A>(kX);
    for (uint32_t g = 0; g < 4; ++g) {
      t.input_weights[g] = context.input<W>(kInputWeights + g);
      t.recurrent_weights[g] = context.input<W>(kRecurrentWeights + g);
      if (kPeepholeOf[g] != 0) t.peephole[g] = context.input<P>(kPeepholeOf[g]);
      t.bias[g] = context.input<B>(kBias + g);
      t.norm[g] = context.input<P>(kLayerNorm + g);
    }
    t.projection = context.input<W>(kProjection);
    t.projection_bias = context.input<B>(kProjectionBias);
    t.state = context.variable<A>(kState);
    t.cell = context.variable<C>(kCell);
    t.output = context.output<A>(0);
    return t;
  }

  const bool sequence_;
  Profile profile_ = Profile::kLitertReference;
  glimpse_dtype type_ = GLIMPSE_FLOAT32;
  glimpse_activation activation_ = GLIMPSE_ACT_TANH;
  float cell_clip_ = 0;
  float projection_clip_ = 0;
  kernels::LstmShape s_;
  kernels::LstmIntegerParams p_;
  kernels::LstmFloatParams f_;
  sdk::Scratch<int16_t> scratch_;
  sdk::Scratch<float> float_scratch_;
};

}  // namespace

std::unique_ptr<sdk::Kernel> MakeLstm() { return std::make_unique<LstmOp>(false); }
std::unique_ptr<sdk::Kernel> MakeUnidirectionalSequenceLstm() { return std::make_unique<LstmOp>(true); }

}  // namespace glimpse::ops
