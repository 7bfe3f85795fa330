// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

#include "kernels/cast/cast.h"
#include "kernels/quantize/quantize.h"
#include "kernels/quantize/quantize_s8.h"
#include "plugins/ops/ops.h"
#include "plugins/ops/unary.h"

namespace glimpse::ops {
namespace {

// Scales of a tensor, one or one for each index of a dimension, as Invoke needs them.
class Scales {
 public:
  // `first_only` reads the first scale for all, which is what TFLite Micro's DEQUANTIZE does. Zero points lie in
  // [low, high].
  Status Set(PrepareContext& context, const Tensor& tensor, std::string_view what, int64_t low, int64_t high,
             bool first_only = false) {
    if (!tensor.is_quantized()) {
      return InvalidNode(what, " '", tensor.name(), "' is ", sdk::DtypeName(tensor.dtype()), " without scale");
    }
    const size_t count = first_only ? 1 : tensor.scale_count();
    view_ = {};
    if (count > 1) {
      uint32_t axis = 0;
      GLIMPSE_SDK_TRY(NormaliseAxis(tensor.quant_axis(), tensor.rank(), "quantized_dimension", &axis));
      if (tensor.dim(axis) != static_cast<int32_t>(count)) {
        return InvalidNode(what, " is ", tensor.Describe(), " with ", count, " scales along dimension ", axis);
      }
      for (uint32_t d = axis + 1; d < tensor.rank(); ++d) view_.inner *= std::max(tensor.dim(d), 1);
    }
    view_.channels = static_cast<int64_t>(count);
    GLIMPSE_SDK_TRY(scales_.Allocate(context, count));
    GLIMPSE_SDK_TRY(zero_points_.Allocate(context, count));
    for (size_t c = 0; c < count; ++c) {
      scales_[c] = tensor.scales()[c];
      const int64_t zero_point = tensor.zero_points()[c];
      if (!(scales_[c] > 0) || !std::isfinite(scales_[c]) || zero_point < low || zero_point > high) {
        return InvalidNode(what, " has scale ", scales_[c], " and zero point ", zero_point, " for channel ", c);
      }
      zero_points_[c] = static_cast<int32_t>(zero_point);
    }
    view_.scales = scales_.data();
    view_.zero_points = zero_points_.data();
    return Ok();
  }

  const kernels::ChannelScales& view() const { return view_; }

 private:
  sdk::Persistent<float> scales_;
  sdk::Persistent<int32_t> zero_points_;
  kernels::ChannelScales view_;
};

// A tensor whose shape is that of input 0; the claimed output shape decides nothing but where channels lie.
Status RequireSameShape(const Tensor& input, const Tensor& output) {
  if (std::equal(input.dims().begin(), input.dims().end(), output.dims().begin(), output.dims().end())) return Ok();
  return InvalidNode("input 0 is ", input.Describe(), ", output 0 ", output.Describe(), "; their shapes must be equal");
}

// The pairs that a runtime requantizes.
bool InLitert(glimpse_dtype in, glimpse_dtype out) {
  const bool from_byte = in == GLIMPSE_INT8 || in == GLIMPSE_UINT8;
  if (from_byte) return out == GLIMPSE_INT8 || out == GLIMPSE_UINT8 || out == GLIMPSE_INT16;
  if (in == GLIMPSE_INT16) return out == GLIMPSE_INT8 || out == GLIMPSE_INT16 || out == GLIMPSE_INT32;
  return in == GLIMPSE_INT32 && (out == GLIMPSE_INT8 || out == GLIMPSE_INT16);
}

bool InMicro(glimpse_dtype in, glimpse_dtype out) {
  if (in == GLIMPSE_INT8) return out != GLIMPSE_FLOAT32;
  if (in == GLIMPSE_UINT8) return out == GLIMPSE_INT8;
  return InLitert(in, out);
}

// Calls `function` with a value of an element type that has a quantized form.
template <typename Function>
void WithType(glimpse_dtype type, Function function) {
  if (type == GLIMPSE_INT8) return function(int8_t{});
  if (type == GLIMPSE_UINT8) return function(uint8_t{});
  if (type == GLIMPSE_INT16) return function(int16_t{});
  if (type == GLIMPSE_INT32) return function(int32_t{});
}

template <typename T>
constexpr int64_t kLow = std::numeric_limits<T>::min();
template <typename T>
constexpr int64_t kHigh = std::numeric_limits<T>::max();

using kernels::RunQuantizeToInt8;

class QuantizeOp final : public sdk::Kernel {
 public:
  // `fast`, unless nullptr, for float to int8; bytes to bytes then go by a table.
  explicit QuantizeOp(RunQuantizeToInt8 fast = nullptr) : fast_(fast) {}

