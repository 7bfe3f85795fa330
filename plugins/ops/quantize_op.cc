// SPDX-License-Identifier: Apache-2.0
#include <cmath>

#include "kernels/quantize/quantize.h"
#include "plugins/ops/checks.h"
#include "plugins/ops/ops.h"

namespace glimpse::ops {
namespace {

// Scales of an int8 tensor with one scale, or one for each index of a dimension, as Invoke needs them.
class Scales {
 public:
  // `first_only` reads the first scale for all, which is what TFLite Micro's DEQUANTIZE does.
  Status Set(PrepareContext& context, const Tensor& tensor, std::string_view what, bool first_only = false) {
    if (!tensor.is_quantized()) return InvalidNode(what, " '", tensor.name(), "' is int8 without scale and zero point");
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
      if (!(scales_[c] > 0) || !std::isfinite(scales_[c]) || zero_point < -128 || zero_point > 127) {
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
Status SameShape(const Tensor& input, const Tensor& output) {
  if (std::equal(input.dims().begin(), input.dims().end(), output.dims().begin(), output.dims().end())) return Ok();
  return InvalidNode("input 0 is ", input.Describe(), ", output 0 ", output.Describe(), "; their shapes must be equal");
}

class QuantizeOp final : public sdk::Kernel {
 public:
  Status Prepare(PrepareContext& context) override {
    const Tensor input = context.input(0);
    const Tensor output = context.output(0);
    if (!input.present()) return InvalidNode("input 0 is missing");
    GLIMPSE_SDK_TRY(RequireType(output, "output 0", GLIMPSE_INT8));
    count_ = input.element_count();
    from_float_ = input.dtype() == GLIMPSE_FLOAT32;
    if (from_float_) {
      if (output.scale_count() > 1) {
        kernels::Profile profile;
        GLIMPSE_SDK_TRY(GetProfile(context, &profile));
        if (profile == kernels::Profile::kTfliteMicro) return Unsupported("TFLite Micro has no per-channel QUANTIZE");
        GLIMPSE_SDK_TRY(SameShape(input, output));
      }
      GLIMPSE_SDK_TRY(scales_.Set(context, output, "output 0"));
    } else {
      GLIMPSE_SDK_TRY(RequireInt8(input, "input 0", &in_));
      GLIMPSE_SDK_TRY(RequireInt8(output, "output 0", &out_));
      const double real = static_cast<double>(in_.scale) / static_cast<double>(out_.scale);
      GLIMPSE_SDK_TRY(RequireMultiplier(real, "input scale / output scale"));
      multiplier_ = kernels::QuantizeMultiplier(real);
      GLIMPSE_SDK_TRY(context.AllowAlias(0, 0));
    }
    GLIMPSE_SDK_TRY(context.SetOutputShape(0, input.dims()));
    return context.ReportWork(0, static_cast<uint64_t>(count_));
  }

  Status Invoke(const sdk::InvokeContext& context) override {
    if (from_float_) {
      kernels::QuantizeF32ToS8Ref(scales_.view(), count_, context.input<float>(0), context.output<int8_t>(0));
    } else {
      kernels::RequantizeS8Ref(multiplier_, in_.zero_point, out_.zero_point, count_, context.input<int8_t>(0),
                               context.output<int8_t>(0));
    }
    return Ok();
  }

 private:
  int64_t count_ = 0;
  bool from_float_ = false;
  Scales scales_;
  kernels::PerTensor in_;
  kernels::PerTensor out_;
  kernels::FixedPointMultiplier multiplier_;
};

class DequantizeOp final : public sdk::Kernel {
 public:
  Status Prepare(PrepareContext& context) override {
    const Tensor input = context.input(0);
    GLIMPSE_SDK_TRY(RequireType(input, "input 0", GLIMPSE_INT8));
    GLIMPSE_SDK_TRY(RequireType(context.output(0), "output 0", GLIMPSE_FLOAT32));
    kernels::Profile profile;
    GLIMPSE_SDK_TRY(GetProfile(context, &profile));
    GLIMPSE_SDK_TRY(scales_.Set(context, input, "input 0", profile == kernels::Profile::kTfliteMicro));
    count_ = input.element_count();
    GLIMPSE_SDK_TRY(context.SetOutputShape(0, input.dims()));
    return context.ReportWork(0, static_cast<uint64_t>(count_));
  }

  Status Invoke(const sdk::InvokeContext& context) override {
    kernels::DequantizeS8ToF32Ref(scales_.view(), count_, context.input<int8_t>(0), context.output<float>(0));
    return Ok();
  }

 private:
  int64_t count_ = 0;
  Scales scales_;
};

}  // namespace

std::unique_ptr<sdk::Kernel> MakeQuantize() { return std::make_unique<QuantizeOp>(); }
std::unique_ptr<sdk::Kernel> MakeDequantize() { return std::make_unique<DequantizeOp>(); }

}  // namespace glimpse::ops
