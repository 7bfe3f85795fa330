// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <limits>
#include <type_traits>
#include <vector>

#include "kernels/fully_connected/fully_connected.h"
#include "plugins/ops/checks.h"
#include "plugins/ops/linear_checks.h"
#include "plugins/ops/ops.h"
#include "plugins/ops/packed_conv.h"
#include "plugins/ops/typed_checks.h"

namespace glimpse::ops {
namespace {

using kernels::FullyConnectedParams;
using kernels::PackedInt4;
using kernels::Profile;

// The weights of an invoke as the kernels take them.
template <typename Weights>
Weights FilterOf(const sdk::InvokeContext& context) {
  if constexpr (std::is_same_v<Weights, PackedInt4>) {
    return PackedInt4(context.input<uint8_t>(1));
  } else {
    return context.input<std::remove_const_t<std::remove_pointer_t<Weights>>>(1);
  }
}

template <typename In, typename Weights, typename Out, typename Sum, typename Bias>
void RunInteger(const FullyConnectedParams& params, const sdk::InvokeContext& context) {
  kernels::FullyConnectedRef<In, Weights, Out, Sum, Bias>(params, context.input<In>(0), FilterOf<Weights>(context),
                                                          context.input<Bias>(2), context.output<Out>(0));
}

using RunFunction = void (*)(const FullyConnectedParams&, const sdk::InvokeContext&);

// The kernel for types that RequireLinearTypes lets pass.
RunFunction ChooseInteger(glimpse_dtype input, glimpse_dtype filter, glimpse_dtype output, glimpse_dtype bias) {
  const bool packed = filter == GLIMPSE_INT4;
  if (input == GLIMPSE_UINT8) {
    return output == GLIMPSE_INT16 ? RunInteger<uint8_t, const uint8_t*, int16_t, int32_t, int32_t>
                                   : RunInteger<uint8_t, const uint8_t*, uint8_t, int32_t, int32_t>;
  }
  if (input == GLIMPSE_INT8) {
    return packed ? RunInteger<int8_t, PackedInt4, int8_t, int32_t, int32_t>
                  : RunInteger<int8_t, const int8_t*, int8_t, int32_t, int32_t>;
  }
  if (filter == GLIMPSE_INT16) {
    return bias == GLIMPSE_INT32 ? RunInteger<int16_t, const int16_t*, int16_t, int64_t, int32_t>
                                 : RunInteger<int16_t, const int16_t*, int16_t, int64_t, int64_t>;
  }
  if (bias == GLIMPSE_INT32) {
    return packed ? RunInteger<int16_t, PackedInt4, int16_t, int32_t, int32_t>
                  : RunInteger<int16_t, const int8_t*, int16_t, int32_t, int32_t>;
  }
  return packed ? RunInteger<int16_t, PackedInt4, int16_t, int64_t, int64_t>
                : RunInteger<int16_t, const int8_t*, int16_t, int64_t, int64_t>;
}

class FullyConnectedOp final : public sdk::Kernel {
 public:
  // nullptr: the reference kernels.
  explicit FullyConnectedOp(const kernels::PackedConv2DS8* packed = nullptr) : fast_kernel_(packed) {}

  Status Prepare(PrepareContext& context) override {
    glimpse_fully_connected_options options{};
    GLIMPSE_SDK_TRY(GetOptions(context, &options));
    if (options.weights_format != 0) {
      return Unsupported("weights_format is ", options.weights_format, "; only 0 (default) is supported");
    }
    GLIMPSE_SDK_TRY(GetProfile(context, &profile_));
    if (!context.input(0).present()) return InvalidNode("input 0 is missing");
    if (!context.input(1).present()) return InvalidNode("input 1 (weights) is missing");
    std::vector<int64_t> dims;
    GLIMPSE_SDK_TRY(SetSizes(context, options.keep_num_dims != 0, &dims));
    run_ = nullptr;
    if (context.input(0).dtype() != GLIMPSE_FLOAT32) {
      GLIMPSE_SDK_TRY(PrepareInteger(context, options));
    } else if (context.input(1).dtype() == GLIMPSE_FLOAT32) {
      GLIMPSE_SDK_TRY(PrepareFloat(context, options));
    } else {
      GLIMPSE_SDK_TRY(PrepareHybrid(context, options));
    }
    output_bytes_ = sdk::DtypeBytes(context.output(0).dtype());
    GLIMPSE_SDK_TRY(SetShape(context, 0, dims, output_bytes_));
    const auto outputs = static_cast<uint64_t>(p_.batches) * static_cast<uint64_t>(p_.output_depth);
    const auto terms = static_cast<uint64_t>(std::max(p_.input_depth, 1));
    GLIMPSE_SDK_TRY(context.ReportWork(outputs <= UINT64_MAX / terms ? outputs * terms : UINT64_MAX, outputs));
    return fast_kernel_ == nullptr ? Ok() : Pack(context);
  }

