// SPDX-License-Identifier: Apache-2.0
// SPACE_TO_DEPTH, DEPTH_TO_SPACE, SPACE_TO_BATCH_ND, BATCH_TO_SPACE_ND: blocks of pixels become channels or images.
#include <algorithm>

#include "kernels/space_to_batch/space_to_batch.h"
#include "kernels/strided_copy/strided_copy.h"
#include "plugins/ops/move_op.h"
#include "plugins/ops/ops.h"

namespace glimpse::ops {
namespace {

// Both are one copy over (batch, row, column, row and column in the block, channel), seen from either side.
class DepthOp : public MoveOp {
 protected:
  Status Check(const PrepareContext& context) final {
    glimpse_block_size_options options{};
    GLIMPSE_SDK_TRY(GetOptions(context, &options));
    block_ = options.block_size;
    if (block_ < 1) return InvalidNode("builtin_options.block_size is ", block_, "; it must be at least 1");
    GLIMPSE_SDK_TRY(TakeInput(context, 0));
    return RequireRank(context.input(0), "input 0", 4, 4);
  }
  Status Move(const sdk::InvokeContext& context, void* output) final {
    kernels::StridedCopyRef(p_, context.input<void>(0), output);
    return Ok();
  }

  int64_t block_ = 1;
  kernels::StridedCopyParams p_;
};

class SpaceToDepthOp final : public DepthOp {
  Status Plan(std::vector<int64_t>* output_dims) override {
    if (dims_[1] % block_ != 0 || dims_[2] % block_ != 0) {
      return InvalidNode("height ", dims_[1], " and width ", dims_[2], " must be multiples of the block size ", block_);
    }
    const int64_t depth = dims_[3];
    *output_dims = {dims_[0], dims_[1] / block_, dims_[2] / block_, 0};
    if (depth != 0 && block_ * block_ > INT32_MAX / depth)
      return InvalidNode("the block size ", block_, " is too large");
    (*output_dims)[3] = depth * block_ * block_;
    p_ = {};
    p_.element_bytes = element_bytes_;
    p_.Add(dims_[0], Stride(0), 0);
    p_.Add((*output_dims)[1], block_ * Stride(1), 0);
    p_.Add((*output_dims)[2], block_ * Stride(2), 0);
    p_.Add(block_, Stride(1), 0);
    p_.Add(block_, Stride(2), 0);
    p_.Add(depth, Stride(3), 0);
    p_.MakeOutputDense();
    return Ok();
  }
};

class DepthToSpaceOp final : public DepthOp {
  Status Plan(std::vector<int64_t>* output_dims) override {
    if (block_ > 46340 || dims_[3] % (block_ * block_) != 0) {
      return InvalidNode("the depth ", dims_[3], " must be a multiple of the square of the block size ", block_);
    }
    const int64_t depth = dims_[3] / (block_ * block_);
    *output_dims = {dims_[0], dims_[1] * block_, dims_[2] * block_, depth};
    p_ = {};
    p_.element_bytes = element_bytes_;
    p_.Add(dims_[0], Stride(0), 0);
    p_.Add(dims_[1], Stride(1), 0);
    p_.Add(block_, block_ * depth * Stride(3), 0);
    p_.Add(dims_[2], Stride(2), 0);
    p_.Add(block_, depth * Stride(3), 0);
    p_.Add(depth, Stride(3), 0);
    p_.MakeOutputDense();
    return Ok();
  }
};

// Rank 3 is rank 4 with a width of 1 that is never divided.
class BatchOp : public MoveOp {
 protected:
  Status Check(const PrepareContext& context) final {
    GLIMPSE_SDK_TRY(TakeInput(context, 0));
    const Tensor input = context.input(0);
    GLIMPSE_SDK_TRY(RequireRank(input, "input 0", 3, 4));
    // What stands for real 0.
    const bool quantized = input.dtype() == GLIMPSE_INT8 || input.dtype() == GLIMPSE_UINT8;
    value_ = quantized && context.output(0).is_quantized() ? context.output(0).zero_point() : 0;
    is_micro_ = context.numerics() == "tflite-micro";
    GLIMPSE_SDK_TRY(TakeArgument(context, 1, "input 1 (block shape)"));
    return TakeArgument(context, 2, "input 2 (paddings or crops)");
  }

