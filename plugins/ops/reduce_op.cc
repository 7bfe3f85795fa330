// SPDX-License-Identifier: Apache-2.0
// SUM, REDUCE_PROD, REDUCE_MAX, REDUCE_MIN, REDUCE_ALL and REDUCE_ANY.
#include "kernels/boolean.h"
#include "kernels/reduce/reduce.h"
#include "plugins/ops/ops.h"
#include "plugins/ops/reduce_checks.h"

namespace glimpse::ops {
namespace {

using kernels::Reduction;

class ReduceOp final : public sdk::Kernel {
 public:
  explicit ReduceOp(Reduction reduction) : reduction_(reduction) {}

  Status Prepare(PrepareContext& context) override {
    const Tensor input = context.input(0);
    std::vector<int64_t> dims;
    GLIMPSE_SDK_TRY(GetReduceShape(context, &shape_, &dims));
    type_ = input.dtype();
    GLIMPSE_SDK_TRY(RequireType(context.output(0), "output 0", type_));
    GLIMPSE_SDK_TRY(CheckType(context));
    form_ = Form::kPlain;
    if (IsQuantizedType(type_)) GLIMPSE_SDK_TRY(SetQuantization(context));
    if (form_ != Form::kPlain) GLIMPSE_SDK_TRY(sums_.Request(context, static_cast<size_t>(shape_.output_count)));
    GLIMPSE_SDK_TRY(SetShape(context, 0, dims, sdk::DtypeBytes(type_)));
    return context.ReportWork(0, static_cast<uint64_t>(input.element_count()));
  }

  Status Invoke(const sdk::InvokeContext& context) override {
    switch (type_) {
      case GLIMPSE_INT8:
        return Quantized<int8_t>(context);
      case GLIMPSE_UINT8:
        return Quantized<uint8_t>(context);
      case GLIMPSE_INT16:
        return Quantized<int16_t>(context);
      case GLIMPSE_INT32:
        return Plain<int32_t>(context);
      case GLIMPSE_INT64:
        return Plain<int64_t>(context);
      case GLIMPSE_BOOL:
        return Plain<kernels::Boolean>(context);
      default:
        return Plain<float>(context);
    }
  }

 private:
  enum class Form { kPlain, kSum, kSumFloat, kSumXnnpack, kSumAsUint8, kProd };

  bool is_logical() const { return reduction_ == Reduction::kAll || reduction_ == Reduction::kAny; }

  // What the profile's runtime has a kernel for.
  Status CheckType(const PrepareContext& context) {
    kernels::Profile profile;
    GLIMPSE_SDK_TRY(GetProfile(context, &profile));
    profile_ = profile;
    order_ = profile == kernels::Profile::kLitertXnnpack ? kernels::ReduceOrder::kOptimized
                                                         : kernels::ReduceOrder::kReference;
    const Tensor input = context.input(0);
    const std::string type = input.Describe();
    if (is_logical() != (type_ == GLIMPSE_BOOL)) {
      return Unsupported("input 0 is ", type,
                         is_logical() ? "; this reduction is for bool" : "; bool has no such reduction");
    }
    if (reduction_ == Reduction::kAny || reduction_ == Reduction::kProd) {
      GLIMPSE_SDK_TRY(RefuseForMicro(profile, "this reduction"));
    }
    if (type_ == GLIMPSE_INT32 || type_ == GLIMPSE_INT64 || type_ == GLIMPSE_UINT8 ||
        (type_ == GLIMPSE_INT16 && reduction_ != Reduction::kSum)) {
      GLIMPSE_SDK_TRY(RefuseForMicro(profile, type));
    }
    if (type_ == GLIMPSE_INT32 || type_ == GLIMPSE_INT64) return Ok();
    if (type_ != GLIMPSE_FLOAT32 && type_ != GLIMPSE_BOOL && !IsQuantizedType(type_)) {
      return Unsupported("input 0 is ", type);
    }
    return Ok();
  }

