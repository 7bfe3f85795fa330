// SPDX-License-Identifier: Apache-2.0
// SPLIT, SPLIT_V and UNPACK: one tensor becomes several along one dimension.
#include "kernels/strided_copy/strided_copy.h"
#include "plugins/ops/move_op.h"
#include "plugins/ops/ops.h"

namespace glimpse::ops {
namespace {

// Output i holds `lengths[i]` neighbours along the dimension.
class DivideOp : public sdk::Kernel {
 public:
  Status Invoke(const sdk::InvokeContext& context) final {
    size_t offset = 0;
    for (size_t i = 0; i < lengths_.size(); ++i) {
      kernels::StridedCopyParams p;
      p.element_bytes = lengths_[i] * inner_;
      p.Add(static_cast<int64_t>(outer_), static_cast<int64_t>(row_), static_cast<int64_t>(p.element_bytes));
      if (p.element_bytes != 0) {
        kernels::StridedCopyRef(p, context.input<char>(input_) + offset,
                                context.output<char>(static_cast<uint32_t>(i)));
      }
      offset += p.element_bytes;
    }
    return Ok();
  }

 protected:
  // Divides `input` along `axis`; `keep` leaves the dimension in the outputs' shapes.
  Status Divide(PrepareContext& context, uint32_t input, uint32_t axis, const std::vector<int64_t>& lengths,
                bool keep) {
    const Tensor tensor = context.input(input);
    const size_t element_bytes = sdk::DtypeBytes(tensor.dtype());
    input_ = input;
    outer_ = 1;
    inner_ = element_bytes;
    for (uint32_t d = 0; d < tensor.rank(); ++d) {
      if (d < axis) outer_ *= static_cast<size_t>(tensor.dim(d));
      if (d > axis) inner_ *= static_cast<size_t>(tensor.dim(d));
    }
    row_ = inner_ * static_cast<size_t>(tensor.dim(axis));
    GLIMPSE_SDK_TRY(lengths_.Allocate(context, lengths.size()));
    for (uint32_t i = 0; i < lengths.size(); ++i) {
      lengths_[i] = static_cast<size_t>(lengths[i]);
      GLIMPSE_SDK_TRY(RequireMovable(context, tensor, context.output(i)));
      std::vector<int64_t> dims(tensor.dims().begin(), tensor.dims().end());
      dims[axis] = lengths[i];
      if (!keep) dims.erase(dims.begin() + axis);
      GLIMPSE_SDK_TRY(SetShape(context, i, dims, element_bytes));
    }
    return context.ReportWork(0, static_cast<uint64_t>(tensor.element_count()));
  }

  static Status GetAxis(const PrepareContext& context, uint32_t input, uint32_t rank, uint32_t* axis) {
    std::vector<int64_t> values;
    GLIMPSE_SDK_TRY(GetIndices(context.input(input), "the axis", &values));
    if (values.size() != 1) return InvalidNode("the axis has ", values.size(), " elements; it must have 1");
    return NormaliseAxis(values[0], rank, "the axis", axis);
  }

 private:
  uint32_t input_ = 0;
  size_t outer_ = 0;
  size_t inner_ = 0;  // bytes of one step along the dimension
  size_t row_ = 0;    // bytes of all steps
  sdk::Persistent<size_t> lengths_;
};

class SplitOp final : public DivideOp {
 public:
  Status Prepare(PrepareContext& context) override {
    const Tensor input = context.input(1);
    if (!input.present()) return InvalidNode("input 1 is missing");
    uint32_t axis = 0;
    GLIMPSE_SDK_TRY(GetAxis(context, 0, input.rank(), &axis));
    const auto parts = static_cast<int64_t>(context.op().output_count());
    if (input.dim(axis) % parts != 0) {
      return InvalidNode("dimension ", axis, " of ", input.Describe(), " cannot be divided by ", parts);
    }
    return Divide(context, 1, axis, std::vector<int64_t>(static_cast<size_t>(parts), input.dim(axis) / parts), true);
  }
};

class SplitVOp final : public DivideOp {
 public:
  Status Prepare(PrepareContext& context) override {
    const Tensor input = context.input(0);
    if (!input.present()) return InvalidNode("input 0 is missing");
    uint32_t axis = 0;
    GLIMPSE_SDK_TRY(GetAxis(context, 2, input.rank(), &axis));
    std::vector<int64_t> lengths;
    GLIMPSE_SDK_TRY(GetIndices(context.input(1), "input 1 (sizes)", &lengths));
    if (lengths.size() != context.op().output_count()) {
      return InvalidNode("input 1 (sizes) has ", lengths.size(), " elements, there are ", context.op().output_count(),
                         " outputs");
    }
    int64_t left = input.dim(axis);
    int64_t* open = nullptr;
    for (int64_t& length : lengths) {
      if (length == -1 && open == nullptr) {
        open = &length;
        continue;
      }
      if (length < 0 || length > left) return InvalidNode("input 1 (sizes) has ", length, " where ", left, " are left");
      left -= length;
    }
    if (open != nullptr) {
      *open = left;
    } else if (left != 0) {
      return InvalidNode("input 1 (sizes) leaves ", left, " of dimension ", axis);
    }
    return Divide(context, 0, axis, lengths, true);
  }
};

class UnpackOp final : public DivideOp {
 public:
  Status Prepare(PrepareContext& context) override {
    glimpse_unpack_options options{};
    GLIMPSE_SDK_TRY(GetOptions(context, &options));
    const Tensor input = context.input(0);
    if (!input.present()) return InvalidNode("input 0 is missing");
    uint32_t axis = 0;
    GLIMPSE_SDK_TRY(NormaliseAxis(options.axis, input.rank(), "builtin_options.axis", &axis));
    const uint32_t outputs = context.op().output_count();
    if (options.value_count != static_cast<int32_t>(outputs) || input.dim(axis) != options.value_count) {
      return InvalidNode("builtin_options.num is ", options.value_count, ", there are ", outputs,
                         " outputs and dimension ", axis, " of ", input.Describe());
    }
    return Divide(context, 0, axis, std::vector<int64_t>(outputs, 1), false);
  }
};

}  // namespace

std::unique_ptr<sdk::Kernel> MakeSplit() { return std::make_unique<SplitOp>(); }
std::unique_ptr<sdk::Kernel> MakeSplitV() { return std::make_unique<SplitVOp>(); }
std::unique_ptr<sdk::Kernel> MakeUnpack() { return std::make_unique<UnpackOp>(); }

}  // namespace glimpse::ops
