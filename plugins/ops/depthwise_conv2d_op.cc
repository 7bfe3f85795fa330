// SPDX-License-Identifier: Apache-2.0
#include "kernels/depthwise_conv2d/depthwise_conv2d.h"
#include "plugins/ops/checks.h"
#include "plugins/ops/conv_checks.h"
#include "plugins/ops/ops.h"
#include "plugins/ops/packed_conv.h"
#include "plugins/ops/row_division.h"

namespace glimpse::ops {
namespace {

class DepthwiseConv2DOp final : public sdk::Kernel {
 public:
  // Packed kernels in place of the reference ones, unless nullptr.
  explicit DepthwiseConv2DOp(const kernels::PackedDepthwiseS8* depthwise = nullptr,
                             const kernels::PackedConv2DS8* conv = nullptr)
      : fast_kernel_(depthwise), conv_kernel_(conv) {}

  Status Prepare(PrepareContext& context) override {
    glimpse_depthwise_conv_2d_options options{};
    GLIMPSE_SDK_TRY(GetOptions(context, &options));
    ConvNode node{.linear = {.input = context.input(0),
                             .filter = context.input(1),
                             .bias = context.input(2),
                             .output = context.output(0),
                             .filter_axis = 3},
                  .op = "DEPTHWISE_CONV_2D",
                  .builtin = BuiltinRounding::kByEights};
    p_ = {};
    GLIMPSE_SDK_TRY(SetSizes(context, options));
    const int32_t output_depth = p_.input_depth * p_.depth_multiplier;
    node.linear.channels = output_depth;
    GLIMPSE_SDK_TRY(GetConvForm(context, &node, &form_));
    GLIMPSE_SDK_TRY(CheckForm(context, options.depth_multiplier));
    GLIMPSE_SDK_TRY(filter_.Prepare(context, context.input(1), 1));
    range_ = kernels::FloatActivationRange(static_cast<kernels::Activation>(options.activation));
    if (form_ == ConvForm::kHybrid) {
      GLIMPSE_SDK_TRY(hybrid_.Prepare(context, node.linear));
    } else if (form_ != ConvForm::kFloat) {
      GLIMPSE_SDK_TRY(GetConvQuantization(context, node, form_, options.activation, &scales_, &p_.linear));
    }
    const int64_t dims[] = {p_.batches, p_.height.output, p_.width.output, output_depth};
    GLIMPSE_SDK_TRY(SetShape(context, 0, dims, sdk::DtypeBytes(context.input(0).dtype())));
    const auto outputs = static_cast<uint64_t>(p_.batches) * static_cast<uint64_t>(p_.height.output) *
                         static_cast<uint64_t>(p_.width.output) * static_cast<uint64_t>(output_depth);
    const auto terms = static_cast<uint64_t>(p_.height.filter) * static_cast<uint64_t>(p_.width.filter);
    GLIMPSE_SDK_TRY(ReportMacs(context, outputs, terms));
    return fast_kernel_ == nullptr ? Ok() : Pack(context);
  }

  Status Invoke(const sdk::InvokeContext& c) override {
    if (fast_kernel_ != nullptr) {
      if (as_conv_) {
        fast_conv_.Invoke(c);
      } else {
        const auto* const input = c.input<int8_t>(0);
        auto* const output = c.output<int8_t>(0);
        division_.ForEach(c, [&](const kernels::DepthwiseConv2DParams& part, void* scratch, size_t in, size_t out) {
          fast_kernel_->run(part, packed_.data(), input + in, scratch, output + out);
        });
      }
      return Ok();
    }
    switch (form_) {
      case ConvForm::kInt8:
        kernels::DepthwiseConv2DS8Ref(p_, c.input<int8_t>(0), filter_.In(c), c.input<int32_t>(2), c.output<int8_t>(0));
        break;
      case ConvForm::kUint8:
        kernels::DepthwiseConv2DU8Ref(p_, c.input<uint8_t>(0), c.input<uint8_t>(1), c.input<int32_t>(2),
                                      c.output<uint8_t>(0));
        break;
      case ConvForm::kInt16Bias32:  // refused in Prepare
        return sdk::Internal("int16 with an int32 bias");
      case ConvForm::kInt16Bias64:
        kernels::DepthwiseConv2DS16Ref(p_, c.input<int16_t>(0), c.input<int8_t>(1), c.input<int64_t>(2),
                                       c.output<int16_t>(0));
        break;
      case ConvForm::kFloat:
        kernels::DepthwiseConv2DF32Ref(p_, range_, c.input<float>(0), c.input<float>(1), c.input<float>(2),
                                       c.output<float>(0));
        break;
      case ConvForm::kHybrid:
        InvokeHybrid(c);
        break;
    }
    return Ok();
  }

