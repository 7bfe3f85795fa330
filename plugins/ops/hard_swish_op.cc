// SPDX-License-Identifier: Apache-2.0
#include "kernels/hard_swish/hard_swish.h"
#include "plugins/ops/ops.h"
#include "plugins/ops/unary.h"

namespace glimpse::ops {
namespace {

class HardSwishOp final : public UnaryOp {
  Status Choose(PrepareContext& context, Profile profile, glimpse_dtype type) override {
    if (type == GLIMPSE_FLOAT32) return Ok();
    if (type == GLIMPSE_INT16) return Unsupported("input 0 is int16, which no runtime has for it");
    if (type == GLIMPSE_UINT8) GLIMPSE_SDK_TRY(RefuseInMicro(context, profile, " in uint8"));
    PerTensor in;
    PerTensor out;
    GLIMPSE_SDK_TRY(RequireQuantizedPair(context, &in, &out));
    return WithQuantizedType(context.input(0), [&](auto zero) {
      using T = decltype(zero);
      if constexpr (sizeof(T) == 1) {
        const auto table = kernels::HardSwishTable<T>(in, out);
        if (!table) {
          return Unsupported("input scale ", in.scale, " / 128 / output scale ", out.scale, " must be below 1");
        }
        UseTable(*table);
      }
      return Ok();
    });
  }

  Status Compute(const sdk::InvokeContext& context) override {
    kernels::HardSwishF32Ref(count(), context.input<float>(0), context.output<float>(0));
    return Ok();
  }
};

}  // namespace

std::unique_ptr<sdk::Kernel> MakeHardSwish() { return std::make_unique<HardSwishOp>(); }

}  // namespace glimpse::ops
