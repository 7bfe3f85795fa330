// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <array>
#include <vector>

#include "kernels/batch_matmul/batch_matmul.h"
#include "plugins/ops/checks.h"
#include "plugins/ops/linear_checks.h"
#include "plugins/ops/ops.h"

namespace glimpse::ops {
namespace {

using kernels::Profile;

constexpr uint32_t kMaxRank = 5;

// Dimensions of a tensor as five: ones before them.
std::vector<int64_t> Extended(const Tensor& tensor) {
  std::vector<int64_t> dims(kMaxRank - tensor.rank(), 1);
  dims.insert(dims.end(), tensor.dims().begin(), tensor.dims().end());
  return dims;
}

// Elements from one index to the next in the first three of five dimensions; 0 where there is but one.
void SetSteps(const std::vector<int64_t>& dims, int64_t* steps) {
  int64_t step = dims[3] * dims[4];
  for (size_t i = 3; i-- > 0;) {
    steps[i] = dims[i] == 1 ? 0 : step;
    step *= dims[i];
  }
}

enum class Form { kInt8, kInt16, kInt16Int8, kInt8ToInt32, kFloat, kHybrid };

class BatchMatMulOp final : public sdk::Kernel {
 public:
  Status Prepare(PrepareContext& context) override {
    glimpse_batch_matmul_options options{};
    GLIMPSE_SDK_TRY(GetOptions(context, &options));
    GLIMPSE_SDK_TRY(GetProfile(context, &profile_));
    const Tensor left = context.input(0);
    const Tensor right = context.input(1);
    const Tensor output = context.output(0);
    if (!left.present() || !right.present() || !output.present()) return InvalidNode("an input or output is missing");
    GLIMPSE_SDK_TRY(ChooseForm(left, right, output));
    std::vector<int64_t> dims;
    GLIMPSE_SDK_TRY(SetSizes(left, right, options, &dims));
    if (form_ == Form::kHybrid) {
      GLIMPSE_SDK_TRY(PrepareHybrid(context, options.asymmetric_quantize_inputs != 0));
    } else if (form_ != Form::kFloat && form_ != Form::kInt8ToInt32) {
      GLIMPSE_SDK_TRY(SetQuantization(left, right, output));
    }
    GLIMPSE_SDK_TRY(SetShape(context, 0, dims, sdk::DtypeBytes(output.dtype())));
    uint64_t outputs = 1;
    for (const int64_t dim : dims) outputs *= static_cast<uint64_t>(dim);
    const auto depth = static_cast<uint64_t>(std::max(s_.depth, 1));
    return context.ReportWork(outputs <= UINT64_MAX / depth ? outputs * depth : UINT64_MAX, outputs);
  }

  Status Invoke(const sdk::InvokeContext& context) override {
    const auto* bytes = context.input<int8_t>(1);
    switch (form_) {
      case Form::kInt8:
        kernels::BatchMatMulRef<int8_t, int8_t, int8_t, int32_t>(s_, q_, context.input<int8_t>(0), bytes,
                                                                 context.output<int8_t>(0));
        break;
      case Form::kInt16:
        kernels::BatchMatMulRef<int16_t, int16_t, int16_t, int64_t>(
            s_, q_, context.input<int16_t>(0), context.input<int16_t>(1), context.output<int16_t>(0));
        break;
      case Form::kInt16Int8:
        kernels::BatchMatMulRef<int16_t, int8_t, int16_t, int64_t>(s_, q_, context.input<int16_t>(0), bytes,
                                                                   context.output<int16_t>(0));
        break;
      case Form::kInt8ToInt32:
        kernels::BatchMatMulS8S32Ref(s_, context.input<int8_t>(0), bytes, context.output<int32_t>(0));
        break;
      case Form::kFloat:
        kernels::BatchMatMulF32Ref(s_, context.input<float>(0), context.input<float>(1), context.output<float>(0));
        break;
      case Form::kHybrid:
        RunHybrid(context);
        break;
    }
    return Ok();
  }

