// SPDX-License-Identifier: Apache-2.0
// Functions of two plain numbers that have no options: MAXIMUM, FLOOR_DIV, LOGICAL_AND and so on; and LOGICAL_NOT.
#include <algorithm>
#include <limits>
#include <type_traits>

#include "kernels/elementwise/plain.h"
#include "kernels/elementwise/quantized.h"
#include "plugins/ops/broadcast.h"
#include "plugins/ops/ops.h"

namespace glimpse::ops {
namespace {

using kernels::Plain;

// An operator and the element types that the runtimes have for it. Quantized tensors are taken as the numbers they
// store.
struct Traits {
  Plain function;
  TypeBits litert;
  TypeBits micro;
};

constexpr TypeBits kFloat = kTypes<float>;
constexpr TypeBits kOrder = kTypes<float, int8_t, int16_t, int32_t, int64_t>;
constexpr TypeBits kIntegers = kTypes<int8_t, uint8_t, int16_t, int32_t>;
constexpr Traits kMaximum{Plain::kMaximum, kOrder | kTypes<uint8_t>, kOrder};
constexpr Traits kMinimum{Plain::kMinimum, kOrder | kTypes<uint8_t>, kOrder};
constexpr Traits kFloorDiv{Plain::kFloorDiv, kTypes<float, int8_t, int16_t, int32_t>, kFloat};
constexpr Traits kFloorMod{Plain::kFloorMod, kOrder, kFloat};
constexpr Traits kPow{Plain::kPow, kTypes<float, int32_t>, 0};
constexpr Traits kAtan2{Plain::kAtan2, kFloat, 0};
constexpr Traits kBitwiseXor{Plain::kXor, kIntegers, 0};
constexpr Traits kRightShift{Plain::kRightShift, kIntegers, 0};
constexpr Traits kLogicalAnd{Plain::kLogicalAnd, kTypes<bool>, kTypes<bool>};
constexpr Traits kLogicalOr{Plain::kLogicalOr, kTypes<bool>, kTypes<bool>};

Status RequireTypes(const PrepareContext& context, kernels::Profile profile, TypeBits litert, TypeBits micro) {
  const Tensor input = context.input(0);
  if (!input.present()) return InvalidNode("input 0 is missing");
  const TypeBits types = profile == kernels::Profile::kTfliteMicro ? micro : litert;
  if (types == 0) return Unsupported(context.numerics(), " does not have this operator");
  if ((types & GLIMPSE_DTYPE_BIT(input.dtype())) == 0) {
    return Unsupported("input 0 is ", input.Describe(), "; with ", context.numerics(), " it may be ", TypeNames(types));
  }
  return RequireType(context.output(0), "output 0", input.dtype());
}

bool SameShape(const Tensor& a, const Tensor& b) {
  return std::equal(a.dims().begin(), a.dims().end(), b.dims().begin(), b.dims().end());
}

class PairwiseOp final : public sdk::Kernel {
 public:
  explicit PairwiseOp(const Traits& traits) : traits_(traits) {}

  Status Prepare(PrepareContext& context) override {
    GLIMPSE_SDK_TRY(GetProfile(context, &profile_));
    GLIMPSE_SDK_TRY(RequireTypes(context, profile_, traits_.litert, traits_.micro));
    const Tensor input = context.input(0);
    GLIMPSE_SDK_TRY(RequireType(context.input(1), "input 1", input.dtype()));
    dtype_ = input.dtype();
    first_count_ = input.element_count();
    second_count_ = context.input(1).element_count();
    const bool same = SameShape(input, context.input(1));
    one_power_ = traits_.function == Plain::kPow && second_count_ == 1 && !same;
    GLIMPSE_SDK_TRY(GetBroadcast<2>({input, context.input(1)}, &shape_));
    if (traits_.function == Plain::kAtan2 && !same) {
      return Unsupported("inputs are ", input.Describe(), " and ", context.input(1).Describe(),
                         "; LiteRT does not broadcast here, they must have one shape");
    }
    return SetBroadcastOutput(context, shape_.rank, shape_.dims.data());
  }

