// SPDX-License-Identifier: Apache-2.0
// CONV_2D, DEPTHWISE_CONV_2D and FULLY_CONNECTED as sums that can be looked at: which input meets which weight, and
// which scale the sum gets. An independent second computation, for explaining and comparing; kernels do the work of a
// run.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/result.h"
#include "engine/model/model.h"
#include "kernels/quant/profile.h"
#include "kernels/quant/requantize.h"

namespace glimpse::cli {

// Where a window lies along one axis: input position = output * stride - padding + tap * dilation.
struct WindowAxis {
  int32_t input = 1;
  int32_t output = 1;
  int32_t taps = 1;
  int32_t stride = 1;
  int32_t dilation = 1;
  int32_t padding = 0;  // before the first element
};

// An int8 layer whose outputs are clamp(zero_point + rescale(bias + sum((x - input zero point) * w))). Layouts: conv
// filter [out, y, x, in / groups], depthwise filter [1, y, x, out], fully connected weights [out, in], tensors NHWC.
// Refers to the model's tensors, which must outlive it. Immutable, thread-safe.
class LinearLayer {
 public:
  enum class Kind { kConv, kDepthwise, kFullyConnected };

  // One product of the sum.
  struct Term {
    int32_t y = 0, x = 0, c = 0;   // of the input element; for kFullyConnected only c, its place in the row
    int32_t tap_y = 0, tap_x = 0;  // of the filter
    bool inside = true;            // false: padding, which is real 0 and contributes nothing
    size_t input = 0;              // flat index into the input, when inside
    size_t weight = 0;             // flat index into the weights
  };

  // Whether `op` is of a kind served here, whatever its types.
  static bool Serves(const OperatorInfo& op);

  // `input_shape` and `output_shape` as they are at run time. Errors: kUnsupported for other operators, types other
  // than int8 with int32 bias, weights with a zero point; kInvalidModel when shapes, scales and filter contradict each
  // other.
  static Result<LinearLayer> Create(const Model& model, const OperatorInfo& op, std::span<const int32_t> input_shape,
                                    std::span<const int32_t> output_shape);
  // The same with the shapes in the file.
  static Result<LinearLayer> Create(const Model& model, const OperatorInfo& op);

  Kind kind() const { return kind_; }
  const std::string& op() const { return op_; }  // "CONV_2D"
  const TensorInfo& input() const { return *input_; }
  const TensorInfo& weights() const { return *weights_; }
  const TensorInfo* bias() const { return bias_; }  // null: none
  const TensorInfo& output() const { return *output_; }
  const WindowAxis& height() const { return height_; }
  const WindowAxis& width() const { return width_; }
  int32_t batches() const { return batches_; }  // rows for kFullyConnected
  int32_t input_depth() const { return input_depth_; }
  int32_t channels() const { return channels_; }  // of the output
  int32_t depth_multiplier() const { return depth_multiplier_; }
  int32_t groups() const { return groups_; }
  uint32_t activation() const { return activation_; }
  const kernels::ActivationRange& range() const { return range_; }
  int32_t input_zero_point() const { return static_cast<int32_t>(input_->quantization.zero_points[0]); }
  int32_t output_zero_point() const { return static_cast<int32_t>(output_->quantization.zero_points[0]); }
  size_t output_elements() const;

  float input_scale() const { return input_->quantization.scales[0]; }
  float output_scale() const { return output_->quantization.scales[0]; }
  float weight_scale(int32_t channel) const;

  int32_t ChannelOf(size_t output) const { return static_cast<int32_t>(output % static_cast<size_t>(channels_)); }
  // All terms of output element `output` (flat index), in the order of the filter's taps and channels; f(const Term&).
  template <typename Function>
  void ForEachTerm(size_t output, Function f) const;

  // bias + sum((x - zero point) * w), modulo 2^32 as the runtimes add. Spans as long as the tensors; bias may be empty.
  int32_t Accumulate(size_t output, std::span<const int8_t> x, std::span<const int8_t> w,
                     std::span<const int32_t> bias) const;

  // Scale of a channel under a profile, and under a rule.
  kernels::OutputScale ScaleUnder(const std::string& numerics, int32_t channel) const;
  kernels::OutputScale ScaleUnder(kernels::Rounding rounding, int32_t channel) const;

