// SPDX-License-Identifier: Apache-2.0
#include "kernels/log_softmax/log_softmax.h"
#include "plugins/ops/ops.h"
#include "plugins/ops/unary.h"

namespace glimpse::ops {
namespace {

class LogSoftmaxOp final : public UnaryOp {
  Status Choose(PrepareContext& context, Profile profile, glimpse_dtype type) override {
    const Tensor input = context.input(0);
    GLIMPSE_SDK_TRY(RequireRank(input, "input 0", 1, GLIMPSE_MAX_RANK));
    GLIMPSE_SDK_TRY(RequireElements(input, "input 0"));
    type_ = type;
    p_ = {};
    if (type != GLIMPSE_FLOAT32) GLIMPSE_SDK_TRY(SetQuantization(context, profile));
    p_.depth = input.dim(input.rank() - 1);
    p_.rows = input.element_count() / p_.depth;
    return Ok();
  }

  Status SetQuantization(const PrepareContext& context, Profile profile) {
    if (type_ == GLIMPSE_UINT8) GLIMPSE_SDK_TRY(RefuseInMicro(context, profile, " in uint8"));
    PerTensor in;
    PerTensor out;
    GLIMPSE_SDK_TRY(RequireQuantizedPair(context, &in, &out));
    if (type_ == GLIMPSE_INT16) return Unsupported("input 0 is int16, which no runtime has for it");
    if (out.scale != 16.0F / 256 || out.zero_point != (type_ == GLIMPSE_INT8 ? 127 : 255)) {
      return InvalidNode("output 0 has scale ", out.scale, " and zero point ", out.zero_point,
                         "; log softmax has 16/256 and the largest number");
    }
    const auto params = kernels::LogSoftmaxScaling(in.scale);
    if (!params) return Unsupported("input 0 has scale ", in.scale, "; it must be above 2^-26");
    p_ = *params;
    input_scale_ = in.scale;
    optimised_ = profile == Profile::kLitertXnnpack;
    return Ok();
  }

  Status Compute(const sdk::InvokeContext& context) override {
    if (type_ == GLIMPSE_FLOAT32) {
      kernels::LogSoftmaxF32Ref(p_.rows, p_.depth, context.input<float>(0), context.output<float>(0));
    } else {
      type_ == GLIMPSE_INT8 ? Run<int8_t>(context) : Run<uint8_t>(context);
    }
    return Ok();
  }

  template <typename T>
  void Run(const sdk::InvokeContext& context) const {
    const T* input = context.input<T>(0);
    T* output = context.output<T>(0);
    if (optimised_) {
      kernels::LogSoftmaxOptimisedRef(input_scale_, p_.rows, p_.depth, input, output);
    } else {
      kernels::LogSoftmaxRef(p_, input, output);
    }
  }

  float input_scale_ = 1;
  bool optimised_ = false;
  glimpse_dtype type_ = GLIMPSE_FLOAT32;
  kernels::LogSoftmaxParams p_;
};

}  // namespace

std::unique_ptr<sdk::Kernel> MakeLogSoftmax() { return std::make_unique<LogSoftmaxOp>(); }

}  // namespace glimpse::ops
