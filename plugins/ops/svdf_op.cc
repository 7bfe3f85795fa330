// SPDX-License-Identifier: Apache-2.0
#include <array>

#include "kernels/svdf/svdf.h"
#include "plugins/ops/checks.h"
#include "plugins/ops/linear_checks.h"
#include "plugins/ops/ops.h"

namespace glimpse::ops {
namespace {

using kernels::Profile;

constexpr std::string_view kFeatures = "input 1 (feature weights)";
constexpr std::string_view kTime = "input 2 (time weights)";
constexpr std::string_view kBias = "input 3 (bias)";
constexpr std::string_view kState = "input 4 (state)";

class SvdfOp final : public sdk::Kernel {
 public:
  Status Prepare(PrepareContext& context) override {
    glimpse_svdf_options options{};
    GLIMPSE_SDK_TRY(GetOptions(context, &options));
    GLIMPSE_SDK_TRY(GetProfile(context, &profile_));
    GLIMPSE_SDK_TRY(SetSizes(context, options.rank));
    hybrid_ = false;
    if (context.input(0).dtype() == GLIMPSE_INT8) {
      GLIMPSE_SDK_TRY(PrepareInteger(context, options));
    } else {
      GLIMPSE_SDK_TRY(PrepareFloat(context, options));
    }
    const int64_t units = s_.filters / s_.rank;
    GLIMPSE_SDK_TRY(SetShape(context, 0, std::array<int64_t, 2>{s_.batches, units}, sizeof(float)));
    const auto rows = static_cast<uint64_t>(s_.batches) * static_cast<uint64_t>(s_.filters);
    const auto terms = static_cast<uint64_t>(s_.inputs) + static_cast<uint64_t>(s_.memory);
    return context.ReportWork(rows <= UINT64_MAX / terms ? rows * terms : UINT64_MAX, rows);
  }

  Status Invoke(const sdk::InvokeContext& context) override {
    if (state_type_ == GLIMPSE_INT16) {
      RunInteger<int16_t>(context);
    } else if (state_type_ == GLIMPSE_INT8) {
      RunInteger<int8_t>(context);
    } else if (hybrid_) {
      kernels::SvdfHybridRef(s_, f_, h_, context.input<float>(0), context.input<int8_t>(1), context.input<int8_t>(2),
                             context.input<float>(3), row_.in(context).data(), context.variable<float>(4),
                             context.output<float>(0));
    } else {
      kernels::SvdfF32Ref(s_, f_, context.input<float>(0), context.input<float>(1), context.input<float>(2),
                          context.input<float>(3), context.variable<float>(4), context.output<float>(0));
    }
    return Ok();
  }

 private:
  Status SetSizes(const PrepareContext& context, int32_t rank) {
    const Tensor input = context.input(0);
    const Tensor features = context.input(1);
    const Tensor time = context.input(2);
    const Tensor state = context.input(4);
    if (!input.present() || !features.present() || !time.present() || !state.present()) {
      return InvalidNode("an input other than the bias is missing");
    }
    GLIMPSE_SDK_TRY(RequireRank(input, "input 0", 2, 2));
    GLIMPSE_SDK_TRY(RequireRank(features, kFeatures, 2, 2));
    GLIMPSE_SDK_TRY(RequireRank(time, kTime, 2, 2));
    GLIMPSE_SDK_TRY(RequireRank(state, kState, 2, 2));
    for (const Tensor& tensor : {input, features, time, state}) GLIMPSE_SDK_TRY(RequireElements(tensor, "an input"));
    s_ = {input.dim(0), input.dim(1), features.dim(0), rank, time.dim(1)};
    if (rank < 1 || s_.filters % rank != 0) {
      return InvalidNode("rank is ", rank, "; it must divide the ", s_.filters, " filters");
    }
    if (features.dim(1) != s_.inputs || time.dim(0) != s_.filters) {
      return InvalidNode(kFeatures, " is ", features.Describe(), ", ", kTime, " ", time.Describe(), "; for input ",
                         input.Describe(), " they must be [filters,", s_.inputs, "] and [filters,memory]");
    }
    if (state.dim(0) != s_.batches || state.dim(1) != int64_t{s_.memory} * s_.filters) {
      return InvalidNode(kState, " is ", state.Describe(), "; it must be [", s_.batches, ",",
                         int64_t{s_.memory} * s_.filters, "]");
    }
    if (!state.is_variable()) return InvalidNode(kState, " '", state.name(), "' must be a variable");
    const Tensor bias = context.input(3);
    if (!bias.present() && profile_ == Profile::kTfliteMicro) return Unsupported("TFLite Micro needs a bias");
    if (bias.present() && bias.element_count() != s_.filters / rank) {
      return InvalidNode(kBias, " is ", bias.Describe(), "; it must have ", s_.filters / rank, " elements");
    }
    return Ok();
  }