 private:
  Status ChooseForm(const Tensor& left, const Tensor& right, const Tensor& output) {
    const glimpse_dtype l = left.dtype();
    const glimpse_dtype r = right.dtype();
    const glimpse_dtype out = output.dtype();
    if (l == GLIMPSE_INT8 && r == GLIMPSE_INT8 && (out == GLIMPSE_INT8 || out == GLIMPSE_INT32)) {
      form_ = out == GLIMPSE_INT8 ? Form::kInt8 : Form::kInt8ToInt32;
    } else if (l == GLIMPSE_INT16 && (r == GLIMPSE_INT16 || r == GLIMPSE_INT8) && out == GLIMPSE_INT16) {
      form_ = r == GLIMPSE_INT16 ? Form::kInt16 : Form::kInt16Int8;
    } else if (l == GLIMPSE_FLOAT32 && (r == GLIMPSE_FLOAT32 || r == GLIMPSE_INT8) && out == GLIMPSE_FLOAT32) {
      form_ = r == GLIMPSE_FLOAT32 ? Form::kFloat : Form::kHybrid;
    } else {
      return Unsupported("inputs are ", left.Describe(), " and ", right.Describe(), ", the output ", output.Describe(),
                         "; these types do not go together");
    }
    if (profile_ == Profile::kTfliteMicro && (l != r || l != out)) {
      return Unsupported("TFLite Micro takes equal types only, not ", left.Describe(), " and ", right.Describe());
    }
    const bool floats = form_ == Form::kFloat || form_ == Form::kHybrid;
    if (profile_ == Profile::kLitertXnnpack && floats) {
      return Unsupported("BATCH_MATMUL of ", left.Describe(), " to ", output.Describe(),
                         " is not offered for numerics 'litert-xnnpack'");
    }
    return Ok();
  }

  // As the runtimes do, batches of the left input become rows when the right input has one matrix for all of them.
  static bool Flattens(const Tensor& left, const Tensor& right, bool adj_x) {
    return !adj_x && left.rank() > 2 && right.rank() > 2 && right.dim(right.rank() - 3) == 1;
  }

  Status SetSizes(const Tensor& left, const Tensor& right, const glimpse_batch_matmul_options& options,
                  std::vector<int64_t>* output) {
    GLIMPSE_SDK_TRY(RequireRank(left, "input 0", 2, kMaxRank));
    GLIMPSE_SDK_TRY(RequireRank(right, "input 1", 2, kMaxRank));
    std::vector<int64_t> l = Extended(left);
    std::vector<int64_t> r = Extended(right);
    std::vector<int64_t> out(kMaxRank);
    for (size_t i = 0; i < 3; ++i) {
      if (l[i] != r[i] && l[i] != 1 && r[i] != 1) {
        return InvalidNode("inputs are ", left.Describe(), " and ", right.Describe(),
                           "; dimensions before the last two must be equal or 1");
      }
      out[i] = l[i] == 1 ? r[i] : l[i];
    }
    s_ = {};
    s_.left_transposed = options.adj_x != 0;
    s_.right_transposed = options.adj_y != 0;
    const int64_t depth = s_.left_transposed ? l[3] : l[4];
    if (depth != (s_.right_transposed ? r[4] : r[3])) {
      return InvalidNode("inputs are ", left.Describe(), " and ", right.Describe(), "; their inner dimensions differ");
    }
    out[3] = s_.left_transposed ? l[4] : l[3];
    out[4] = s_.right_transposed ? r[3] : r[4];
    output->assign(out.end() - std::max(left.rank(), right.rank()), out.end());
    GLIMPSE_SDK_TRY(CheckSize(l, 8, "input 0"));
    GLIMPSE_SDK_TRY(CheckSize(r, 8, "input 1"));
    GLIMPSE_SDK_TRY(CheckSize(out, 8, "the output"));
    if (Flattens(left, right, s_.left_transposed)) {
      for (std::vector<int64_t>* dims : {&l, &r, &out}) {
        (*dims)[3] *= dims == &r ? 1 : (*dims)[2];
        dims->erase(dims->begin() + 2);
        dims->insert(dims->begin(), 1);
      }
    }
    if (out[3] > INT32_MAX) return Unsupported("input 0 is ", left.Describe(), "; it has too many rows");
    SetSteps(l, s_.left_steps);
    SetSteps(r, s_.right_steps);
    for (size_t i = 0; i < 3; ++i) s_.batches[i] = static_cast<int32_t>(out[i]);
    s_.rows = static_cast<int32_t>(out[3]);
    s_.cols = static_cast<int32_t>(out[4]);
    s_.depth = static_cast<int32_t>(depth);
    right_batches_ = {r[0], r[1] * r[2]};
    return Ok();
  }

