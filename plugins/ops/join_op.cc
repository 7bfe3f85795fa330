// SPDX-License-Identifier: Apache-2.0
// CONCATENATION and PACK.
#include <vector>

#include "kernels/join/join.h"
#include "plugins/ops/move_op.h"
#include "plugins/ops/ops.h"

namespace glimpse::ops {
namespace {

// Inputs side by side along one dimension: each is `outer` runs of its own length.
class JoinOp : public sdk::Kernel {
 public:
  Status Invoke(const sdk::InvokeContext& context) final {
    size_t offset = 0;
    for (size_t i = 0; i < parts_.size(); ++i) {
      const Part& part = parts_[i];
      const auto* input = context.input<uint8_t>(static_cast<uint32_t>(i));
      uint8_t* output = context.output<uint8_t>(0) + offset;
      if (part.rescales) {
        kernels::RescaleRunsRef(part.rescale, outer_, part.run, stride_, input, output);
      } else {
        kernels::CopyRunsRef(outer_, part.run, stride_, input, output);
      }
      offset += part.run;
    }
    return Ok();
  }

 protected:
  // One input's share of the output.
  struct Part {
    size_t run;  // bytes
    bool rescales;
    kernels::RescaleParams rescale;
  };

  // All inputs have the output's type. Asks for the parts' memory.
  Status CheckInputs(PrepareContext& context) {
    const Tensor output = context.output(0);
    if (!output.present()) return InvalidNode("output 0 is missing");
    GLIMPSE_SDK_TRY(RequireMovable(context, output, output));
    GLIMPSE_SDK_TRY(parts_.Allocate(context, context.op().input_count()));
    for (uint32_t i = 0; i < context.op().input_count(); ++i) {
      GLIMPSE_SDK_TRY(RequireType(context.input(i), sdk::Text("input ", i), output.dtype()));
    }
    return Ok();
  }

  // Where scale or zero point differ, uint8 is rescaled, int8 refused, and int16 copied all the same, as the runtimes
  // do.
  Status CheckScales(const PrepareContext& context) {
    const Tensor output = context.output(0);
    const glimpse_dtype type = output.dtype();
    const bool quantized = type == GLIMPSE_INT8 || type == GLIMPSE_UINT8;
    if (!quantized || !output.is_quantized()) return Ok();
    for (uint32_t i = 0; i < context.op().input_count(); ++i) {
      const Tensor input = context.input(i);
      if (!input.is_quantized()) return InvalidNode("input ", i, " has no scale, the output has");
      if (input.scale_count() != 1 || output.scale_count() != 1) {
        return Unsupported("input ", i, " or the output has more than one scale");
      }
      if (input.scale() == output.scale() && input.zero_point() == output.zero_point()) continue;
      if (type == GLIMPSE_UINT8) {
        parts_[i].rescales = true;
        parts_[i].rescale = kernels::MakeRescale(input.scale(), static_cast<int32_t>(input.zero_point()),
                                                 output.scale(), static_cast<int32_t>(output.zero_point()));
        continue;
      }
      return Unsupported("input ", i, " has scale ", input.scale(), " and zero point ", input.zero_point(), ", output ",
                         output.scale(), " and ", output.zero_point(), "; int8 is not rescaled, they must be equal");
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
    for (size_t i = 0; i < lengths.size(); ++i) parts_[i].run = inner * static_cast<size_t>(lengths[i]);
    return context.ReportWork(0, outer_ * stride_ / element_bytes);
  }

 private:
  size_t outer_ = 0;
  size_t stride_ = 0;  // bytes from one run of the output to the next
  sdk::Persistent<Part> parts_;
};

class ConcatenationOp final : public JoinOp {
 public:
  Status Prepare(PrepareContext& context) override {
    glimpse_concatenation_options options{};
    GLIMPSE_SDK_TRY(GetOptions(context, &options));
    if (options.activation != GLIMPSE_ACT_NONE) {
      return Unsupported("fused_activation_function is ", options.activation, "; concatenation has none (0)");
    }
    GLIMPSE_SDK_TRY(CheckInputs(context));
    GLIMPSE_SDK_TRY(CheckScales(context));
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
    glimpse_pack_options options{};
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