  Status Invoke(const sdk::InvokeContext& context) override {
    if (fast_kernel_ != nullptr) {
      fast_.Invoke(context);
    } else if (p_.input_depth == 0) {  // the runtimes clear the output then, whatever its bias and zero point
      const size_t bytes = static_cast<size_t>(p_.batches) * static_cast<size_t>(p_.output_depth) * output_bytes_;
      std::fill_n(context.output<uint8_t>(0), bytes, uint8_t{0});
    } else if (run_ != nullptr) {
      run_(p_, context);
    } else if (hybrid_.filter_scales == nullptr) {
      kernels::FullyConnectedF32Ref(p_, context.input<float>(0), context.input<float>(1), context.input<float>(2), min_,
                                    max_, context.output<float>(0));
    } else if (packed_) {
      RunHybrid<PackedInt4>(context);
    } else {
      RunHybrid<const int8_t*>(context);
    }
    return Ok();
  }

 private:
  // Rows of activations are the pixels of a 1x1 convolution.
  Status Pack(PrepareContext& context) {
    if (context.input(0).dtype() != GLIMPSE_INT8 || p_.filter_zero_point != 0 || p_.batches == 0) {
      return Unsupported("only int8 activations with symmetric weights have a packed form");
    }
    const Tensor filter = context.input(1);
    GLIMPSE_SDK_TRY(RequirePackable(filter, context.input(2)));
    kernels::Conv2DParams p;
    p.width.input = p_.batches;
    p.width.output = p_.batches;
    p.input_depth = p_.input_depth;
    p.output_depth = p_.output_depth;
    p.linear = {p_.input_zero_point, 0, p_.output_zero_point, p_.output_min, p_.output_max, p_.scales};
    return fast_.Prepare(context, *fast_kernel_, p, DenseFilter(p, filter.constant<int8_t>().data()), context.input(2));
  }

  // The input, of any rank, counts as rows as long as those of the filter.
  Status SetSizes(const PrepareContext& context, bool keep_num_dims, std::vector<int64_t>* dims) {
    const Tensor input = context.input(0);
    const Tensor filter = context.input(1);
    GLIMPSE_SDK_TRY(RequireRank(filter, "input 1 (weights)", 2, 2));
    if (input.rank() < 1) return Unsupported("input 0 is ", input.Describe(), "; a scalar is not computed");
    p_ = {};
    p_.output_depth = filter.dim(0);
    p_.input_depth = filter.dim(1);
    dims->assign(input.dims().begin(), input.dims().end());
    int64_t batches = 1;
    if (p_.input_depth == 0) {
      for (size_t i = 0; i + 1 < dims->size() && batches <= INT32_MAX; ++i) batches *= (*dims)[i];
    } else {
      const int64_t elements = input.element_count();
      if (elements % p_.input_depth != 0) {
        return InvalidNode("input 0 is ", input.Describe(), "; its elements must be a multiple of the weights' ",
                           p_.input_depth, " columns");
      }
      batches = elements / p_.input_depth;
    }
    if (batches > INT32_MAX) return Unsupported("input 0 is ", input.Describe(), "; it has too many rows");
    p_.batches = static_cast<int32_t>(batches);
    if (!keep_num_dims) {
      *dims = {p_.batches, p_.output_depth};
      return Ok();
    }
    if (dims->back() != p_.input_depth) {
      return InvalidNode("input 0 is ", input.Describe(), "; with keep_num_dims its last dimension must be ",
                         p_.input_depth);
    }
    dims->back() = p_.output_depth;
    return Ok();
  }