 private:
  // With one channel of input and several of output this is an ordinary convolution.
  Status Pack(PrepareContext& context) {
    if (form_ != ConvForm::kInt8) return Unsupported("only int8 activations have a packed form");
    const Tensor filter = context.input(1);
    const Tensor bias = context.input(2);
    GLIMPSE_SDK_TRY(RequirePackable(filter, bias));
    const int8_t* weights = filter.constant<int8_t>().data();
    as_conv_ = p_.input_depth == 1 && p_.depth_multiplier > 1;
    if (as_conv_) {
      kernels::Conv2DParams p;
      p.batches = p_.batches;
      p.height = p_.height;
      p.width = p_.width;
      p.output_depth = p_.depth_multiplier;
      p.linear = p_.linear;
      const kernels::FilterView view{weights, 1, ptrdiff_t{p_.width.filter} * p.output_depth, p.output_depth, 0};
      return fast_conv_.Prepare(context, *conv_kernel_, p, view, bias);
    }
    const size_t bytes = fast_kernel_->packed_bytes(p_);
    if (bytes == 0) return Unsupported("this form of the operator is left to the reference kernel");
    GLIMPSE_SDK_TRY(packed_.Allocate(context, bytes));
    fast_kernel_->pack(p_, weights, PackableBias(bias), packed_.data());
    GLIMPSE_SDK_TRY(packed_.Share(context));
    return division_.Prepare(
        context, p_, [&](const kernels::DepthwiseConv2DParams& part) { return fast_kernel_->scratch_bytes(part); });
  }

  Status SetSizes(const PrepareContext& context, const glimpse_depthwise_conv_2d_options& options) {
    const Tensor input = context.input(0);
    const Tensor filter = context.input(1);
    GLIMPSE_SDK_TRY(RequireImageAndFilter(input, "input 0", filter));
    if (filter.dim(0) != 1) {
      return InvalidNode("input 1 (filter) is ", filter.Describe(), "; its first dimension must be 1");
    }
    p_.batches = input.dim(0);
    p_.input_depth = input.dim(3);
    if (filter.dim(3) % p_.input_depth != 0) {
      return InvalidNode("the filter has ", filter.dim(3), " channels, input 0 ", p_.input_depth,
                         "; the former must be a multiple of the latter");
    }
    p_.depth_multiplier = filter.dim(3) / p_.input_depth;
    GLIMPSE_SDK_TRY(GetWindowAxis("height", input.dim(1), filter.dim(1), options.stride_height, options.dilation_height,
                                  options.padding, &p_.height));
    return GetWindowAxis("width", input.dim(2), filter.dim(2), options.stride_width, options.dilation_width,
                         options.padding, &p_.width);
  }

  // Where the runtimes believe the options about the multiplier, or read four bits as eight.
  Status CheckForm(const PrepareContext& context, int32_t multiplier) const {
    const bool believed =
        form_ == ConvForm::kInt16Bias64 || form_ == ConvForm::kHybrid || context.numerics() == "tflite-micro";
    if (believed && multiplier != p_.depth_multiplier) {
      return Unsupported("depth_multiplier is ", multiplier, ", the filter's channels say ", p_.depth_multiplier);
    }
    if (context.input(1).dtype() == GLIMPSE_INT4 && form_ != ConvForm::kInt8) {
      return Unsupported("int4 weights go with int8 alone in DEPTHWISE_CONV_2D");
    }
    return Ok();
  }

  void InvokeHybrid(const sdk::InvokeContext& c) {
    const size_t image = static_cast<size_t>(p_.height.output) * static_cast<size_t>(p_.width.output) *
                         static_cast<size_t>(p_.input_depth) * static_cast<size_t>(p_.depth_multiplier);
    for (int32_t n = 0; n < p_.batches; ++n) {
      kernels::RowQuantization row;
      const int8_t* stored = hybrid_.Quantize(c, c.input<float>(0), n, true, &row);
      p_.linear.input_zero_point = row.zero_point;
      const kernels::DepthwiseConv2DHybrid scaling{row.scale, hybrid_.scales(), range_};
      kernels::DepthwiseConv2DHybridRef(p_, scaling, stored, c.input<int8_t>(1), c.input<float>(2),
                                        c.output<float>(0) + static_cast<size_t>(n) * image);
    }
  }

  const kernels::PackedDepthwiseS8* fast_kernel_;
  const kernels::PackedConv2DS8* conv_kernel_;
  PackedConv fast_conv_;
  bool as_conv_ = false;
  sdk::Persistent<uint8_t> packed_;
  RowDivision<kernels::DepthwiseConv2DParams> division_;
  kernels::DepthwiseConv2DParams p_;
  ConvForm form_ = ConvForm::kInt8;
  kernels::FloatRange range_;
  Int8Filter filter_;
  HybridInput hybrid_;
  sdk::Persistent<kernels::OutputScale> scales_;
};

}  // namespace

std::unique_ptr<sdk::Kernel> MakeDepthwiseConv2D() { return std::make_unique<DepthwiseConv2DOp>(); }
std::unique_ptr<sdk::Kernel> MakeDepthwiseConv2D(const kernels::PackedDepthwiseS8& depthwise,
                                                 const kernels::PackedConv2DS8& conv) {
  return std::make_unique<DepthwiseConv2DOp>(&depthwise, &conv);
}

}  // namespace glimpse::ops
