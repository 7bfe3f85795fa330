// SPDX-License-Identifier: Apache-2.0
#include <cmath>

#include "kernels/softmax/softmax.h"
#include "kernels/softmax/softmax_s8.h"
#include "plugins/ops/ops.h"
#include "plugins/ops/unary.h"

namespace glimpse::ops {
namespace {

class SoftmaxOp final : public sdk::Kernel {
 public:
  // `by_table`: int8 to int8 alone, with exponentials that are computed at prepare.
  explicit SoftmaxOp(bool by_table = false) : by_table_(by_table) {}

  Status Prepare(PrepareContext& context) override {
    const Tensor input = context.input(0);
    if (!input.present()) return InvalidNode("input 0 is missing");
    glimpse_softmax_options options{};
    GLIMPSE_SDK_TRY(GetOptions(context, &options));
    GLIMPSE_SDK_TRY(GetProfile(context, &profile_));
    GLIMPSE_SDK_TRY(RequireRank(input, "input 0", 1, GLIMPSE_MAX_RANK));
    GLIMPSE_SDK_TRY(RequireElements(input, "input 0"));
    beta_ = options.beta;
    in_type_ = input.dtype();
    out_type_ = context.output(0).dtype();
    p_ = {};
    if (in_type_ == GLIMPSE_FLOAT32) {
      GLIMPSE_SDK_TRY(RequireType(context.output(0), "output 0", GLIMPSE_FLOAT32));
    } else {
      GLIMPSE_SDK_TRY(SetQuantization(context));
    }
    p_.depth = input.dim(input.rank() - 1);
    p_.rows = input.element_count() / p_.depth;
    if (by_table_ && (in_type_ != GLIMPSE_INT8 || out_type_ != GLIMPSE_INT8)) {
      return Unsupported("only int8 to int8 has a fast form");
    }
    fast_ = by_table_ ? kernels::PrepareSoftmaxS8(p_) : kernels::SoftmaxS8{};
    GLIMPSE_SDK_TRY(context.SetOutputShape(0, input.dims()));
    // Two exponentials of a dozen multiplications each.
    return context.ReportWork(0, static_cast<uint64_t>(input.element_count()) * 24);
  }

  Status Invoke(const sdk::InvokeContext& context) override {
    if (by_table_ && profile_ != Profile::kLitertXnnpack) {
      kernels::RunSoftmaxS8(fast_, context.input<int8_t>(0), context.output<int8_t>(0));
    } else if (in_type_ == GLIMPSE_FLOAT32) {
      kernels::SoftmaxF32Ref(beta_, p_.rows, p_.depth, context.input<float>(0), context.output<float>(0));
    } else if (in_type_ == GLIMPSE_INT16) {
      kernels::SoftmaxS16Ref(words_, p_.rows, p_.depth, context.input<int16_t>(0), context.output<int16_t>(0));
    } else if (in_type_ == GLIMPSE_INT8) {
      out_type_ == GLIMPSE_INT8 ? Run<int8_t, int8_t>(context) : Run<int8_t, int16_t>(context);
    } else {
      out_type_ == GLIMPSE_UINT8 ? Run<uint8_t, uint8_t>(context) : Run<uint8_t, int16_t>(context);
    }
    return Ok();
  }

 private:
  template <typename In, typename Out>
  void Run(const sdk::InvokeContext& context) const {
    const In* input = context.input<In>(0);
    Out* output = context.output<Out>(0);
    if (profile_ == Profile::kLitertXnnpack) {
      kernels::SoftmaxOptimisedRef(table_, p_.rows, p_.depth, input, output);
    } else {
      kernels::SoftmaxRef(p_, input, output);
    }
  }

  Status SetQuantization(PrepareContext& context) {
    PerTensor in;
    PerTensor out;
    GLIMPSE_SDK_TRY(RequireScaled(context.input(0), "input 0", &in));
    GLIMPSE_SDK_TRY(RequireScaled(context.output(0), "output 0", &out));
    const bool wide = out_type_ == GLIMPSE_INT16;
    const bool known = in_type_ == GLIMPSE_INT16 || in_type_ == GLIMPSE_INT8 || in_type_ == GLIMPSE_UINT8;
    if (!known || (out_type_ != in_type_ && !wide)) {
      return Unsupported("output 0 is ", context.output(0).Describe(), " for an input of ",
                         context.input(0).Describe());
    }
    if (in_type_ == GLIMPSE_UINT8) GLIMPSE_SDK_TRY(RefuseInMicro(context, profile_, " in uint8"));
    GLIMPSE_SDK_TRY(CheckOutput(in, out));
    if (in_type_ == GLIMPSE_INT16) {
      GLIMPSE_SDK_TRY(RequireMultiplier(static_cast<double>(in.scale * beta_) * 6553.5, "beta * input scale * 6553.5"));
      words_ = kernels::MakeSoftmaxS16(profile_, beta_, in.scale);
      return Ok();
    }
    const auto scaling = kernels::SoftmaxScaling(beta_, in.scale);
    if (!scaling) {
      return Unsupported("beta ", beta_, " times the input's scale ", in.scale, " must be above 2^-26");
    }
    p_ = *scaling;
    table_ = kernels::MakeSoftmaxTable(beta_, in.scale, out);
    return Ok();
  }

  // The kernels know one output quantization for each type. For int8 and int16 LiteRT lets the scale be off by a
  // thousandth, TFLite Micro by nothing; for int16 from 8 bits both do.
  Status CheckOutput(PerTensor in, PerTensor out) const {
    float scale = 1.0F / 256;
    int32_t zero_point = out_type_ == GLIMPSE_INT8 ? -128 : 0;
    float tolerance = profile_ == Profile::kTfliteMicro || in_type_ == GLIMPSE_UINT8 ? 0.0F : 0.001F;
    if (out_type_ == GLIMPSE_INT16) {
      scale = in_type_ == GLIMPSE_INT16 ? 0x1p-15F : 0x1p-16F;
      zero_point = in_type_ == GLIMPSE_INT16 ? 0 : -32768;
      if (in_type_ != GLIMPSE_INT16) tolerance = 0.001F;
    }
    if (in_type_ == GLIMPSE_INT16 && in.zero_point != 0) return InvalidNode("input 0 has zero point ", in.zero_point);
    if (out.zero_point == zero_point && std::abs(out.scale - scale) <= tolerance * scale) return Ok();
    return InvalidNode("output 0 has scale ", out.scale, " and zero point ", out.zero_point, "; softmax has 1/",
                       static_cast<int>(1 / scale), " and ", zero_point, " here");
  }

  bool by_table_;
  kernels::SoftmaxS8 fast_;
  Profile profile_ = Profile::kLitertReference;
  float beta_ = 1;
  glimpse_dtype in_type_ = GLIMPSE_FLOAT32;
  glimpse_dtype out_type_ = GLIMPSE_FLOAT32;
  kernels::SoftmaxParams p_;
  kernels::SoftmaxTable table_;
  kernels::SoftmaxS16Params words_;
};

}  // namespace

std::unique_ptr<sdk::Kernel> MakeSoftmax() { return std::make_unique<SoftmaxOp>(); }
std::unique_ptr<sdk::Kernel> MakeSoftmaxByTable() { return std::make_unique<SoftmaxOp>(true); }

}  // namespace glimpse::ops
