// SPDX-License-Identifier: Apache-2.0
#include "plugins/ops/conv_checks.h"

#include <algorithm>
#include <cstddef>
#include <limits>

#include "kernels/quant/int4.h"

namespace glimpse::ops {
namespace {

Status Lacks(const ConvNode& node, std::string_view runtime) {
  return Unsupported(runtime, " has no ", node.op, " of ", node.linear.input.Describe(), " with ",
                     node.linear.filter.Describe());
}

// Forms that TFLite Micro refuses or computes from the wrong bytes.
Status CheckMicro(const ConvNode& node, ConvForm form) {
  const bool int16_int4 = node.linear.input.dtype() == GLIMPSE_INT16 && node.linear.filter.dtype() == GLIMPSE_INT4;
  if (form == ConvForm::kUint8 || form == ConvForm::kHybrid || int16_int4) return Lacks(node, "TFLite Micro");
  return Ok();
}

// Measured: int8 and uint8 with constant weights are delegated, unless a transposed convolution with SAME padding steps
// over its filter; int4 weights and int16 activations are left to the built-in kernels. Float sums are formed in an
// order of their own.
Status SetXnnpackRounding(ConvNode* node, ConvForm form) {
  LinearNode& linear = node->linear;
  if (form == ConvForm::kFloat || form == ConvForm::kHybrid) {
    return Unsupported("float32 is not offered for numerics 'litert-xnnpack': its sums have another order there");
  }
  if (!linear.filter.is_constant() || (linear.bias.present() && !linear.bias.is_constant())) {
    return Unsupported("numerics 'litert-xnnpack' is offered for constant weights and bias");
  }
  if (form == ConvForm::kInt16Bias64) return Ok();
  const bool eight_bits = linear.filter.dtype() != GLIMPSE_INT4 && linear.input.dtype() != GLIMPSE_INT16;
  if (eight_bits && node->delegated) {
    linear.rounding = kernels::Rounding::kFloatHalfEven;
    return Ok();
  }
  if (node->builtin == BuiltinRounding::kUnknown) {
    return Unsupported("numerics 'litert-xnnpack' is not offered for this form of ", node->op, ": ",
                       linear.input.Describe(), " with ", linear.filter.Describe());
  }
  node->by_eights = node->builtin == BuiltinRounding::kByEights;
  const bool half_up = node->builtin != BuiltinRounding::kDouble;
  linear.rounding = half_up ? kernels::Rounding::kHalfUp : kernels::Rounding::kDouble;
  return Ok();
}

Status CheckFloatBias(const LinearNode& node) {
  if (!node.bias.present()) return Ok();
  GLIMPSE_SDK_TRY(RequireType(node.bias, node.bias_name, GLIMPSE_FLOAT32));
  if (node.bias.element_count() == node.channels) return Ok();
  return InvalidNode(node.bias_name, " is ", node.bias.Describe(), "; it must have ", node.channels, " elements");
}

}  // namespace

Status GetConvForm(const PrepareContext& context, ConvNode* node, ConvForm* form) {
  kernels::Profile profile;
  GLIMPSE_SDK_TRY(GetProfile(context, &profile));
  LinearNode& linear = node->linear;
  if (!linear.input.present()) return InvalidNode(linear.input_name, " is missing");
  if (!linear.filter.present()) return InvalidNode(linear.filter_name, " is missing");
  if (linear.input.dtype() == GLIMPSE_FLOAT32) {
    const glimpse_dtype filter = linear.filter.dtype();
    *form = filter == GLIMPSE_FLOAT32 ? ConvForm::kFloat : ConvForm::kHybrid;
    if (*form == ConvForm::kHybrid && filter != GLIMPSE_INT8 && filter != GLIMPSE_INT4) {
      return Unsupported(linear.filter_name, " is ", linear.filter.Describe(),
                         "; float32 goes with float32, int8, int4");
    }
    GLIMPSE_SDK_TRY(RequireType(context.output(0), "output 0", GLIMPSE_FLOAT32));
    GLIMPSE_SDK_TRY(CheckFloatBias(linear));
  } else {
    GLIMPSE_SDK_TRY(RequireLinearTypes(linear));
    GLIMPSE_SDK_TRY(GetBiasType(linear.input.dtype(), node->quantized_bias_type, &linear.bias_type));
    const bool bias32 = linear.bias_type == GLIMPSE_INT32;
    if (linear.input.dtype() == GLIMPSE_INT8) *form = ConvForm::kInt8;
    if (linear.input.dtype() == GLIMPSE_UINT8) *form = ConvForm::kUint8;
    if (linear.input.dtype() == GLIMPSE_INT16) *form = bias32 ? ConvForm::kInt16Bias32 : ConvForm::kInt16Bias64;
    if (*form == ConvForm::kInt16Bias32 && !node->int16_bias32) {
      return Unsupported("int16 with an int32 bias is not computed for ", node->op);
    }
  }
  if (*form == ConvForm::kUint8) linear.product = kernels::ScaleProduct::kFloat;
  if (profile == kernels::Profile::kTfliteMicro) GLIMPSE_SDK_TRY(CheckMicro(*node, *form));
  if (profile == kernels::Profile::kLitertXnnpack) return SetXnnpackRounding(node, *form);
  return Ok();
}

Status GetConvQuantization(PrepareContext& context, const ConvNode& node, ConvForm form, glimpse_activation activation,
                           sdk::Persistent<kernels::OutputScale>* scales, kernels::LinearParams* params) {
  LinearQuantization quantization;
  GLIMPSE_SDK_TRY(GetLinearQuantization(context, node.linear, activation, &quantization, scales));
  if (node.by_eights) {
    for (size_t o = scales->size() / 8 * 8; o < scales->size(); ++o) (*scales)[o].rounding = kernels::Rounding::kDouble;
  }
  if (form == ConvForm::kInt16Bias64) {
    // The runtimes' shift of a 64-bit product is defined for these alone.
    for (const kernels::OutputScale& scale : scales->span()) {
      if (scale.fixed.shift > 7) {
        return Unsupported("input scale * filter scale / output scale is ", scale.real,
                           "; for int16 it must be below 128");
      }
    }
  }
  *params = {quantization.input_zero_point, quantization.filter_zero_point, quantization.output_zero_point,
             quantization.range.min,        quantization.range.max,         scales->data()};
  return Ok();
}

Status ReportMacs(PrepareContext& context, uint64_t outputs, uint64_t terms) {
  const bool fits = terms == 0 || outputs <= UINT64_MAX / terms;
  return context.ReportWork(fits ? outputs * terms : UINT64_MAX, outputs);
}

Status Int8Filter::Prepare(PrepareContext& context, const Tensor& filter, uint32_t input) {
  input_ = input;
  packed_ = filter.dtype() == GLIMPSE_INT4;
  if (!packed_) return Ok();
  return unpacked_.Request(context, static_cast<size_t>(filter.element_count()));
}

const int8_t* Int8Filter::In(const sdk::InvokeContext& context) const {
  if (!packed_) return context.input<int8_t>(input_);
  const std::span<int8_t> values = unpacked_.in(context);
  kernels::UnpackInt4(context.input<uint8_t>(input_), values.size(), values.data());
  return values.data();
}

Status HybridInput::Prepare(PrepareContext& context, const LinearNode& node) {
  bool several = false;
  GLIMPSE_SDK_TRY(RequireFilterQuantization(node.filter, node.channels, node.filter_axis, &several));
  const int64_t count = node.input.element_count() / node.input.dim(0);
  if (count > std::numeric_limits<int32_t>::max()) {
    return Unsupported(node.input_name, " is ", node.input.Describe(), "; a batch is too large");
  }
  count_ = static_cast<int32_t>(count);
  GLIMPSE_SDK_TRY(stored_.Request(context, static_cast<size_t>(count)));
  GLIMPSE_SDK_TRY(scales_.Allocate(context, static_cast<size_t>(node.channels)));
  const std::span<const float> given = node.filter.scales();
  for (size_t o = 0; o < scales_.size(); ++o) scales_[o] = given[several ? o : 0];
  per_channel_ = std::any_of(given.begin(), given.end(), [&](float scale) { return scale != given[0]; });
  return Ok();
}

const int8_t* HybridInput::Quantize(const sdk::InvokeContext& context, const float* input, int32_t n, bool asymmetric,
                                    kernels::RowQuantization* row) const {
  int8_t* stored = stored_.in(context).data();
  *row = kernels::QuantizeRow(input + static_cast<size_t>(n) * static_cast<size_t>(count_), count_, asymmetric, stored);
  return stored;
}

Status RequireImageAndFilter(const Tensor& input, std::string_view input_name, const Tensor& filter) {
  constexpr std::string_view kFilter = "input 1 (filter)";
  if (!input.present() || !filter.present()) return InvalidNode(input_name, " or ", kFilter, " is missing");
  GLIMPSE_SDK_TRY(RequireRank(input, input_name, 4, 4));
  GLIMPSE_SDK_TRY(RequireRank(filter, kFilter, 4, 4));
  GLIMPSE_SDK_TRY(RequireElements(input, input_name));
  return RequireElements(filter, kFilter);
}

}  // namespace glimpse::ops