  Status PrepareInteger(PrepareContext& context, const glimpse_fully_connected_options& options) {
    LinearNode node{.input = context.input(0),
                    .filter = context.input(1),
                    .bias = context.input(2),
                    .output = context.output(0),
                    .filter_name = "input 1 (weights)",
                    .channels = p_.output_depth,
                    .filter_axis = 0,
                    .asymmetric_int8_filter = true,
                    .int16_filter = true};
    const glimpse_dtype input = node.input.dtype();
    const glimpse_dtype filter = node.filter.dtype();
    GLIMPSE_SDK_TRY(GetBiasType(input, options.quantized_bias_type, &node.bias_type));
    // Integer weights of 16 bits go with a bias of 32 unless the options say otherwise.
    if (filter == GLIMPSE_INT16 && options.quantized_bias_type == GLIMPSE_FLOAT32) node.bias_type = GLIMPSE_INT32;
    if (input == GLIMPSE_UINT8 && node.output.present() && node.output.dtype() == GLIMPSE_INT16) {
      node.output_type = GLIMPSE_INT16;
      if (!node.bias.present()) return Unsupported("uint8 activations become int16 only with a bias");
    }
    const bool real = profile_ != Profile::kTfliteMicro && filter != GLIMPSE_INT16;
    // The runtime multiplies its two scales in float where it computes one multiplier for all channels.
    if (!real && profile_ != Profile::kTfliteMicro && node.filter.scale_count() == 1) {
      node.product = kernels::ScaleProduct::kFloat;
    }
    node.rounding = real ? kernels::Rounding::kRealHalfAway : kernels::Rounding::kDouble;
    if (profile_ == Profile::kTfliteMicro) GLIMPSE_SDK_TRY(RequireMicroTypes(node));
    if (profile_ == Profile::kLitertXnnpack) GLIMPSE_SDK_TRY(SetXnnpackRounding(&node));
    LinearQuantization quantization;
    GLIMPSE_SDK_TRY(GetLinearQuantization(context, node, options.activation, &quantization, &scales_));
    p_.input_zero_point = quantization.input_zero_point;
    p_.filter_zero_point = quantization.filter_zero_point;
    p_.output_zero_point = quantization.output_zero_point;
    p_.output_min = quantization.range.min;
    p_.output_max = quantization.range.max;
    p_.scales = scales_.data();
    run_ = ChooseInteger(input, filter, node.output.dtype(), node.bias_type);
    return Ok();
  }

  static Status RequireMicroTypes(const LinearNode& node) {
    const glimpse_dtype input = node.input.dtype();
    const glimpse_dtype filter = node.filter.dtype();
    if (input == GLIMPSE_UINT8) return Unsupported("TFLite Micro has no uint8 form");
    if (input == GLIMPSE_INT16 && filter != GLIMPSE_INT8) {
      return Unsupported("TFLite Micro takes int16 activations with int8 weights only, not ", node.filter.Describe());
    }
    if (input == GLIMPSE_INT16 && node.bias_type != GLIMPSE_INT64) {
      return Unsupported("TFLite Micro takes int16 activations with an int64 bias only");
    }
    if (filter == GLIMPSE_INT4 && node.filter.scale_count() > 1) {
      return Unsupported("TFLite Micro takes int4 weights with one scale only");
    }
    return Ok();
  }

  // XNNPACK takes uint8, and int8 with zero point 0, with constant weights; int16 is left to the built-in kernels,
  // which are the reference ones for int16 weights and for an int64 bias.
  static Status SetXnnpackRounding(LinearNode* node) {
    const glimpse_dtype filter = node->filter.dtype();
    if (node->input.dtype() == GLIMPSE_INT16) {
      if (filter == GLIMPSE_INT16 || (node->bias.present() && node->bias_type == GLIMPSE_INT64)) return Ok();
      return Unsupported("int16 activations without an int64 bias are not offered for numerics 'litert-xnnpack'");
    }
    const bool constant_bias = !node->bias.present() || node->bias.is_constant();
    if (!constant_bias || filter == GLIMPSE_INT4 || node->output_type == GLIMPSE_INT16) {
      return Unsupported("numerics 'litert-xnnpack' is offered for int8 and uint8 with a constant bias");
    }
    const bool symmetric = node->filter.scale_count() != 1 || node->filter.zero_point() == 0;
    if (filter == GLIMPSE_INT8 && node->filter.scale_count() == 1 && !(symmetric && node->filter.is_constant())) {
      node->rounding = kernels::Rounding::kHalfUp;  // left to the built-in optimised kernel
      node->product = kernels::ScaleProduct::kFloat;
      return Ok();
    }
    if (!node->filter.is_constant()) {
      return Unsupported("of computed weights, numerics 'litert-xnnpack' is offered for int8 with one scale");
    }
    node->rounding = kernels::Rounding::kFloatHalfEven;
    return Ok();
  }

