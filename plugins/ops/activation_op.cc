// SPDX-License-Identifier: Apache-2.0
// RELU and its bounded forms, LEAKY_RELU.
#include <cmath>
#include <type_traits>

#include "kernels/activation/activation.h"
#include "plugins/ops/ops.h"
#include "plugins/ops/unary.h"

namespace glimpse::ops {
namespace {

using kernels::ReluBounds;

Status RequireRatio(PerTensor in, PerTensor out, float factor, std::string_view what) {
  return RequireMultiplier(
      std::abs(static_cast<double>(in.scale) * static_cast<double>(factor)) / static_cast<double>(out.scale), what);
}

class ReluOp final : public UnaryOp {
 public:
  ReluOp(ReluBounds bounds, bool in_micro, bool int16) : bounds_(bounds), in_micro_(in_micro), int16_(int16) {}

 private:
  Status Choose(PrepareContext& context, Profile profile, glimpse_dtype type) override {
    if (!in_micro_) GLIMPSE_SDK_TRY(RefuseInMicro(context, profile, ""));
    real_ = type == GLIMPSE_FLOAT32;
    if (real_) return Ok();
    if (type == GLIMPSE_UINT8) GLIMPSE_SDK_TRY(RefuseInMicro(context, profile, " in uint8"));
    PerTensor in;
    PerTensor out;
    GLIMPSE_SDK_TRY(RequireQuantizedPair(context, &in, &out));
    GLIMPSE_SDK_TRY(RequireRatio(in, out, 1, "input scale / output scale"));
    if (type == GLIMPSE_INT16 && !int16_) return Unsupported("input 0 is int16, which no runtime has for it");
    return WithQuantizedType(context.input(0), [&](auto zero) {
      using T = decltype(zero);
      params_ = kernels::MakeRelu<T>(profile, bounds_, in, out);
      if constexpr (sizeof(T) == 1) {
        UseTable(kernels::Tabulate<T>([this](int32_t q) { return kernels::ReluOf<T>(params_, q); }));
      }
      return Ok();
    });
  }

  Status Compute(const sdk::InvokeContext& context) override {
    if (real_) {
      kernels::ReluF32Ref(bounds_, count(), context.input<float>(0), context.output<float>(0));
    } else {
      kernels::ReluS16Ref(params_, count(), context.input<int16_t>(0), context.output<int16_t>(0));
    }
    return Ok();
  }

  ReluBounds bounds_;
  bool in_micro_;
  bool int16_;
  bool real_ = false;
  kernels::ReluParams params_;
};

class LeakyReluOp final : public UnaryOp {
  Status Choose(PrepareContext& context, Profile profile, glimpse_dtype type) override {
    glimpse_leaky_relu_options options{};
    GLIMPSE_SDK_TRY(GetOptions(context, &options));
    alpha_ = options.alpha;
    real_ = type == GLIMPSE_FLOAT32;
    if (real_) return Ok();
    if (type == GLIMPSE_UINT8) GLIMPSE_SDK_TRY(RefuseInMicro(context, profile, " in uint8"));
    PerTensor in;
    PerTensor out;
    GLIMPSE_SDK_TRY(RequireQuantizedPair(context, &in, &out));
    GLIMPSE_SDK_TRY(RequireRatio(in, out, 1, "input scale / output scale"));
    GLIMPSE_SDK_TRY(RequireRatio(in, out, alpha_, "input scale * alpha / output scale"));
    return WithQuantizedType(context.input(0), [&](auto zero) {
      using T = decltype(zero);
      params_ = kernels::MakeLeakyRelu<T>(profile, in, out, alpha_);
      if constexpr (sizeof(T) == 1) {
        UseTable(kernels::Tabulate<T>([this](int32_t q) { return kernels::LeakyReluOf<T>(params_, q); }));
      }
      return Ok();
    });
  }

  Status Compute(const sdk::InvokeContext& context) override {
    if (real_) {
      kernels::LeakyReluF32Ref(alpha_, count(), context.input<float>(0), context.output<float>(0));
    } else {
      kernels::LeakyReluS16Ref(params_, count(), context.input<int16_t>(0), context.output<int16_t>(0));
    }
    return Ok();
  }

  float alpha_ = 0;
  bool real_ = false;
  kernels::LeakyReluParams params_;
};

}  // namespace

std::unique_ptr<sdk::Kernel> MakeRelu() { return std::make_unique<ReluOp>(ReluBounds{}, true, true); }
std::unique_ptr<sdk::Kernel> MakeRelu6() { return std::make_unique<ReluOp>(ReluBounds{0, 6}, true, true); }
std::unique_ptr<sdk::Kernel> MakeReluN1To1() { return std::make_unique<ReluOp>(ReluBounds{-1, 1}, false, false); }
std::unique_ptr<sdk::Kernel> MakeRelu0To1() { return std::make_unique<ReluOp>(ReluBounds{0, 1}, false, false); }
std::unique_ptr<sdk::Kernel> MakeLeakyRelu() { return std::make_unique<LeakyReluOp>(); }

}  // namespace glimpse::ops
