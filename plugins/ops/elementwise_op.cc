// SPDX-License-Identifier: Apache-2.0
// ADD, SUB, MUL, DIV, SQUARED_DIFFERENCE: on quantized tensors, and on plain numbers.
#include <limits>
#include <type_traits>
#include <utility>

#include "kernels/elementwise/mul_s8.h"
#include "kernels/elementwise/plain.h"
#include "kernels/elementwise/quantized.h"
#include "kernels/elementwise/sum_s8.h"
#include "kernels/quant/requantize.h"
#include "plugins/ops/broadcast.h"
#include "plugins/ops/ops.h"
#include "plugins/ops/typed_checks.h"

namespace glimpse::ops {
namespace {

using kernels::Arithmetic;
using kernels::Plain;
using kernels::Profile;
using kernels::QuantizedParams;

// An operator and the element types that the runtimes have for it.
struct Traits {
  Arithmetic quantized;
  Plain plain;
  bool has_options;
  TypeBits litert_quantized;
  TypeBits micro_quantized;
  TypeBits litert_plain;
  TypeBits micro_plain;
};

constexpr TypeBits k8 = kTypes<int8_t, uint8_t>;
constexpr TypeBits kMicroPlain = kTypes<float, int32_t>;
constexpr Traits kAdd{Arithmetic::kAdd,
                      Plain::kAdd,
                      true,
                      k8 | kTypes<int16_t>,
                      kTypes<int8_t, int16_t>,
                      kTypes<float, int16_t, int32_t, int64_t>,
                      kMicroPlain};
constexpr Traits kSub{
    Arithmetic::kSub, Plain::kSub, true, k8 | kTypes<int16_t>, kTypes<int8_t, int16_t>, kTypes<float, int32_t, int64_t>,
    kMicroPlain};
constexpr Traits kMul{Arithmetic::kMul,
                      Plain::kMul,
                      true,
                      k8 | kTypes<int16_t>,
                      kTypes<int8_t, int16_t>,
                      kTypes<float, int16_t, int32_t, int64_t>,
                      kMicroPlain};
constexpr Traits kDiv{Arithmetic::kDiv, Plain::kDiv, true,       k8 | kTypes<int16_t>,
                      kTypes<int8_t>,   kMicroPlain, kMicroPlain};
constexpr Traits kSquaredDifference{Arithmetic::kSquaredDifference,
                                    Plain::kSquaredDifference,
                                    false,
                                    kTypes<int8_t>,
                                    kTypes<int8_t, int16_t>,
                                    kMicroPlain,
                                    kMicroPlain};

using kernels::RunMulS8;

class ElementwiseOp final : public sdk::Kernel {
 public:
  // `fast`, unless nullptr, in place of the reference kernels.
  explicit ElementwiseOp(const Traits& traits, const kernels::SumS8Kernel* fast_sum = nullptr,
                         RunMulS8 fast_mul = nullptr)
      : traits_(traits), fast_sum_(fast_sum), fast_mul_(fast_mul) {}

  Status Prepare(PrepareContext& context) override {
    const Tensor input = context.input(0);
    if (!input.present()) return InvalidNode("input 0 is missing");
    dtype_ = input.dtype();
    GLIMPSE_SDK_TRY(RequireType(context.input(1), "input 1", dtype_));
    GLIMPSE_SDK_TRY(RequireType(context.output(0), "output 0", dtype_));
    GLIMPSE_SDK_TRY(GetProfile(context, &profile_));
    glimpse_elementwise_options options{};
    if (traits_.has_options) GLIMPSE_SDK_TRY(GetOptions(context, &options));
    GLIMPSE_SDK_TRY(ChooseForm(context));
    GLIMPSE_SDK_TRY(GetBroadcast<2>({input, context.input(1)}, &shape_));
    divisors_ = context.input(1).element_count();
    if (quantized_) {
      GLIMPSE_SDK_TRY(PrepareQuantized(context, options));
    } else {
      GLIMPSE_SDK_TRY(CheckActivation(options.activation));
    }
    if (fast_sum_ != nullptr) GLIMPSE_SDK_TRY(PrepareSum(context));
    if (fast_mul_ != nullptr) GLIMPSE_SDK_TRY(PrepareMul(context));
    return SetBroadcastOutput(context, shape_.rank, shape_.dims.data());
  }

