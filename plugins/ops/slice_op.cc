// SPDX-License-Identifier: Apache-2.0
// SLICE, and its counterpart DYNAMIC_UPDATE_SLICE, which overwrites a slice.
#include <algorithm>
#include <cstring>

#include "kernels/strided_copy/strided_copy.h"
#include "plugins/ops/move_op.h"
#include "plugins/ops/ops.h"

namespace glimpse::ops {
namespace {

class SliceOp final : public MoveOp {
  Status Check(const PrepareContext& context) override {
    GLIMPSE_SDK_TRY(TakeInput(context, 0));
    GLIMPSE_SDK_TRY(TakeArgument(context, 1, "input 1 (begin)"));
    return TakeArgument(context, 2, "input 2 (size)");
  }

  Status Plan(std::vector<int64_t>* output_dims) override {
    const IndexArgument& begin = argument(0);
    const IndexArgument& size = argument(1);
    if (begin.size() != dims_.size() || size.size() != dims_.size()) {
      return InvalidNode("begin and size have ", begin.size(), " and ", size.size(), " elements, input 0 has rank ",
                         dims_.size());
    }
    p_ = {};
    p_.element_bytes = element_bytes_;
    first_ = 0;
    for (size_t d = 0; d < dims_.size(); ++d) {
      const bool inside =
          begin[d] >= 0 && begin[d] <= dims_[d] && size[d] >= -1 && (size[d] < 0 || size[d] <= dims_[d] - begin[d]);
      if (!inside) {
        return InvalidNode("a slice of ", size[d], " from ", begin[d], " does not lie in dimension ", d, " of ",
                           dims_[d]);
      }
      const int64_t count = size[d] < 0 ? dims_[d] - begin[d] : size[d];
      p_.Add(count, Stride(d), 0);
      first_ += begin[d] * Stride(d);
      output_dims->push_back(count);
    }
    p_.MakeOutputDense();
    return Ok();
  }

  Status Move(const sdk::InvokeContext& context, void* output) override {
    kernels::StridedCopyRef(p_, context.input<char>(0) + first_, output);
    return Ok();
  }

  kernels::StridedCopyParams p_;
  int64_t first_ = 0;  // bytes
};

class UpdateSliceOp final : public sdk::Kernel {
 public:
  Status Prepare(PrepareContext& context) override {
    const Tensor operand = context.input(0);
    const Tensor update = context.input(1);
    GLIMPSE_SDK_TRY(RequireMovable(context, operand, context.output(0)));
    GLIMPSE_SDK_TRY(RequireType(update, "input 1 (update)", operand.dtype()));
    GLIMPSE_SDK_TRY(start_.Prepare(context.input(2), "input 2 (start indices)"));
    const uint32_t rank = operand.rank();
    if (update.rank() != rank || start_.size() != rank) {
      return InvalidNode("input 0 is ", operand.Describe(), ", input 1 (update) ", update.Describe(), " and there are ",
                         start_.size(), " start indices; the ranks must be equal");
    }
    p_ = {};
    p_.element_bytes = sdk::DtypeBytes(operand.dtype());
    bytes_ = operand.size_bytes();
    std::fill(std::begin(room_), std::end(room_), 0);
    int64_t from = static_cast<int64_t>(update.size_bytes());
    int64_t to = static_cast<int64_t>(bytes_);
    for (uint32_t d = 0; d < rank; ++d) {
      if (update.dim(d) > operand.dim(d)) {
        return InvalidNode("input 1 (update) is ", update.Describe(), "; it does not fit into ", operand.Describe());
      }
      room_[d] = operand.dim(d) - update.dim(d);
      from /= std::max(update.dim(d), 1);
      to /= std::max(operand.dim(d), 1);
      p_.Add(update.dim(d), from, to);
    }
    const std::vector<int64_t> dims(operand.dims().begin(), operand.dims().end());
    GLIMPSE_SDK_TRY(SetShape(context, 0, dims, p_.element_bytes));
    GLIMPSE_SDK_TRY(context.AllowAlias(0, 0));
    return context.ReportWork(0, static_cast<uint64_t>(operand.element_count()));
  }

  Status Invoke(const sdk::InvokeContext& context) override {
    char* output = context.output<char>(0);
    if (bytes_ == 0) return Ok();
    if (output != context.input<char>(0)) std::memcpy(output, context.input<char>(0), bytes_);
    if (!start_.is_constant()) start_.Load(context.input<void>(2));
    // A slice that would stick out is moved back inside.
    for (size_t d = 0; d < start_.size(); ++d) {
      output += std::clamp<int64_t>(start_[d], 0, room_[d]) * p_.output_stride[d];
    }
    kernels::StridedCopyRef(p_, context.input<char>(1), output);
    return Ok();
  }

 private:
  IndexArgument start_;
  kernels::StridedCopyParams p_;
  int64_t room_[GLIMPSE_MAX_RANK] = {};  // the largest start
  size_t bytes_ = 0;
};

}  // namespace

std::unique_ptr<sdk::Kernel> MakeSlice() { return std::make_unique<SliceOp>(); }
std::unique_ptr<sdk::Kernel> MakeDynamicUpdateSlice() { return std::make_unique<UpdateSliceOp>(); }

}  // namespace glimpse::ops
