// SPDX-License-Identifier: Apache-2.0
// MAX_POOL_2D, AVERAGE_POOL_2D and L2_POOL_2D.
#include "kernels/pool2d/pool2d.h"
#include "kernels/pool2d/pool2d_simd.h"
#include "plugins/ops/ops.h"
#include "plugins/ops/pool_checks.h"
#include "plugins/ops/typed_checks.h"

namespace glimpse::ops {
namespace {

class Pool2DOp final : public sdk::Kernel {
 public:
  // `fast`, unless nullptr, in place of the reference kernels.
  explicit Pool2DOp(Pooling pooling, const kernels::PoolS8* fast = nullptr) : pooling_(pooling), fast_(fast) {}

  Status Prepare(PrepareContext& context) override {
    const Tensor input = context.input(0);
    glimpse_pool_2d_options options{};
    GLIMPSE_SDK_TRY(GetOptions(context, &options));
    p_ = {};
    GLIMPSE_SDK_TRY(SetActivation(context, options));
    GLIMPSE_SDK_TRY(RequireRank(input, "input 0", 4, 4));
    GLIMPSE_SDK_TRY(RequireElements(input, "input 0"));
    p_.batches = input.dim(0);
    p_.depth = input.dim(3);
    GLIMPSE_SDK_TRY(GetWindowAxis("height", input.dim(1), options.filter_height, options.stride_height, 1,
                                  options.padding, &p_.height));
    GLIMPSE_SDK_TRY(GetWindowAxis("width", input.dim(2), options.filter_width, options.stride_width, 1, options.padding,
                                  &p_.width));
    const int64_t dims[] = {p_.batches, p_.height.output, p_.width.output, p_.depth};
    GLIMPSE_SDK_TRY(SetShape(context, 0, dims, sdk::DtypeBytes(type_)));
    if (fast_ != nullptr) GLIMPSE_SDK_TRY(RequireFast());
    // Windows are cut at the input's edges, however large the filter.
    return context.ReportWork(
        0, SaturatedProduct({static_cast<uint64_t>(p_.batches), static_cast<uint64_t>(p_.height.output),
                             static_cast<uint64_t>(p_.width.output), static_cast<uint64_t>(p_.depth),
                             static_cast<uint64_t>(std::min(p_.height.filter, p_.height.input)),
                             static_cast<uint64_t>(std::min(p_.width.filter, p_.width.input))}));
  }

  Status Invoke(const sdk::InvokeContext& context) override {
    if (fast_ != nullptr) {
      const auto compute = pooling_ == Pooling::kMax ? fast_->max : fast_->average;
      compute(p_, context.input<int8_t>(0), context.output<int8_t>(0));
      return Ok();
    }
    switch (type_) {
      case GLIMPSE_INT8:
        return Compute<int8_t>(context);
      case GLIMPSE_UINT8:
        return Compute<uint8_t>(context);
      case GLIMPSE_INT16:
        return Compute<int16_t>(context);
      default:
        if (pooling_ != Pooling::kL2) return Compute<float>(context);
        kernels::L2Pool2DF32Ref(p_, context.input<float>(0), context.output<float>(0));
        return Ok();
    }
  }

 private:
  template <typename T>
  Status Compute(const sdk::InvokeContext& context) const {
    const auto compute = pooling_ == Pooling::kMax ? kernels::MaxPool2DRef<T> : kernels::AveragePool2DRef<T>;
    compute(p_, context.input<T>(0), context.output<T>(0));
    return Ok();
  }

  Status RequireFast() const {
    const int64_t most =
        int64_t{std::min(p_.height.filter, p_.height.input)} * std::min(p_.width.filter, p_.width.input);
    if (type_ == GLIMPSE_INT8 && most <= kernels::kMostPooled) return Ok();
    return Unsupported("only int8, and windows of at most ", kernels::kMostPooled, " elements");
  }

  // Types, quantization, profile, and the range that the activation leaves.
  Status SetActivation(const PrepareContext& context, const glimpse_pool_2d_options& options) {
    const Tensor input = context.input(0);
    if (!input.present()) return InvalidNode("input 0 is missing");
    type_ = input.dtype();
    GLIMPSE_SDK_TRY(RequireType(context.output(0), "output 0", type_));
    kernels::Profile profile;
    GLIMPSE_SDK_TRY(GetProfile(context, &profile));
    if (type_ == GLIMPSE_FLOAT32) return GetFloatActivationRange(options.activation, &p_.float_min, &p_.float_max);
    if (pooling_ == Pooling::kL2) return Unsupported("input 0 is ", input.Describe(), "; L2_POOL_2D is for float32");
    if (type_ == GLIMPSE_UINT8) GLIMPSE_SDK_TRY(RefuseForMicro(profile, "uint8"));
    kernels::ActivationRange range;
    GLIMPSE_SDK_TRY(GetPoolRange(profile, pooling_, options, input, context.output(0), &range));
    p_.output_min = range.min;
    p_.output_max = range.max;
    return Ok();
  }

  Pooling pooling_;
  const kernels::PoolS8* fast_;
  glimpse_dtype type_ = GLIMPSE_INT8;
  kernels::Pool2DParams p_;
};

}  // namespace

std::unique_ptr<sdk::Kernel> MakeMaxPool2D() { return std::make_unique<Pool2DOp>(Pooling::kMax); }
std::unique_ptr<sdk::Kernel> MakeAveragePool2D() { return std::make_unique<Pool2DOp>(Pooling::kAverage); }
std::unique_ptr<sdk::Kernel> MakeMaxPool2D(const kernels::PoolS8& fast) {
  return std::make_unique<Pool2DOp>(Pooling::kMax, &fast);
}
std::unique_ptr<sdk::Kernel> MakeAveragePool2D(const kernels::PoolS8& fast) {
  return std::make_unique<Pool2DOp>(Pooling::kAverage, &fast);
}
std::unique_ptr<sdk::Kernel> MakeL2Pool2D() { return std::make_unique<Pool2DOp>(Pooling::kL2); }

}  // namespace glimpse::ops