  Status PrepareInteger(const PrepareContext& context, const glimpse_svdf_options& options) {
    const bool micro = profile_ == Profile::kTfliteMicro;
    const Tensor state = context.input(4);
    state_type_ = state.dtype();
    if (state_type_ != GLIMPSE_INT16 && !(micro && state_type_ == GLIMPSE_INT8)) {
      return Unsupported(kState, " is ", state.Describe(), "; it must be int16",
                         micro ? " or int8" : " (TFLite Micro also takes int8)");
    }
    if (!micro && options.activation != GLIMPSE_ACT_RELU) {
      return Unsupported("fused_activation_function is ", options.activation, "; on int8 it must be 1 (relu)");
    }
    if (context.input(3).present()) GLIMPSE_SDK_TRY(RequireType(context.input(3), kBias, GLIMPSE_INT32));
    kernels::PerTensor input;
    kernels::PerTensor features;
    kernels::PerTensor time;
    kernels::PerTensor memory;
    kernels::PerTensor output;
    GLIMPSE_SDK_TRY(RequireInt8(context.input(0), "input 0", &input));
    GLIMPSE_SDK_TRY(RequireInt8(context.input(1), kFeatures, &features));
    GLIMPSE_SDK_TRY(RequireType(context.input(2), kTime, state_type_));
    GLIMPSE_SDK_TRY(RequireQuantizedActivation(context.input(2), kTime, &time));
    GLIMPSE_SDK_TRY(RequireQuantizedActivation(state, kState, &memory));
    GLIMPSE_SDK_TRY(RequireInt8(context.output(0), "output 0", &output));
    double feature_scale =
        static_cast<double>(input.scale) * static_cast<double>(features.scale) / static_cast<double>(memory.scale);
    double output_scale =
        static_cast<double>(memory.scale) * static_cast<double>(time.scale) / static_cast<double>(output.scale);
    if (micro) {
      feature_scale = static_cast<double>(input.scale * features.scale / memory.scale);
      output_scale = static_cast<double>(memory.scale * time.scale / output.scale);
    }
    GLIMPSE_SDK_TRY(RequireMultiplier(feature_scale, "input scale * feature scale / state scale"));
    GLIMPSE_SDK_TRY(RequireMultiplier(output_scale, "state scale * time scale / output scale"));
    q_ = {input.zero_point, memory.zero_point, output.zero_point, kernels::QuantizeMultiplier(feature_scale),
          kernels::QuantizeMultiplier(output_scale)};
    return Ok();
  }

  Status PrepareFloat(PrepareContext& context, const glimpse_svdf_options& options) {
    state_type_ = GLIMPSE_FLOAT32;
    GLIMPSE_SDK_TRY(RequireType(context.input(0), "input 0", GLIMPSE_FLOAT32));
    GLIMPSE_SDK_TRY(RequireType(context.input(4), kState, GLIMPSE_FLOAT32));
    GLIMPSE_SDK_TRY(RequireType(context.output(0), "output 0", GLIMPSE_FLOAT32));
    if (context.input(3).present()) GLIMPSE_SDK_TRY(RequireType(context.input(3), kBias, GLIMPSE_FLOAT32));
    if (options.activation > GLIMPSE_ACT_SIGN_BIT) {
      return InvalidNode("fused_activation_function is ", options.activation);
    }
    const bool micro = profile_ == Profile::kTfliteMicro;
    f_ = {static_cast<kernels::Activation>(options.activation), micro};
    hybrid_ = context.input(1).dtype() != GLIMPSE_FLOAT32;
    if (!hybrid_) return RequireType(context.input(2), kTime, GLIMPSE_FLOAT32);
    if (micro) return Unsupported("TFLite Micro has no form with float activations and integer weights");
    kernels::PerTensor features;
    kernels::PerTensor time;
    GLIMPSE_SDK_TRY(RequireInt8(context.input(1), kFeatures, &features));
    GLIMPSE_SDK_TRY(RequireInt8(context.input(2), kTime, &time));
    GLIMPSE_SDK_TRY(RequireHybridWeights(context.input(1), kFeatures));
    if (!context.input(2).is_constant()) return Unsupported(kTime, " are computed at run time; they must be constant");
    h_ = {options.asymmetric_quantize_inputs != 0, features.scale, time.scale};
    return row_.Request(context, static_cast<size_t>(s_.inputs));
  }

  template <typename State>
  void RunInteger(const sdk::InvokeContext& context) const {
    kernels::SvdfIntegerRef<State>(s_, q_, context.input<int8_t>(0), context.input<int8_t>(1), context.input<State>(2),
                                   context.input<int32_t>(3), context.variable<State>(4), context.output<int8_t>(0));
  }

  kernels::SvdfShape s_;
  kernels::SvdfQuantization q_;
  kernels::SvdfFloatParams f_;
  kernels::SvdfHybridParams h_;
  sdk::Scratch<int8_t> row_;
  glimpse_dtype state_type_ = GLIMPSE_FLOAT32;
  bool hybrid_ = false;
  Profile profile_ = Profile::kLitertReference;
};

}  // namespace

std::unique_ptr<sdk::Kernel> MakeSvdf() { return std::make_unique<SvdfOp>(); }

}  // namespace glimpse::ops
