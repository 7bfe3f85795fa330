// SPDX-License-Identifier: Apache-2.0
// CONCATENATION and PACK.
#include <vector>

#include "kernels/join/join.h"
#include "plugins/ops/checks.h"
#include "plugins/ops/ops.h"

namespace glimpse::ops {
namespace {

// Inputs side by side along one dimension: each is `outer` runs of its own length.
class JoinOp : public sdk::Kernel {
 public:
  Status Invoke(const sdk::InvokeContext& context) final {
    size_t offset = 0;
    for (size_t i = 0; i < runs_.size(); ++i) {
      kernels::CopyRunsRef(outer_, runs_[i], stride_, context.input<void>(static_cast<uint32_t>(i)),
                           context.output<char>(0) + offset);
      offset += runs_[i];
    }
    return Ok();
  }

 protected:
  // All inputs have the output's type, and in int8 its scale and zero point: nothing is rescaled.
  static Status CheckInputs(const PrepareContext& context) {
    const Tensor output = context.output(0);
    if (!output.present()) return InvalidNode("output 0 is missing");
    if (sdk::DtypeBytes(output.dtype()) == 0) return Unsupported("output 0 is ", output.Describe());
    kernels::PerTensor out;
    const bool quantized = output.dtype() == GLIMPSE_INT8 && output.is_quantized();
    if (quantized) GLIMPSE_SDK_TRY(RequireInt8(output, "output 0", &out));
    for (uint32_t i = 0; i < context.op().input_count(); ++i) {
      const std::string what = sdk::Text("input ", i);
      GLIMPSE_SDK_TRY(RequireType(context.input(i), what, output.dtype()));
      if (!quantized) continue;
      kernels::PerTensor in;
      GLIMPSE_SDK_TRY(RequireInt8(context.input(i), what, &in));
      GLIMPSE_SDK_TRY(RequireSameQuantization(in, out));
    }
    return Ok();
  }

  // Finishes Prepare: `dims` is the output's shape, `lengths` what each input has along `axis`.
  Status Join(PrepareContext& context, const std::vector<int64_t>& dims, uint32_t axis,
              const std::vector<int64_t>& lengths) {
    const size_t element_bytes = sdk::DtypeBytes(context.output(0).dtype());
    GLIMPSE_SDK_TRY(SetShape(context, 0, dims, element_bytes));
    outer_ = 1;
    size_t inner = element_bytes;
    for (size_t d = 0; d < dims.size(); ++d) {
      if (d < axis) outer_ *= static_cast<size_t>(dims[d]);
      if (d > axis) inner *= static_cast<size_t>(dims[d]);
    }
    stride_ = inner * static_cast<size_t>(dims[axis]);
    GLIMPSE_SDK_TRY(runs_.Allocate(context, lengths.size()));
    for (size_t i = 0; i < lengths.size(); ++i) runs_[i] = inner * static_cast<size_t>(lengths[i]);
    return context.ReportWork(0, outer_ * stride_ / element_bytes);
  }

 private:
  size_t outer_ = 0;
  size_t stride_ = 0;  // bytes from one run of the output to the next
  sdk::Persistent<size_t> runs_;
};

class ConcatenationOp final : public JoinOp {
 public:
  Status Prepare(PrepareContext& context) override {
    glimpse_concatenation_options options;
    GLIMPSE_SDK_TRY(GetOptions(context, &options));
    if (options.activation != GLIMPSE_ACT_NONE) {
      return Unsupported("fused_activation_function is ", options.activation, "; concatenation has none (0)");
    }
    GLIMPSE_SDK_TRY(CheckInputs(context));
    const Tensor first = context.input(0);
    uint32_t axis = 0;
    GLIMPSE_SDK_TRY(NormaliseAxis(options.axis, first.rank(), "builtin_options.axis", &axis));
    std::vector<int64_t> dims(first.dims().begin(), first.dims().end());
    std::vector<int64_t> lengths;
    dims[axis] = 0;
    for (uint32_t i = 0; i < context.op().input_count(); ++i) {
      const Tensor input = context.input(i);
      bool fits = input.rank() == first.rank();
      for (uint32_t d = 0; fits && d < first.rank(); ++d) fits = d == axis || input.dim(d) == first.dim(d);
      if (!fits) {
        return InvalidNode("input ", i, " is ", input.Describe(), ", input 0 ", first.Describe(),
                           "; they may differ in dimension ", axis, " only");
      }
      lengths.push_back(input.dim(axis));
      dims[axis] += input.dim(axis);
    }
    return Join(context, dims, axis, lengths);
  }
};

class PackOp final : public JoinOp {
 public:
  Status Prepare(PrepareContext& context) override {
    glimpse_pack_options options;
    GLIMPSE_SDK_TRY(GetOptions(context, &options));
    const uint32_t count = context.op().input_count();
    if (options.values_count != static_cast<int32_t>(count)) {
      return InvalidNode("builtin_options.values_count is ", options.values_count, ", there are ", count, " inputs");
    }
    GLIMPSE_SDK_TRY(CheckInputs(context));
    const Tensor first = context.input(0);
    uint32_t axis = 0;
    GLIMPSE_SDK_TRY(NormaliseAxis(options.axis, first.rank() + 1, "builtin_options.axis", &axis));
    std::vector<int64_t> dims(first.dims().begin(), first.dims().end());
    for (uint32_t i = 1; i < count; ++i) {
      const Tensor input = context.input(i);
      if (!std::equal(dims.begin(), dims.end(), input.dims().begin(), input.dims().end())) {
        return InvalidNode("input ", i, " is ", input.Describe(), ", input 0 ", first.Describe(),
                           "; their shapes must be equal");
      }
    }
    dims.insert(dims.begin() + axis, count);
    return Join(context, dims, axis, std::vector<int64_t>(count, 1));
  }
};

}  // namespace

std::unique_ptr<sdk::Kernel> MakeConcatenation() { return std::make_unique<ConcatenationOp>(); }
std::unique_ptr<sdk::Kernel> MakePack() { return std::make_unique<PackOp>(); }

}  // namespace glimpse::ops