  Status Prepare(PrepareContext& context) override {
    const Tensor input = context.input(0);
    const Tensor output = context.output(0);
    if (!input.present()) return InvalidNode("input 0 is missing");
    GLIMPSE_SDK_TRY(GetProfile(context, &profile_));
    in_ = input.dtype();
    out_ = output.dtype();
    count_ = input.element_count();
    GLIMPSE_SDK_TRY(in_ == GLIMPSE_FLOAT32 ? SetFloat(context) : SetPair(context));
    if (fast_ != nullptr) GLIMPSE_SDK_TRY(PrepareFast());
    GLIMPSE_SDK_TRY(context.SetOutputShape(0, input.dims()));
    if (sdk::DtypeBytes(in_) == sdk::DtypeBytes(out_)) GLIMPSE_SDK_TRY(context.AllowAlias(0, 0));
    return context.ReportWork(0, static_cast<uint64_t>(count_));
  }

  Status Invoke(const sdk::InvokeContext& context) override {
    if (fast_ != nullptr) {
      InvokeFast(context);
      return Ok();
    }
    WithType(out_, [&](auto to) {
      using Out = decltype(to);
      Out* output = context.output<Out>(0);
      if (in_ != GLIMPSE_FLOAT32) {
        WithType(in_, [&](auto from) {
          using In = decltype(from);
          kernels::RequantizeRef<In, Out>(p_, count_, context.input<In>(0), output);
        });
      } else if constexpr (sizeof(Out) < 4) {
        kernels::QuantizeRef(rounding_, scales_.view(), count_, context.input<float>(0), output);
      }
    });
    return Ok();
  }

 private:
  // What every element becomes; not where its place decides (the last ones of kOptimised and half_up).
  Status PrepareFast() {
    if (in_ == GLIMPSE_FLOAT32) {
      const bool served =
          out_ == GLIMPSE_INT8 && scales_.view().channels == 1 && rounding_ != kernels::FloatRounding::kOptimised;
      return served ? Ok() : Unsupported("of float32, only int8 with one scale has a fast form");
    }
    if (sdk::DtypeBytes(in_) != 1 || sdk::DtypeBytes(out_) != 1 || (p_.half_up && p_.factor_256 == 0)) {
      return Unsupported("only bytes that are all rounded alike have a table");
    }
    std::array<uint8_t, 256> bytes{};
    for (size_t i = 0; i < bytes.size(); ++i) bytes[i] = static_cast<uint8_t>(i);
    WithType(in_, [&](auto from) {
      WithType(out_, [&](auto to) {
        using In = decltype(from);
        using Out = decltype(to);
        kernels::RequantizeRef<In, Out>(p_, 256, reinterpret_cast<const In*>(bytes.data()),
                                        reinterpret_cast<Out*>(table_.data()));
      });
    });
    flips_ = true;
    for (size_t i = 0; i < bytes.size(); ++i) flips_ &= table_[i] == (i ^ 0x80);
    return Ok();
  }

