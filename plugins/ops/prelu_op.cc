// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "kernels/activation/activation.h"
#include "plugins/ops/ops.h"
#include "plugins/ops/unary.h"

namespace glimpse::ops {
namespace {

class PreluOp final : public sdk::Kernel {
 public:
  Status Prepare(PrepareContext& context) override {
    const Tensor input = context.input(0);
    const Tensor alpha = context.input(1);
    if (!input.present()) return InvalidNode("input 0 is missing");
    type_ = input.dtype();
    GLIMPSE_SDK_TRY(RequireType(alpha, "input 1 (alpha)", type_));
    GLIMPSE_SDK_TRY(RequireType(context.output(0), "output 0", type_));
    Profile profile;
    GLIMPSE_SDK_TRY(GetProfile(context, &profile));
    p_ = {};
    GLIMPSE_SDK_TRY(SetShapes(input, alpha));
    if (type_ != GLIMPSE_FLOAT32) GLIMPSE_SDK_TRY(SetQuantization(context, profile));
    GLIMPSE_SDK_TRY(context.SetOutputShape(0, input.dims()));
    GLIMPSE_SDK_TRY(context.AllowAlias(0, 0));
    return context.ReportWork(0, static_cast<uint64_t>(input.element_count()));
  }

  Status Invoke(const sdk::InvokeContext& context) override {
    switch (type_) {
      case GLIMPSE_FLOAT32:
        return Run<float>(context);
      case GLIMPSE_INT8:
        return Run<int8_t>(context);
      case GLIMPSE_UINT8:
        return Run<uint8_t>(context);
      default:
        return Run<int16_t>(context);
    }
  }

 private:
  template <typename T>
  Status Run(const sdk::InvokeContext& context) const {
    kernels::PreluRef(p_, context.input<T>(0), context.input<T>(1), context.output<T>(0));
    return Ok();
  }

  // Equal shapes of any rank are one long row; else at most four dimensions are broadcast, from the last.
  Status SetShapes(const Tensor& input, const Tensor& alpha) {
    if (std::equal(input.dims().begin(), input.dims().end(), alpha.dims().begin(), alpha.dims().end())) {
      if (input.element_count() > std::numeric_limits<int32_t>::max()) return Unsupported("input 0 is too large");
      p_.dims[3] = static_cast<int32_t>(input.element_count());
      p_.alpha_strides[3] = 1;
      return Ok();
    }
    GLIMPSE_SDK_TRY(RequireRank(input, "input 0", 0, 4));
    if (alpha.rank() > input.rank()) {
      return InvalidNode("input 1 (alpha) is ", alpha.Describe(), ", which is of higher rank than ", input.Describe());
    }
    int64_t stride = 1;
    for (uint32_t i = 0; i < input.rank(); ++i) {
      const int32_t size = input.dim(input.rank() - 1 - i);
      const int32_t other = i < alpha.rank() ? alpha.dim(alpha.rank() - 1 - i) : 1;
      if (other != size && other != 1) {
        return InvalidNode("input 1 (alpha) is ", alpha.Describe(), ", which does not broadcast to ", input.Describe());
      }
      p_.dims[3 - i] = size;
      p_.alpha_strides[3 - i] = other == 1 ? 0 : stride;
      stride *= other;
    }
    return Ok();
  }

  Status SetQuantization(const PrepareContext& context, Profile profile) {
    if (type_ != GLIMPSE_INT8) GLIMPSE_SDK_TRY(RefuseInMicro(context, profile, " but in int8 and float32"));
    PerTensor in;
    PerTensor out;
    PerTensor alpha;
    GLIMPSE_SDK_TRY(RequireQuantizedPair(context, &in, &out));
    GLIMPSE_SDK_TRY(RequireScaled(context.input(1), "input 1 (alpha)", &alpha));
    if (type_ == GLIMPSE_INT16 && alpha.zero_point != 0) return InvalidNode("alpha's zero point must be 0 in int16");
    p_.input_zero_point = in.zero_point;
    p_.alpha_zero_point = alpha.zero_point;
    p_.output_zero_point = out.zero_point;
    const kernels::PreluScales scales = kernels::MakePreluScales(profile, in.scale, alpha.scale, out.scale);
    GLIMPSE_SDK_TRY(RequireMultiplier(scales.identity, "input scale / output scale"));
    GLIMPSE_SDK_TRY(RequireMultiplier(scales.below, "input scale * alpha scale / output scale"));
    p_.identity = kernels::QuantizeMultiplier(scales.identity);
    p_.below = kernels::QuantizeMultiplier(scales.below);
    return WithQuantizedType(context.input(0), [](auto) { return Ok(); });
  }

  glimpse_dtype type_ = GLIMPSE_FLOAT32;
  kernels::PreluParams p_;
};

}  // namespace

std::unique_ptr<sdk::Kernel> MakePrelu() { return std::make_unique<PreluOp>(); }

}  // namespace glimpse::ops
