// SPDX-License-Identifier: Apache-2.0
// Options at random for the operators of opcheck/operators.def.
#pragma once

#include "opcheck/node.h"
#include "opcheck/random_tensors.h"

namespace glimpse::opcheck {

// Sets op.options, and where options decide about them the types of outputs; `first` is the operator's first input.
using SetOptions = void (*)(NodeOperator& op, const NodeTensor& first, Random& random);

void SetNone(NodeOperator& op, const NodeTensor& first, Random& random);
void SetElementwise(NodeOperator& op, const NodeTensor& first, Random& random);
void SetArgMinMax(NodeOperator& op, const NodeTensor& first, Random& random);
void SetBatchMatMul(NodeOperator& op, const NodeTensor& first, Random& random);
void SetBlockSize(NodeOperator& op, const NodeTensor& first, Random& random);
void SetCast(NodeOperator& op, const NodeTensor& first, Random& random);
void SetConcatenation(NodeOperator& op, const NodeTensor& first, Random& random);
void SetCumsum(NodeOperator& op, const NodeTensor& first, Random& random);
void SetGather(NodeOperator& op, const NodeTensor& first, Random& random);
void SetGelu(NodeOperator& op, const NodeTensor& first, Random& random);
void SetL2Normalization(NodeOperator& op, const NodeTensor& first, Random& random);
void SetLeakyRelu(NodeOperator& op, const NodeTensor& first, Random& random);
void SetMirrorPad(NodeOperator& op, const NodeTensor& first, Random& random);
void SetPack(NodeOperator& op, const NodeTensor& first, Random& random);
void SetReducer(NodeOperator& op, const NodeTensor& first, Random& random);
void SetReshape(NodeOperator& op, const NodeTensor& first, Random& random);
void SetResize(NodeOperator& op, const NodeTensor& first, Random& random);
void SetShape(NodeOperator& op, const NodeTensor& first, Random& random);
void SetSoftmax(NodeOperator& op, const NodeTensor& first, Random& random);
void SetSqueeze(NodeOperator& op, const NodeTensor& first, Random& random);
void SetUnpack(NodeOperator& op, const NodeTensor& first, Random& random);
// Bytes of a custom operator: none, zeros, or anything.
void SetGuessed(NodeOperator& op, const NodeTensor& first, Random& random);

}  // namespace glimpse::opcheck