  void InvokeFast(const sdk::InvokeContext& context) const {
    const auto count = static_cast<size_t>(count_);
    if (in_ == GLIMPSE_FLOAT32) {
      fast_(rounding_, scales_.view().scales[0], scales_.view().zero_points[0], count, context.input<float>(0),
            context.output<int8_t>(0));
      return;
    }
    const auto* input = context.input<uint8_t>(0);
    auto* output = context.output<uint8_t>(0);
    if (flips_) {  // from uint8 to int8 of the same scale, most of the time
      for (size_t i = 0; i < count; ++i) output[i] = input[i] ^ 0x80;
    } else {
      for (size_t i = 0; i < count; ++i) output[i] = table_[input[i]];
    }
  }

  Status SetFloat(PrepareContext& context) {
    const Tensor output = context.output(0);
    const bool micro = profile_ == Profile::kTfliteMicro;
    rounding_ = kernels::FloatRounding::kDivideHalfAway;
    if (output.scale_count() > 1) {
      GLIMPSE_SDK_TRY(RefuseInMicro(context, profile_, " with a scale for each channel"));
      GLIMPSE_SDK_TRY(RequireSameShape(context.input(0), output));
    } else if (profile_ == Profile::kLitertXnnpack) {
      // XNNPACK does not take int16, nor a tensor that names a dimension for its one scale.
      const bool delegated = out_ != GLIMPSE_INT16 && output.quant_axis() == 0;
      rounding_ = delegated ? kernels::FloatRounding::kMultiplyHalfEven : kernels::FloatRounding::kOptimised;
    }
    if (out_ == GLIMPSE_INT8) return scales_.Set(context, output, "output 0", kLow<int8_t>, kHigh<int8_t>);
    if (out_ == GLIMPSE_INT16) return scales_.Set(context, output, "output 0", kLow<int16_t>, kHigh<int16_t>);
    if (out_ == GLIMPSE_UINT8 && !micro) return scales_.Set(context, output, "output 0", 0, kHigh<uint8_t>);
    return Unsupported("numerics '", context.numerics(), "' does not quantize float32 to ", sdk::DtypeName(out_));
  }

  Status SetPair(PrepareContext& context) {
    const bool micro = profile_ == Profile::kTfliteMicro;
    if (!(micro ? InMicro(in_, out_) : InLitert(in_, out_))) {
      return Unsupported("numerics '", context.numerics(), "' does not requantize ", sdk::DtypeName(in_), " to ",
                         sdk::DtypeName(out_));
    }
    PerTensor in;
    PerTensor out;
    GLIMPSE_SDK_TRY(RequireScaled(context.input(0), "input 0", &in));
    GLIMPSE_SDK_TRY(RequireScaled(context.output(0), "output 0", &out));
    if (!micro && in_ == GLIMPSE_INT16 && out_ == GLIMPSE_INT16 && (in.zero_point != 0 || out.zero_point != 0)) {
      return InvalidNode("zero points are ", in.zero_point, " and ", out.zero_point, "; int16 must have 0");
    }
    const double real = static_cast<double>(in.scale) / static_cast<double>(out.scale);
    GLIMPSE_SDK_TRY(RequireMultiplier(real, "input scale / output scale"));
    p_ = {};
    p_.multiplier = kernels::QuantizeMultiplier(real);
    p_.input_zero_point = in.zero_point;
    p_.output_zero_point = out.zero_point;
    if (profile_ == Profile::kLitertXnnpack) {
      const bool bytes = sdk::DtypeBytes(in_) == 1 && sdk::DtypeBytes(out_) == 1;
      p_.factor_256 = bytes && in_ == out_ ? kernels::RequantizeFactor(in.scale, out.scale) : 0;
      p_.half_up = bytes;
    }
    return Ok();
  }

