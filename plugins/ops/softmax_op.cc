// SPDX-License-Identifier: Apache-2.0
#include <cmath>

#include "kernels/softmax/softmax.h"
#include "plugins/ops/checks.h"
#include "plugins/ops/ops.h"

namespace glimpse::ops {
namespace {

class SoftmaxOp final : public sdk::Kernel {
 public:
  Status Prepare(PrepareContext& context) override {
    const Tensor input = context.input(0);
    glimpse_softmax_options options;
    GLIMPSE_SDK_TRY(GetOptions(context, &options));
    kernels::PerTensor in;
    kernels::PerTensor out;
    GLIMPSE_SDK_TRY(RequireInt8(input, "input 0", &in));
    GLIMPSE_SDK_TRY(RequireInt8(context.output(0), "output 0", &out));
    GLIMPSE_SDK_TRY(RequireRank(input, "input 0", 1, GLIMPSE_MAX_RANK));
    GLIMPSE_SDK_TRY(RequireElements(input, "input 0"));
    GLIMPSE_SDK_TRY(CheckOutput(context, out));
    const auto scaling = kernels::SoftmaxScaling(options.beta, in.scale);
    if (!scaling) {
      return Unsupported("beta ", options.beta, " times the input's scale ", in.scale, " must be above 2^-26");
    }
    p_ = *scaling;
    p_.depth = input.dim(input.rank() - 1);
    p_.rows = input.element_count() / p_.depth;
    GLIMPSE_SDK_TRY(context.SetOutputShape(0, input.dims()));
    // Two exponentials of a dozen multiplications each.
    return context.ReportWork(0, static_cast<uint64_t>(input.element_count()) * 24);
  }

  Status Invoke(const sdk::InvokeContext& context) override {
    kernels::SoftmaxS8Ref(p_, context.input<int8_t>(0), context.output<int8_t>(0));
    return Ok();
  }

 private:
  // The kernel knows one output quantization. LiteRT lets the scale be off by a thousandth, TFLite Micro by nothing.
  static Status CheckOutput(const PrepareContext& context, kernels::PerTensor out) {
    kernels::Profile profile;
    GLIMPSE_SDK_TRY(GetProfile(context, &profile));
    const float tolerance = profile == kernels::Profile::kTfliteMicro ? 0.0F : 0.001F / 256;
    if (out.zero_point == -128 && std::abs(out.scale - 1.0F / 256) <= tolerance) return Ok();
    return InvalidNode("output 0 has scale ", out.scale, " and zero point ", out.zero_point,
                       "; softmax in int8 has 1/256 and -128");
  }

  kernels::SoftmaxParams p_;
};

}  // namespace

std::unique_ptr<sdk::Kernel> MakeSoftmax() { return std::make_unique<SoftmaxOp>(); }

}  // namespace glimpse::ops
