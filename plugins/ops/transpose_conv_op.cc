// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <limits>
#include <vector>

#include "kernels/transpose_conv/transpose_conv.h"
#include "plugins/ops/checks.h"
#include "plugins/ops/conv_checks.h"
#include "plugins/ops/ops.h"

namespace glimpse::ops {
namespace {

// Padding as a convolution from the output to the input has it, whose windows must be as many as the input's elements.
Status GetTransposeAxis(std::string_view axis, int64_t input, int64_t filter, int64_t output, int64_t stride,
                        glimpse_padding padding, kernels::TransposeAxis* result) {
  constexpr int64_t kMax = std::numeric_limits<int32_t>::max();
  if (stride < 1) return InvalidNode(axis, ": stride ", stride, " must be at least 1");
  if (padding != GLIMPSE_PADDING_SAME && padding != GLIMPSE_PADDING_VALID) return InvalidNode("padding is ", padding);
  const bool same = padding == GLIMPSE_PADDING_SAME;
  const int64_t windows = same ? (output + stride - 1) / stride : (output + stride - filter) / stride;
  const int64_t pad = std::max<int64_t>((windows - 1) * stride + filter - output, 0) / 2;
  if ((input - 1) > (kMax - filter) / stride || output + pad + stride > kMax) {
    return Unsupported(axis, ": input ", input, ", stride ", stride, " and filter ", filter, " are too large");
  }
  if (windows != input) {
    return Unsupported(axis, ": an output of ", output, " comes from an input of ", windows, ", not ", input);
  }
  *result = {static_cast<int32_t>(input), static_cast<int32_t>(filter), static_cast<int32_t>(output),
             static_cast<int32_t>(stride), static_cast<int32_t>(pad)};
  return Ok();
}

class TransposeConvOp final : public sdk::Kernel {
 public:
  Status Prepare(PrepareContext& context) override {
    glimpse_transpose_conv_options options{};
    GLIMPSE_SDK_TRY(GetOptions(context, &options));
    ConvNode node{.linear = {.input = context.input(2),
                             .filter = context.input(1),
                             .bias = context.input(3),
                             .output = context.output(0),
                             .input_name = "input 2",
                             .bias_name = "input 3 (bias)"},
                  .op = "TRANSPOSE_CONV",
                  .quantized_bias_type = options.quantized_bias_type,
                  .int16_bias32 = context.numerics() != "tflite-micro"};
    p_ = {};
    GLIMPSE_SDK_TRY(SetSizes(context, options));
    node.linear.channels = p_.output_depth;
    const bool covered = p_.height.stride <= p_.height.filter && p_.width.stride <= p_.width.filter;
    node.delegated = covered || options.padding == GLIMPSE_PADDING_VALID;
    // uint8 is rounded by blocks of the whole output there.
    if (context.input(2).dtype() != GLIMPSE_UINT8) node.builtin = BuiltinRounding::kByEights;
    GLIMPSE_SDK_TRY(GetConvForm(context, &node, &form_));
    if (node.linear.filter.dtype() == GLIMPSE_INT4) return Unsupported("TRANSPOSE_CONV has no int4 weights");
    range_ = kernels::FloatActivationRange(static_cast<kernels::Activation>(options.activation));
    if (form_ == ConvForm::kHybrid) {
      GLIMPSE_SDK_TRY(hybrid_.Prepare(context, node.linear));
    } else if (form_ != ConvForm::kFloat) {
      GLIMPSE_SDK_TRY(GetConvQuantization(context, node, form_, options.activation, &scales_, &p_.linear));
    }
    const int64_t dims[] = {p_.batches, p_.height.output, p_.width.output, p_.output_depth};
    GLIMPSE_SDK_TRY(SetShape(context, 0, dims, sdk::DtypeBytes(context.input(2).dtype())));
    // Every input element meets every weight of its channel, up to what falls off the edges.
    return ReportMacs(context, static_cast<uint64_t>(context.input(2).element_count()),
                      static_cast<uint64_t>(context.input(1).element_count() / p_.input_depth));
  }