  RunQuantizeToInt8 fast_;
  std::array<uint8_t, 256> table_{};
  bool flips_ = false;  // the table does
  Profile profile_ = Profile::kLitertReference;
  glimpse_dtype in_ = GLIMPSE_FLOAT32;
  glimpse_dtype out_ = GLIMPSE_INT8;
  int64_t count_ = 0;
  kernels::FloatRounding rounding_ = kernels::FloatRounding::kDivideHalfAway;
  Scales scales_;
  kernels::RequantizeParams p_;
};

class DequantizeOp final : public sdk::Kernel {
 public:
  Status Prepare(PrepareContext& context) override {
    const Tensor input = context.input(0);
    if (!input.present()) return InvalidNode("input 0 is missing");
    GLIMPSE_SDK_TRY(RequireType(context.output(0), "output 0", GLIMPSE_FLOAT32));
    Profile profile;
    GLIMPSE_SDK_TRY(GetProfile(context, &profile));
    type_ = input.dtype();
    count_ = input.element_count();
    GLIMPSE_SDK_TRY(SetScales(context, profile));
    // XNNPACK does not take one scale along another dimension than the first: what LiteRT's own kernel is for.
    blocks_ = profile == Profile::kLitertXnnpack && sdk::DtypeBytes(type_) == 1 && type_ != GLIMPSE_INT4 &&
              input.scale_count() == 1 && input.quant_axis() != 0;
    if (blocks_) GLIMPSE_SDK_TRY(RequireScaled(input, "input 0", &one_));
    GLIMPSE_SDK_TRY(context.SetOutputShape(0, input.dims()));
    return context.ReportWork(0, static_cast<uint64_t>(count_));
  }

  Status Invoke(const sdk::InvokeContext& context) override {
    float* output = context.output<float>(0);
    if (type_ == GLIMPSE_FLOAT16) {
      kernels::CastRef(kernels::NanTo::kLargest, count_, context.input<kernels::Half>(0), output);
    } else if (type_ == GLIMPSE_INT4) {
      kernels::DequantizeS4Ref(scales_.view(), count_, context.input<uint8_t>(0), output);
    } else {
      WithType(type_, [&](auto from) {
        using In = decltype(from);
        if constexpr (sizeof(In) == 1) {
          if (blocks_) return kernels::DequantizeBlocksRef(one_, count_, context.input<In>(0), output);
        }
        if constexpr (sizeof(In) < 4) {
          kernels::DequantizeRef(scales_.view(), count_, context.input<In>(0), output);
        }
      });
    }
    return Ok();
  }

 private:
  Status SetScales(PrepareContext& context, Profile profile) {
    const Tensor input = context.input(0);
    const bool micro = profile == Profile::kTfliteMicro;
    if (type_ == GLIMPSE_FLOAT16) return RefuseInMicro(context, profile, " of float16");
    if (type_ == GLIMPSE_INT8) return scales_.Set(context, input, "input 0", kLow<int8_t>, kHigh<int8_t>, micro);
    if (type_ == GLIMPSE_UINT8) return scales_.Set(context, input, "input 0", 0, kHigh<uint8_t>, micro);
    if (type_ == GLIMPSE_INT4) {
      GLIMPSE_SDK_TRY(RefuseInMicro(context, profile, " of int4"));
      return scales_.Set(context, input, "input 0", -8, 7);
    }
    if (type_ != GLIMPSE_INT16) return Unsupported("input 0 is ", input.Describe(), ", which no runtime dequantizes");
    if (!micro && input.scale_count() > 1) return Unsupported("LiteRT has no int16 with a scale for each channel");
    GLIMPSE_SDK_TRY(scales_.Set(context, input, "input 0", kLow<int16_t>, kHigh<int16_t>, micro));
    if (micro || scales_.view().zero_points[0] == 0) return Ok();
    return InvalidNode("input 0 has zero point ", scales_.view().zero_points[0], "; int16 must have 0");
  }

  glimpse_dtype type_ = GLIMPSE_INT8;
  int64_t count_ = 0;
  Scales scales_;
  bool blocks_ = false;  // LiteRT's optimised form, with `one_`
  PerTensor one_;
};

}  // namespace

std::unique_ptr<sdk::Kernel> MakeQuantize() { return std::make_unique<QuantizeOp>(); }
std::unique_ptr<sdk::Kernel> MakeQuantize(RunQuantizeToInt8 fast) { return std::make_unique<QuantizeOp>(fast); }
std::unique_ptr<sdk::Kernel> MakeDequantize() { return std::make_unique<DequantizeOp>(); }

}  // namespace glimpse::ops
