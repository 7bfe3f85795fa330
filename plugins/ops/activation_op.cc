// SPDX-License-Identifier: Apache-2.0
// RELU, RELU6, LEAKY_RELU and LOGISTIC: each Prepare makes the table that Invoke looks into.
#include <cmath>

#include "kernels/activation/activation.h"
#include "plugins/ops/checks.h"
#include "plugins/ops/ops.h"

namespace glimpse::ops {
namespace {

using kernels::PerTensor;

class ActivationOp : public sdk::Kernel {
 public:
  Status Prepare(PrepareContext& context) final {
    const Tensor input = context.input(0);
    kernels::Profile profile;
    GLIMPSE_SDK_TRY(GetProfile(context, &profile));
    PerTensor in;
    PerTensor out;
    GLIMPSE_SDK_TRY(RequireInt8(input, "input 0", &in));
    GLIMPSE_SDK_TRY(RequireInt8(context.output(0), "output 0", &out));
    GLIMPSE_SDK_TRY(RequireMultiplier(static_cast<double>(in.scale) / static_cast<double>(out.scale),
                                      "input scale / output scale"));
    GLIMPSE_SDK_TRY(MakeTable(context, profile, in, out));
    count_ = input.element_count();
    GLIMPSE_SDK_TRY(context.SetOutputShape(0, input.dims()));
    GLIMPSE_SDK_TRY(context.AllowAlias(0, 0));
    return context.ReportWork(0, static_cast<uint64_t>(count_));
  }

  Status Invoke(const sdk::InvokeContext& context) final {
    kernels::LookUpS8Ref(table_, count_, context.input<int8_t>(0), context.output<int8_t>(0));
    return Ok();
  }

 protected:
  virtual Status MakeTable(const PrepareContext& context, kernels::Profile profile, PerTensor in, PerTensor out) = 0;

  kernels::Int8Table table_{};

 private:
  int64_t count_ = 0;
};

class ReluOp final : public ActivationOp {
  Status MakeTable(const PrepareContext&, kernels::Profile profile, PerTensor in, PerTensor out) override {
    table_ = kernels::ReluTable(profile, in, out);
    return Ok();
  }
};

class Relu6Op final : public ActivationOp {
  Status MakeTable(const PrepareContext&, kernels::Profile profile, PerTensor in, PerTensor out) override {
    table_ = kernels::Relu6Table(profile, in, out);
    return Ok();
  }
};

class LeakyReluOp final : public ActivationOp {
  Status MakeTable(const PrepareContext& context, kernels::Profile profile, PerTensor in, PerTensor out) override {
    glimpse_leaky_relu_options options;
    GLIMPSE_SDK_TRY(GetOptions(context, &options));
    GLIMPSE_SDK_TRY(RequireMultiplier(static_cast<double>(std::abs(in.scale * options.alpha / out.scale)),
                                      "input scale * alpha / output scale"));
    table_ = kernels::LeakyReluTable(profile, in, out, options.alpha);
    return Ok();
  }
};

class LogisticOp final : public ActivationOp {
  Status MakeTable(const PrepareContext&, kernels::Profile profile, PerTensor in, PerTensor out) override {
    if (out.scale != 1.0F / 256 || out.zero_point != -128) {
      return InvalidNode("output 0 has scale ", out.scale, " and zero point ", out.zero_point,
                         "; logistic in int8 has 1/256 and -128");
    }
    const auto table = kernels::LogisticTable(profile, in, out);
    if (!table) return Unsupported("input 0 has scale ", in.scale, "; TFLite Micro needs at least 2^-27");
    table_ = *table;
    return Ok();
  }
};

}  // namespace

std::unique_ptr<sdk::Kernel> MakeRelu() { return std::make_unique<ReluOp>(); }
std::unique_ptr<sdk::Kernel> MakeRelu6() { return std::make_unique<Relu6Op>(); }
std::unique_ptr<sdk::Kernel> MakeLeakyRelu() { return std::make_unique<LeakyReluOp>(); }
std::unique_ptr<sdk::Kernel> MakeLogistic() { return std::make_unique<LogisticOp>(); }

}  // namespace glimpse::ops
