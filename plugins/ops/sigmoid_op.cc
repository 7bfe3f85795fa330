// SPDX-License-Identifier: Apache-2.0
// LOGISTIC and TANH.
#include "kernels/quant/requantize.h"
#include "kernels/sigmoid/sigmoid.h"
#include "plugins/ops/ops.h"
#include "plugins/ops/unary.h"

namespace glimpse::ops {
namespace {

using kernels::Sigmoid;
using kernels::SigmoidOf;
using kernels::SigmoidXnnpack;

class SigmoidOp final : public UnaryOp {
 public:
  explicit SigmoidOp(Sigmoid function) : function_(function) {}

 private:
  Status Choose(PrepareContext& context, Profile profile, glimpse_dtype type) override {
    type_ = type;
    if (type == GLIMPSE_FLOAT32) return Ok();
    if (type == GLIMPSE_UINT8) GLIMPSE_SDK_TRY(RefuseInMicro(context, profile, " in uint8"));
    PerTensor in;
    PerTensor out;
    GLIMPSE_SDK_TRY(RequireQuantizedPair(context, &in, &out));
    if (type == GLIMPSE_INT16) return ChooseInt16(profile, in, out);
    GLIMPSE_SDK_TRY(CheckByteOutput(profile, type, out));
    if (profile == Profile::kTfliteMicro) {
      const auto table = kernels::SigmoidMicroS8(function_, in);
      if (!table) return Unsupported("input 0 has scale ", in.scale, "; TFLite Micro needs at least 2^-27");
      UseTable(*table);
      return Ok();
    }
    const bool delegated = profile == Profile::kLitertXnnpack;
    if (delegated) GLIMPSE_SDK_TRY(RequireNormalScale(out));
    return WithQuantizedType(context.input(0), [&](auto zero) {
      using T = decltype(zero);
      if constexpr (sizeof(T) == 1) {
        UseTable(delegated
                     ? kernels::TabulateXnnpack<T>(in, out, [this](float x) { return SigmoidXnnpack(function_, x); })
                     : kernels::TabulateReal<T>(in, out, [this](float x) { return SigmoidOf(function_, x); }));
      }
      return Ok();
    });
  }

  // LiteRT wants the scale of LOGISTIC alone, TFLite Micro its zero point alone, but computes as if both held.
  Status CheckByteOutput(Profile profile, glimpse_dtype type, PerTensor out) const {
    const bool micro = profile == Profile::kTfliteMicro;
    if (function_ == Sigmoid::kTanh) {
      if (!micro || (out.scale == 1.0F / 128 && out.zero_point == 0)) return Ok();
      return Unsupported("output 0 has scale ", out.scale, " and zero point ", out.zero_point,
                         "; TFLite Micro's tanh in int8 takes them to be 1/128 and 0");
    }
    const bool zero_point_holds = !micro || out.zero_point == (type == GLIMPSE_INT8 ? -128 : 0);
    if (out.scale == 1.0F / 256 && zero_point_holds) return Ok();
    return InvalidNode("output 0 has scale ", out.scale, " and zero point ", out.zero_point,
                       "; logistic in 8 bits has 1/256 and the least value");
  }

  Status ChooseInt16(Profile profile, PerTensor in, PerTensor out) {
    int exponent = 0;
    const bool power_of_two = kernels::IsPowerOfTwo(out.scale, &exponent);
    const bool exact = function_ == Sigmoid::kTanh || profile == Profile::kTfliteMicro || out.scale == 0x1p-15F;
    if (!power_of_two || exponent != -15 || !exact) {
      return InvalidNode("output 0 has scale ", out.scale, "; in int16 it is 2^-15");
    }
    const auto params = kernels::MakeSigmoidS16(function_, in.scale);
    if (!params) return Unsupported("input 0 has scale ", in.scale, ", which overflows");
    params_ = *params;
    optimised_ = profile == Profile::kLitertXnnpack && params_.power_of_two;
    return Ok();
  }

  Status Compute(const sdk::InvokeContext& context) override {
    if (type_ == GLIMPSE_FLOAT32) {
      kernels::SigmoidF32Ref(function_, count(), context.input<float>(0), context.output<float>(0));
      return Ok();
    }
    const auto* input = context.input<int16_t>(0);
    auto* output = context.output<int16_t>(0);
    if (optimised_) {
      kernels::SigmoidOptimisedS16Ref(function_, params_.multiplier > 3 ? 1 : 0, count(), input, output);
    } else if (function_ == Sigmoid::kTanh) {
      kernels::TanhS16Ref(params_, count(), input, output);
    } else {
      kernels::LogisticS16Ref(params_, count(), input, output);
    }
    return Ok();
  }

  Sigmoid function_;
  glimpse_dtype type_ = GLIMPSE_FLOAT32;
  bool optimised_ = false;
  kernels::SigmoidS16Params params_;
};

}  // namespace

std::unique_ptr<sdk::Kernel> MakeLogistic() { return std::make_unique<SigmoidOp>(Sigmoid::kLogistic); }
std::unique_ptr<sdk::Kernel> MakeTanh() { return std::make_unique<SigmoidOp>(Sigmoid::kTanh); }

}  // namespace glimpse::ops
