// SPDX-License-Identifier: Apache-2.0
// What MAX_POOL_2D has to check wherever it is computed: by itself, or by the kernel of the operator before it.
#pragma once

#include "glimpse/sdk.h"
#include "kernels/conv2d/conv2d.h"
#include "plugins/ops/checks.h"

namespace glimpse::ops {

enum class Pooling { kMax, kAverage, kL2 };

// The range that the activation of a pool of int8, uint8 or int16 leaves, under a profile. Invalid or unsupported for
// quantizations of `input` and `output` that do not go together.
Status GetPoolRange(kernels::Profile profile, Pooling pooling, const glimpse_pool_2d_options& options,
                    const Tensor& input, const Tensor& output, kernels::ActivationRange* range);

// Makes the operator at `position` of a node, a MAX_POOL_2D on int8, part of the convolution `conv` before it, whose
// sizes and range of outputs are set: conv->pool, and the range that both activations leave. Unsupported for windows
// that overlap or that begin in the padding, besides what the pool's own checks refuse.
Status TakeMaxPool(const PrepareContext& context, uint32_t position, kernels::Conv2DParams* conv);

}  // namespace glimpse::ops
