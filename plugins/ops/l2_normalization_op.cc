// SPDX-License-Identifier: Apache-2.0
#include "kernels/l2_normalization/l2_normalization.h"
#include "plugins/ops/ops.h"
#include "plugins/ops/unary.h"

namespace glimpse::ops {
namespace {

class L2NormalizationOp final : public UnaryOp {
  Status Choose(PrepareContext& context, Profile profile, glimpse_dtype type) override {
    glimpse_l2_normalization_options options{};
    GLIMPSE_SDK_TRY(GetOptions(context, &options));
    if (options.activation != GLIMPSE_ACT_NONE) {
      return Unsupported("fused_activation_function ", options.activation, "; no runtime fuses one here");
    }
    const Tensor input = context.input(0);
    GLIMPSE_SDK_TRY(RequireRank(input, "input 0", 1, 4));
    GLIMPSE_SDK_TRY(RequireElements(input, "input 0"));
    type_ = type;
    depth_ = input.dim(input.rank() - 1);
    if (type == GLIMPSE_FLOAT32) return Ok();
    if (type == GLIMPSE_UINT8) GLIMPSE_SDK_TRY(RefuseInMicro(context, profile, " in uint8"));
    PerTensor out;
    GLIMPSE_SDK_TRY(RequireQuantizedPair(context, &in_, &out));
    if (type == GLIMPSE_INT16) return Unsupported("input 0 is int16, which no runtime has for it");
    if (out.scale == 1.0F / 128 && out.zero_point == (type == GLIMPSE_INT8 ? 0 : 128)) return Ok();
    return InvalidNode("output 0 has scale ", out.scale, " and zero point ", out.zero_point,
                       "; l2 normalization has 1/128 and the middle");
  }

  Status Compute(const sdk::InvokeContext& context) override {
    const int64_t rows = count() / depth_;
    if (type_ == GLIMPSE_FLOAT32) {
      kernels::L2NormalizationF32Ref(rows, depth_, context.input<float>(0), context.output<float>(0));
    } else if (type_ == GLIMPSE_INT8) {
      kernels::L2NormalizationRef(rows, depth_, in_.zero_point, context.input<int8_t>(0), context.output<int8_t>(0));
    } else {
      kernels::L2NormalizationRef(rows, depth_, in_.zero_point, context.input<uint8_t>(0), context.output<uint8_t>(0));
    }
    return Ok();
  }

  glimpse_dtype type_ = GLIMPSE_FLOAT32;
  int32_t depth_ = 1;
  PerTensor in_;
};

}  // namespace

std::unique_ptr<sdk::Kernel> MakeL2Normalization() { return std::make_unique<L2NormalizationOp>(); }

}  // namespace glimpse::ops
