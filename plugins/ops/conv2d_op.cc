// SPDX-License-Identifier: Apache-2.0
#include "kernels/conv2d/conv2d.h"
#include "plugins/ops/checks.h"
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
    const Tensor filter = context.input(1);
    kernels::PerTensor input;
    kernels::PerTensor output;
    bool per_channel = false;
    GLIMPSE_SDK_TRY(RequireInt8(context.input(0), "input 0", &input));
    GLIMPSE_SDK_TRY(RequireInt8(context.output(0), "output 0", &output));
    GLIMPSE_SDK_TRY(RequireFilterQuantization(filter, p_.output_depth, 0, &per_channel));
    GLIMPSE_SDK_TRY(RequireBias(context.input(2), p_.output_depth));
    kernels::ActivationRange range;
    GLIMPSE_SDK_TRY(GetActivationRange(activation, output, &range));
    p_.input_zero_point = input.zero_point;
    p_.output_zero_point = output.zero_point;
    p_.output_min = range.min;
    p_.output_max = range.max;
    GLIMPSE_SDK_TRY(multipliers_.Allocate(context, static_cast<size_t>(p_.output_depth)));
    for (size_t o = 0; o < multipliers_.size(); ++o) {
      const auto scale = kernels::OutputScaleFor(context.numerics(), "CONV_2D", input.scale,
                                                 filter.scales()[per_channel ? o : 0], output.scale);
      GLIMPSE_SDK_TRY(RequireMultiplier(scale.real, "input scale * filter scale / output scale"));
      multipliers_[o] = scale.fixed;
    }
    p_.multipliers = multipliers_.data();
    return Ok();
  }

  kernels::Conv2DParams p_;
  sdk::Persistent<kernels::FixedPointMultiplier> multipliers_;
};

}  // namespace

std::unique_ptr<sdk::Kernel> MakeConv2D() { return std::make_unique<Conv2DOp>(); }

}  // namespace glimpse::ops