  Status Invoke(const sdk::InvokeContext& context) override {
    if (fast_sum_ != nullptr) {
      fast_sum_->run(sum_, static_cast<size_t>(divisors_), context.input<int8_t>(0), context.input<int8_t>(1),
                     context.output<int8_t>(0));
      return Ok();
    }
    if (fast_mul_ != nullptr) {
      fast_mul_(mul_, rows_, row_, context.input<int8_t>(repeated_ == 0 ? 1 : 0), context.input<int8_t>(repeated_),
                context.output<int8_t>(0));
      return Ok();
    }
    return WithElementType(dtype_, [&](auto element) {
      using T = decltype(element);
      const T* divisors = context.input<T>(1);
      if (traits_.plain == Plain::kDiv && !std::is_floating_point_v<T>) {
        for (int64_t i = 0; i < divisors_; ++i) {
          if (static_cast<int64_t>(divisors[i]) == p_.zero_point2) return InvalidNode("division by zero at run time");
        }
      }
      if constexpr (sizeof(T) <= 2) {
        if (quantized_) {
          kernels::QuantizedRef(p_, context.input<T>(0), divisors, context.output<T>(0));
          return Ok();
        }
      }
      kernels::PlainParams<T> plain{traits_.plain, shape_};
      SetPlainRange(&plain);
      kernels::PlainRef(plain, context.input<T>(0), divisors, context.output<T>(0));
      return Ok();
    });
  }

 private:
  int64_t OutputCount() const {
    int64_t count = 1;
    for (int d = 0; d < shape_.rank; ++d) count *= shape_.dims[static_cast<size_t>(d)];
    return count;
  }

  Status PrepareSum(PrepareContext& context) {
    const int64_t count = OutputCount();
    const bool repeated = context.input(0).element_count() != count || divisors_ != count;
    if (dtype_ != GLIMPSE_INT8 || !quantized_ || repeated) {
      return Unsupported("only quantized int8 inputs of the same shape have a fast form");
    }
    GLIMPSE_SDK_TRY(fast_memory_.Allocate(context, kernels::SumS8Bytes()));
    if (kernels::PrepareSumS8(p_, fast_sum_->vector_lanes, fast_memory_.data(), &sum_)) return Ok();
    return Unsupported("these scales are left to the reference kernel");
  }

  // One shape, or rows of the last dimension with one row that is repeated.
  Status PrepareMul(PrepareContext& context) {
    const int64_t count = OutputCount();
    const int64_t last = shape_.rank > 0 ? shape_.dims[static_cast<size_t>(shape_.rank - 1)] : 1;
    const auto is_row = [&](uint32_t input) {
      const Tensor tensor = context.input(input);
      return tensor.element_count() == last && tensor.rank() > 0 && tensor.dim(tensor.rank() - 1) == last;
    };
    const auto is_whole = [&](uint32_t input) { return context.input(input).element_count() == count; };
    row_ = static_cast<size_t>(is_whole(0) && is_whole(1) ? count : last);
    repeated_ = is_whole(0) ? 1 : 0;
    const bool served = is_whole(1 - repeated_) && (is_whole(repeated_) || is_row(repeated_));
    if (dtype_ != GLIMPSE_INT8 || !quantized_ || !served || row_ == 0) {
      return Unsupported("only quantized int8 inputs of the same shape, or with one row for all, have a fast form");
    }
    rows_ = static_cast<size_t>(count) / row_;
    if (repeated_ == 0) std::swap(p_.zero_point1, p_.zero_point2);  // the repeated one comes second
    GLIMPSE_SDK_TRY(fast_memory_.Allocate(context, kernels::MulS8Bytes()));
    if (kernels::PrepareMulS8(p_, fast_memory_.data(), &mul_)) return Ok();
    return Unsupported("these scales are left to the reference kernel");
  }

  // Whether the tensors are quantized, and whether the runtime has such a form.
  Status ChooseForm(const PrepareContext& context) {
    p_ = {};
    p_.function = traits_.quantized;
    const bool small = dtype_ == GLIMPSE_INT8 || dtype_ == GLIMPSE_UINT8 || dtype_ == GLIMPSE_INT16;
    const bool any =
        context.input(0).is_quantized() || context.input(1).is_quantized() || context.output(0).is_quantized();
    const bool micro = profile_ == Profile::kTfliteMicro;
    quantized_ = small && any;
    const TypeBits types = quantized_ ? (micro ? traits_.micro_quantized : traits_.litert_quantized)
                                      : (micro ? traits_.micro_plain : traits_.litert_plain);
    if ((types & GLIMPSE_DTYPE_BIT(dtype_)) == 0) {
      return Unsupported("input 0 is ", context.input(0).Describe(), quantized_ ? " and quantized" : "", "; with ",
                         context.numerics(), " it may be ", TypeNames(types));
    }
    if (micro && any && !small && traits_.has_options && dtype_ != GLIMPSE_FLOAT32) {
      return Unsupported("input 0 is ", context.input(0).Describe(), " and quantized; TFLite Micro has no such form");
    }
    return Ok();
  }

