// SPDX-License-Identifier: Apache-2.0
// TILE, BROADCAST_TO and FILL: the same elements again and again.
#include <algorithm>

#include "kernels/strided_copy/strided_copy.h"
#include "plugins/ops/move_op.h"
#include "plugins/ops/ops.h"

namespace glimpse::ops {
namespace {

class RepeatOp : public MoveOp {
 protected:
  Status Move(const sdk::InvokeContext& context, void* output) final {
    kernels::StridedCopyRef(p_, context.input<void>(moved_), output);
    return Ok();
  }

  void Start() {
    p_ = {};
    p_.element_bytes = element_bytes_;
  }

  kernels::StridedCopyParams p_;
  uint32_t moved_ = 0;  // the input whose elements are repeated
};

class TileOp final : public RepeatOp {
  Status Check(const PrepareContext& context) override {
    GLIMPSE_SDK_TRY(TakeInput(context, 0));
    return TakeArgument(context, 1, "input 1 (multiples)");
  }

  Status Plan(std::vector<int64_t>* output_dims) override {
    const IndexArgument& multiples = argument(0);
    if (multiples.size() != dims_.size()) {
      return InvalidNode("input 1 (multiples) has ", multiples.size(), " elements, input 0 has rank ", dims_.size());
    }
    Start();
    for (size_t d = 0; d < dims_.size(); ++d) {
      if (multiples[d] < 0 || multiples[d] > INT32_MAX) return InvalidNode("input 1 (multiples) has ", multiples[d]);
      p_.Add(multiples[d], 0, 0);
      p_.Add(dims_[d], Stride(d), 0);
      output_dims->push_back(multiples[d] * dims_[d]);
    }
    p_.MakeOutputDense();
    return Ok();
  }
};

class BroadcastToOp final : public RepeatOp {
  Status Check(const PrepareContext& context) override {
    GLIMPSE_SDK_TRY(TakeInput(context, 0));
    return TakeArgument(context, 1, "input 1 (shape)");
  }

  Status Plan(std::vector<int64_t>* output_dims) override {
    const auto shape = argument(0).values();
    if (shape.size() > GLIMPSE_MAX_RANK) return InvalidNode("input 1 (shape) has ", shape.size(), " elements");
    if (shape.size() < dims_.size()) {
      return InvalidNode("input 1 (shape) has ", shape.size(), " elements, input 0 has rank ", dims_.size());
    }
    Start();
    const size_t added = shape.size() - dims_.size();
    for (size_t d = 0; d < shape.size(); ++d) {
      const int64_t own = d < added ? 1 : dims_[d - added];
      if (shape[d] < 0 || shape[d] > INT32_MAX || (own != 1 && own != shape[d])) {
        return InvalidNode("dimension ", d, " of ", own, " cannot become one of ", shape[d]);
      }
      p_.Add(shape[d], own == 1 ? 0 : Stride(d - added), 0);
      output_dims->push_back(shape[d]);
    }
    p_.MakeOutputDense();
    return Ok();
  }
};

class FillOp final : public RepeatOp {
  Status Check(const PrepareContext& context) override {
    moved_ = 1;
    GLIMPSE_SDK_TRY(TakeInput(context, 1));
    if (!dims_.empty()) return InvalidNode("input 1 (value) is ", context.input(1).Describe(), "; it must be a scalar");
    return TakeArgument(context, 0, "input 0 (dims)");
  }

  Status Plan(std::vector<int64_t>* output_dims) override {
    const auto shape = argument(0).values();
    if (argument(0).dims().size() != 1 || shape.size() > GLIMPSE_MAX_RANK) {
      return InvalidNode("input 0 (dims) has ", shape.size(), " elements; it must be a list of at most ",
                         GLIMPSE_MAX_RANK);
    }
    Start();
    for (const int64_t dim : shape) {
      if (dim < 0 || dim > INT32_MAX) return InvalidNode("input 0 (dims) has ", dim, "; it must be 0 or more");
      p_.Add(dim, 0, 0);
      output_dims->push_back(dim);
    }
    p_.MakeOutputDense();
    return Ok();
  }
};

}  // namespace

std::unique_ptr<sdk::Kernel> MakeTile() { return std::make_unique<TileOp>(); }
std::unique_ptr<sdk::Kernel> MakeBroadcastTo() { return std::make_unique<BroadcastToOp>(); }
std::unique_ptr<sdk::Kernel> MakeFill() { return std::make_unique<FillOp>(); }

}  // namespace glimpse::ops
