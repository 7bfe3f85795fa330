// SPDX-License-Identifier: Apache-2.0
// Options of operators that compute.
#include "engine/model/options_fields.h"

namespace glimpse::options {

Result<Bytes> Conv2D(const wire::Operator& op) {
  const auto in = FieldsOf<wire::Conv2DOptionsT>(op.builtin_options_as_Conv2DOptions());
  FieldCheck check;
  glimpse_conv_2d_options out{};
  out.padding = check.Padding(in.padding);
  out.stride_height = check.AtLeast("stride_h", in.stride_h, 1);
  out.stride_width = check.AtLeast("stride_w", in.stride_w, 1);
  out.dilation_height = check.AtLeast("dilation_h_factor", in.dilation_h_factor, 1);
  out.dilation_width = check.AtLeast("dilation_w_factor", in.dilation_w_factor, 1);
  out.activation = check.Activation(in.fused_activation_function);
  out.quantized_bias_type = check.UpTo("quantized_bias_type", in.quantized_bias_type, wire::TensorType::MAX);
  return check.Finish(out);
}

Result<Bytes> DepthwiseConv2D(const wire::Operator& op) {
  const auto in = FieldsOf<wire::DepthwiseConv2DOptionsT>(op.builtin_options_as_DepthwiseConv2DOptions());
  FieldCheck check;
  glimpse_depthwise_conv_2d_options out{};
  out.padding = check.Padding(in.padding);
  out.stride_height = check.AtLeast("stride_h", in.stride_h, 1);
  out.stride_width = check.AtLeast("stride_w", in.stride_w, 1);
  out.dilation_height = check.AtLeast("dilation_h_factor", in.dilation_h_factor, 1);
  out.dilation_width = check.AtLeast("dilation_w_factor", in.dilation_w_factor, 1);
  out.depth_multiplier = check.AtLeast("depth_multiplier", in.depth_multiplier, 0);
  out.activation = check.Activation(in.fused_activation_function);
  return check.Finish(out);
}

Result<Bytes> FullyConnected(const wire::Operator& op) {
  const auto in = FieldsOf<wire::FullyConnectedOptionsT>(op.builtin_options_as_FullyConnectedOptions());
  FieldCheck check;
  glimpse_fully_connected_options out{};
  out.activation = check.Activation(in.fused_activation_function);
  out.weights_format = check.UpTo("weights_format", in.weights_format, wire::WeightsFormat::MAX);
  out.keep_num_dims = in.keep_num_dims ? 1 : 0;
  out.asymmetric_quantize_inputs = in.asymmetric_quantize_inputs ? 1 : 0;
  out.quantized_bias_type = check.UpTo("quantized_bias_type", in.quantized_bias_type, wire::TensorType::MAX);
  return check.Finish(out);
}

Result<Bytes> Pool2D(const wire::Operator& op) {
  const auto in = FieldsOf<wire::Pool2DOptionsT>(op.builtin_options_as_Pool2DOptions());
  FieldCheck check;
  glimpse_pool_2d_options out{};
  out.padding = check.Padding(in.padding);
  out.stride_height = check.AtLeast("stride_h", in.stride_h, 1);
  out.stride_width = check.AtLeast("stride_w", in.stride_w, 1);
  out.filter_height = check.AtLeast("filter_height", in.filter_height, 1);
  out.filter_width = check.AtLeast("filter_width", in.filter_width, 1);
  out.activation = check.Activation(in.fused_activation_function);
  return check.Finish(out);
}

Result<Bytes> Add(const wire::Operator& op) {
  const auto in = FieldsOf<wire::AddOptionsT>(op.builtin_options_as_AddOptions());
  FieldCheck check;
  glimpse_elementwise_options out{};
  out.activation = check.Activation(in.fused_activation_function);
  out.pot_scale_int16 = in.pot_scale_int16 ? 1 : 0;
  return check.Finish(out);
}

Result<Bytes> Mul(const wire::Operator& op) {
  const auto in = FieldsOf<wire::MulOptionsT>(op.builtin_options_as_MulOptions());
  FieldCheck check;
  glimpse_elementwise_options out{};
  out.activation = check.Activation(in.fused_activation_function);
  return check.Finish(out);
}

Result<Bytes> Softmax(const wire::Operator& op) {
  const auto in = FieldsOf<wire::SoftmaxOptionsT>(op.builtin_options_as_SoftmaxOptions());
  FieldCheck check;
  glimpse_softmax_options out{};
  out.beta = check.Finite("beta", in.beta);
  return check.Finish(out);
}

Result<Bytes> LeakyRelu(const wire::Operator& op) {
  const auto in = FieldsOf<wire::LeakyReluOptionsT>(op.builtin_options_as_LeakyReluOptions());
  FieldCheck check;
  glimpse_leaky_relu_options out{};
  out.alpha = check.Finite("alpha", in.alpha);
  return check.Finish(out);
}

Result<Bytes> Reducer(const wire::Operator& op) {
  const auto in = FieldsOf<wire::ReducerOptionsT>(op.builtin_options_as_ReducerOptions());
  glimpse_reducer_options out{};
  out.keep_dims = in.keep_dims ? 1 : 0;
  return FieldCheck().Finish(out);
}

Result<Bytes> Sub(const wire::Operator& op) {
  const auto in = FieldsOf<wire::SubOptionsT>(op.builtin_options_as_SubOptions());
  FieldCheck check;
  glimpse_elementwise_options out{};
  out.activation = check.Activation(in.fused_activation_function);
  out.pot_scale_int16 = in.pot_scale_int16 ? 1 : 0;
  return check.Finish(out);
}

Result<Bytes> Div(const wire::Operator& op) {
  const auto in = FieldsOf<wire::DivOptionsT>(op.builtin_options_as_DivOptions());
  FieldCheck check;
  glimpse_elementwise_options out{};
  out.activation = check.Activation(in.fused_activation_function);
  return check.Finish(out);
}

Result<Bytes> TransposeConv(const wire::Operator& op) {
  const auto in = FieldsOf<wire::TransposeConvOptionsT>(op.builtin_options_as_TransposeConvOptions());
  FieldCheck check;
  glimpse_transpose_conv_options out{};
  out.padding = check.Padding(in.padding);
  out.stride_height = check.AtLeast("stride_h", in.stride_h, 1);
  out.stride_width = check.AtLeast("stride_w", in.stride_w, 1);
  out.activation = check.Activation(in.fused_activation_function);
  out.quantized_bias_type = check.UpTo("quantized_bias_type", in.quantized_bias_type, wire::TensorType::MAX);
  return check.Finish(out);
}

Result<Bytes> BatchMatMul(const wire::Operator& op) {
  const auto in = FieldsOf<wire::BatchMatMulOptionsT>(op.builtin_options_as_BatchMatMulOptions());
  glimpse_batch_matmul_options out{};
  out.adj_x = in.adj_x ? 1 : 0;
  out.adj_y = in.adj_y ? 1 : 0;
  out.asymmetric_quantize_inputs = in.asymmetric_quantize_inputs ? 1 : 0;
  return FieldCheck().Finish(out);
}

Result<Bytes> L2Normalization(const wire::Operator& op) {
  const auto in = FieldsOf<wire::L2NormOptionsT>(op.builtin_options_as_L2NormOptions());
  FieldCheck check;
  glimpse_l2_normalization_options out{};
  out.activation = check.Activation(in.fused_activation_function);
  return check.Finish(out);
}

Result<Bytes> Gelu(const wire::Operator& op) {
  const auto in = FieldsOf<wire::GeluOptionsT>(op.builtin_options_as_GeluOptions());
  glimpse_gelu_options out{};
  out.approximate = in.approximate ? 1 : 0;
  return FieldCheck().Finish(out);
}

Result<Bytes> ResizeBilinear(const wire::Operator& op) {
  const auto in = FieldsOf<wire::ResizeBilinearOptionsT>(op.builtin_options_as_ResizeBilinearOptions());
  glimpse_resize_options out{};
  out.align_corners = in.align_corners ? 1 : 0;
  out.half_pixel_centers = in.half_pixel_centers ? 1 : 0;
  return FieldCheck().Finish(out);
}

Result<Bytes> ResizeNearestNeighbor(const wire::Operator& op) {
  const auto in = FieldsOf<wire::ResizeNearestNeighborOptionsT>(op.builtin_options_as_ResizeNearestNeighborOptions());
  glimpse_resize_options out{};
  out.align_corners = in.align_corners ? 1 : 0;
  out.half_pixel_centers = in.half_pixel_centers ? 1 : 0;
  return FieldCheck().Finish(out);
}

Result<Bytes> Cumsum(const wire::Operator& op) {
  const auto in = FieldsOf<wire::CumsumOptionsT>(op.builtin_options_as_CumsumOptions());
  glimpse_cumsum_options out{};
  out.exclusive = in.exclusive ? 1 : 0;
  out.reverse = in.reverse ? 1 : 0;
  return FieldCheck().Finish(out);
}

Result<Bytes> Cast(const wire::Operator& op) {
  const auto in = FieldsOf<wire::CastOptionsT>(op.builtin_options_as_CastOptions());
  FieldCheck check;
  glimpse_cast_options out{};
  out.input_type = check.UpTo("in_data_type", in.in_data_type, wire::TensorType::MAX);
  out.output_type = check.UpTo("out_data_type", in.out_data_type, wire::TensorType::MAX);
  return check.Finish(out);
}

Result<Bytes> ArgMax(const wire::Operator& op) {
  const auto in = FieldsOf<wire::ArgMaxOptionsT>(op.builtin_options_as_ArgMaxOptions());
  FieldCheck check;
  glimpse_arg_min_max_options out{};
  out.output_type = check.IndexType("output_type", in.output_type, GLIMPSE_INT64);
  return check.Finish(out);
}

Result<Bytes> ArgMin(const wire::Operator& op) {
  const auto in = FieldsOf<wire::ArgMinOptionsT>(op.builtin_options_as_ArgMinOptions());
  FieldCheck check;
  glimpse_arg_min_max_options out{};
  out.output_type = check.IndexType("output_type", in.output_type, GLIMPSE_INT64);
  return check.Finish(out);
}

}  // namespace glimpse::options