  Status PrepareQuantized(const PrepareContext& context, const glimpse_elementwise_options& options) {
    kernels::PerTensor in1;
    kernels::PerTensor in2;
    kernels::PerTensor out;
    kernels::ActivationRange range;
    GLIMPSE_SDK_TRY(RequirePerTensor(context.input(0), "input 0", &in1));
    GLIMPSE_SDK_TRY(RequirePerTensor(context.input(1), "input 1", &in2));
    GLIMPSE_SDK_TRY(RequirePerTensor(context.output(0), "output 0", &out));
    const kernels::ActivationRange type = RangeOfType(context.output(0).dtype());
    GLIMPSE_SDK_TRY(GetActivationRange(options.activation, out, &range, type));
    p_.shape = shape_;
    p_.zero_point1 = in1.zero_point;
    p_.zero_point2 = in2.zero_point;
    p_.output_zero_point = out.zero_point;
    p_.output_min = range.min;  // of LiteRT's and TFLite Micro's own kernels
    p_.output_max = range.max;
    const bool symmetric = in1.zero_point == 0 && in2.zero_point == 0 && out.zero_point == 0;
    const bool micro_sum =
        profile_ == Profile::kTfliteMicro && (p_.function == Arithmetic::kAdd || p_.function == Arithmetic::kSub);
    if (dtype_ == GLIMPSE_INT16 && !symmetric && p_.function != Arithmetic::kDiv && !micro_sum) {
      return Unsupported("zero points are ", in1.zero_point, ", ", in2.zero_point, " and ", out.zero_point,
                         "; in int16 they must be 0");
    }
    const bool sum = p_.function == Arithmetic::kAdd || p_.function == Arithmetic::kSub;
    if (sum && dtype_ == GLIMPSE_INT16 && options.pot_scale_int16 != 0 && profile_ != Profile::kTfliteMicro) {
      bool done = false;
      GLIMPSE_SDK_TRY(PreparePowersOfTwo({in1.scale, in2.scale, out.scale}, &done));
      if (done) return Ok();
    }
    const kernels::ElementwiseScales scales{in1.scale, in2.scale, out.scale};
    const int bits = dtype_ == GLIMPSE_INT16 ? 16 : 8;
    if (!kernels::SetQuantizedScales(profile_, scales, bits, p_)) {
      return Unsupported("input scales ", in1.scale, " and ", in2.scale, " with output scale ", out.scale, " and rank ",
                         shape_.rank, ": ", context.numerics(),
                         " has no result for that, or none that is reproduced (ADD on int8: the larger must be below "
                         "2^19 times the output's; litert-xnnpack: both between 2^-10 and 2^8 times)");
    }
    if (profile_ == Profile::kLitertXnnpack && bits == 8 && kernels::XnnpackServes(p_, scales)) {
      GLIMPSE_SDK_TRY(GetXnnpackActivationRange(options.activation, out, &range, type));
    }
    p_.output_min = range.min;
    p_.output_max = range.max;
    return Ok();
  }

  // pot_scale_int16: `done` when all scales are powers of two, which the runtime then serves in one way only.
  Status PreparePowersOfTwo(const kernels::ElementwiseScales& scales, bool* done) {
    int in1 = 0;
    int in2 = 0;
    int out = 0;
    if (!kernels::IsPowerOfTwo(scales.input1, &in1) || !kernels::IsPowerOfTwo(scales.input2, &in2) ||
        !kernels::IsPowerOfTwo(scales.output, &out)) {
      return Ok();
    }
    const int shift1 = in1 - out;
    const int shift2 = in2 - out;
    if ((shift1 != 0 && shift2 != 0) || shift1 > 0 || shift2 > 0 || shift1 < -15 || shift2 < -15) {
      return Unsupported("pot_scale_int16 with scales 2^", in1, ", 2^", in2, " and 2^", out,
                         "; one input must have the output's, the other a smaller one, by 2^15 at most");
    }
    for (size_t k = 0; k < static_cast<size_t>(shape_.rank); ++k) {
      const bool repeated = shape_.dims[k] != 1 && (shape_.steps[0][k] == 0 || shape_.steps[1][k] == 0);
      if (p_.function == Arithmetic::kAdd && repeated) {
        return Unsupported("ADD with pot_scale_int16 does not broadcast");
      }
    }
    p_.scheme = kernels::QuantizedScheme::kPowerOfTwo;
    p_.input1.shift = shift1;
    p_.input2.shift = shift2;
    *done = true;
    return Ok();
  }

