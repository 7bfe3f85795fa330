// SPDX-License-Identifier: Apache-2.0
// Functions of one element that have no file of their own.
#include <limits>

#include "kernels/unary/unary.h"
#include "plugins/ops/ops.h"
#include "plugins/ops/unary.h"

namespace glimpse::ops {
namespace {

using kernels::UnaryFunction;

// Element types in which a function comes, as bits of GLIMPSE_DTYPE_BIT.
constexpr uint64_t kF32 = sdk::Types<float>();
constexpr uint64_t kI8 = sdk::Types<int8_t>();

// `litert` and `micro`: the types that the runtimes have.
class FunctionOp : public UnaryOp {
 public:
  FunctionOp(UnaryFunction function, uint64_t litert, uint64_t micro)
      : function_(function), litert_(litert), micro_(micro) {}

 protected:
  Status Choose(PrepareContext& context, Profile profile, glimpse_dtype type) final {
    const uint64_t types = profile == Profile::kTfliteMicro ? micro_ : litert_;
    if ((types & GLIMPSE_DTYPE_BIT(type)) == 0) {
      return Unsupported("numerics '", context.numerics(), "' has no ", context.op().name(), " in ",
                         sdk::DtypeName(type));
    }
    type_ = type;
    if (function_ == UnaryFunction::kGelu || function_ == UnaryFunction::kGeluApproximate) {
      glimpse_gelu_options options{};
      GLIMPSE_SDK_TRY(GetOptions(context, &options));
      function_ = options.approximate != 0 ? UnaryFunction::kGeluApproximate : UnaryFunction::kGelu;
    }
    if (function_ == UnaryFunction::kRound || function_ == UnaryFunction::kRoundMicro) {
      function_ = profile == Profile::kTfliteMicro ? UnaryFunction::kRoundMicro : UnaryFunction::kRound;
    }
    return type == GLIMPSE_FLOAT32 ? Ok() : ChooseInteger(context, profile);
  }
  // Anything but float32.
  virtual Status ChooseInteger(PrepareContext&, Profile) { return Ok(); }

  Status Compute(const sdk::InvokeContext& context) final {
    if (type_ != GLIMPSE_FLOAT32) return ComputeInteger(context);
    kernels::UnaryF32Ref(function_, count(), context.input<float>(0), context.output<float>(0));
    return Ok();
  }
  virtual Status ComputeInteger(const sdk::InvokeContext& context) {
    switch (type_) {
      case GLIMPSE_INT8:
        return Integers<int8_t>(context);
      case GLIMPSE_INT16:
        return Integers<int16_t>(context);
      case GLIMPSE_INT32:
        return Integers<int32_t>(context);
      default:
        return Integers<int64_t>(context);
    }
  }

  UnaryFunction function_;
  glimpse_dtype type_ = GLIMPSE_FLOAT32;

 private:
  template <typename T>
  Status Integers(const sdk::InvokeContext& context) const {
    kernels::UnaryIntRef(function_, count(), context.input<T>(0), context.output<T>(0));
    return Ok();
  }

  uint64_t litert_;
  uint64_t micro_;
};

// Tables of a real function: EXP, LOG, ELU, GELU.
class TableOp final : public FunctionOp {
 public:
  using FunctionOp::FunctionOp;

 private:
  Status ChooseInteger(PrepareContext& context, Profile profile) override {
    // ELU is the one that XNNPACK takes.
    const bool delegated = profile == Profile::kLitertXnnpack && function_ == UnaryFunction::kElu;
    PerTensor in;
    PerTensor out;
    GLIMPSE_SDK_TRY(RequireQuantizedPair(context, &in, &out));
    if (delegated) GLIMPSE_SDK_TRY(RequireNormalScale(out));
    const bool micro_elu = profile == Profile::kTfliteMicro && function_ == UnaryFunction::kElu;
    const UnaryFunction function = micro_elu ? UnaryFunction::kEluMicro : function_;
    return WithQuantizedType(context.input(0), [&](auto zero) {
      using T = decltype(zero);
      const float floor = kernels::LogFloor<T>(out);
      const auto value = [&](float x) {
        return function == UnaryFunction::kLog && x <= 0 ? floor : kernels::ValueOf(function, x);
      };
      if constexpr (sizeof(T) == 1) {
        UseTable(delegated ? kernels::TabulateXnnpack<T>(in, out, value) : kernels::TabulateReal<T>(in, out, value));
      } else {
        UseTable(kernels::TabulateWords<float>(in.scale, in.zero_point, out.scale, out.zero_point, value));
      }
      return Ok();
    });
  }
};

class AbsOp final : public FunctionOp {
 public:
  using FunctionOp::FunctionOp;

 private:
  Status ChooseInteger(PrepareContext& context, Profile profile) override {
    // int32 and int16 without a scale are plain numbers.
    quantized_ = type_ == GLIMPSE_INT8 || (type_ == GLIMPSE_INT16 && context.input(0).is_quantized());
    if (!quantized_) return Ok();
    PerTensor in;
    PerTensor out;
    GLIMPSE_SDK_TRY(RequireQuantizedPair(context, &in, &out));
    GLIMPSE_SDK_TRY(RequireMultiplier(static_cast<double>(in.scale) / static_cast<double>(out.scale),
                                      "input scale / output scale"));
    params_ = kernels::MakeAbs(profile, in, out);
    if (type_ == GLIMPSE_INT8) {
      UseTable(kernels::Tabulate<int8_t>([this](int32_t q) { return kernels::AbsOf<int8_t>(params_, q); }));
    }
    return Ok();
  }

