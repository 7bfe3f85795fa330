// SPDX-License-Identifier: Apache-2.0
// EQUAL, NOT_EQUAL, LESS, LESS_EQUAL, GREATER, GREATER_EQUAL.
#include "kernels/elementwise/compare.h"
#include "plugins/ops/broadcast.h"
#include "plugins/ops/ops.h"
#include "plugins/ops/typed_checks.h"

namespace glimpse::ops {
namespace {

using kernels::Comparison;
using kernels::Profile;

class ComparisonOp final : public sdk::Kernel {
 public:
  explicit ComparisonOp(Comparison function) : function_(function) {}

  Status Prepare(PrepareContext& context) override {
    const Tensor input = context.input(0);
    if (!input.present()) return InvalidNode("input 0 is missing");
    dtype_ = input.dtype();
    GLIMPSE_SDK_TRY(RequireType(context.input(1), "input 1", dtype_));
    GLIMPSE_SDK_TRY(RequireType(context.output(0), "output 0", GLIMPSE_BOOL));
    Profile profile;
    GLIMPSE_SDK_TRY(GetProfile(context, &profile));
    const bool equality = function_ == Comparison::kEqual || function_ == Comparison::kNotEqual;
    const TypeBits types = Types(profile, equality);
    if ((types & GLIMPSE_DTYPE_BIT(dtype_)) == 0) {
      return Unsupported("input 0 is ", input.Describe(), "; with ", context.numerics(), " it may be ",
                         TypeNames(types));
    }
    p_ = {};
    p_.function = function_;
    GLIMPSE_SDK_TRY(SetScales(context, equality));
    GLIMPSE_SDK_TRY(GetBroadcast<2>({input, context.input(1)}, &p_.shape));
    return SetBroadcastOutput(context, p_.shape.rank, p_.shape.dims.data());
  }

  Status Invoke(const sdk::InvokeContext& context) override {
    return WithElementType(dtype_, [&](auto element) {
      using T = decltype(element);
      kernels::CompareRef(p_, context.input<T>(0), context.input<T>(1), context.output<uint8_t>(0));
      return Ok();
    });
  }

 private:
  static TypeBits Types(Profile profile, bool equality) {
    TypeBits types = kTypes<float, int8_t, int32_t, int64_t>;
    if (equality) types |= kTypes<bool>;
    if (profile != Profile::kTfliteMicro) types |= kTypes<uint8_t, int16_t>;
    return types;
  }

  // 8 bits are compared by their real values, int16 only for equality; in the others stored values are.
  Status SetScales(const PrepareContext& context, bool equality) {
    const Tensor input = context.input(0);
    if (dtype_ == GLIMPSE_INT16) {
      if (!equality) return Ok();
      if (!input.is_quantized() && function_ == Comparison::kEqual) return Ok();
    } else if (dtype_ != GLIMPSE_INT8 && dtype_ != GLIMPSE_UINT8) {
      return Ok();
    }
    kernels::PerTensor in1;
    kernels::PerTensor in2;
    GLIMPSE_SDK_TRY(RequirePerTensor(input, "input 0", &in1));
    GLIMPSE_SDK_TRY(RequirePerTensor(context.input(1), "input 1", &in2));
    // 1 and more: LiteRT compares what has nothing to do with the values, or ends the program, as TFLite Micro does.
    if (!(in1.scale < 1) || !(in2.scale < 1)) {
      return Unsupported("input scales are ", in1.scale, " and ", in2.scale, "; to be compared they must be below 1");
    }
    p_.scaled = true;
    p_.zero_point1 = in1.zero_point;
    p_.zero_point2 = in2.zero_point;
    p_.input1 = kernels::QuantizeMultiplier(static_cast<double>(in1.scale));
    p_.input2 = kernels::QuantizeMultiplier(static_cast<double>(in2.scale));
    return Ok();
  }

  Comparison function_;
  glimpse_dtype dtype_ = GLIMPSE_INT8;
  kernels::CompareParams p_;
};

}  // namespace

std::unique_ptr<sdk::Kernel> MakeEqual() { return std::make_unique<ComparisonOp>(Comparison::kEqual); }
std::unique_ptr<sdk::Kernel> MakeNotEqual() { return std::make_unique<ComparisonOp>(Comparison::kNotEqual); }
std::unique_ptr<sdk::Kernel> MakeLess() { return std::make_unique<ComparisonOp>(Comparison::kLess); }
std::unique_ptr<sdk::Kernel> MakeLessEqual() { return std::make_unique<ComparisonOp>(Comparison::kLessEqual); }
std::unique_ptr<sdk::Kernel> MakeGreater() { return std::make_unique<ComparisonOp>(Comparison::kGreater); }
std::unique_ptr<sdk::Kernel> MakeGreaterEqual() { return std::make_unique<ComparisonOp>(Comparison::kGreaterEqual); }

}  // namespace glimpse::ops
