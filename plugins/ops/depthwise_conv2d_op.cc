// SPDX-License-Identifier: Apache-2.0
#include "kernels/depthwise_conv2d/depthwise_conv2d.h"
#include "plugins/ops/checks.h"
#include "plugins/ops/linear_checks.h"
#include "plugins/ops/ops.h"

namespace glimpse::ops {
namespace {

class DepthwiseConv2DOp final : public sdk::Kernel {
 public:
  Status Prepare(PrepareContext& context) override {
    glimpse_depthwise_conv_2d_options options;
    GLIMPSE_SDK_TRY(GetOptions(context, &options));
    GLIMPSE_SDK_TRY(SetSizes(context, options));
    GLIMPSE_SDK_TRY(SetQuantization(context, options.activation));
    const int32_t output_depth = p_.input_depth * p_.depth_multiplier;
    const int64_t dims[] = {p_.batches, p_.height.output, p_.width.output, output_depth};
    GLIMPSE_SDK_TRY(SetShape(context, 0, dims, sizeof(int8_t)));
    const auto outputs = static_cast<uint64_t>(p_.batches) * static_cast<uint64_t>(p_.height.output) *
                         static_cast<uint64_t>(p_.width.output) * static_cast<uint64_t>(output_depth);
    const auto terms = static_cast<uint64_t>(p_.height.filter) * static_cast<uint64_t>(p_.width.filter);
    return context.ReportWork(outputs <= UINT64_MAX / terms ? outputs * terms : UINT64_MAX, outputs);
  }

  Status Invoke(const sdk::InvokeContext& context) override {
    kernels::DepthwiseConv2DS8DoubleRoundRef(p_, context.input<int8_t>(0), context.input<int8_t>(1),
                                             context.input<int32_t>(2), context.output<int8_t>(0));
    return Ok();
  }

 private:
  Status SetSizes(const PrepareContext& context, const glimpse_depthwise_conv_2d_options& options) {
    const Tensor input = context.input(0);
    const Tensor filter = context.input(1);
    GLIMPSE_SDK_TRY(RequireType(input, "input 0", GLIMPSE_INT8));
    GLIMPSE_SDK_TRY(RequireType(filter, "input 1 (filter)", GLIMPSE_INT8));
    GLIMPSE_SDK_TRY(RequireRank(input, "input 0", 4, 4));
    GLIMPSE_SDK_TRY(RequireRank(filter, "input 1 (filter)", 4, 4));
    GLIMPSE_SDK_TRY(RequireElements(input, "input 0"));
    GLIMPSE_SDK_TRY(RequireElements(filter, "input 1 (filter)"));
    if (filter.dim(0) != 1) {
      return InvalidNode("input 1 (filter) is ", filter.Describe(), "; its first dimension must be 1");
    }
    p_ = {};
    p_.batches = input.dim(0);
    p_.input_depth = input.dim(3);
    if (filter.dim(3) % p_.input_depth != 0) {
      return InvalidNode("the filter has ", filter.dim(3), " channels, input 0 ", p_.input_depth,
                         "; the former must be a multiple of the latter");
    }
    p_.depth_multiplier = filter.dim(3) / p_.input_depth;
    GLIMPSE_SDK_TRY(GetWindowAxis("height", input.dim(1), filter.dim(1), options.stride_height, options.dilation_height,
                                  options.padding, &p_.height));
    return GetWindowAxis("width", input.dim(2), filter.dim(2), options.stride_width, options.dilation_width,
                         options.padding, &p_.width);
  }

  Status SetQuantization(PrepareContext& context, glimpse_activation activation) {
    const LinearNode node{.input = context.input(0),
                          .filter = context.input(1),
                          .bias = context.input(2),
                          .output = context.output(0),
                          .channels = p_.input_depth * p_.depth_multiplier,
                          .filter_axis = 3,
                          .rounding = kernels::RoundingFor(context.numerics(), "DEPTHWISE_CONV_2D").value()};
    LinearQuantization quantization;
    GLIMPSE_SDK_TRY(GetLinearQuantization(context, node, activation, &quantization, &scales_));
    p_.input_zero_point = quantization.input_zero_point;
    p_.output_zero_point = quantization.output_zero_point;
    p_.output_min = quantization.range.min;
    p_.output_max = quantization.range.max;
    p_.scales = scales_.data();
    return Ok();
  }

  kernels::DepthwiseConv2DParams p_;
  sdk::Persistent<kernels::OutputScale> scales_;
};

}  // namespace

std::unique_ptr<sdk::Kernel> MakeDepthwiseConv2D() { return std::make_unique<DepthwiseConv2DOp>(); }

}  // namespace glimpse::ops