  Status SetQuantization(const PrepareContext& context) {
    const Tensor input = context.input(0);
    const Tensor output = context.output(0);
    const bool rescales = reduction_ == Reduction::kSum || reduction_ == Reduction::kProd;
    // Without a scale they are plain numbers.
    if (!input.is_quantized() && !output.is_quantized() && reduction_ != Reduction::kSum) return Ok();
    kernels::PerTensor in;
    kernels::PerTensor out;
    GLIMPSE_SDK_TRY(RequirePerTensor(input, "input 0", &in));
    GLIMPSE_SDK_TRY(RequirePerTensor(output, "output 0", &out));
    if (type_ == GLIMPSE_INT16 && (in.zero_point != 0 || out.zero_point != 0)) {
      return InvalidNode("zero points are ", in.zero_point, " and ", out.zero_point, "; those of int16 must be 0");
    }
    if (!rescales) return RequireSameQuantization(in, out);
    const kernels::ActivationRange range = RangeOfType(type_);
    p_ = {in.zero_point, out.zero_point, range.min, range.max, {}, in.scale / out.scale};
    if (reduction_ == Reduction::kProd) return SetProd(context, in.scale, out.scale);
    const double ratio = static_cast<double>(in.scale) / static_cast<double>(out.scale);
    GLIMPSE_SDK_TRY(RequireMultiplier(ratio, "input scale / output scale"));
    p_.multiplier = kernels::QuantizeMultiplier(ratio);
    form_ = Form::kSum;
    if (profile_ == kernels::Profile::kLitertXnnpack) {
      form_ = type_ == GLIMPSE_INT16 ? Form::kSumFloat : Form::kSumXnnpack;
    } else if (profile_ == kernels::Profile::kLitertReference && type_ != GLIMPSE_UINT8) {
      // LiteRT 2.3 reads and writes the bytes of every type as uint8: of int16 half of the output stays unwritten.
      if (type_ == GLIMPSE_INT16) return Unsupported("LiteRT's reference kernel has no defined sum of int16");
      form_ = Form::kSumAsUint8;
      p_.output_min = 0;
      p_.output_max = 255;
    }
    return Ok();
  }

  Status SetProd(const PrepareContext& context, float input_scale, float output_scale) {
    if (type_ == GLIMPSE_UINT8) return Unsupported("input 0 is quantized uint8; LiteRT has no product for it");
    if (shape_.input_count() == 0) return Unsupported("a product over no element; LiteRT leaves the output undefined");
    // LiteRT's optimised kernel, which also computes small products of constants, copies when nothing is joined.
    const bool small_constant = context.input(0).is_constant() && shape_.output_count <= 8;
    if (shape_.reduced_count == 1 && (profile_ == kernels::Profile::kLitertXnnpack || small_constant)) {
      order_ = kernels::ReduceOrder::kOptimized;
      return Ok();
    }
    const double real = kernels::ProdMultiplier(input_scale, output_scale, shape_.reduced_count);
    GLIMPSE_SDK_TRY(RequireMultiplier(real, "the scale of a step"));
    p_.multiplier = kernels::QuantizeMultiplier(real);
    if (p_.multiplier.shift > 7) return Unsupported("the scale of a step is ", real, "; it must be below 2^7");
    form_ = Form::kProd;
    return Ok();
  }

  template <typename T>
  Status Plain(const sdk::InvokeContext& context) const {
    kernels::ReduceRef(shape_, reduction_, order_, context.input<T>(0), context.output<T>(0));
    return Ok();
  }

  template <typename T>
  Status Quantized(const sdk::InvokeContext& context) const {
    if (form_ == Form::kPlain) return Plain<T>(context);
    if (form_ == Form::kSumAsUint8) return Compute<uint8_t>(context, kernels::SumQuantizedRef<uint8_t>);
    if (form_ == Form::kSum) return Compute<T>(context, kernels::SumQuantizedRef<T>);
    if (form_ == Form::kSumFloat) return Compute<T>(context, kernels::SumQuantizedFloatRef<T>);
    if (form_ == Form::kSumXnnpack) return Compute<T>(context, kernels::SumQuantizedXnnpackRef<T>);
    return Compute<T>(context, kernels::ProdQuantizedRef<T>);
  }

  template <typename T, typename Kernel>
  Status Compute(const sdk::InvokeContext& context, Kernel kernel) const {
    kernel(shape_, p_, context.input<T>(0), sums_.in(context).data(), context.output<T>(0));
    return Ok();
  }

  Reduction reduction_;
  glimpse_dtype type_ = GLIMPSE_INT8;
  Form form_ = Form::kPlain;
  kernels::Profile profile_ = kernels::Profile::kLitertReference;
  kernels::ReduceOrder order_ = kernels::ReduceOrder::kReference;
  kernels::ReduceShape shape_;
  kernels::QuantizedReduceParams p_;
  sdk::Scratch<int32_t> sums_;
};

}  // namespace

std::unique_ptr<sdk::Kernel> MakeSum() { return std::make_unique<ReduceOp>(Reduction::kSum); }
std::unique_ptr<sdk::Kernel> MakeReduceProd() { return std::make_unique<ReduceOp>(Reduction::kProd); }
std::unique_ptr<sdk::Kernel> MakeReduceMax() { return std::make_unique<ReduceOp>(Reduction::kMax); }
std::unique_ptr<sdk::Kernel> MakeReduceMin() { return std::make_unique<ReduceOp>(Reduction::kMin); }
std::unique_ptr<sdk::Kernel> MakeReduceAll() { return std::make_unique<ReduceOp>(Reduction::kAll); }
std::unique_ptr<sdk::Kernel> MakeReduceAny() { return std::make_unique<ReduceOp>(Reduction::kAny); }

}  // namespace glimpse::ops
