// SPDX-License-Identifier: Apache-2.0
#include "max_pool.h"

#include <algorithm>
#include <cmath>

namespace example {

using glimpse::sdk::InvalidNode;
using glimpse::sdk::InvokeContext;
using glimpse::sdk::Ok;
using glimpse::sdk::PrepareContext;
using glimpse::sdk::Status;
using glimpse::sdk::Tensor;
using glimpse::sdk::Unsupported;

namespace {

// The model is untrusted: everything that Invoke relies on is checked here.
Status CheckTensors(const Tensor& input, const Tensor& output) {
  if (!input.present() || input.rank() != 4) return InvalidNode("the input must have 4 dimensions");
  if (output.dtype() != input.dtype()) return InvalidNode("the output is ", output.Describe(), ", not int8");
  if (input.scale_count() != 1 || output.scale_count() != 1) {
    return InvalidNode("input and output must have one scale each");
  }
  if (std::abs(input.scale() - output.scale()) > 1.0e-6f || input.zero_point() != output.zero_point()) {
    return InvalidNode("input and output must have the same scale and zero point");
  }
  return Ok();
}

}  // namespace

Status MaxPool::Prepare(PrepareContext& context) {
  const Tensor input = context.input(0);
  const Tensor output = context.output(0);
  GLIMPSE_SDK_TRY(CheckTensors(input, output));
  const auto options = context.op().options<glimpse_pool_2d_options>();
  if (!options) return InvalidNode("the operator has no options");

  batch_ = input.dim(0);
  channels_ = input.dim(3);
  rows_ = {.in = input.dim(1), .filter = options->filter_height, .stride = options->stride_height};
  columns_ = {.in = input.dim(2), .filter = options->filter_width, .stride = options->stride_width};
  GLIMPSE_SDK_TRY(PlanAxis(options->padding, rows_));
  GLIMPSE_SDK_TRY(PlanAxis(options->padding, columns_));
  GLIMPSE_SDK_TRY(PlanActivation(options->activation, output));

  const std::array<int32_t, 4> shape = {batch_, rows_.out, columns_.out, channels_};
  GLIMPSE_SDK_TRY(context.SetOutputShape(0, shape));
  // The host has limits on work; it cannot know how much an operator does.
  uint64_t steps = 1;
  for (const int32_t factor : {batch_, rows_.out, columns_.out, channels_, std::min(rows_.filter, rows_.in),
                               std::min(columns_.filter, columns_.in)}) {
    if (__builtin_mul_overflow(steps, static_cast<uint64_t>(factor), &steps)) return InvalidNode("it is too large");
  }
  return context.ReportWork(0, steps);
}

Status MaxPool::PlanAxis(glimpse_padding padding, Axis& axis) {
  if (axis.filter < 1 || axis.stride < 1) return InvalidNode("filter and stride must be at least 1");
  if (axis.in < 1) return InvalidNode("the input has no elements");
  const int64_t in = axis.in;
  const int64_t filter = axis.filter;
  const int64_t stride = axis.stride;
  if (padding == GLIMPSE_PADDING_VALID) {
    if (filter > in) return InvalidNode("a filter of ", filter, " does not fit an input of ", in, " without padding");
    axis.out = static_cast<int32_t>((in - filter) / stride + 1);
    axis.pad = 0;
    return Ok();
  }
  if (padding != GLIMPSE_PADDING_SAME) return InvalidNode("padding ", padding, " is neither SAME nor VALID");
  const int64_t out = (in + stride - 1) / stride;
  axis.out = static_cast<int32_t>(out);
  // An odd rest goes to the end.
  axis.pad = static_cast<int32_t>(std::max<int64_t>((out - 1) * stride + filter - in, 0) / 2);
  return Ok();
}

Status MaxPool::PlanActivation(glimpse_activation activation, const Tensor& output) {
  low_ = -128;
  high_ = 127;
  // Where a bound in real numbers lies among the stored values, ties away from zero.
  const auto quantize = [&](float real) {
    const float steps = std::round(real / output.scale());
    return static_cast<int8_t>(std::clamp(static_cast<float>(output.zero_point()) + steps, -128.0f, 127.0f));
  };
  switch (activation) {
    case GLIMPSE_ACT_NONE:
      return Ok();
    case GLIMPSE_ACT_RELU:
      low_ = quantize(0.0f);
      return Ok();
    case GLIMPSE_ACT_RELU6:
      low_ = quantize(0.0f);
      high_ = quantize(6.0f);
      return Ok();
    case GLIMPSE_ACT_RELU_N1_TO_1:
      low_ = quantize(-1.0f);
      high_ = quantize(1.0f);
      return Ok();
    default:
      return Unsupported("activation ", activation, " is not served");
  }
}

int8_t MaxPool::MaxAt(const int8_t* picture, int32_t y, int32_t x, int32_t c) const {
  const int64_t top = int64_t{y} * rows_.stride - rows_.pad;
  const int64_t left = int64_t{x} * columns_.stride - columns_.pad;
  const int64_t bottom = std::min<int64_t>(top + rows_.filter, rows_.in);
  const int64_t right = std::min<int64_t>(left + columns_.filter, columns_.in);
  int8_t best = -128;
  for (int64_t in_y = std::max<int64_t>(top, 0); in_y < bottom; ++in_y) {
    for (int64_t in_x = std::max<int64_t>(left, 0); in_x < right; ++in_x) {
      best = std::max(best, picture[(in_y * columns_.in + in_x) * channels_ + c]);
    }
  }
  return std::clamp(best, low_, high_);
}

Status MaxPool::Invoke(const InvokeContext& context) {
  const int8_t* picture = context.input<int8_t>(0);
  int8_t* out = context.output<int8_t>(0);
  const int64_t picture_size = int64_t{rows_.in} * columns_.in * channels_;
  for (int32_t n = 0; n < batch_; ++n, picture += picture_size) {
    for (int32_t y = 0; y < rows_.out; ++y) {
      for (int32_t x = 0; x < columns_.out; ++x) {
        for (int32_t c = 0; c < channels_; ++c) *out++ = MaxAt(picture, y, x, c);
      }
    }
  }
  return Ok();
}

}  // namespace example