  Status ComputeInteger(const sdk::InvokeContext& context) override {
    if (!quantized_) return FunctionOp::ComputeInteger(context);
    const auto* input = context.input<int16_t>(0);
    auto* output = context.output<int16_t>(0);
    for (int64_t i = 0; i < count(); ++i) output[i] = kernels::AbsOf<int16_t>(params_, input[i]);
    return Ok();
  }

  bool quantized_ = false;
  kernels::AbsParams params_;
};

// SQRT and RSQRT, which numbers below the zero point do not have.
class RootOp final : public FunctionOp {
 public:
  using FunctionOp::FunctionOp;

 private:
  Status ChooseInteger(PrepareContext& context, Profile profile) override {
    GLIMPSE_SDK_TRY(RequireQuantizedPair(context, &in_, &out_));
    micro_ = profile == Profile::kTfliteMicro;
    if (function_ == UnaryFunction::kSqrt) return Ok();
    if (type_ == GLIMPSE_INT16 && !micro_) {
      table_ = kernels::TabulateWords<float>(in_.scale, 0, out_.scale, 0, [this](float x) {
        return x <= 0 ? 32767.0F * out_.scale : kernels::ValueOf(UnaryFunction::kRsqrt, x);
      });
      return Ok();
    }
    const auto params = kernels::MakeRsqrt(profile, in_, out_);
    if (!params) return Unsupported("1 / (sqrt(input scale) * output scale) must be 2^-12 to 2^30");
    params_ = *params;
    return Ok();
  }

  Status ComputeInteger(const sdk::InvokeContext& context) override {
    return type_ == GLIMPSE_INT8 ? Roots<int8_t>(context) : Roots<int16_t>(context);
  }

  template <typename T>
  Status Roots(const sdk::InvokeContext& context) const {
    const T* input = context.input<T>(0);
    T* output = context.output<T>(0);
    for (int64_t i = 0; i < count(); ++i) {
      const T q = input[i];
      if (q < in_.zero_point) return InvalidNode("a negative number has no square root");
      if (function_ == UnaryFunction::kSqrt) {
        output[i] = kernels::SqrtOf<T>(in_, out_, q);
      } else if (sizeof(T) == 2 && !micro_) {
        output[i] = static_cast<T>(kernels::LookUpWord(table_, q));
      } else {
        output[i] = kernels::RsqrtOf<T>(params_, q);
      }
    }
    return Ok();
  }

  PerTensor in_;
  PerTensor out_;
  bool micro_ = false;
  kernels::RsqrtParams params_;
  kernels::WordTable table_{};
};

constexpr uint64_t kI816 = sdk::Types<int8_t, int16_t>();
constexpr uint64_t kIntegers = sdk::Types<int8_t, int16_t, int32_t, int64_t>();
constexpr uint64_t kI32 = sdk::Types<int32_t>();

template <typename Op = FunctionOp>
std::unique_ptr<sdk::Kernel> Function(UnaryFunction function, uint64_t litert, uint64_t micro) {
  return std::make_unique<Op>(function, litert, micro);
}

}  // namespace

std::unique_ptr<sdk::Kernel> MakeAbs() {
  return Function<AbsOp>(UnaryFunction::kAbs, kF32 | kI816 | kI32, kF32 | kI816);
}
std::unique_ptr<sdk::Kernel> MakeCeil() { return Function(UnaryFunction::kCeil, kF32, kF32); }
std::unique_ptr<sdk::Kernel> MakeCos() { return Function(UnaryFunction::kCos, kF32, kF32); }
std::unique_ptr<sdk::Kernel> MakeElu() { return Function<TableOp>(UnaryFunction::kElu, kF32 | kI8, kF32 | kI8); }
std::unique_ptr<sdk::Kernel> MakeExp() { return Function<TableOp>(UnaryFunction::kExp, kF32 | kI816, kF32); }
std::unique_ptr<sdk::Kernel> MakeFloor() { return Function(UnaryFunction::kFloor, kF32, kF32); }
std::unique_ptr<sdk::Kernel> MakeGelu() {
  return Function<TableOp>(UnaryFunction::kGelu, kF32 | kI816 | sdk::Types<uint8_t>(), 0);
}
std::unique_ptr<sdk::Kernel> MakeLog() { return Function<TableOp>(UnaryFunction::kLog, kF32 | kI816, kF32); }
std::unique_ptr<sdk::Kernel> MakeNeg() { return Function(UnaryFunction::kNeg, kF32 | kIntegers, kF32); }
std::unique_ptr<sdk::Kernel> MakeRound() { return Function(UnaryFunction::kRound, kF32, kF32); }
std::unique_ptr<sdk::Kernel> MakeRsqrt() { return Function<RootOp>(UnaryFunction::kRsqrt, kF32 | kI816, kF32 | kI816); }
std::unique_ptr<sdk::Kernel> MakeSign() { return Function(UnaryFunction::kSign, kF32 | kI32, 0); }
std::unique_ptr<sdk::Kernel> MakeSin() { return Function(UnaryFunction::kSin, kF32, kF32); }
std::unique_ptr<sdk::Kernel> MakeSqrt() { return Function<RootOp>(UnaryFunction::kSqrt, kF32 | kI816, kF32); }
std::unique_ptr<sdk::Kernel> MakeSquare() { return Function(UnaryFunction::kSquare, kF32, kF32); }

}  // namespace glimpse::ops