  Status Invoke(const sdk::InvokeContext& context) override {
    return WithElementType(dtype_, [&](auto element) {
      using T = decltype(element);
      const T* second = context.input<T>(1);
      GLIMPSE_SDK_TRY(CheckSecond(second));
      if constexpr (std::is_same_v<T, float> || std::is_same_v<T, int32_t>) {
        int32_t exponent = 0;
        if (one_power_ && kernels::IsWholePower(second[0], &exponent)) {
          kernels::WholePowerRef(first_count_, context.input<T>(0), exponent, context.output<T>(0));
          return Ok();
        }
      }
      kernels::PlainParams<T> p{traits_.function, shape_};
      if constexpr (std::is_floating_point_v<T>) {
        p.min = -std::numeric_limits<T>::infinity();
        p.max = std::numeric_limits<T>::infinity();
        const bool delegated = traits_.function == Plain::kMaximum || traits_.function == Plain::kMinimum;
        p.flushes =
            delegated && profile_ == kernels::Profile::kLitertXnnpack && shape_.rank <= kernels::kXnnpackMaxRank;
      }
      kernels::PlainRef(p, context.input<T>(0), second, context.output<T>(0));
      return Ok();
    });
  }

 private:
  // What the runtimes refuse at run time.
  template <typename T>
  Status CheckSecond(const T* values) const {
    constexpr bool kInteger = !std::is_floating_point_v<T>;
    const bool divides = traits_.function == Plain::kFloorDiv || (traits_.function == Plain::kFloorMod && kInteger);
    const bool raises = traits_.function == Plain::kPow && kInteger;
    if (!divides && !raises) return Ok();
    for (int64_t i = 0; i < second_count_; ++i) {
      if (divides && values[i] == 0) return InvalidNode("division by zero at run time");
      if (raises && values[i] < 0) return InvalidNode("an integer to a negative power at run time");
    }
    return Ok();
  }

  const Traits& traits_;
  kernels::Profile profile_ = kernels::Profile::kLitertReference;
  glimpse_dtype dtype_ = GLIMPSE_INT8;
  int64_t first_count_ = 0;
  int64_t second_count_ = 0;
  bool one_power_ = false;  // POW with one exponent for a base of another shape
  kernels::Broadcast<2> shape_;
};

class LogicalNotOp final : public sdk::Kernel {
 public:
  Status Prepare(PrepareContext& context) override {
    kernels::Profile profile;
    GLIMPSE_SDK_TRY(GetProfile(context, &profile));
    GLIMPSE_SDK_TRY(RequireTypes(context, profile, kTypes<bool>, kTypes<bool>));
    const Tensor input = context.input(0);
    count_ = input.element_count();
    return SetBroadcastOutput(context, static_cast<int>(input.rank()), input.dims().data());
  }

  Status Invoke(const sdk::InvokeContext& context) override {
    kernels::LogicalNotRef(count_, context.input<uint8_t>(0), context.output<uint8_t>(0));
    return Ok();
  }

 private:
  int64_t count_ = 0;
};

}  // namespace

std::unique_ptr<sdk::Kernel> MakeMaximum() { return std::make_unique<PairwiseOp>(kMaximum); }
std::unique_ptr<sdk::Kernel> MakeMinimum() { return std::make_unique<PairwiseOp>(kMinimum); }
std::unique_ptr<sdk::Kernel> MakeFloorDiv() { return std::make_unique<PairwiseOp>(kFloorDiv); }
std::unique_ptr<sdk::Kernel> MakeFloorMod() { return std::make_unique<PairwiseOp>(kFloorMod); }
std::unique_ptr<sdk::Kernel> MakePow() { return std::make_unique<PairwiseOp>(kPow); }
std::unique_ptr<sdk::Kernel> MakeAtan2() { return std::make_unique<PairwiseOp>(kAtan2); }
std::unique_ptr<sdk::Kernel> MakeBitwiseXor() { return std::make_unique<PairwiseOp>(kBitwiseXor); }
std::unique_ptr<sdk::Kernel> MakeRightShift() { return std::make_unique<PairwiseOp>(kRightShift); }
std::unique_ptr<sdk::Kernel> MakeLogicalAnd() { return std::make_unique<PairwiseOp>(kLogicalAnd); }
std::unique_ptr<sdk::Kernel> MakeLogicalOr() { return std::make_unique<PairwiseOp>(kLogicalOr); }
std::unique_ptr<sdk::Kernel> MakeLogicalNot() { return std::make_unique<LogicalNotOp>(); }

}  // namespace glimpse::ops
