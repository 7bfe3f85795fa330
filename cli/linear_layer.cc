// SPDX-License-Identifier: Apache-2.0
#include "cli/linear_layer.h"

#include <cstring>

#include "base/strings.h"
#include "glimpse/op_options.h"

namespace glimpse::cli {
namespace {

template <typename Options>
Options OptionsOf(const OperatorInfo& op) {
  Options options{};
  std::memcpy(&options, op.options.data(), std::min(sizeof(options), op.options.size()));
  return options;
}

// As the runtimes place a window: what SAME lacks is divided, the smaller half before. VALID lacks nothing.
WindowAxis MakeAxis(int32_t input, int32_t output, int32_t taps, int32_t stride, int32_t dilation) {
  const int64_t extent = int64_t{taps - 1} * dilation + 1;
  const int64_t lacking = std::max<int64_t>(int64_t{output - 1} * stride + extent - input, 0);
  return {input, output, taps, stride, dilation, static_cast<int32_t>(lacking / 2)};
}

}  // namespace

bool LinearLayer::Serves(const OperatorInfo& op) {
  return op.op == "tflite.CONV_2D" || op.op == "tflite.DEPTHWISE_CONV_2D" || op.op == "tflite.FULLY_CONNECTED";
}

Unexpected LinearLayer::Contradiction(const std::string& what) const {
  return Unexpected(ErrorCode::kInvalidModel, StrCat(place_, ": ", what));
}

Result<void> LinearLayer::SetTensors(const Model& model, const OperatorInfo& op) {
  const Subgraph& graph = model.main();
  const auto tensor = [&graph](const std::vector<int>& indices, size_t i) -> const TensorInfo* {
    return i < indices.size() && indices[i] >= 0 ? &graph.tensors[static_cast<size_t>(indices[i])] : nullptr;
  };
  input_ = tensor(op.inputs, 0);
  weights_ = tensor(op.inputs, 1);
  bias_ = tensor(op.inputs, 2);
  output_ = tensor(op.outputs, 0);
  if (input_ == nullptr || weights_ == nullptr || output_ == nullptr)
    return Contradiction("lacks input, weights or output");
  for (const TensorInfo* each : {input_, weights_, output_}) {
    if (each->type != DType::kInt8) {
      return Unexpected(ErrorCode::kUnsupported, StrCat(place_, ": tensor ", each->index, " is ", DTypeName(each->type),
                                                        "; only int8 layers are taken apart"));
    }
  }
  if (bias_ != nullptr && bias_->type != DType::kInt32) {
    return Unexpected(ErrorCode::kUnsupported, StrCat(place_, ": the bias is ", DTypeName(bias_->type), ", not int32"));
  }
  return {};
}

Result<void> LinearLayer::CheckScales() const {
  for (const TensorInfo* each : {input_, output_}) {
    if (each->quantization.scales.size() != 1) {
      return Contradiction(
          StrCat("tensor ", each->index, " has ", each->quantization.scales.size(), " scales, 1 is needed"));
    }
  }
  const Quantization& quantization = weights_->quantization;
  if (quantization.scales.size() != 1 && quantization.scales.size() != static_cast<size_t>(channels_)) {
    return Contradiction(
        StrCat("the weights have ", quantization.scales.size(), " scales for ", channels_, " channels"));
  }
  const int axis = kind_ == Kind::kDepthwise ? 3 : 0;
  if (quantization.per_channel() && quantization.axis != axis) {
    return Contradiction(StrCat("the weights' scales run along dimension ", quantization.axis, ", not ", axis));
  }
  for (const int64_t zero_point : quantization.zero_points) {
    if (zero_point != 0)
      return Contradiction(StrCat("the weights have zero point ", zero_point, ", int8 weights have 0"));
  }
  if (bias_ != nullptr && bias_->size_bytes != static_cast<size_t>(channels_) * sizeof(int32_t)) {
    return Contradiction(
        StrCat("the bias has ", bias_->size_bytes / sizeof(int32_t), " elements for ", channels_, " channels"));
  }
  return {};
}

Result<void> LinearLayer::SetRows(std::span<const int32_t> in, std::span<const int32_t> out) {
  if (weights_->shape.size() != 2 || weights_->shape[0] < 1 || weights_->shape[1] < 1) {
    return Contradiction("the weights are not a matrix");
  }
  channels_ = weights_->shape[0];
  input_depth_ = weights_->shape[1];
  int64_t elements = 1;
  for (const int32_t dimension : in) elements *= dimension;
  int64_t results = 1;
  for (const int32_t dimension : out) results *= dimension;
  if (elements % input_depth_ != 0 || results != elements / input_depth_ * channels_) {
    return Contradiction("the shapes of input, weights and output contradict each other");
  }
  batches_ = static_cast<int32_t>(elements / input_depth_);
  return {};
}

Result<void> LinearLayer::SetWindows(const OperatorInfo& op, std::span<const int32_t> in,
                                     std::span<const int32_t> out) {
  const std::vector<int32_t>& filter = weights_->shape;
  if (in.size() != 4 || out.size() != 4 || filter.size() != 4)
    return Contradiction("input, filter and output need 4 dimensions");
  for (const int32_t dimension : filter) {
    if (dimension < 1) return Contradiction("the filter is empty");
  }
  for (size_t i = 0; i < 4; ++i) {
    if (in[i] < 1 || out[i] < 1) return Contradiction("input or output is empty");
  }
  batches_ = in[0];
  input_depth_ = in[3];
  channels_ = out[3];
  int32_t stride[2] = {};
  int32_t dilation[2] = {};
  if (kind_ == Kind::kConv) {
    const auto options = OptionsOf<glimpse_conv_2d_options>(op);
    stride[0] = options.stride_height, stride[1] = options.stride_width;
    dilation[0] = options.dilation_height, dilation[1] = options.dilation_width;
    groups_ = std::max(1, input_depth_ / filter[3]);
    if (filter[0] != channels_ || groups_ * filter[3] != input_depth_ || channels_ % groups_ != 0) {
      return Contradiction("the channels of input, filter and output contradict each other");
    }
  } else {
    const auto options = OptionsOf<glimpse_depthwise_conv_2d_options>(op);
    stride[0] = options.stride_height, stride[1] = options.stride_width;
    dilation[0] = options.dilation_height, dilation[1] = options.dilation_width;
    if (filter[0] != 1 || filter[3] != channels_ || channels_ % input_depth_ != 0) {
      return Contradiction("the channels of input, filter and output contradict each other");
    }
    depth_multiplier_ = channels_ / input_depth_;
  }
  height_ = MakeAxis(in[1], out[1], filter[1], stride[0], dilation[0]);
  width_ = MakeAxis(in[2], out[2], filter[2], stride[1], dilation[1]);
  return {};
}

Result<LinearLayer> LinearLayer::Create(const Model& model, const OperatorInfo& op,
                                        std::span<const int32_t> input_shape, std::span<const int32_t> output_shape) {
  LinearLayer layer;
  layer.op_ = op.ShortName();
  layer.place_ = StrCat(model.path(), ": operator ", op.index, " (", layer.op_, ")");
  if (!Serves(op)) {
    return Unexpected(ErrorCode::kUnsupported, StrCat(layer.place_,
                                                      ": is no sum of products; CONV_2D, DEPTHWISE_CONV_2D and "
                                                      "FULLY_CONNECTED are served"));
  }
  GLIMPSE_RETURN_IF_ERROR(layer.SetTensors(model, op));
  if (op.op == "tflite.FULLY_CONNECTED") {
    const auto options = OptionsOf<glimpse_fully_connected_options>(op);
    if (options.weights_format != 0) {
      return Unexpected(ErrorCode::kUnsupported, StrCat(layer.place_, ": shuffled weights are not taken apart"));
    }
    layer.kind_ = Kind::kFullyConnected;
    layer.activation_ = options.activation;
    GLIMPSE_RETURN_IF_ERROR(layer.SetRows(input_shape, output_shape));
  } else {
    layer.kind_ = op.op == "tflite.CONV_2D" ? Kind::kConv : Kind::kDepthwise;
    layer.activation_ = layer.kind_ == Kind::kConv ? OptionsOf<glimpse_conv_2d_options>(op).activation
                                                   : OptionsOf<glimpse_depthwise_conv_2d_options>(op).activation;
    GLIMPSE_RETURN_IF_ERROR(layer.SetWindows(op, input_shape, output_shape));
  }
  GLIMPSE_RETURN_IF_ERROR(layer.CheckScales());
  const auto range = kernels::QuantizedActivationRange(static_cast<kernels::Activation>(layer.activation_),
                                                       layer.output_scale(), layer.output_zero_point());
  if (!range) {
    return Unexpected(ErrorCode::kUnsupported, StrCat(layer.place_, ": no quantized kernel fuses its activation"));
  }
  layer.range_ = *range;
  return layer;
}

Result<LinearLayer> LinearLayer::Create(const Model& model, const OperatorInfo& op) {
  const auto shape = [&model](const std::vector<int>& indices) {
    return indices.empty() || indices[0] < 0
               ? std::span<const int32_t>()
               : std::span<const int32_t>(model.main().tensors[static_cast<size_t>(indices[0])].shape);
  };
  return Create(model, op, shape(op.inputs), shape(op.outputs));
}

size_t LinearLayer::output_elements() const {
  size_t count = static_cast<size_t>(batches_) * static_cast<size_t>(channels_);
  if (kind_ != Kind::kFullyConnected) count *= static_cast<size_t>(height_.output) * static_cast<size_t>(width_.output);
  return count;
}

float LinearLayer::weight_scale(int32_t channel) const {
  const std::vector<float>& scales = weights_->quantization.scales;
  return scales.size() == 1 ? scales[0] : scales[static_cast<size_t>(channel)];
}

int32_t LinearLayer::Accumulate(size_t output, std::span<const int8_t> x, std::span<const int8_t> w,
                                std::span<const int32_t> bias) const {
  uint32_t sum = bias.empty() ? 0 : static_cast<uint32_t>(bias[static_cast<size_t>(ChannelOf(output))]);
  const int32_t zero_point = input_zero_point();
  ForEachTerm(output, [&](const Term& term) {
    if (term.inside) sum += static_cast<uint32_t>((x[term.input] - zero_point) * w[term.weight]);
  });
  return static_cast<int32_t>(sum);
}

kernels::OutputScale LinearLayer::ScaleUnder(const std::string& numerics, int32_t channel) const {
  return kernels::OutputScaleFor(numerics, op_, input_scale(), weight_scale(channel), output_scale());
}

kernels::OutputScale LinearLayer::ScaleUnder(kernels::Rounding rounding, int32_t channel) const {
  return kernels::OutputScaleFor(rounding, input_scale(), weight_scale(channel), output_scale());
}

}  // namespace glimpse::cli
