// SPDX-License-Identifier: Apache-2.0
// CONV_2D, DEPTHWISE_CONV_2D, FULLY_CONNECTED and pools.
#include <algorithm>
#include <cmath>
#include <utility>

#include "glimpse/op_options.h"
#include "opcheck/generate.h"

namespace glimpse::opcheck::internal {
namespace {

constexpr double kMostMacs = 300e3;  // the reference computes them, too

glimpse_activation AnyActivation(Random& random) {
  return random.Pick<glimpse_activation>(
      {GLIMPSE_ACT_NONE, GLIMPSE_ACT_NONE, GLIMPSE_ACT_RELU, GLIMPSE_ACT_RELU6, GLIMPSE_ACT_RELU_N1_TO_1});
}

struct Window {
  int32_t height, width, stride_height, stride_width, dilation;
  glimpse_padding padding;
};

Window AnyWindow(Random& random, bool dilated) {
  Window w{};
  const int kind = random.Int(0, 5);
  w.height = kind < 3 ? 3 : kind == 3 ? 1 : random.Int(1, 5);
  w.width = kind < 3 ? 3 : kind == 3 ? 1 : random.Int(1, 5);
  w.stride_height = random.Int(0, 1) == 0 ? 1 : random.Int(1, 3);
  w.stride_width = random.Int(0, 4) == 0 ? random.Int(1, 3) : w.stride_height;
  w.dilation = dilated && random.Int(0, 4) == 0 ? random.Int(2, 3) : 1;
  w.padding = random.Int(0, 1) == 0 ? GLIMPSE_PADDING_SAME : GLIMPSE_PADDING_VALID;
  return w;
}

// A picture in which the window has room.
NodeTensor AnyPicture(glimpse_dtype dtype, const Window& w, int32_t depth, Random& random) {
  const int32_t room_height = w.padding == GLIMPSE_PADDING_VALID ? (w.height - 1) * w.dilation : 0;
  const int32_t room_width = w.padding == GLIMPSE_PADDING_VALID ? (w.width - 1) * w.dilation : 0;
  return AnyTensor(dtype, {random.Int(1, 3), room_height + random.Int(1, 17), room_width + random.Int(1, 17), depth},
                   random);
}

// Weights, bias and output that go with an input, for sums of `terms` products. Channels run along `axis` of `dims`.
void AddLinear(NodeOperator& op, const NodeTensor& input, std::vector<int32_t> dims, int32_t axis, bool bias_required,
               bool bias_allowed, bool per_channel_allowed, double terms, Random& random) {
  const int32_t channels = dims[static_cast<size_t>(axis)];
  const bool with_bias = bias_required || (bias_allowed && random.Int(0, 3) != 0);
  NodeTensor output = AnyTensor(input.dtype, std::vector<int32_t>(input.dims.size(), 1), random);
  output.bytes.clear();
  if (input.dtype == GLIMPSE_FLOAT32) {
    NodeTensor weights = AnyTensor(GLIMPSE_FLOAT32, std::move(dims), random);
    weights.constant = true;
    op.inputs.push_back(std::move(weights));
    if (with_bias) {
      op.inputs.push_back(AnyTensor(GLIMPSE_FLOAT32, {channels}, random));
      op.inputs.back().constant = true;
    }
    op.outputs = {output};
    return;
  }
  const bool wide = input.dtype == GLIMPSE_INT16;
  // So that outputs spread over their range: neither all clamped nor all the same.
  const double scale = input.scales.empty() ? 1 : double{input.scales[0]};
  const double spread = (wide ? 19000.0 : 74.0) * 74 * std::sqrt(terms) * scale;
  const double typical = (wide ? 32000.0 : 100.0) * double{output.scales[0]} / spread * random.Real(0.2, 2);
  if (input.dtype == GLIMPSE_UINT8) {
    NodeTensor weights = AnyTensor(GLIMPSE_UINT8, std::move(dims), random);
    weights.scales = {static_cast<float>(typical)};
    weights.constant = true;
    op.inputs.push_back(std::move(weights));
  } else {
    op.inputs.push_back(Weights(std::move(dims), axis, per_channel_allowed && random.Int(0, 2) != 0, typical, random));
  }
  if (with_bias && wide) {
    NodeTensor bias = AnyTensor(GLIMPSE_INT64, {channels}, random);
    bias.constant = true;
    op.inputs.push_back(std::move(bias));
  } else if (with_bias) {
    op.inputs.push_back(Bias(channels, random));
  }
  op.outputs = {output};
}

NodeOperator Convolution(bool depthwise, uint64_t types, uint32_t inputs_min, uint32_t inputs_max,
                         const NodeTensor* link, Random& random) {
  NodeOperator op;
  const Window w = AnyWindow(random, true);
  const glimpse_dtype dtype = link != nullptr ? link->dtype : PickType(types, random);
  const NodeTensor input = link != nullptr ? *link : AnyPicture(dtype, w, AwkwardSize(65, random), random);
  const int32_t depth = input.dims.size() == 4 ? input.dims[3] : 1;
  const double window = double(w.height) * w.width;
  const double pixels = input.dims.size() == 4 ? double(input.dims[0]) * input.dims[1] * input.dims[2] : 1;
  const auto room =
      static_cast<int32_t>(std::clamp(kMostMacs / (pixels * window * (depthwise ? 1 : depth)), 1.0, 70.0));
  const int32_t multiplier = random.Int(0, 3) == 0 ? random.Int(1, std::min(room, 4)) : 1;
  const int32_t outputs = depthwise ? depth * multiplier : AwkwardSize(room, random);
  if (link == nullptr) op.inputs.push_back(input);
  const glimpse_activation activation = AnyActivation(random);
  const bool per_channel = dtype != GLIMPSE_UINT8;
  if (depthwise) {
    AddLinear(op, input, {1, w.height, w.width, outputs}, 3, inputs_min > 2, inputs_max > 2, per_channel, window,
              random);
    op.SetOptions(glimpse_depthwise_conv_2d_options{0, w.padding, w.stride_height, w.stride_width, w.dilation,
                                                    w.dilation, multiplier, activation});
  } else {
    AddLinear(op, input, {outputs, w.height, w.width, depth}, 0, inputs_min > 2, inputs_max > 2, per_channel,
              window * depth, random);
    op.SetOptions(glimpse_conv_2d_options{0, w.padding, w.stride_height, w.stride_width, w.dilation, w.dilation,
                                          activation, GLIMPSE_FLOAT32});
  }
  return op;
}

NodeOperator FullyConnected(uint64_t types, uint32_t inputs_min, uint32_t inputs_max, const NodeTensor* link,
                            Random& random) {
  NodeOperator op;
  const glimpse_dtype dtype = link != nullptr ? link->dtype : PickType(types, random);
  NodeTensor input;
  if (link != nullptr) {
    input = *link;
  } else {
    const int32_t depth = random.Int(0, 5) == 0 ? random.Int(100, 1000) : AwkwardSize(130, random);
    std::vector<int32_t> dims = {random.Int(1, 5), depth};
    if (random.Int(0, 3) == 0) dims.insert(dims.begin(), random.Int(1, 3));
    input = AnyTensor(dtype, dims, random);
    op.inputs.push_back(input);
  }
  const int32_t depth = input.dims.empty() ? 1 : input.dims.back();
  AddLinear(op, input, {AwkwardSize(130, random), depth}, 0, inputs_min > 2, inputs_max > 2, dtype != GLIMPSE_UINT8,
            depth, random);
  op.SetOptions(glimpse_fully_connected_options{0, AnyActivation(random), 0, static_cast<uint32_t>(random.Int(0, 1)), 0,
                                                GLIMPSE_FLOAT32});
  return op;
}

NodeOperator Pool(uint64_t types, const NodeTensor* link, Random& random) {
  NodeOperator op;
  Window w = AnyWindow(random, false);
  if (random.Int(0, 1) == 0) w.height = w.width = w.stride_height = w.stride_width = 2;
  const glimpse_dtype dtype = link != nullptr ? link->dtype : PickType(types, random);
  const NodeTensor input = link != nullptr ? *link : AnyPicture(dtype, w, AwkwardSize(100, random), random);
  if (link == nullptr) op.inputs.push_back(input);
  NodeTensor output = input;  // nothing is rescaled
  output.bytes.clear();
  output.constant = false;
  op.outputs = {output};
  op.SetOptions(
      glimpse_pool_2d_options{0, w.padding, w.stride_height, w.stride_width, w.height, w.width, AnyActivation(random)});
  return op;
}

}  // namespace

std::optional<NodeOperator> GenerateWindowed(const std::string& op, uint64_t types, uint32_t inputs_min,
                                             uint32_t inputs_max, const NodeTensor* link, Random& random) {
  if (op == "tflite.CONV_2D") return Convolution(false, types, inputs_min, inputs_max, link, random);
  if (op == "tflite.DEPTHWISE_CONV_2D") return Convolution(true, types, inputs_min, inputs_max, link, random);
  if (op == "tflite.FULLY_CONNECTED") return FullyConnected(types, inputs_min, inputs_max, link, random);
  if (op == "tflite.MAX_POOL_2D" || op == "tflite.AVERAGE_POOL_2D" || op == "tflite.L2_POOL_2D") {
    return Pool(types, link, random);
  }
  return std::nullopt;
}

}  // namespace glimpse::opcheck::internal
