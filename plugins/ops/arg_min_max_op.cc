// SPDX-License-Identifier: Apache-2.0
// ARG_MAX and ARG_MIN.
#include <vector>

#include "kernels/arg_min_max/arg_min_max.h"
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
    glimpse_arg_min_max_options options;
    GLIMPSE_SDK_TRY(GetOptions(context, &options));
    kernels::Profile profile;
    GLIMPSE_SDK_TRY(GetProfile(context, &profile));
    type_ = input.dtype();
    GLIMPSE_SDK_TRY(CheckTypes(context, options.output_type, profile));
    std::vector<int64_t> axes;
    GLIMPSE_SDK_TRY(GetIndices(context.input(1), "input 1 (axis)", &axes));
    if (axes.size() != 1) return InvalidNode("input 1 (axis) has ", axes.size(), " elements; it must have 1");
    uint32_t axis = 0;
    GLIMPSE_SDK_TRY(NormaliseAxis(axes[0], input.rank(), "input 1 (axis)", &axis));
    if (input.dim(axis) < 1) return InvalidNode("input 0 is ", input.Describe(), "; nothing to choose from");
    p_ = {};
    p_.is_max = is_max_;
    p_.skip_nan = profile != kernels::Profile::kTfliteMicro;
    p_.length = input.dim(axis);
    std::vector<int64_t> dims;
    for (uint32_t d = 0; d < input.rank(); ++d) {
      if (d == axis) continue;
      dims.push_back(input.dim(d));
      (d < axis ? p_.outer : p_.inner) *= input.dim(d);
    }
    GLIMPSE_SDK_TRY(SetShape(context, 0, dims, sdk::DtypeBytes(output_type_)));
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
        return Compute<bool>(context);
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

  template <typename T>
  Status Compute(const sdk::InvokeContext& context) const {
    if (output_type_ == GLIMPSE_INT32) {
      kernels::ArgMinMaxRef(p_, context.input<T>(0), context.output<int32_t>(0));
    } else {
      kernels::ArgMinMaxRef(p_, context.input<T>(0), context.output<int64_t>(0));
    }
    return Ok();
  }

  bool is_max_;
  glimpse_dtype type_ = GLIMPSE_INT8;
  glimpse_dtype output_type_ = GLIMPSE_INT32;
  kernels::ArgMinMaxParams p_;
};

}  // namespace

std::unique_ptr<sdk::Kernel> MakeArgMax() { return std::make_unique<ArgMinMaxOp>(true); }
std::unique_ptr<sdk::Kernel> MakeArgMin() { return std::make_unique<ArgMinMaxOp>(false); }

}  // namespace glimpse::ops