  Status SetQuantization(const Tensor& left, const Tensor& right, const Tensor& output) {
    kernels::PerTensor l;
    kernels::PerTensor r;
    kernels::PerTensor out;
    GLIMPSE_SDK_TRY(RequireQuantizedActivation(left, "input 0", &l));
    if (profile_ == Profile::kLitertReference && right.scale_count() > 1) {
      r = {0, 0};  // LiteRT asks for the one scale, which reads 0 where there are many: every output is its zero point
    } else {
      GLIMPSE_SDK_TRY(RequireQuantizedActivation(right, "input 1", &r));
    }
    GLIMPSE_SDK_TRY(RequireQuantizedActivation(output, "output 0", &out));
    if (form_ == Form::kInt16Int8 && r.zero_point != 0) {
      return InvalidNode("input 1 has zero point ", r.zero_point, "; with int16 it must be 0");
    }
    // LiteRT multiplies the scales of the inputs in float, TFLite Micro in double.
    const auto product =
        profile_ == Profile::kTfliteMicro ? kernels::ScaleProduct::kDouble : kernels::ScaleProduct::kFloat;
    const bool wide = form_ != Form::kInt8;
    // XNNPACK takes int8 when the right input is symmetric; the rest is computed by the reference kernel.
    const bool delegated = profile_ == Profile::kLitertXnnpack && !wide && r.zero_point == 0;
    const auto rounding = delegated ? kernels::Rounding::kFloatHalfEven : kernels::Rounding::kDouble;
    q_ = {l.zero_point,       r.zero_point,
          out.zero_point,     wide ? -32768 : -128,
          wide ? 32767 : 127, kernels::OutputScaleFor(rounding, l.scale, r.scale, out.scale, product)};
    return RequireMultiplier(q_.scale.real, "scale of input 0 * scale of input 1 / output scale");
  }

  Status PrepareHybrid(PrepareContext& context, bool asymmetric) {
    const Tensor left = context.input(0);
    const Tensor right = context.input(1);
    const uint32_t axis = right.rank() - (s_.right_transposed ? 2 : 1);
    bool per_channel = false;
    GLIMPSE_SDK_TRY(RequireFilterQuantization(right, s_.cols, static_cast<int32_t>(axis), &per_channel));
    if (asymmetric && !right.is_constant()) {
      return Unsupported("input 1 '", right.name(),
                         "' is computed; with asymmetric_quantize_inputs it must be constant");
    }
    if (asymmetric && right_batches_[0] > 1) {
      return Unsupported("input 1 is ", right.Describe(),
                         "; with asymmetric_quantize_inputs its first of 5 dimensions "
                         "must be 1");
    }
    GLIMPSE_SDK_TRY(right_scales_.Allocate(context, right.scale_count()));
    std::copy_n(right.scales().begin(), right.scale_count(), right_scales_.data());
    const int64_t elements = left.element_count();
    const int64_t rows = s_.depth == 0 ? 0 : elements / s_.depth;
    if (s_.depth == 0) return Unsupported("input 0 is ", left.Describe(), "; rows without elements are not computed");
    if (rows > INT32_MAX) return Unsupported("input 0 is ", left.Describe(), "; it has too many rows");
    h_ = {};
    h_.asymmetric = asymmetric;
    h_.right_scales = right_scales_.data();
    h_.per_channel = per_channel;
    h_.left_rows = static_cast<int32_t>(rows);
    GLIMPSE_SDK_TRY(stored_.Request(context, static_cast<size_t>(elements)));
    GLIMPSE_SDK_TRY(scales_.Request(context, static_cast<size_t>(rows)));
    GLIMPSE_SDK_TRY(zero_points_.Request(context, static_cast<size_t>(rows)));
    return transposed_.Request(context, s_.left_transposed ? static_cast<size_t>(elements) : 0);
  }

  void RunHybrid(const sdk::InvokeContext& context) {
    kernels::BatchMatMulHybrid hybrid = h_;
    hybrid.stored = stored_.in(context).data();
    hybrid.scales = scales_.in(context).data();
    hybrid.zero_points = zero_points_.in(context).data();
    const float* left = context.input<float>(0);
    if (s_.left_transposed && s_.rows > 0) {
      float* rows = transposed_.in(context).data();
      kernels::TransposeMatrices(left, h_.left_rows / s_.rows, s_.depth, s_.rows, rows);
      left = rows;
    }
    kernels::BatchMatMulHybridRef(s_, hybrid, left, context.input<int8_t>(1), context.output<float>(0));
  }

  kernels::BatchMatMulShape s_;
  kernels::BatchMatMulQuantization q_;
  kernels::BatchMatMulHybrid h_;
  Profile profile_ = Profile::kLitertReference;
  Form form_ = Form::kFloat;
  std::array<int64_t, 2> right_batches_ = {1, 1};
  sdk::Persistent<float> right_scales_;
  sdk::Scratch<int8_t> stored_;
  sdk::Scratch<float> scales_;
  sdk::Scratch<int32_t> zero_points_;
  sdk::Scratch<float> transposed_;
};

}  // namespace

std::unique_ptr<sdk::Kernel> MakeBatchMatMul() { return std::make_unique<BatchMatMulOp>(); }

}  // namespace glimpse::ops
