// SPDX-License-Identifier: Apache-2.0
// CONV_2D as a node, and in the middle of one: sizes, and what its checks look at.
#pragma once

#include <cstdint>
#include <span>

#include "glimpse/sdk.h"
#include "kernels/conv2d/conv2d.h"
#include "plugins/ops/conv_checks.h"

namespace glimpse::ops {

// Sizes of the operator on an input [batches, height, width, depth]: all of `params` but linear and pool.
Status GetConv2DSizes(std::span<const int32_t> input_dims, const Tensor& filter, const glimpse_conv_2d_options& options,
                      kernels::Conv2DParams* params);

// What GetConvForm() and GetConvQuantization() look at. REQUIRES: the sizes in `params`.
ConvNode Conv2DNode(const sdk::Operator& op, const glimpse_conv_2d_options& options,
                    const kernels::Conv2DParams& params);

// All parameters of an int8 convolution with weights that can be packed, one of a chain's operators, on an input of
// these dimensions; allocates the scales. Unsupported for other forms.
Status GetInt8Conv2D(PrepareContext& context, const sdk::Operator& op, std::span<const int32_t> input_dims,
                     sdk::Persistent<kernels::OutputScale>* scales, kernels::Conv2DParams* params);

}  // namespace glimpse::ops
