// SPDX-License-Identifier: Apache-2.0
// CUMSUM.
#include <vector>

#include "kernels/cumsum/cumsum.h"
#include "plugins/ops/ops.h"
#include "plugins/ops/typed_checks.h"

namespace glimpse::ops {
namespace {

class CumsumOp final : public sdk::Kernel {
 public:
  Status Prepare(PrepareContext& context) override {
    const Tensor input = context.input(0);
    if (!input.present()) return InvalidNode("input 0 is missing");
    glimpse_cumsum_options options{};
    GLIMPSE_SDK_TRY(GetOptions(context, &options));
    kernels::Profile profile;
    GLIMPSE_SDK_TRY(GetProfile(context, &profile));
    type_ = input.dtype();
    if (type_ != GLIMPSE_FLOAT32 && type_ != GLIMPSE_INT32 && type_ != GLIMPSE_INT64) {
      return Unsupported("input 0 is ", input.Describe(), "; float32, int32 and int64 are added up");
    }
    if (type_ != GLIMPSE_FLOAT32) GLIMPSE_SDK_TRY(RefuseForMicro(profile, sdk::DtypeName(type_)));
    GLIMPSE_SDK_TRY(RequireType(context.output(0), "output 0", type_));
    GLIMPSE_SDK_TRY(RequireRank(input, "input 0", 1, GLIMPSE_MAX_RANK));
    p_ = {};
    p_.exclusive = options.exclusive != 0;
    p_.reverse = options.reverse != 0;
    dims_ = {};
    rank_ = input.rank();
    const std::vector<int64_t> dims(input.dims().begin(), input.dims().end());
    for (uint32_t d = 0; d < rank_; ++d) dims_[d] = input.dim(d);
    const Tensor axis = context.input(1);
    GLIMPSE_SDK_TRY(RequireType(axis, "input 1 (axis)", GLIMPSE_INT32));
    if (axis.element_count() != 1)
      return InvalidNode("input 1 (axis) is ", axis.Describe(), "; it must have 1 element");
    is_constant_ = axis.is_constant();
    if (is_constant_) {
      std::vector<int64_t> axes;
      GLIMPSE_SDK_TRY(GetIndices(axis, "input 1 (axis)", &axes));
      GLIMPSE_SDK_TRY(SetAxis(axes[0]));
    }
    GLIMPSE_SDK_TRY(SetShape(context, 0, dims, sdk::DtypeBytes(type_)));
    return context.ReportWork(0, static_cast<uint64_t>(input.element_count()));
  }

  Status Invoke(const sdk::InvokeContext& context) override {
    if (!is_constant_) GLIMPSE_SDK_TRY(SetAxis(context.input<int32_t>(1)[0]));
    switch (type_) {
      case GLIMPSE_INT32:
        return Compute<int32_t>(context);
      case GLIMPSE_INT64:
        return Compute<int64_t>(context);
      default:
        return Compute<float>(context);
    }
  }

 private:
  Status SetAxis(int64_t value) {
    uint32_t axis = 0;
    GLIMPSE_SDK_TRY(NormaliseAxis(value, rank_, "input 1 (axis)", &axis));
    p_.outer = p_.inner = 1;
    p_.length = dims_[axis];
    for (uint32_t d = 0; d < rank_; ++d) {
      if (d != axis) (d < axis ? p_.outer : p_.inner) *= dims_[d];
    }
    return Ok();
  }

  template <typename T>
  Status Compute(const sdk::InvokeContext& context) const {
    kernels::CumsumRef(p_, context.input<T>(0), context.output<T>(0));
    return Ok();
  }

  glimpse_dtype type_ = GLIMPSE_FLOAT32;
  uint32_t rank_ = 0;
  std::array<int32_t, GLIMPSE_MAX_RANK> dims_{};
  bool is_constant_ = true;
  kernels::CumsumParams p_;
};

}  // namespace

std::unique_ptr<sdk::Kernel> MakeCumsum() { return std::make_unique<CumsumOp>(); }

}  // namespace glimpse::ops
