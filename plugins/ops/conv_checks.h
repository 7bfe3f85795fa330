// SPDX-License-Identifier: Apache-2.0
// What the convolutions share: which form of the operator the types ask for, weights of four bits, and float
// activations that are quantized on the way.
#pragma once

#include <cstdint>
#include <string_view>

#include "glimpse/sdk.h"
#include "kernels/hybrid/hybrid.h"
#include "kernels/quant/linear_output.h"
#include "plugins/ops/linear_checks.h"

namespace glimpse::ops {

// Types of input, filter and bias; the output has the input's type.
enum class ConvForm {
  kInt8,         // int8, int8 or int4, int32
  kUint8,        // uint8, uint8, int32
  kInt16Bias32,  // int16, int8 or int4, int32
  kInt16Bias64,  // int16, int8 or int4, int64
  kFloat,        // all float32
  kHybrid        // float32, int8 or int4, float32
};

// What LiteRT's built-in optimised kernel does with what the XNNPACK delegate leaves to it.
enum class BuiltinRounding {
  kDouble,    // the reference kernel: convolutions in groups
  kHalfUp,    // a matrix product
  kByEights,  // half up for the first 8 * (channels div 8) channels, double rounding for the others
  kUnknown    // not settled, or it depends on more than the channel: refused
};

// What a convolution's runtimes have of these.
struct ConvNode {
  LinearNode linear;  // bias_type, rounding and product are found here
  std::string_view op;
  glimpse_dtype quantized_bias_type = GLIMPSE_FLOAT32;
  bool int16_bias32 = false;  // the operator takes an int32 bias with int16 activations
  bool delegated = true;      // XNNPACK takes the node's options and sizes, when its types are int8 or uint8
  BuiltinRounding builtin = BuiltinRounding::kUnknown;
  bool by_eights = false;  // found here: the last channels mod 8 have double rounding
};

// The form, and in node->linear what goes with it: type of the bias, rounding, product of scales. Unsupported for types
// that do not go together and for a form that the profile's runtime lacks or that is not known to be exact.
Status GetConvForm(const PrepareContext& context, ConvNode* node, ConvForm* form);

// All that a kernel needs of a quantized form; allocates the scales.
Status GetConvQuantization(PrepareContext& context, const ConvNode& node, ConvForm form, glimpse_activation activation,
                           sdk::Persistent<kernels::OutputScale>* scales, kernels::LinearParams* params);

// Multiply-accumulates `outputs` * `terms`, which may overflow.
Status ReportMacs(PrepareContext& context, uint64_t outputs, uint64_t terms);

// int8 weights, unpacked in each Invoke when they have four bits.
class Int8Filter {
 public:
  Status Prepare(PrepareContext& context, const Tensor& filter, uint32_t input);
  const int8_t* In(const sdk::InvokeContext& context) const;

 private:
  uint32_t input_ = 1;
  bool packed_ = false;
  sdk::Scratch<int8_t> unpacked_;
};

// Both of rank 4 with elements, the filter being input 1. Invalid or unsupported otherwise.
Status RequireImageAndFilter(const Tensor& input, std::string_view input_name, const Tensor& filter);

// Float activations as int8, one batch after the other, and the scales of int8 weights.
class HybridInput {
 public:
  // `channels` scales, one each, or as many when the model gives one for all.
  Status Prepare(PrepareContext& context, const LinearNode& node);
  // Quantizes `count_` values at batch `n` and calls `body(stored, row)`.
  const int8_t* Quantize(const sdk::InvokeContext& context, const float* input, int32_t n, bool asymmetric,
                         kernels::RowQuantization* row) const;
  const float* scales() const { return scales_.data(); }
  // Whether the scales differ from each other.
  bool per_channel() const { return per_channel_; }

 private:
  int32_t count_ = 0;
  bool per_channel_ = false;
  sdk::Scratch<int8_t> stored_;
  sdk::Persistent<float> scales_;
};

}  // namespace glimpse::ops