  Status CheckActivation(glimpse_activation activation) {
    activation_ = activation;
    // TFLite Micro adds int32 without the activation.
    if (profile_ == Profile::kTfliteMicro && dtype_ == GLIMPSE_INT32 && traits_.plain == Plain::kAdd) {
      activation_ = GLIMPSE_ACT_NONE;
    }
    if (activation <= GLIMPSE_ACT_RELU6) return Ok();
    return Unsupported("fused_activation_function ", activation,
                       " is not supported; 0 (none), 1 (relu), 2 (relu -1 to 1) and 3 (relu6) are");
  }

  // Without an activation, LiteRT's and TFLite Micro's floats end at the largest finite numbers; XNNPACK's do not, and
  // those of SQUARED_DIFFERENCE, which has no activation, neither.
  template <typename T>
  void SetPlainRange(kernels::PlainParams<T>* plain) const {
    if constexpr (std::is_floating_point_v<T>) {
      plain->flushes = profile_ == Profile::kLitertXnnpack && shape_.rank <= kernels::kXnnpackMaxRank;
      if (plain->flushes || !traits_.has_options) {
        plain->min = -std::numeric_limits<T>::infinity();
        plain->max = std::numeric_limits<T>::infinity();
      }
    }
    if (activation_ == GLIMPSE_ACT_RELU || activation_ == GLIMPSE_ACT_RELU6) plain->min = T{0};
    if (activation_ == GLIMPSE_ACT_RELU6) plain->max = T{6};
    if (activation_ == GLIMPSE_ACT_RELU_N1_TO_1) {
      plain->min = static_cast<T>(-1);
      plain->max = T{1};
    }
  }

  const Traits& traits_;
  const kernels::SumS8Kernel* fast_sum_;
  RunMulS8 fast_mul_;
  kernels::SumS8 sum_;
  kernels::MulS8 mul_;
  size_t rows_ = 1;  // of the fast MUL
  size_t row_ = 1;
  uint32_t repeated_ = 1;  // its second input
  sdk::Persistent<uint8_t> fast_memory_;
  Profile profile_ = Profile::kLitertReference;
  glimpse_dtype dtype_ = GLIMPSE_INT8;
  glimpse_activation activation_ = GLIMPSE_ACT_NONE;
  bool quantized_ = false;
  int64_t divisors_ = 0;
  kernels::Broadcast<2> shape_;
  QuantizedParams p_;
};

}  // namespace

std::unique_ptr<sdk::Kernel> MakeAdd() { return std::make_unique<ElementwiseOp>(kAdd); }
std::unique_ptr<sdk::Kernel> MakeSub() { return std::make_unique<ElementwiseOp>(kSub); }
std::unique_ptr<sdk::Kernel> MakeAdd(const kernels::SumS8Kernel& fast) {
  return std::make_unique<ElementwiseOp>(kAdd, &fast);
}
std::unique_ptr<sdk::Kernel> MakeSub(const kernels::SumS8Kernel& fast) {
  return std::make_unique<ElementwiseOp>(kSub, &fast);
}
std::unique_ptr<sdk::Kernel> MakeMul() { return std::make_unique<ElementwiseOp>(kMul); }
std::unique_ptr<sdk::Kernel> MakeMul(RunMulS8 fast) { return std::make_unique<ElementwiseOp>(kMul, nullptr, fast); }
std::unique_ptr<sdk::Kernel> MakeDiv() { return std::make_unique<ElementwiseOp>(kDiv); }
std::unique_ptr<sdk::Kernel> MakeSquaredDifference() { return std::make_unique<ElementwiseOp>(kSquaredDifference); }

}  // namespace glimpse::ops
