// SPDX-License-Identifier: Apache-2.0
// The operators: each Make function gives a kernel that validates one operator of the model and computes it.
#pragma once

#include <memory>

#include "glimpse/sdk.h"
#include "kernels/conv2d/conv2d_packed.h"
#include "kernels/depthwise_conv2d/depthwise_packed.h"
#include "kernels/elementwise/mul_s8.h"
#include "kernels/elementwise/sum_s8.h"
#include "kernels/mean/mean_s8.h"
#include "kernels/pool2d/pool2d_simd.h"
#include "kernels/quantize/quantize_s8.h"

namespace glimpse::ops {

#define GLIMPSE_OP(name, op, ...) std::unique_ptr<sdk::Kernel> Make##name();
#include "plugins/ops/ops.def"
#undef GLIMPSE_OP

// The same with kernels of one instruction set in place of the reference ones: all checks are shared. They serve int8
// with constant weights and answer UNSUPPORTED for every other form, which leaves it to the reference.
std::unique_ptr<sdk::Kernel> MakeAdd(const kernels::SumS8Kernel& fast);
std::unique_ptr<sdk::Kernel> MakeSub(const kernels::SumS8Kernel& fast);
std::unique_ptr<sdk::Kernel> MakeConv2D(const kernels::PackedConv2DS8& packed);
// The chain of CONV_2D and MAX_POOL_2D.
std::unique_ptr<sdk::Kernel> MakeConv2DMaxPool2D(const kernels::PackedConv2DS8& packed);
// Two of them, each with its pool or without; see conv2d_chain_op.cc.
std::unique_ptr<sdk::Kernel> MakeConv2DChain(const kernels::PackedConv2DS8& packed, bool first_pooled,
                                             bool second_pooled);
std::unique_ptr<sdk::Kernel> MakeDepthwiseConv2D(const kernels::PackedDepthwiseS8& depthwise,
                                                 const kernels::PackedConv2DS8& conv);
std::unique_ptr<sdk::Kernel> MakeFullyConnected(const kernels::PackedConv2DS8& packed);
std::unique_ptr<sdk::Kernel> MakeMul(kernels::RunMulS8 fast);
std::unique_ptr<sdk::Kernel> MakeMean(kernels::RunMeanS8 fast);
std::unique_ptr<sdk::Kernel> MakeQuantize(kernels::RunQuantizeToInt8 fast);
// By a table of exponentials, whatever the instruction set.
std::unique_ptr<sdk::Kernel> MakeSoftmaxByTable();
std::unique_ptr<sdk::Kernel> MakeMaxPool2D(const kernels::PoolS8& fast);
std::unique_ptr<sdk::Kernel> MakeAveragePool2D(const kernels::PoolS8& fast);

}  // namespace glimpse::ops
