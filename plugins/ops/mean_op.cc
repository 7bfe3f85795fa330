// SPDX-License-Identifier: Apache-2.0
#include "kernels/mean/mean.h"
#include "kernels/mean/mean_s8.h"
#include "plugins/ops/ops.h"
#include "plugins/ops/reduce_checks.h"

namespace glimpse::ops {
namespace {

using kernels::RunMeanS8;

class MeanOp final : public sdk::Kernel {
 public:
  // `fast`, unless nullptr, in place of the reference kernels.
  explicit MeanOp(RunMeanS8 fast = nullptr) : fast_(fast) {}

  Status Prepare(PrepareContext& context) override {
    const Tensor input = context.input(0);
    std::vector<int64_t> dims;
    GLIMPSE_SDK_TRY(GetReduceShape(context, &shape_, &dims));
    GLIMPSE_SDK_TRY(RequireType(context.output(0), "output 0", input.dtype()));
    kernels::Profile profile;
    GLIMPSE_SDK_TRY(GetProfile(context, &profile));
    type_ = input.dtype();
    if (IsQuantizedType(type_)) {
      GLIMPSE_SDK_TRY(SetQuantization(context, profile));
    } else if (type_ != GLIMPSE_FLOAT32) {
      if (type_ != GLIMPSE_INT32 && type_ != GLIMPSE_INT64) return Unsupported("input 0 is ", input.Describe());
      GLIMPSE_SDK_TRY(RefuseForMicro(profile, sdk::DtypeName(type_)));
    }
    if (fast_ != nullptr) GLIMPSE_SDK_TRY(PrepareFast(context));
    const size_t sum_bytes = type_ == GLIMPSE_INT32 || type_ == GLIMPSE_INT64 ? sizeof(int64_t) : sizeof(int32_t);
    GLIMPSE_SDK_TRY(sums_.Request(context, sum_bytes * static_cast<size_t>(shape_.output_count)));
    GLIMPSE_SDK_TRY(SetShape(context, 0, dims, sdk::DtypeBytes(type_)));
    return context.ReportWork(0, static_cast<uint64_t>(input.element_count()));
  }

  Status Invoke(const sdk::InvokeContext& context) override {
    if (fast_ != nullptr) {
      fast_(mean_, context.input<int8_t>(0), context.output<int8_t>(0));
      return Ok();
    }
    void* const sums = sums_.in(context).data();
    switch (type_) {
      case GLIMPSE_INT8:
        return Quantized<int8_t>(context, static_cast<int32_t*>(sums));
      case GLIMPSE_UINT8:
        return Quantized<uint8_t>(context, static_cast<int32_t*>(sums));
      case GLIMPSE_INT16:
        kernels::MeanQuantizedRef(shape_, p_, context.input<int16_t>(0), static_cast<int32_t*>(sums),
                                  context.output<int16_t>(0));
        return Ok();
      case GLIMPSE_INT32:
        kernels::MeanS32Ref(shape_, context.input<int32_t>(0), static_cast<int64_t*>(sums), context.output<int32_t>(0));
        return Ok();
      case GLIMPSE_INT64:
        kernels::MeanS64Ref(shape_, context.input<int64_t>(0), static_cast<int64_t*>(sums), context.output<int64_t>(0));
        return Ok();
      default:
        kernels::MeanF32Ref(shape_, context.input<float>(0), static_cast<float*>(sums), context.output<float>(0));
        return Ok();
    }
  }

 private:
  Status PrepareFast(PrepareContext& context) {
    if (type_ != GLIMPSE_INT8) return Unsupported("only int8 has a fast form");
    GLIMPSE_SDK_TRY(fast_memory_.Allocate(context, kernels::MeanS8Bytes()));
    if (kernels::PrepareMeanS8(shape_, p_, xnnpack_, fast_memory_.data(), &mean_)) return Ok();
    return Unsupported("these dimensions are left to the reference kernel");
  }

  template <typename T>
  Status Quantized(const sdk::InvokeContext& context, int32_t* sums) const {
    const auto compute = xnnpack_ ? kernels::SumQuantizedXnnpackRef<T> : kernels::MeanQuantizedRef<T>;
    compute(shape_, p_, context.input<T>(0), sums, context.output<T>(0));
    return Ok();
  }

  Status SetQuantization(const PrepareContext& context, kernels::Profile profile) {
    kernels::PerTensor in;
    kernels::PerTensor out;
    GLIMPSE_SDK_TRY(RequirePerTensor(context.input(0), "input 0", &in));
    GLIMPSE_SDK_TRY(RequirePerTensor(context.output(0), "output 0", &out));
    if (type_ == GLIMPSE_INT16 && (in.zero_point != 0 || out.zero_point != 0)) {
      return InvalidNode("zero points are ", in.zero_point, " and ", out.zero_point, "; those of int16 must be 0");
    }
    if (type_ == GLIMPSE_UINT8) GLIMPSE_SDK_TRY(RefuseForMicro(profile, "uint8"));
    const kernels::ActivationRange range = RangeOfType(type_);
    p_ = {in.zero_point, out.zero_point, range.min, range.max, {}, 1};
    const double ratio = static_cast<double>(in.scale) / static_cast<double>(out.scale);
    GLIMPSE_SDK_TRY(RequireMultiplier(ratio, "input scale / output scale"));
    const int64_t count = std::max<int64_t>(shape_.reduced_count, 1);
    p_.multiplier = kernels::MeanMultiplier(ratio, count);
    p_.scale = in.scale / out.scale * (1.0F / static_cast<float>(count));
    xnnpack_ = profile == kernels::Profile::kLitertXnnpack && shape_.input_count() > 0;
    return Ok();
  }

  RunMeanS8 fast_;
  kernels::MeanS8 mean_;
  sdk::Persistent<uint8_t> fast_memory_;
  glimpse_dtype type_ = GLIMPSE_INT8;
  bool xnnpack_ = false;
  kernels::ReduceShape shape_;
  kernels::QuantizedReduceParams p_;
  sdk::Scratch<char> sums_;
};

}  // namespace

std::unique_ptr<sdk::Kernel> MakeMean() { return std::make_unique<MeanOp>(); }
std::unique_ptr<sdk::Kernel> MakeMean(RunMeanS8 fast) { return std::make_unique<MeanOp>(fast); }

}  // namespace glimpse::ops