  // Block sizes and margins, each at least 1 and 0.
  Status GetBlocks() {
    const size_t spatial = dims_.size() - 2;
    const IndexArgument& blocks = argument(0);
    const IndexArgument& margins = argument(1);
    if (blocks.size() != spatial || margins.size() != 2 * spatial) {
      return InvalidNode("input 1 (block shape) has ", blocks.size(), " elements and input 2 ", margins.size(),
                         "; for rank ", dims_.size(), " they must have ", spatial, " and ", 2 * spatial);
    }
    for (const int64_t block : blocks.values()) {
      if (block < 1 || block > INT32_MAX)
        return InvalidNode("input 1 (block shape) has ", block, "; it must be at least 1");
    }
    for (const int64_t margin : margins.values()) {
      if (margin < 0 || margin > INT32_MAX) return InvalidNode("input 2 has ", margin, "; it must be 0 or more");
    }
    if (spatial == 2 && blocks[0] > INT32_MAX / blocks[1]) return InvalidNode("input 1 (block shape) is too large");
    p_ = {};
    p_.element_bytes = element_bytes_;
    p_.pixel_bytes = element_bytes_ * static_cast<size_t>(dims_.back());
    p_.block_height = static_cast<int32_t>(blocks[0]);
    p_.top = static_cast<int32_t>(margins[0]);
    if (spatial == 2) {
      p_.block_width = static_cast<int32_t>(blocks[1]);
      p_.left = static_cast<int32_t>(margins[2]);
    }
    return Ok();
  }

  int64_t value_ = 0;
  bool is_micro_ = false;
  kernels::SpaceToBatchParams p_;
};

class SpaceToBatchOp final : public BatchOp {
  Status Plan(std::vector<int64_t>* output_dims) override {
    GLIMPSE_SDK_TRY(GetBlocks());
    *output_dims = dims_;
    (*output_dims)[0] = dims_[0] * p_.block_height * p_.block_width;
    const auto paddings = argument(1).values();
    if (is_micro_ && std::ranges::any_of(paddings, [](int64_t padding) { return padding != 0; })) {
      return Unsupported("TFLite Micro pads with what its memory happens to hold: there is nothing to be equal to");
    }
    for (size_t d = 1; d + 1 < dims_.size(); ++d) {
      const int64_t padded = dims_[d] + argument(1)[2 * (d - 1)] + argument(1)[2 * (d - 1) + 1];
      if (padded % argument(0)[d - 1] != 0) {
        return InvalidNode("dimension ", d, " is ", padded,
                           " with its padding; it must be a multiple of the block size ", argument(0)[d - 1]);
      }
      (*output_dims)[d] = padded / argument(0)[d - 1];
    }
    GLIMPSE_SDK_TRY(CheckSize(*output_dims, element_bytes_, "the output"));
    p_.batches = static_cast<int32_t>(dims_[0]);
    p_.height = static_cast<int32_t>(dims_[1]);
    p_.tall_height = static_cast<int32_t>((*output_dims)[1]);
    if (dims_.size() == 4) {
      p_.width = static_cast<int32_t>(dims_[2]);
      p_.tall_width = static_cast<int32_t>((*output_dims)[2]);
    }
    return Ok();
  }

  Status Move(const sdk::InvokeContext& context, void* output) override {
    kernels::SpaceToBatchRef(p_, &value_, context.input<void>(0), output);
    return Ok();
  }
};

class BatchToSpaceOp final : public BatchOp {
  Status Plan(std::vector<int64_t>* output_dims) override {
    GLIMPSE_SDK_TRY(GetBlocks());
    const int64_t blocks = int64_t{p_.block_height} * p_.block_width;
    if (dims_[0] % blocks != 0) {
      return InvalidNode("the batch of ", dims_[0], " must be a multiple of the block's ", blocks, " elements");
    }
    *output_dims = dims_;
    (*output_dims)[0] = dims_[0] / blocks;
    for (size_t d = 1; d + 1 < dims_.size(); ++d) {
      const int64_t cropped = argument(1)[2 * (d - 1)] + argument(1)[2 * (d - 1) + 1];
      (*output_dims)[d] = dims_[d] * argument(0)[d - 1] - cropped;
      if ((*output_dims)[d] < 0) return InvalidNode("the crops of dimension ", d, " are larger than it is");
    }
    GLIMPSE_SDK_TRY(CheckSize(*output_dims, element_bytes_, "the output"));
    p_.batches = static_cast<int32_t>((*output_dims)[0]);
    p_.height = static_cast<int32_t>((*output_dims)[1]);
    p_.tall_height = static_cast<int32_t>(dims_[1]);
    if (dims_.size() == 4) {
      p_.width = static_cast<int32_t>((*output_dims)[2]);
      p_.tall_width = static_cast<int32_t>(dims_[2]);
    }
    return Ok();
  }

  Status Move(const sdk::InvokeContext& context, void* output) override {
    kernels::BatchToSpaceRef(p_, context.input<void>(0), output);
    return Ok();
  }
};

}  // namespace

std::unique_ptr<sdk::Kernel> MakeSpaceToDepth() { return std::make_unique<SpaceToDepthOp>(); }
std::unique_ptr<sdk::Kernel> MakeDepthToSpace() { return std::make_unique<DepthToSpaceOp>(); }
std::unique_ptr<sdk::Kernel> MakeSpaceToBatch() { return std::make_unique<SpaceToBatchOp>(); }
std::unique_ptr<sdk::Kernel> MakeBatchToSpace() { return std::make_unique<BatchToSpaceOp>(); }

}  // namespace glimpse::ops