 private:
  LinearLayer() = default;
  Result<void> SetTensors(const Model& model, const OperatorInfo& op);
  Result<void> SetWindows(const OperatorInfo& op, std::span<const int32_t> in, std::span<const int32_t> out);
  Result<void> SetRows(std::span<const int32_t> in, std::span<const int32_t> out);
  Result<void> CheckScales() const;
  Unexpected Contradiction(const std::string& what) const;

  Kind kind_ = Kind::kConv;
  std::string place_;  // "digits.tflite: operator 0 (CONV_2D)"
  std::string op_;
  const TensorInfo* input_ = nullptr;
  const TensorInfo* weights_ = nullptr;
  const TensorInfo* bias_ = nullptr;
  const TensorInfo* output_ = nullptr;
  WindowAxis height_;
  WindowAxis width_;
  int32_t batches_ = 1;
  int32_t input_depth_ = 1;
  int32_t channels_ = 1;
  int32_t depth_multiplier_ = 1;
  int32_t groups_ = 1;
  uint32_t activation_ = 0;
  kernels::ActivationRange range_;
};

template <typename Function>
void LinearLayer::ForEachTerm(size_t output, Function f) const {
  const auto channel = static_cast<int32_t>(output % static_cast<size_t>(channels_));
  size_t place = output / static_cast<size_t>(channels_);
  Term term;
  if (kind_ == Kind::kFullyConnected) {
    for (term.c = 0; term.c < input_depth_; ++term.c) {
      term.input = place * static_cast<size_t>(input_depth_) + static_cast<size_t>(term.c);
      term.weight = static_cast<size_t>(channel) * static_cast<size_t>(input_depth_) + static_cast<size_t>(term.c);
      f(static_cast<const Term&>(term));
    }
    return;
  }
  const auto out_x = static_cast<int32_t>(place % static_cast<size_t>(width_.output));
  place /= static_cast<size_t>(width_.output);
  const auto out_y = static_cast<int32_t>(place % static_cast<size_t>(height_.output));
  const size_t batch = place / static_cast<size_t>(height_.output);
  const bool depthwise = kind_ == Kind::kDepthwise;
  const int32_t per_group = input_depth_ / groups_;
  const int32_t first = depthwise ? channel / depth_multiplier_ : channel / (channels_ / groups_) * per_group;
  const int32_t count = depthwise ? 1 : per_group;
  for (term.tap_y = 0; term.tap_y < height_.taps; ++term.tap_y) {
    term.y = out_y * height_.stride - height_.padding + term.tap_y * height_.dilation;
    for (term.tap_x = 0; term.tap_x < width_.taps; ++term.tap_x) {
      term.x = out_x * width_.stride - width_.padding + term.tap_x * width_.dilation;
      term.inside = term.y >= 0 && term.y < height_.input && term.x >= 0 && term.x < width_.input;
      const size_t tap =
          static_cast<size_t>(term.tap_y) * static_cast<size_t>(width_.taps) + static_cast<size_t>(term.tap_x);
      const size_t taps = static_cast<size_t>(height_.taps) * static_cast<size_t>(width_.taps);
      for (int32_t i = 0; i < count; ++i) {
        term.c = first + i;
        term.weight = depthwise ? tap * static_cast<size_t>(channels_) + static_cast<size_t>(channel)
                                : (static_cast<size_t>(channel) * taps + tap) * static_cast<size_t>(per_group) +
                                      static_cast<size_t>(i);
        if (term.inside) {
          term.input = ((batch * static_cast<size_t>(height_.input) + static_cast<size_t>(term.y)) *
                            static_cast<size_t>(width_.input) +
                        static_cast<size_t>(term.x)) *
                           static_cast<size_t>(input_depth_) +
                       static_cast<size_t>(term.c);
        }
        f(static_cast<const Term&>(term));
      }
    }
  }
}

// The elements of constant or present tensor content as T; empty when the tensor is null.
template <typename T>
std::span<const T> Elements(std::span<const std::byte> data) {
  return {reinterpret_cast<const T*>(data.data()), data.size() / sizeof(T)};
}

}  // namespace glimpse::cli
