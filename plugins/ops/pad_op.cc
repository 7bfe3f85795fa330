// SPDX-License-Identifier: Apache-2.0
// PAD, PADV2 and MIRROR_PAD.
#include <algorithm>
#include <cstring>

#include "kernels/mirror_pad/mirror_pad.h"
#include "kernels/pad/pad.h"
#include "plugins/ops/move_op.h"
#include "plugins/ops/ops.h"

namespace glimpse::ops {
namespace {

class PaddingOp : public MoveOp {
 protected:
  Status TakePaddings(const PrepareContext& context) {
    GLIMPSE_SDK_TRY(TakeInput(context, 0));
    return TakeArgument(context, 1, "input 1 (paddings)");
  }

  // Refuses paddings that are no list of two for each dimension, and sets the output's shape.
  Status GetPaddings(int64_t largest, std::vector<int64_t>* output_dims) const {
    const IndexArgument& paddings = argument(0);
    const auto shape = paddings.dims();
    if (shape.size() != 2 || shape[0] != static_cast<int32_t>(dims_.size()) || shape[1] != 2) {
      return InvalidNode("input 1 (paddings) has ", paddings.size(), " elements; for input 0 its shape must be [",
                         dims_.size(), ",2]");
    }
    for (size_t d = 0; d < dims_.size(); ++d) {
      for (const int64_t padding : {paddings[2 * d], paddings[2 * d + 1]}) {
        if (padding < 0 || padding > std::min<int64_t>(largest < 0 ? INT32_MAX : dims_[d] - largest, INT32_MAX)) {
          return InvalidNode("input 1 (paddings) has ", padding, " for dimension ", d, " of ", dims_[d],
                             "; it is negative or too large");
        }
      }
      output_dims->push_back(paddings[2 * d] + dims_[d] + paddings[2 * d + 1]);
    }
    return Ok();
  }
};

class PadOp final : public PaddingOp {
  Status Check(const PrepareContext& context) override {
    const Tensor input = context.input(0);
    GLIMPSE_SDK_TRY(TakePaddings(context));
    // What stands for real 0: the output's zero point, 0 in the types that have none.
    const Tensor output = context.output(0);
    const bool quantized =
        input.dtype() == GLIMPSE_INT8 || input.dtype() == GLIMPSE_UINT8 || input.dtype() == GLIMPSE_INT16;
    value_ = quantized && output.is_quantized() ? output.zero_point() : 0;
    const Tensor value = context.input(2);
    has_value_ = value.present();
    if (!has_value_) return Ok();
    GLIMPSE_SDK_TRY(RequireType(value, "input 2 (value)", input.dtype()));
    if (value.element_count() == 1) return Ok();
    return InvalidNode("input 2 (value) is ", value.Describe(), "; it must have 1 element");
  }

  Status Plan(std::vector<int64_t>* output_dims) override {
    GLIMPSE_SDK_TRY(GetPaddings(-1, output_dims));
    p_ = {};
    p_.rank = static_cast<int>(dims_.size());
    p_.element_bytes = element_bytes_;
    for (size_t d = 0; d < dims_.size(); ++d) {
      p_.input_dims[d] = static_cast<int32_t>(dims_[d]);
      p_.before[d] = static_cast<int32_t>(argument(0)[2 * d]);
      p_.after[d] = static_cast<int32_t>(argument(0)[2 * d + 1]);
    }
    return Ok();
  }

  Status Move(const sdk::InvokeContext& context, void* output) override {
    const void* value = has_value_ ? context.input<void>(2) : &value_;
    kernels::PadRef(p_, value, context.input<void>(0), output);
    return Ok();
  }

  kernels::PadParams p_;
  bool has_value_ = false;
  int64_t value_ = 0;  // its first element_bytes bytes count; little-endian
};

class MirrorPadOp final : public PaddingOp {
  Status Check(const PrepareContext& context) override {
    glimpse_mirror_pad_options options{};
    GLIMPSE_SDK_TRY(GetOptions(context, &options));
    p_.repeat_edge = options.mode == 1;
    return TakePaddings(context);
  }

  Status Plan(std::vector<int64_t>* output_dims) override {
    GLIMPSE_SDK_TRY(GetPaddings(p_.repeat_edge ? 0 : 1, output_dims));
    p_.rank = static_cast<int>(dims_.size());
    p_.element_bytes = element_bytes_;
    GLIMPSE_SDK_TRY(CheckSize(*output_dims, element_bytes_, "the output"));
    for (size_t d = 0; d < dims_.size(); ++d) {
      p_.input_dims[d] = static_cast<int32_t>(dims_[d]);
      p_.before[d] = static_cast<int32_t>(argument(0)[2 * d]);
      p_.output_dims[d] = static_cast<int32_t>((*output_dims)[d]);
    }
    return Ok();
  }

  Status Move(const sdk::InvokeContext& context, void* output) override {
    kernels::MirrorPadRef(p_, context.input<void>(0), output);
    return Ok();
  }

  kernels::MirrorPadParams p_;
};

}  // namespace

std::unique_ptr<sdk::Kernel> MakePad() { return std::make_unique<PadOp>(); }
std::unique_ptr<sdk::Kernel> MakeMirrorPad() { return std::make_unique<MirrorPadOp>(); }

}  // namespace glimpse::ops
