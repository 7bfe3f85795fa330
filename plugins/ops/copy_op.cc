// SPDX-License-Identifier: Apache-2.0
// SQUEEZE and EXPAND_DIMS: the same elements under another shape.
#include <cstring>

#include "plugins/ops/move_op.h"
#include "plugins/ops/ops.h"

namespace glimpse::ops {
namespace {

class CopyOp : public MoveOp {
 protected:
  Status Move(const sdk::InvokeContext& context, void* output) final {
    std::memcpy(output, context.input<void>(0), output_bytes_);
    return Ok();
  }
};

class SqueezeOp final : public CopyOp {
  Status Check(const PrepareContext& context) override {
    options_ = context.op().options<glimpse_squeeze_options>().value_or(glimpse_squeeze_options{});
    return TakeInput(context, 0);
  }

  Status Plan(std::vector<int64_t>* output_dims) override {
    const auto rank = static_cast<uint32_t>(dims_.size());
    uint32_t dropped = 0;
    for (uint32_t i = 0; i < options_.dim_count; ++i) {
      uint32_t d = 0;
      GLIMPSE_SDK_TRY(NormaliseAxis(options_.dims[i], rank, "builtin_options.squeeze_dims", &d));
      if (dims_[d] != 1)
        return InvalidNode("builtin_options.squeeze_dims names dimension ", d, ", which is ", dims_[d]);
      dropped |= 1u << d;
    }
    for (uint32_t d = 0; d < rank; ++d) {
      const bool drop = options_.dim_count == 0 ? dims_[d] == 1 : (dropped >> d & 1u) != 0;
      if (!drop) output_dims->push_back(dims_[d]);
    }
    return Ok();
  }

  glimpse_squeeze_options options_{};
};

class ExpandDimsOp final : public CopyOp {
  Status Check(const PrepareContext& context) override {
    GLIMPSE_SDK_TRY(TakeInput(context, 0));
    return TakeArgument(context, 1, "input 1 (axis)");
  }

  Status Plan(std::vector<int64_t>* output_dims) override {
    if (argument(0).size() != 1)
      return InvalidNode("input 1 (axis) has ", argument(0).size(), " elements; it must have 1");
    uint32_t axis = 0;
    GLIMPSE_SDK_TRY(NormaliseAxis(argument(0)[0], static_cast<uint32_t>(dims_.size()) + 1, "input 1 (axis)", &axis));
    *output_dims = dims_;
    output_dims->insert(output_dims->begin() + axis, 1);
    return Ok();
  }
};

}  // namespace

std::unique_ptr<sdk::Kernel> MakeSqueeze() { return std::make_unique<SqueezeOp>(); }
std::unique_ptr<sdk::Kernel> MakeExpandDims() { return std::make_unique<ExpandDimsOp>(); }

}  // namespace glimpse::ops
