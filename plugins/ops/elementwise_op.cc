// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <vector>

#include "kernels/elementwise/elementwise.h"
#include "plugins/ops/checks.h"
#include "plugins/ops/ops.h"

namespace glimpse::ops {
namespace {

// Shapes are compared from their last dimension; a dimension of 1, or one that is not there, is repeated.
Status Broadcast(const Tensor& a, const Tensor& b, kernels::BroadcastShape* shape) {
  const int rank = static_cast<int>(std::max(a.rank(), b.rank()));
  if (rank > kernels::kMaxElementwiseRank) return Unsupported("rank ", rank, " is too large");
  const auto dim_of = [rank](const Tensor& t, int d) {
    const int k = d - (rank - static_cast<int>(t.rank()));
    return k < 0 ? 1 : t.dim(static_cast<uint32_t>(k));
  };
  shape->rank = rank;
  int64_t step1 = 1;
  int64_t step2 = 1;
  for (int d = rank - 1; d >= 0; --d) {
    const int32_t x = dim_of(a, d);
    const int32_t y = dim_of(b, d);
    if (x != y && x != 1 && y != 1) {
      return InvalidNode("inputs ", a.Describe(), " and ", b.Describe(), " cannot be broadcast to one shape");
    }
    const auto k = static_cast<size_t>(d);
    shape->dims[k] = x == 1 ? y : x;
    shape->step1[k] = x == 1 ? 0 : step1;
    shape->step2[k] = y == 1 ? 0 : step2;
    step1 *= x;
    step2 *= y;
  }
  return Ok();
}

enum class Function { kAdd, kMul };

class ElementwiseOp final : public sdk::Kernel {
 public:
  explicit ElementwiseOp(Function function) : function_(function) {}

  Status Prepare(PrepareContext& context) override {
    p_ = {};
    const Tensor input1 = context.input(0);
    const Tensor input2 = context.input(1);
    glimpse_elementwise_options options;
    GLIMPSE_SDK_TRY(GetOptions(context, &options));
    kernels::Profile profile;
    GLIMPSE_SDK_TRY(GetProfile(context, &profile));
    kernels::PerTensor in1;
    kernels::PerTensor in2;
    kernels::PerTensor out;
    GLIMPSE_SDK_TRY(RequireInt8(input1, "input 0", &in1));
    GLIMPSE_SDK_TRY(RequireInt8(input2, "input 1", &in2));
    GLIMPSE_SDK_TRY(RequireInt8(context.output(0), "output 0", &out));
    GLIMPSE_SDK_TRY(RequireElements(input1, "input 0"));
    GLIMPSE_SDK_TRY(RequireElements(input2, "input 1"));
    GLIMPSE_SDK_TRY(Broadcast(input1, input2, &p_.shape));
    kernels::ActivationRange range;
    GLIMPSE_SDK_TRY(GetActivationRange(options.activation, out, &range));
    p_.zero_point1 = in1.zero_point;
    p_.zero_point2 = in2.zero_point;
    p_.output_zero_point = out.zero_point;
    p_.output_min = range.min;
    p_.output_max = range.max;
    GLIMPSE_SDK_TRY(SetMultipliers(profile, in1.scale, in2.scale, out.scale));
    return SetOutput(context);
  }

  Status Invoke(const sdk::InvokeContext& context) override {
    const auto compute = function_ == Function::kAdd ? kernels::AddS8Ref : kernels::MulS8Ref;
    compute(p_, context.input<int8_t>(0), context.input<int8_t>(1), context.output<int8_t>(0));
    return Ok();
  }

 private:
  Status SetMultipliers(kernels::Profile profile, float scale1, float scale2, float output_scale) {
    const double ratio = static_cast<double>(scale1) * static_cast<double>(scale2) / static_cast<double>(output_scale);
    if (function_ == Function::kMul) {
      GLIMPSE_SDK_TRY(RequireMultiplier(ratio, "the inputs' scales by the output's"));
      kernels::SetMulMultiplier(profile, scale1, scale2, output_scale, p_);
      return Ok();
    }
    if (kernels::SetAddMultipliers(scale1, scale2, output_scale, p_)) return Ok();
    return Unsupported("output scale ", output_scale, " is too small for input scales ", scale1, " and ", scale2,
                       "; the larger of these must be below 2^19 times it");
  }

  Status SetOutput(PrepareContext& context) {
    std::vector<int64_t> dims(p_.shape.dims.begin(), p_.shape.dims.begin() + p_.shape.rank);
    GLIMPSE_SDK_TRY(SetShape(context, 0, dims, sizeof(int8_t)));
    uint64_t count = 1;
    for (const int64_t dim : dims) count *= static_cast<uint64_t>(dim);
    for (uint32_t i = 0; i < 2; ++i) {
      if (static_cast<uint64_t>(context.input(i).element_count()) == count) {
        GLIMPSE_SDK_TRY(context.AllowAlias(i, 0));
      }
    }
    return context.ReportWork(0, count <= UINT64_MAX / 3 ? 3 * count : UINT64_MAX);
  }

  Function function_;
  kernels::ElementwiseParams p_;
};

}  // namespace

std::unique_ptr<sdk::Kernel> MakeAdd() { return std::make_unique<ElementwiseOp>(Function::kAdd); }
std::unique_ptr<sdk::Kernel> MakeMul() { return std::make_unique<ElementwiseOp>(Function::kMul); }

}  // namespace glimpse::ops
