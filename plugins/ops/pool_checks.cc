// SPDX-License-Identifier: Apache-2.0
#include "plugins/ops/pool_checks.h"

#include <algorithm>

#include "kernels/conv2d/conv2d_packed.h"
#include "plugins/ops/typed_checks.h"

namespace glimpse::ops {

Status GetPoolRange(kernels::Profile profile, Pooling pooling, const glimpse_pool_2d_options& options,
                    const Tensor& input, const Tensor& output, kernels::ActivationRange* range) {
  kernels::PerTensor in;
  kernels::PerTensor out;
  GLIMPSE_SDK_TRY(RequirePerTensor(input, "input 0", &in));
  GLIMPSE_SDK_TRY(RequirePerTensor(output, "output 0", &out));
  GLIMPSE_SDK_TRY(RequireNearlySameQuantization(in, out));
  const glimpse_dtype type = input.dtype();
  // XNNPACK takes MAX_POOL_2D of 8 bits whose windows leave no gaps; the built-in kernels compute the others.
  if (profile == kernels::Profile::kLitertXnnpack && pooling == Pooling::kMax && type != GLIMPSE_INT16 &&
      options.stride_height <= options.filter_height && options.stride_width <= options.filter_width) {
    GLIMPSE_SDK_TRY(RequireSameQuantization(in, out));
    return GetXnnpackActivationRange(options.activation, out, range, RangeOfType(type));
  }
  return GetActivationRange(options.activation, out, range, RangeOfType(type));
}

Status TakeMaxPool(const PrepareContext& context, uint32_t position, kernels::Conv2DParams* conv) {
  const sdk::Operator pool = context.op(position);
  const Tensor output = pool.output(0);
  const auto options = pool.options<glimpse_pool_2d_options>();
  if (!options) return InvalidNode("builtin_options of the pool are missing");
  if (pool.input_count() != 1 || pool.version() > 3) return Unsupported("this version of MAX_POOL_2D");
  GLIMPSE_SDK_TRY(RequireType(output, "output 0", GLIMPSE_INT8));
  kernels::Profile profile;
  GLIMPSE_SDK_TRY(GetProfile(context, &profile));
  kernels::ActivationRange range;
  GLIMPSE_SDK_TRY(GetPoolRange(profile, Pooling::kMax, *options, pool.input(0), output, &range));
  kernels::MaxPoolAfter after;
  GLIMPSE_SDK_TRY(GetWindowAxis("height", conv->height.output, options->filter_height, options->stride_height, 1,
                                options->padding, &after.height));
  GLIMPSE_SDK_TRY(GetWindowAxis("width", conv->width.output, options->filter_width, options->stride_width, 1,
                                options->padding, &after.width));
  for (const kernels::WindowAxis& axis : {after.height, after.width}) {
    if (axis.stride < axis.filter) return Unsupported("windows of the pool that overlap: sums would be computed twice");
    if (axis.pad_before != 0) return Unsupported("windows of the pool that begin in the padding");
  }
  // Clamping twice is clamping to what the second leaves of the first's bounds.
  kernels::LinearParams& linear = conv->linear;
  if (linear.output_min > linear.output_max || range.min > range.max)
    return Unsupported("activations that leave nothing");
  linear.output_min = std::clamp(linear.output_min, range.min, range.max);
  linear.output_max = std::clamp(linear.output_max, range.min, range.max);
  conv->pool = after;
  if (!kernels::PoolsBeforeScaling(*conv)) return Unsupported("scales under which the order of sums may change");
  return Ok();
}

}  // namespace glimpse::ops
