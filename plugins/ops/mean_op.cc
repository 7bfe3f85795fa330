// SPDX-License-Identifier: Apache-2.0
#include <vector>

#include "kernels/mean/mean.h"
#include "plugins/ops/checks.h"
#include "plugins/ops/ops.h"

namespace glimpse::ops {
namespace {

class MeanOp final : public sdk::Kernel {
 public:
  Status Prepare(PrepareContext& context) override {
    const Tensor input = context.input(0);
    glimpse_reducer_options options;
    GLIMPSE_SDK_TRY(GetOptions(context, &options));
    kernels::PerTensor in;
    kernels::PerTensor out;
    GLIMPSE_SDK_TRY(RequireInt8(input, "input 0", &in));
    GLIMPSE_SDK_TRY(RequireInt8(context.output(0), "output 0", &out));
    GLIMPSE_SDK_TRY(RequireElements(input, "input 0"));
    p_ = {};
    p_.input_zero_point = in.zero_point;
    p_.output_zero_point = out.zero_point;
    std::vector<int64_t> axes;
    GLIMPSE_SDK_TRY(GetAxes(context, &axes));
    std::vector<int64_t> dims;
    SetSizes(input, options.keep_dims != 0, &dims);
    const double ratio = static_cast<double>(in.scale) / static_cast<double>(out.scale);
    GLIMPSE_SDK_TRY(RequireMultiplier(ratio, "input scale / output scale"));
    p_.multiplier = kernels::MeanMultiplier(ratio, p_.reduced_count);
    GLIMPSE_SDK_TRY(sums_.Request(context, static_cast<size_t>(p_.output_count)));
    GLIMPSE_SDK_TRY(SetShape(context, 0, dims, sizeof(int8_t)));
    return context.ReportWork(0, static_cast<uint64_t>(input.element_count()));
  }

  Status Invoke(const sdk::InvokeContext& context) override {
    kernels::MeanS8Ref(p_, context.input<int8_t>(0), sums_.in(context).data(), context.output<int8_t>(0));
    return Ok();
  }

 private:
  // Marks the dimensions to average over; naming one twice is allowed.
  Status GetAxes(const PrepareContext& context, std::vector<int64_t>* axes) {
    const Tensor input = context.input(0);
    const Tensor axis = context.input(1);
    GLIMPSE_SDK_TRY(GetIndices(axis, "input 1 (axis)", axes));
    if (axis.dtype() != GLIMPSE_INT32) return InvalidNode("input 1 (axis) is ", axis.Describe(), "; it must be int32");
    for (const int64_t value : *axes) {
      uint32_t d = 0;
      GLIMPSE_SDK_TRY(NormaliseAxis(value, input.rank(), "input 1 (axis)", &d));
      p_.reduced[d] = true;
    }
    return Ok();
  }

  void SetSizes(const Tensor& input, bool keep_dims, std::vector<int64_t>* dims) {
    p_.rank = static_cast<int>(input.rank());
    for (uint32_t d = 0; d < input.rank(); ++d) {
      p_.dims[d] = input.dim(d);
      (p_.reduced[d] ? p_.reduced_count : p_.output_count) *= input.dim(d);
      if (!p_.reduced[d]) {
        dims->push_back(input.dim(d));
      } else if (keep_dims) {
        dims->push_back(1);
      }
    }
  }

  kernels::MeanParams p_;
  sdk::Scratch<int32_t> sums_;
};

}  // namespace

std::unique_ptr<sdk::Kernel> MakeMean() { return std::make_unique<MeanOp>(); }

}  // namespace glimpse::ops
