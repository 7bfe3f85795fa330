// SPDX-License-Identifier: Apache-2.0
// ARG_MAX and ARG_MIN.
#include <array>
#include <span>
#include <vector>

#include "kernels/arg_min_max/arg_min_max.h"
#include "kernels/boolean.h"
#include "plugins/ops/ops.h"
#include "plugins/ops/typed_checks.h"

namespace glimpse::ops {
namespace {

class ArgMinMaxOp final : public sdk::Kernel {
 public:
  explicit ArgMinMaxOp(bool is_max) : is_max_(is_max) {}

  Status Prepare(PrepareContext& context) override {
    const Tensor input = context.input(0);
    if (!input.present()) return InvalidNode("input 0 is missing");
    glimpse_arg_min_max_options options{};
    GLIMPSE_SDK_TRY(GetOptions(context, &options));
    kernels::Profile profile;
    GLIMPSE_SDK_TRY(GetProfile(context, &profile));
    type_ = input.dtype();
    GLIMPSE_SDK_TRY(CheckTypes(context, options.output_type, profile));
    p_ = {};
    p_.is_max = is_max_;
    p_.skip_nan = profile != kernels::Profile::kTfliteMicro;
    GLIMPSE_SDK_TRY(RequireRank(input, "input 0", 1, GLIMPSE_MAX_RANK));
    rank_ = input.rank();
    for (uint32_t d = 0; d < rank_; ++d) input_dims_[d] = input.dim(d);
    GLIMPSE_SDK_TRY(PrepareAxis(context));
    return context.ReportWork(0, static_cast<uint64_t>(input.element_count()));
  }

  Status Invoke(const sdk::InvokeContext& context) override {
    switch (type_) {
      case GLIMPSE_INT8:
        return Compute<int8_t>(context);
      case GLIMPSE_UINT8:
        return Compute<uint8_t>(context);
      case GLIMPSE_INT32:
        return Compute<int32_t>(context);
      case GLIMPSE_BOOL:
        return Compute<kernels::Boolean>(context);
      default:
        return Compute<float>(context);
    }
  }

 private:
  Status CheckTypes(const PrepareContext& context, glimpse_dtype output_type, kernels::Profile profile) {
    const Tensor input = context.input(0);
    const bool in_micro = type_ == GLIMPSE_FLOAT32 || type_ == GLIMPSE_INT8;
    if (!in_micro && type_ != GLIMPSE_UINT8 && type_ != GLIMPSE_INT32 && type_ != GLIMPSE_BOOL) {
      return Unsupported("input 0 is ", input.Describe(), "; float32, int8, uint8, int32 and bool are compared");
    }
    if (!in_micro) GLIMPSE_SDK_TRY(RefuseForMicro(profile, sdk::DtypeName(type_)));
    output_type_ = output_type;
    if (output_type_ != GLIMPSE_INT32 && output_type_ != GLIMPSE_INT64) {
      return InvalidNode("builtin_options.output_type is ", output_type_, "; it must be int32 or int64");
    }
    if (output_type_ == GLIMPSE_INT64) GLIMPSE_SDK_TRY(RefuseForMicro(profile, "an int64 output"));
    return RequireType(context.output(0), "output 0", output_type_);
  }

  // A constant axis gives the output's shape now, any other in each invoke.
  Status PrepareAxis(PrepareContext& context) {
    const Tensor axis = context.input(1);
    if (!axis.present()) return InvalidNode("input 1 (axis) is missing");
    if (axis.dtype() != GLIMPSE_INT32 && axis.dtype() != GLIMPSE_INT64) {
      return InvalidNode("input 1 (axis) is ", axis.Describe(), "; it must be int32 or int64");
    }
    if (axis.element_count() != 1)
      return InvalidNode("input 1 (axis) is ", axis.Describe(), "; it must have 1 element");
    axis_is_wide_ = axis.dtype() == GLIMPSE_INT64;
    is_constant_ = axis.is_constant();
    if (!is_constant_) return context.SetDynamicOutput(0);
    std::vector<int64_t> axes;
    GLIMPSE_SDK_TRY(GetIndices(axis, "input 1 (axis)", &axes));
    GLIMPSE_SDK_TRY(SetAxis(axes[0]));
    const std::vector<int64_t> dims(dims_.begin(), dims_.begin() + rank_ - 1);
    return SetShape(context, 0, dims, sdk::DtypeBytes(output_type_));
  }

  Status SetAxis(int64_t value) {
    uint32_t axis = 0;
    GLIMPSE_SDK_TRY(NormaliseAxis(value, rank_, "input 1 (axis)", &axis));
    p_.length = input_dims_[axis];
    if (p_.length < 1) return InvalidNode("dimension ", axis, " of input 0 is 0; there is nothing to choose from");
    p_.outer = p_.inner = 1;
    uint32_t kept = 0;
    for (uint32_t d = 0; d < rank_; ++d) {
      if (d == axis) continue;
      dims_[kept++] = input_dims_[d];
      (d < axis ? p_.outer : p_.inner) *= input_dims_[d];
    }
    return Ok();
  }

  template <typename T>
  Status Compute(const sdk::InvokeContext& context) {
    if (output_type_ == GLIMPSE_INT32) return Compute<T, int32_t>(context);
    return Compute<T, int64_t>(context);
  }

  template <typename T, typename Index>
  Status Compute(const sdk::InvokeContext& context) {
    Index* output = context.output<Index>(0);
    if (!is_constant_) {
      GLIMPSE_SDK_TRY(SetAxis(axis_is_wide_ ? *context.input<int64_t>(1) : int64_t{*context.input<int32_t>(1)}));
      GLIMPSE_SDK_TRY(context.ResizeOutput(0, std::span<const int32_t>(dims_.data(), rank_ - 1), &output));
    }
    kernels::ArgMinMaxRef(p_, context.input<T>(0), output);
    return Ok();
  }

  bool is_max_;
  glimpse_dtype type_ = GLIMPSE_INT8;
  glimpse_dtype output_type_ = GLIMPSE_INT32;
  bool is_constant_ = true;    // the axis
  bool axis_is_wide_ = false;  // int64, not int32
  uint32_t rank_ = 1;
  std::array<int32_t, GLIMPSE_MAX_RANK> input_dims_{};
  std::array<int32_t, GLIMPSE_MAX_RANK> dims_{};  // of the output
  kernels::ArgMinMaxParams p_;
};

}  // namespace

std::unique_ptr<sdk::Kernel> MakeArgMax() { return std::make_unique<ArgMinMaxOp>(true); }
std::unique_ptr<sdk::Kernel> MakeArgMin() { return std::make_unique<ArgMinMaxOp>(false); }

}  // namespace glimpse::ops
