// SPDX-License-Identifier: Apache-2.0
// SELECT (one shape, or a condition for each entry of the first dimension) and SELECT_V2 (broadcasting).
#include <algorithm>

#include "kernels/elementwise/select.h"
#include "plugins/ops/broadcast.h"
#include "plugins/ops/ops.h"

namespace glimpse::ops {
namespace {

class SelectOp final : public sdk::Kernel {
 public:
  explicit SelectOp(bool broadcasts) : broadcasts_(broadcasts) {}

  Status Prepare(PrepareContext& context) override {
    const Tensor condition = context.input(0);
    const Tensor x = context.input(1);
    GLIMPSE_SDK_TRY(RequireType(condition, "input 0 (condition)", GLIMPSE_BOOL));
    if (!x.present()) return InvalidNode("input 1 is missing");
    GLIMPSE_SDK_TRY(RequireType(context.input(2), "input 2", x.dtype()));
    GLIMPSE_SDK_TRY(RequireType(context.output(0), "output 0", x.dtype()));
    GLIMPSE_SDK_TRY(CheckProfile(context));
    element_bytes_ = sdk::DtypeBytes(x.dtype());
    if (element_bytes_ == 0) return Unsupported("input 1 is ", x.Describe(), "; its elements are not whole bytes");
    const Tensor output = context.output(0);
    const bool single = condition.element_count() == 1 && x.element_count() == 1 &&
                        context.input(2).element_count() == 1 && output.element_count() == 1;
    if (broadcasts_ || single) {
      GLIMPSE_SDK_TRY(GetBroadcast<3>({condition, x, context.input(2)}, &shape_));
    } else {
      GLIMPSE_SDK_TRY(SetShapeOfSelect(context));
    }
    if (single) return SetBroadcastOutput(context, static_cast<int>(output.rank()), output.dims().data());
    return SetBroadcastOutput(context, shape_.rank, shape_.dims.data());
  }

  Status Invoke(const sdk::InvokeContext& context) override {
    switch (element_bytes_) {
      case 1:
        return Compute<uint8_t>(context);
      case 2:
        return Compute<uint16_t>(context);
      case 4:
        return Compute<uint32_t>(context);
      default:
        return Compute<uint64_t>(context);
    }
  }

 private:
  template <typename T>
  Status Compute(const sdk::InvokeContext& context) const {
    kernels::SelectRef(shape_, context.input<uint8_t>(0), context.input<T>(1), context.input<T>(2),
                       context.output<T>(0));
    return Ok();
  }

  Status CheckProfile(const PrepareContext& context) const {
    if (context.numerics() != "tflite-micro") return Ok();
    if (!broadcasts_) return Unsupported("TFLite Micro does not have this operator");
    constexpr TypeBits kMicro = kTypes<float, int8_t, int16_t>;
    if ((kMicro & GLIMPSE_DTYPE_BIT(context.input(1).dtype())) != 0) return Ok();
    return Unsupported("input 1 is ", context.input(1).Describe(), "; with tflite-micro it may be ", TypeNames(kMicro));
  }

  // x and y have one shape; the condition has it too, or one element for each entry of the first dimension, or one.
  Status SetShapeOfSelect(const PrepareContext& context) {
    const Tensor condition = context.input(0);
    const Tensor x = context.input(1);
    const auto same = [&x](const Tensor& other) {
      return std::equal(x.dims().begin(), x.dims().end(), other.dims().begin(), other.dims().end());
    };
    const bool rank_one = condition.rank() == 1 && x.rank() > 0 && condition.dim(0) == x.dim(0);
    if (!same(context.input(2)) || (!same(condition) && condition.rank() != 0 && !rank_one)) {
      return InvalidNode("inputs are ", condition.Describe(), ", ", x.Describe(), " and ", context.input(2).Describe(),
                         "; the last two must have one shape, the condition it too, its first dimension or none");
    }
    GLIMPSE_SDK_TRY(GetBroadcast<3>({x, x, x}, &shape_));
    if (same(condition)) return Ok();
    shape_.steps[0].fill(0);
    if (rank_one && condition.dim(0) != 1) shape_.steps[0][0] = 1;
    return Ok();
  }

  bool broadcasts_;
  size_t element_bytes_ = 1;
  kernels::Broadcast<3> shape_;
};

}  // namespace

std::unique_ptr<sdk::Kernel> MakeSelect() { return std::make_unique<SelectOp>(false); }
std::unique_ptr<sdk::Kernel> MakeSelectV2() { return std::make_unique<SelectOp>(true); }

}  // namespace glimpse::ops