  Status RequireFloats(const PrepareContext& context) const {
    GLIMPSE_SDK_TRY(RequireType(context.output(0), "output 0", GLIMPSE_FLOAT32));
    const Tensor bias = context.input(2);
    if (!bias.present()) return Ok();
    GLIMPSE_SDK_TRY(RequireType(bias, "input 2 (bias)", GLIMPSE_FLOAT32));
    if (bias.element_count() == p_.output_depth) return Ok();
    return InvalidNode("input 2 (bias) is ", bias.Describe(), "; it must have ", p_.output_depth, " elements");
  }

  Status PrepareFloat(const PrepareContext& context, const glimpse_fully_connected_options& options) {
    GLIMPSE_SDK_TRY(RequireFloats(context));
    if (profile_ == Profile::kLitertXnnpack) {
      return Unsupported("float32 is not offered for numerics 'litert-xnnpack': its sums have another order there");
    }
    hybrid_ = {};
    return GetFloatActivationRange(options.activation, &min_, &max_);
  }

  Status PrepareHybrid(PrepareContext& context, const glimpse_fully_connected_options& options) {
    const Tensor filter = context.input(1);
    if (profile_ == Profile::kTfliteMicro) {
      return Unsupported("TFLite Micro has no form with float activations and ", filter.Describe(), " weights");
    }
    if (profile_ == Profile::kLitertXnnpack) {
      return Unsupported("float32 with integer weights is not offered for numerics 'litert-xnnpack'");
    }
    packed_ = filter.dtype() == GLIMPSE_INT4;
    if (!packed_) GLIMPSE_SDK_TRY(RequireType(filter, "input 1 (weights)", GLIMPSE_INT8));
    GLIMPSE_SDK_TRY(RequireFloats(context));
    if (options.activation > GLIMPSE_ACT_SIGN_BIT) {
      return InvalidNode("fused_activation_function is ", options.activation);
    }
    if (packed_ && !filter.is_constant()) return Unsupported("input 1 (weights) are computed; they must be constant");
    if (!packed_) GLIMPSE_SDK_TRY(RequireHybridWeights(filter, "input 1 (weights)"));
    bool per_channel = false;
    GLIMPSE_SDK_TRY(RequireFilterQuantization(filter, p_.output_depth, 0, &per_channel));
    GLIMPSE_SDK_TRY(filter_scales_.Allocate(context, filter.scale_count()));
    std::copy_n(filter.scales().begin(), filter.scale_count(), filter_scales_.data());
    hybrid_ = {options.asymmetric_quantize_inputs != 0, static_cast<kernels::Activation>(options.activation),
               filter_scales_.data(), per_channel};
    return row_.Request(context, static_cast<size_t>(p_.input_depth));
  }

  template <typename Weights>
  void RunHybrid(const sdk::InvokeContext& context) const {
    kernels::FullyConnectedHybridRef<Weights>(p_, hybrid_, context.input<float>(0), FilterOf<Weights>(context),
                                              context.input<float>(2), row_.in(context).data(),
                                              context.output<float>(0));
  }

  const kernels::PackedConv2DS8* fast_kernel_;
  PackedConv fast_;
  FullyConnectedParams p_;
  Profile profile_ = Profile::kLitertReference;
  sdk::Persistent<kernels::OutputScale> scales_;
  RunFunction run_ = nullptr;  // of the integer forms
  kernels::HybridParams hybrid_;
  sdk::Persistent<float> filter_scales_;
  sdk::Scratch<int8_t> row_;
  bool packed_ = false;
  float min_ = 0;  // the fused activation's range, of the float form
  float max_ = 0;
  size_t output_bytes_ = 1;
};

}  // namespace

std::unique_ptr<sdk::Kernel> MakeFullyConnected() { return std::make_unique<FullyConnectedOp>(); }
std::unique_ptr<sdk::Kernel> MakeFullyConnected(const kernels::PackedConv2DS8& packed) {
  return std::make_unique<FullyConnectedOp>(&packed);
}

}  // namespace glimpse::ops
