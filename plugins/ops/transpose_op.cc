// SPDX-License-Identifier: Apache-2.0
// TRANSPOSE and REVERSE_V2: the same elements in another order.
#include "kernels/strided_copy/strided_copy.h"
#include "plugins/ops/move_op.h"
#include "plugins/ops/ops.h"

namespace glimpse::ops {
namespace {

class ReorderOp : public MoveOp {
 protected:
  Status Move(const sdk::InvokeContext& context, void* output) final {
    kernels::StridedCopyRef(p_, context.input<char>(0) + first_, output);
    return Ok();
  }

  void Start() {
    p_ = {};
    p_.element_bytes = element_bytes_;
    first_ = 0;
  }

  kernels::StridedCopyParams p_;
  int64_t first_ = 0;  // where the output's first element lies in the input, in bytes
};

class TransposeOp final : public ReorderOp {
  Status Check(const PrepareContext& context) override {
    GLIMPSE_SDK_TRY(TakeInput(context, 0));
    return TakeArgument(context, 1, "input 1 (perm)");
  }

  Status Plan(std::vector<int64_t>* output_dims) override {
    const IndexArgument& order = argument(0);
    if (order.dims().size() != 1 || order.size() != dims_.size()) {
      return InvalidNode("input 1 (perm) has ", order.size(), " elements, input 0 has rank ", dims_.size());
    }
    Start();
    uint32_t seen = 0;
    for (const int64_t from : order.values()) {
      uint32_t d = 0;
      GLIMPSE_SDK_TRY(NormaliseAxis(from, static_cast<uint32_t>(dims_.size()), "input 1 (perm)", &d));
      if ((seen >> d & 1u) != 0) return InvalidNode("input 1 (perm) names dimension ", d, " twice");
      seen |= 1u << d;
      p_.Add(dims_[d], Stride(d), 0);
      output_dims->push_back(dims_[d]);
    }
    p_.MakeOutputDense();
    return Ok();
  }
};

class ReverseOp final : public ReorderOp {
  Status Check(const PrepareContext& context) override {
    GLIMPSE_SDK_TRY(TakeInput(context, 0));
    return TakeArgument(context, 1, "input 1 (axis)");
  }

  Status Plan(std::vector<int64_t>* output_dims) override {
    uint32_t reversed = 0;
    for (const int64_t axis : argument(0).values()) {
      uint32_t d = 0;
      GLIMPSE_SDK_TRY(NormaliseAxis(axis, static_cast<uint32_t>(dims_.size()), "input 1 (axis)", &d));
      reversed |= 1u << d;
    }
    Start();
    for (uint32_t d = 0; d < dims_.size(); ++d) {
      const bool back = (reversed >> d & 1u) != 0;
      p_.Add(dims_[d], back ? -Stride(d) : Stride(d), 0);
      if (back && dims_[d] > 0) first_ += (dims_[d] - 1) * Stride(d);
    }
    p_.MakeOutputDense();
    *output_dims = dims_;
    return Ok();
  }
};

}  // namespace

std::unique_ptr<sdk::Kernel> MakeTranspose() { return std::make_unique<TransposeOp>(); }
std::unique_ptr<sdk::Kernel> MakeReverse() { return std::make_unique<ReverseOp>(); }

}  // namespace glimpse::ops
