// SPDX-License-Identifier: Apache-2.0
#include <vector>

#include "kernels/fully_connected/fully_connected.h"
#include "plugins/ops/checks.h"
#include "plugins/ops/linear_checks.h"
#include "plugins/ops/ops.h"

namespace glimpse::ops {
namespace {

class FullyConnectedOp final : public sdk::Kernel {
 public:
  Status Prepare(PrepareContext& context) override {
    glimpse_fully_connected_options options;
    GLIMPSE_SDK_TRY(GetOptions(context, &options));
    if (options.weights_format != 0) {
      return Unsupported("weights_format is ", options.weights_format, "; only 0 (default) is supported");
    }
    std::vector<int64_t> dims;
    GLIMPSE_SDK_TRY(SetSizes(context, options.keep_num_dims != 0, &dims));
    GLIMPSE_SDK_TRY(SetQuantization(context, options.activation));
    GLIMPSE_SDK_TRY(SetShape(context, 0, dims, sizeof(int8_t)));
    const auto outputs = static_cast<uint64_t>(p_.batches) * static_cast<uint64_t>(p_.output_depth);
    const auto terms = static_cast<uint64_t>(p_.input_depth);
    return context.ReportWork(outputs <= UINT64_MAX / terms ? outputs * terms : UINT64_MAX, outputs);
  }

  Status Invoke(const sdk::InvokeContext& context) override {
    kernels::FullyConnectedS8Ref(p_, context.input<int8_t>(0), context.input<int8_t>(1), context.input<int32_t>(2),
                                 context.output<int8_t>(0));
    return Ok();
  }

 private:
  // The input, of any rank, counts as rows as long as those of the filter.
  Status SetSizes(const PrepareContext& context, bool keep_num_dims, std::vector<int64_t>* dims) {
    const Tensor input = context.input(0);
    const Tensor filter = context.input(1);
    GLIMPSE_SDK_TRY(RequireType(input, "input 0", GLIMPSE_INT8));
    GLIMPSE_SDK_TRY(RequireType(filter, "input 1 (weights)", GLIMPSE_INT8));
    GLIMPSE_SDK_TRY(RequireRank(filter, "input 1 (weights)", 2, 2));
    GLIMPSE_SDK_TRY(RequireElements(input, "input 0"));
    GLIMPSE_SDK_TRY(RequireElements(filter, "input 1 (weights)"));
    p_ = {};
    p_.output_depth = filter.dim(0);
    p_.input_depth = filter.dim(1);
    const int64_t elements = input.element_count();
    if (elements % p_.input_depth != 0 || elements / p_.input_depth > INT32_MAX) {
      return InvalidNode("input 0 is ", input.Describe(), "; its elements must be a multiple of the weights' ",
                         p_.input_depth, " columns");
    }
    p_.batches = static_cast<int32_t>(elements / p_.input_depth);
    if (!keep_num_dims) {
      *dims = {p_.batches, p_.output_depth};
      return Ok();
    }
    if (input.rank() < 1 || input.dim(input.rank() - 1) != p_.input_depth) {
      return InvalidNode("input 0 is ", input.Describe(), "; with keep_num_dims its last dimension must be ",
                         p_.input_depth);
    }
    dims->assign(input.dims().begin(), input.dims().end());
    dims->back() = p_.output_depth;
    return Ok();
  }

  Status SetQuantization(PrepareContext& context, glimpse_activation activation) {
    const LinearNode node{.input = context.input(0),
                          .filter = context.input(1),
                          .bias = context.input(2),
                          .output = context.output(0),
                          .channels = p_.output_depth,
                          .filter_axis = 0,
                          .rounding = kernels::RoundingFor(context.numerics(), "FULLY_CONNECTED").value()};
    LinearQuantization quantization;
    GLIMPSE_SDK_TRY(GetLinearQuantization(context, node, activation, &quantization, &scales_));
    p_.input_zero_point = quantization.input_zero_point;
    p_.output_zero_point = quantization.output_zero_point;
    p_.output_min = quantization.range.min;
    p_.output_max = quantization.range.max;
    p_.scales = scales_.data();
    return Ok();
  }

  kernels::FullyConnectedParams p_;
  sdk::Persistent<kernels::OutputScale> scales_;
};

}  // namespace

std::unique_ptr<sdk::Kernel> MakeFullyConnected() { return std::make_unique<FullyConnectedOp>(); }

}  // namespace glimpse::ops
