// SPDX-License-Identifier: Apache-2.0
#include <cstring>

#include "kernels/boolean.h"
#include "kernels/cast/cast.h"
#include "plugins/ops/ops.h"
#include "plugins/ops/unary.h"

namespace glimpse::ops {
namespace {

using kernels::Half;

// Calls `function` with a value of the element type; false for a type that no runtime casts.
template <typename Function>
bool WithType(glimpse_dtype type, Function function) {
  switch (type) {
    case GLIMPSE_FLOAT32:
      return function(float{});
    case GLIMPSE_FLOAT16:
      return function(Half{});
    case GLIMPSE_FLOAT64:
      return function(double{});
    case GLIMPSE_INT8:
      return function(int8_t{});
    case GLIMPSE_UINT8:
      return function(uint8_t{});
    case GLIMPSE_INT16:
      return function(int16_t{});
    case GLIMPSE_UINT16:
      return function(uint16_t{});
    case GLIMPSE_INT32:
      return function(int32_t{});
    case GLIMPSE_UINT32:
      return function(uint32_t{});
    case GLIMPSE_INT64:
      return function(int64_t{});
    case GLIMPSE_BOOL:
      return function(kernels::Boolean{});
    default:
      return false;
  }
}

constexpr uint64_t kMicroTypes = sdk::Types<float, int8_t, int16_t, int32_t, uint32_t, bool>();

class CastOp final : public sdk::Kernel {
 public:
  Status Prepare(PrepareContext& context) override {
    const Tensor input = context.input(0);
    const Tensor output = context.output(0);
    if (!input.present()) return InvalidNode("input 0 is missing");
    Profile profile;
    GLIMPSE_SDK_TRY(GetProfile(context, &profile));
    const bool micro = profile == Profile::kTfliteMicro;
    const auto known = [](auto) { return true; };
    const bool served = WithType(input.dtype(), known) && WithType(output.dtype(), known);
    const uint64_t bits = GLIMPSE_DTYPE_BIT(input.dtype()) | GLIMPSE_DTYPE_BIT(output.dtype());
    if (!served || (micro && (bits & ~kMicroTypes) != 0)) {
      return Unsupported("numerics '", context.numerics(), "' has no cast from ", sdk::DtypeName(input.dtype()), " to ",
                         sdk::DtypeName(output.dtype()));
    }
    in_ = input.dtype();
    out_ = output.dtype();
    nan_ = micro ? kernels::NanTo::kZero : kernels::NanTo::kLargest;
    count_ = input.element_count();
    GLIMPSE_SDK_TRY(context.SetOutputShape(0, input.dims()));
    return context.ReportWork(0, static_cast<uint64_t>(count_));
  }

  Status Invoke(const sdk::InvokeContext& context) override {
    WithType(in_, [&](auto from) {
      return WithType(out_, [&](auto to) {
        using In = decltype(from);
        using Out = decltype(to);
        kernels::CastRef<Out, In>(nan_, count_, context.input<In>(0), context.output<Out>(0));
        return true;
      });
    });
    return Ok();
  }

 private:
  glimpse_dtype in_ = GLIMPSE_FLOAT32;
  glimpse_dtype out_ = GLIMPSE_FLOAT32;
  kernels::NanTo nan_ = kernels::NanTo::kLargest;
  int64_t count_ = 0;
};

// RANK: the number of dimensions, known when shapes are.
class RankOp final : public sdk::Kernel {
  Status Prepare(PrepareContext& context) override {
    if (!context.input(0).present()) return InvalidNode("input 0 is missing");
    Profile profile;
    GLIMPSE_SDK_TRY(GetProfile(context, &profile));
    GLIMPSE_SDK_TRY(RefuseInMicro(context, profile, ""));
    GLIMPSE_SDK_TRY(RequireType(context.output(0), "output 0", GLIMPSE_INT32));
    rank_ = static_cast<int32_t>(context.input(0).rank());
    GLIMPSE_SDK_TRY(context.SetOutputShape(0, {}));
    return context.ReportWork(0, 1);
  }

  Status Invoke(const sdk::InvokeContext& context) override {
    *context.output<int32_t>(0) = rank_;
    return Ok();
  }

  int32_t rank_ = 0;
};

class ZerosLikeOp final : public UnaryOp {
  Status Choose(PrepareContext& context, Profile profile, glimpse_dtype type) override {
    // int8 is TFLite Micro's alone: zeros, whatever the zero point.
    const bool micro = profile == Profile::kTfliteMicro;
    if (type == GLIMPSE_INT8 && !micro) return Unsupported("LiteRT has no ", context.op().name(), " in int8");
    bytes_ = sdk::DtypeBytes(type);
    return Ok();
  }

  Status Compute(const sdk::InvokeContext& context) override {
    std::memset(context.output<uint8_t>(0), 0, static_cast<size_t>(count()) * bytes_);
    return Ok();
  }

  size_t bytes_ = 1;
};

}  // namespace

std::unique_ptr<sdk::Kernel> MakeCast() { return std::make_unique<CastOp>(); }
std::unique_ptr<sdk::Kernel> MakeRank() { return std::make_unique<RankOp>(); }
std::unique_ptr<sdk::Kernel> MakeZerosLike() { return std::make_unique<ZerosLikeOp>(); }

}  // namespace glimpse::ops
