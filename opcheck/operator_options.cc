// SPDX-License-Identifier: Apache-2.0
#include "opcheck/operator_options.h"

#include <algorithm>

#include "glimpse/op_options.h"

namespace glimpse::opcheck {
namespace {

uint32_t Flag(Random& random) { return static_cast<uint32_t>(random.Int(0, 1)); }

int32_t Axis(const NodeTensor& first, Random& random) {
  const auto rank = static_cast<int32_t>(first.dims.size());
  return rank == 0 ? 0 : random.Int(-rank, rank - 1);
}

glimpse_activation Activation(Random& random) {
  return random.Pick<glimpse_activation>({GLIMPSE_ACT_NONE, GLIMPSE_ACT_RELU, GLIMPSE_ACT_RELU6});
}

}  // namespace

void SetNone(NodeOperator&, const NodeTensor&, Random&) {}

void SetElementwise(NodeOperator& op, const NodeTensor&, Random& random) {
  op.SetOptions(glimpse_elementwise_options{0, Activation(random), 0});
}

void SetArgMinMax(NodeOperator& op, const NodeTensor&, Random& random) {
  const glimpse_dtype type = Flag(random) != 0 ? GLIMPSE_INT32 : GLIMPSE_INT64;
  for (NodeTensor& output : op.outputs) output.dtype = type;
  op.SetOptions(glimpse_arg_min_max_options{0, type});
}

void SetBatchMatMul(NodeOperator& op, const NodeTensor&, Random& random) {
  // The second matrix has the first one's dimensions swapped: both transposed, or neither.
  const uint32_t both = Flag(random);
  op.SetOptions(glimpse_batch_matmul_options{0, both, both, 0});
}

void SetBlockSize(NodeOperator& op, const NodeTensor&, Random& random) {
  op.SetOptions(glimpse_block_size_options{0, random.Int(1, 2)});
}

void SetCast(NodeOperator& op, const NodeTensor& first, Random&) {
  op.SetOptions(glimpse_cast_options{0, first.dtype, op.outputs.empty() ? first.dtype : op.outputs[0].dtype});
}

void SetConcatenation(NodeOperator& op, const NodeTensor& first, Random& random) {
  op.SetOptions(glimpse_concatenation_options{0, Axis(first, random), GLIMPSE_ACT_NONE});
}

void SetCumsum(NodeOperator& op, const NodeTensor&, Random& random) {
  op.SetOptions(glimpse_cumsum_options{0, Flag(random), Flag(random)});
}

void SetGather(NodeOperator& op, const NodeTensor& first, Random& random) {
  op.SetOptions(glimpse_gather_options{0, Axis(first, random), 0});
}

void SetGelu(NodeOperator& op, const NodeTensor&, Random& random) {
  op.SetOptions(glimpse_gelu_options{0, Flag(random)});
}

void SetL2Normalization(NodeOperator& op, const NodeTensor&, Random&) {
  op.SetOptions(glimpse_l2_normalization_options{0, GLIMPSE_ACT_NONE});
}

void SetLeakyRelu(NodeOperator& op, const NodeTensor&, Random& random) {
  op.SetOptions(glimpse_leaky_relu_options{0, static_cast<float>(random.Real(-0.5, 1.5))});
}

void SetMirrorPad(NodeOperator& op, const NodeTensor&, Random& random) {
  op.SetOptions(glimpse_mirror_pad_options{0, Flag(random)});
}

void SetPack(NodeOperator& op, const NodeTensor& first, Random& random) {
  op.SetOptions(glimpse_pack_options{0, static_cast<int32_t>(op.inputs.size()), Axis(first, random)});
}

void SetReducer(NodeOperator& op, const NodeTensor&, Random& random) {
  op.SetOptions(glimpse_reducer_options{0, Flag(random)});
}

void SetReshape(NodeOperator& op, const NodeTensor& first, Random& random) {
  glimpse_reshape_options options{};
  options.has_new_shape = 1;
  options.new_rank = 1;
  options.new_shape[0] = -1;
  if (!first.dims.empty() && random.Int(0, 1) == 0) {
    options.new_rank = 2;
    options.new_shape[0] = first.dims[0];
    options.new_shape[1] = -1;
  }
  op.SetOptions(options);
}

void SetResize(NodeOperator& op, const NodeTensor&, Random& random) {
  const uint32_t align = Flag(random);
  op.SetOptions(glimpse_resize_options{0, align, align != 0 ? 0 : Flag(random)});
}

void SetShape(NodeOperator& op, const NodeTensor&, Random& random) {
  const glimpse_dtype type = Flag(random) != 0 ? GLIMPSE_INT32 : GLIMPSE_INT64;
  for (NodeTensor& output : op.outputs) output.dtype = type;
  op.SetOptions(glimpse_shape_options{0, type});
}

void SetSoftmax(NodeOperator& op, const NodeTensor&, Random& random) {
  op.SetOptions(glimpse_softmax_options{0, random.Int(0, 2) == 0 ? static_cast<float>(random.Real(0.1, 3)) : 1.0F});
}

void SetSqueeze(NodeOperator& op, const NodeTensor&, Random&) { op.SetOptions(glimpse_squeeze_options{}); }

void SetUnpack(NodeOperator& op, const NodeTensor& first, Random&) {
  const int32_t count = first.dims.empty() ? 1 : std::min(first.dims[0], 9);
  op.outputs.resize(static_cast<size_t>(std::max(count, 1)), op.outputs.at(0));
  op.SetOptions(glimpse_unpack_options{0, count, 0});
}

void SetGuessed(NodeOperator& op, const NodeTensor&, Random& random) {
  op.options.resize(static_cast<size_t>(random.Pick<int32_t>({0, 0, 4, 8, 12, 16, 20, 32, 64})));
  if (random.Int(0, 2) != 0) return;
  for (uint8_t& byte : op.options) byte = static_cast<uint8_t>(random.Int(0, 255));
}

}  // namespace glimpse::opcheck
