// SPDX-License-Identifier: Apache-2.0
#include "plugins/ops/conv2d_node.h"

#include "plugins/ops/checks.h"
#include "plugins/ops/packed_conv.h"

namespace glimpse::ops {

Status GetConv2DSizes(std::span<const int32_t> input_dims, const Tensor& filter, const glimpse_conv_2d_options& options,
                      kernels::Conv2DParams* params) {
  params->batches = input_dims[0];
  params->input_depth = input_dims[3];
  params->output_depth = filter.dim(0);
  if (params->input_depth % filter.dim(3) != 0) {
    return InvalidNode("input 0 has ", params->input_depth, " channels, the filter ", filter.dim(3),
                       "; the former must be a multiple of the latter");
  }
  params->groups = params->input_depth / filter.dim(3);
  if (params->output_depth % params->groups != 0) {
    return InvalidNode(params->output_depth, " filters cannot be divided into ", params->groups, " groups");
  }
  GLIMPSE_SDK_TRY(GetWindowAxis("height", input_dims[1], filter.dim(1), options.stride_height, options.dilation_height,
                                options.padding, &params->height));
  return GetWindowAxis("width", input_dims[2], filter.dim(2), options.stride_width, options.dilation_width,
                       options.padding, &params->width);
}

ConvNode Conv2DNode(const sdk::Operator& op, const glimpse_conv_2d_options& options,
                    const kernels::Conv2DParams& params) {
  ConvNode node{.linear = {.input = op.input(0), .filter = op.input(1), .bias = op.input(2), .output = op.output(0)},
                .op = "CONV_2D",
                .quantized_bias_type = options.quantized_bias_type,
                .int16_bias32 = true};
  node.linear.channels = params.output_depth;
  node.builtin = params.groups == 1 ? BuiltinRounding::kHalfUp : BuiltinRounding::kDouble;
  return node;
}

Status GetInt8Conv2D(PrepareContext& context, const sdk::Operator& op, std::span<const int32_t> input_dims,
                     sdk::Persistent<kernels::OutputScale>* scales, kernels::Conv2DParams* params) {
  const auto options = op.options<glimpse_conv_2d_options>();
  if (!options) return InvalidNode("builtin_options are missing");
  const Tensor filter = op.input(1);
  if (op.version() > 8 || op.input_count() > 3) return Unsupported("this version of CONV_2D");
  GLIMPSE_SDK_TRY(RequireImageAndFilter(op.input(0), "input 0", filter));
  GLIMPSE_SDK_TRY(GetConv2DSizes(input_dims, filter, *options, params));
  ConvNode node = Conv2DNode(op, *options, *params);
  ConvForm form = ConvForm::kInt8;
  GLIMPSE_SDK_TRY(GetConvForm(context, &node, &form));
  if (form != ConvForm::kInt8) return Unsupported("only int8 activations have a packed form");
  GLIMPSE_SDK_TRY(RequirePackable(filter, op.input(2)));
  return GetConvQuantization(context, node, form, options->activation, scales, &params->linear);
}

}  // namespace glimpse::ops
