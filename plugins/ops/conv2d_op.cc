// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "kernels/conv2d/conv2d.h"
#include "plugins/ops/checks.h"
#include "plugins/ops/conv2d_node.h"
#include "plugins/ops/conv_checks.h"
#include "plugins/ops/ops.h"
#include "plugins/ops/packed_conv.h"
#include "plugins/ops/pool_checks.h"

namespace glimpse::ops {
namespace {

class Conv2DOp final : public sdk::Kernel {
 public:
  // nullptr: the reference kernels. `pooled`: a chain with the MAX_POOL_2D behind it.
  explicit Conv2DOp(const kernels::PackedConv2DS8* packed = nullptr, bool pooled = false)
      : fast_kernel_(packed), pooled_(pooled) {}

  Status Prepare(PrepareContext& context) override {
    glimpse_conv_2d_options options{};
    GLIMPSE_SDK_TRY(GetOptions(context, &options));
    const Tensor input = context.input(0);
    const Tensor filter = context.input(1);
    GLIMPSE_SDK_TRY(RequireImageAndFilter(input, "input 0", filter));
    p_ = {};
    GLIMPSE_SDK_TRY(GetConv2DSizes(input.dims(), filter, options, &p_));
    ConvNode node = Conv2DNode(context.op(), options, p_);
    GLIMPSE_SDK_TRY(GetConvForm(context, &node, &form_));
    GLIMPSE_SDK_TRY(filter_.Prepare(context, context.input(1), 1));
    range_ = kernels::FloatActivationRange(static_cast<kernels::Activation>(options.activation));
    if (form_ == ConvForm::kHybrid) {
      GLIMPSE_SDK_TRY(SetHybrid(context, node));
    } else if (form_ != ConvForm::kFloat) {
      GLIMPSE_SDK_TRY(GetConvQuantization(context, node, form_, options.activation, &scales_, &p_.linear));
    }
    if (pooled_) {
      if (form_ != ConvForm::kInt8) return Unsupported("only int8 activations are pooled before they are scaled");
      GLIMPSE_SDK_TRY(TakeMaxPool(context, 1, &p_));
    }
    const int64_t dims[] = {p_.batches, pooled_ ? p_.pool->height.output : p_.height.output,
                            pooled_ ? p_.pool->width.output : p_.width.output, p_.output_depth};
    GLIMPSE_SDK_TRY(SetShape(context, 0, dims, sdk::DtypeBytes(context.input(0).dtype())));
    const auto outputs = static_cast<uint64_t>(p_.batches) * static_cast<uint64_t>(p_.height.output) *
                         static_cast<uint64_t>(p_.width.output) * static_cast<uint64_t>(p_.output_depth);
    GLIMPSE_SDK_TRY(
        ReportMacs(context, outputs, static_cast<uint64_t>(context.input(1).element_count() / p_.output_depth)));
    return fast_kernel_ == nullptr ? Ok() : Pack(context);
  }

  Status Invoke(const sdk::InvokeContext& c) override {
    if (fast_kernel_ != nullptr) {
      fast_.Invoke(c);
      return Ok();
    }
    switch (form_) {
      case ConvForm::kInt8:
        kernels::Conv2DS8Ref(p_, c.input<int8_t>(0), filter_.In(c), c.input<int32_t>(2), c.output<int8_t>(0));
        break;
      case ConvForm::kUint8:
        kernels::Conv2DU8Ref(p_, c.input<uint8_t>(0), c.input<uint8_t>(1), c.input<int32_t>(2), c.output<uint8_t>(0));
        break;
      case ConvForm::kInt16Bias32:
        kernels::Conv2DS16Ref(p_, c.input<int16_t>(0), filter_.In(c), c.input<int32_t>(2), c.output<int16_t>(0));
        break;
      case ConvForm::kInt16Bias64:
        kernels::Conv2DS16Ref(p_, c.input<int16_t>(0), filter_.In(c), c.input<int64_t>(2), c.output<int16_t>(0));
        break;
      case ConvForm::kFloat:
        kernels::Conv2DF32Ref(p_, range_, c.input<float>(0), c.input<float>(1), c.input<float>(2), c.output<float>(0));
        break;
      case ConvForm::kHybrid:
        InvokeHybrid(c);
        break;
    }
    return Ok();
  }

 private:
  Status Pack(PrepareContext& context) {
    if (form_ != ConvForm::kInt8) return Unsupported("only int8 activations have a packed form");
    const Tensor filter = context.input(1);
    GLIMPSE_SDK_TRY(RequirePackable(filter, context.input(2)));
    return fast_.Prepare(context, *fast_kernel_, p_, DenseFilter(p_, filter.constant<int8_t>().data()),
                         context.input(2));
  }

  // Scales that differ ask for an asymmetric input. With equal ones the runtime has no groups, and its vector code
  // takes the negative of -128 for -128: such weights, which the format's specification rules out, are refused.
  Status SetHybrid(PrepareContext& context, const ConvNode& node) {
    GLIMPSE_SDK_TRY(hybrid_.Prepare(context, node.linear));
    if (hybrid_.per_channel()) return Ok();
    const Tensor& filter = node.linear.filter;
    if (p_.groups != 1) {
      return Unsupported("float32 with ", filter.Describe(), " of equal scales in ", p_.groups,
                         " groups has no defined result");
    }
    const std::span<const int8_t> weights = filter.constant<int8_t>();
    if (filter.dtype() == GLIMPSE_INT4 || (!weights.empty() && std::ranges::find(weights, -128) == weights.end())) {
      return Ok();
    }
    return Unsupported("float32 with ", filter.Describe(), " of equal scales needs constant weights without -128");
  }

  void InvokeHybrid(const sdk::InvokeContext& c) {
    const int8_t* filter = filter_.In(c);
    const size_t image = static_cast<size_t>(p_.height.output) * static_cast<size_t>(p_.width.output) *
                         static_cast<size_t>(p_.output_depth);
    for (int32_t n = 0; n < p_.batches; ++n) {
      kernels::RowQuantization row;
      const int8_t* stored = hybrid_.Quantize(c, c.input<float>(0), n, hybrid_.per_channel(), &row);
      p_.linear.input_zero_point = row.zero_point;
      const kernels::Conv2DHybrid scaling{row.scale, hybrid_.scales(), hybrid_.per_channel(), range_};
      kernels::Conv2DHybridRef(p_, scaling, stored, filter, c.input<float>(2),
                               c.output<float>(0) + static_cast<size_t>(n) * image);
    }
  }

  const kernels::PackedConv2DS8* fast_kernel_;
  bool pooled_;
  PackedConv fast_;
  kernels::Conv2DParams p_;
  ConvForm form_ = ConvForm::kInt8;
  kernels::FloatRange range_;
  Int8Filter filter_;
  HybridInput hybrid_;
  sdk::Persistent<kernels::OutputScale> scales_;
};

}  // namespace

std::unique_ptr<sdk::Kernel> MakeConv2D() { return std::make_unique<Conv2DOp>(); }
std::unique_ptr<sdk::Kernel> MakeConv2D(const kernels::PackedConv2DS8& packed) {
  return std::make_unique<Conv2DOp>(&packed);
}
std::unique_ptr<sdk::Kernel> MakeConv2DMaxPool2D(const kernels::PackedConv2DS8& packed) {
  return std::make_unique<Conv2DOp>(&packed, true);
}

}  // namespace glimpse::ops
