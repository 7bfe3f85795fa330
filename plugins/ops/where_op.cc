// SPDX-License-Identifier: Apache-2.0
// WHERE. How many rows the output has follows from the content of the input: its shape is told by every run.
#include <limits>

#include "kernels/where/where.h"
#include "plugins/ops/checks.h"
#include "plugins/ops/ops.h"
#include "plugins/ops/typed_checks.h"

namespace glimpse::ops {
namespace {

class WhereOp final : public sdk::Kernel {
 public:
  Status Prepare(PrepareContext& context) override {
    const Tensor input = context.input(0);
    GLIMPSE_SDK_TRY(RequireRank(input, "input 0 (condition)", 1, kernels::WhereParams::kMaxRank));
    GLIMPSE_SDK_TRY(RequireType(context.output(0), "output 0", GLIMPSE_INT64));
    kernels::Profile profile{};
    GLIMPSE_SDK_TRY(GetProfile(context, &profile));
    GLIMPSE_SDK_TRY(RefuseForMicro(profile, "WHERE"));
    type_ = input.dtype();
    p_.rank = static_cast<int32_t>(input.rank());
    for (uint32_t d = 0; d < input.rank(); ++d) p_.dims[d] = input.dim(d);
    count_ = input.element_count();
    GLIMPSE_SDK_TRY(context.SetDynamicOutput(0));
    return context.ReportWork(0, static_cast<uint64_t>(count_) * (1 + input.rank()));
  }

  Status Invoke(const sdk::InvokeContext& context) override {
    switch (type_) {
      case GLIMPSE_BOOL:
      case GLIMPSE_UINT8:
        return Find<uint8_t>(context);
      case GLIMPSE_INT8:
        return Find<int8_t>(context);
      case GLIMPSE_INT32:
        return Find<int32_t>(context);
      case GLIMPSE_INT64:
        return Find<int64_t>(context);
      default:
        return Find<float>(context);
    }
  }

 private:
  template <typename T>
  Status Find(const sdk::InvokeContext& context) const {
    const T* condition = context.input<T>(0);
    const int64_t rows = kernels::CountNonZero(condition, count_);
    if (rows > std::numeric_limits<int32_t>::max()) return InvalidNode(rows, " elements are not zero: too many");
    const int32_t dims[] = {static_cast<int32_t>(rows), p_.rank};
    int64_t* output = nullptr;
    GLIMPSE_SDK_TRY(context.ResizeOutput(0, dims, &output));
    kernels::WhereRef(p_, condition, output);
    return Ok();
  }

  glimpse_dtype type_ = GLIMPSE_BOOL;
  kernels::WhereParams p_;
  int64_t count_ = 0;
};

}  // namespace

std::unique_ptr<sdk::Kernel> MakeWhere() { return std::make_unique<WhereOp>(); }

}  // namespace glimpse::ops