  Status Invoke(const sdk::InvokeContext& c) override {
    switch (form_) {
      case ConvForm::kInt8:
        kernels::TransposeConvS8Ref(p_, c.input<int8_t>(2), c.input<int8_t>(1), c.input<int32_t>(3),
                                    c.output<int8_t>(0));
        break;
      case ConvForm::kUint8:
        kernels::TransposeConvU8Ref(p_, c.input<uint8_t>(2), c.input<uint8_t>(1), c.input<int32_t>(3),
                                    c.output<uint8_t>(0));
        break;
      case ConvForm::kInt16Bias32:
        kernels::TransposeConvS16Ref(p_, c.input<int16_t>(2), c.input<int8_t>(1), c.input<int32_t>(3),
                                     c.output<int16_t>(0));
        break;
      case ConvForm::kInt16Bias64:
        kernels::TransposeConvS16Ref(p_, c.input<int16_t>(2), c.input<int8_t>(1), c.input<int64_t>(3),
                                     c.output<int16_t>(0));
        break;
      case ConvForm::kFloat:
        kernels::TransposeConvF32Ref(p_, range_, c.input<float>(2), c.input<float>(1), c.input<float>(3),
                                     c.output<float>(0));
        break;
      case ConvForm::kHybrid:
        InvokeHybrid(c);
        break;
    }
    return Ok();
  }

 private:
  Status SetSizes(const PrepareContext& context, const glimpse_transpose_conv_options& options) {
    const Tensor input = context.input(2);
    const Tensor filter = context.input(1);
    GLIMPSE_SDK_TRY(RequireImageAndFilter(input, "input 2", filter));
    std::vector<int64_t> shape;
    GLIMPSE_SDK_TRY(RequireType(context.input(0), "input 0 (output shape)", GLIMPSE_INT32));
    GLIMPSE_SDK_TRY(GetIndices(context.input(0), "input 0 (output shape)", &shape));
    p_.batches = input.dim(0);
    p_.input_depth = input.dim(3);
    p_.output_depth = filter.dim(0);
    if (filter.dim(3) != p_.input_depth) {
      return InvalidNode("input 2 has ", p_.input_depth, " channels, the filter ", filter.dim(3),
                         "; they must be equal");
    }
    if (shape.size() != 4 || shape[0] != p_.batches || shape[3] != p_.output_depth || shape[1] < 1 || shape[2] < 1) {
      return InvalidNode("input 0 (output shape) must be ", p_.batches, ", height, width, ", p_.output_depth,
                         ", the sizes at least 1");
    }
    GLIMPSE_SDK_TRY(GetTransposeAxis("height", input.dim(1), filter.dim(1), shape[1], options.stride_height,
                                     options.padding, &p_.height));
    return GetTransposeAxis("width", input.dim(2), filter.dim(2), shape[2], options.stride_width, options.padding,
                            &p_.width);
  }

  void InvokeHybrid(const sdk::InvokeContext& c) {
    const size_t image = static_cast<size_t>(p_.height.output) * static_cast<size_t>(p_.width.output) *
                         static_cast<size_t>(p_.output_depth);
    for (int32_t n = 0; n < p_.batches; ++n) {
      kernels::RowQuantization row;
      const int8_t* stored = hybrid_.Quantize(c, c.input<float>(2), n, true, &row);
      p_.linear.input_zero_point = row.zero_point;
      const kernels::TransposeConvHybrid scaling{row.scale, hybrid_.scales(), range_};
      kernels::TransposeConvHybridRef(p_, scaling, stored, c.input<int8_t>(1), c.input<float>(3),
                                      c.output<float>(0) + static_cast<size_t>(n) * image);
    }
  }

  kernels::TransposeConvParams p_;
  ConvForm form_ = ConvForm::kInt8;
  kernels::FloatRange range_;
  HybridInput hybrid_;
  sdk::Persistent<kernels::OutputScale> scales_;
};

}  // namespace

std::unique_ptr<sdk::Kernel> MakeTransposeConv() { return std::make_unique<TransposeConvOp>(); }

}  // namespace glimpse::ops
