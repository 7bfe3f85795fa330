// SPDX-License-Identifier: Apache-2.0
#include "kernels/conv2d/conv2d.h"
#include "plugins/ops/checks.h"
#include "plugins/ops/linear_checks.h"
#include "plugins/ops/ops.h"

namespace glimpse::ops {
namespace {

class Conv2DOp final : public sdk::Kernel {
 public:
  Status Prepare(PrepareContext& context) override {
    glimpse_conv_2d_options options;
    GLIMPSE_SDK_TRY(GetOptions(context, &options));
    GLIMPSE_SDK_TRY(SetSizes(context, options));
    GLIMPSE_SDK_TRY(SetQuantization(context, options.activation));
    const int64_t dims[] = {p_.batches, p_.height.output, p_.width.output, p_.output_depth};
    GLIMPSE_SDK_TRY(SetShape(context, 0, dims, sizeof(int8_t)));
    const auto outputs = static_cast<uint64_t>(context.input(0).dim(0)) * static_cast<uint64_t>(p_.height.output) *
                         static_cast<uint64_t>(p_.width.output) * static_cast<uint64_t>(p_.output_depth);
    const auto terms = static_cast<uint64_t>(context.input(1).element_count() / p_.output_depth);
    const bool fits = terms == 0 || outputs <= UINT64_MAX / terms;
    return context.ReportWork(fits ? outputs * terms : UINT64_MAX, outputs);
  }

  Status Invoke(const sdk::InvokeContext& context) override {
    kernels::Conv2DS8DoubleRoundRef(p_, context.input<int8_t>(0), context.input<int8_t>(1), context.input<int32_t>(2),
                                    context.output<int8_t>(0));
    return Ok();
  }

 private:
  Status SetSizes(const PrepareContext& context, const glimpse_conv_2d_options& options) {
    const Tensor input = context.input(0);
    const Tensor filter = context.input(1);
    GLIMPSE_SDK_TRY(RequireType(input, "input 0", GLIMPSE_INT8));
    GLIMPSE_SDK_TRY(RequireType(filter, "input 1 (filter)", GLIMPSE_INT8));
    GLIMPSE_SDK_TRY(RequireRank(input, "input 0", 4, 4));
    GLIMPSE_SDK_TRY(RequireRank(filter, "input 1 (filter)", 4, 4));
    GLIMPSE_SDK_TRY(RequireElements(input, "input 0"));
    GLIMPSE_SDK_TRY(RequireElements(filter, "input 1 (filter)"));
    p_ = {};
    p_.batches = input.dim(0);
    p_.input_depth = input.dim(3);
    p_.output_depth = filter.dim(0);
    if (p_.input_depth % filter.dim(3) != 0) {
      return InvalidNode("input 0 has ", p_.input_depth, " channels, the filter ", filter.dim(3),
                         "; the former must be a multiple of the latter");
    }
    p_.groups = p_.input_depth / filter.dim(3);
    if (p_.output_depth % p_.groups != 0) {
      return InvalidNode(p_.output_depth, " filters cannot be divided into ", p_.groups, " groups");
    }
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
                          .channels = p_.output_depth,
                          .filter_axis = 0,
                          .rounding = kernels::RoundingFor(context.numerics(), "CONV_2D").value()};
    LinearQuantization quantization;
    GLIMPSE_SDK_TRY(GetLinearQuantization(context, node, activation, &quantization, &scales_));
    p_.input_zero_point = quantization.input_zero_point;
    p_.output_zero_point = quantization.output_zero_point;
    p_.output_min = quantization.range.min;
    p_.output_max = quantization.range.max;
    p_.scales = scales_.data();
    return Ok();
  }

  kernels::Conv2DParams p_;
  sdk::Persistent<kernels::OutputScale> scales_;
};

}  // namespace

std::unique_ptr<sdk::Kernel> MakeConv2D() { return std::make_unique<Conv2DOp>(); }

}  // namespace glimpse::ops
