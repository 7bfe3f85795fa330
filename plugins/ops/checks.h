// SPDX-License-Identifier: Apache-2.0
// Validation that operators share. The model is untrusted: what these let pass cannot make a kernel read or write out
// of bounds.
//
// `what` names the tensor in messages: "input 1 (filter)". GLIMPSE_INVALID_NODE is for nodes that break the operator's
// definition, GLIMPSE_UNSUPPORTED for sound ones that the kernel does not serve.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "glimpse/sdk.h"
#include "kernels/quant/profile.h"
#include "kernels/quant/requantize.h"
#include "kernels/window.h"

namespace glimpse::ops {

using sdk::InvalidNode;
using sdk::Ok;
using sdk::PrepareContext;
using sdk::Status;
using sdk::Tensor;
using sdk::Unsupported;

// The profile that the node asks for. Unsupported when this version knows no profile of that name.
Status GetProfile(const PrepareContext& context, kernels::Profile* profile);

// Options of the operator. Invalid when the host hands out none.
template <typename Options>
Status GetOptions(const PrepareContext& context, Options* options) {
  const auto given = context.op().options<Options>();
  if (!given) return InvalidNode("builtin_options are missing");
  *options = *given;
  return Ok();
}

// Unsupported unless present and of that type.
Status RequireType(const Tensor& tensor, std::string_view what, glimpse_dtype type);
// Invalid unless the rank lies in [min, max].
Status RequireRank(const Tensor& tensor, std::string_view what, uint32_t min, uint32_t max);
// Unsupported when a dimension is 0.
Status RequireElements(const Tensor& tensor, std::string_view what);
// One positive finite scale and a zero point within `zero_points`, whatever the type. Invalid without quantization,
// unsupported with several scales. REQUIRES: the tensor is present.
Status RequireOneScale(const Tensor& tensor, std::string_view what, kernels::ActivationRange zero_points,
                       kernels::PerTensor* quantization);
// int8 with one scale and a zero point in [-128, 127]. Invalid without quantization, unsupported with several scales.
Status RequireInt8(const Tensor& tensor, std::string_view what, kernels::PerTensor* quantization);
// Unsupported unless both have the same scale and zero point: the operator does not rescale.
Status RequireSameQuantization(kernels::PerTensor input, kernels::PerTensor output);

// Content of a constant int32 or int64 tensor as int64. Unsupported when it is not constant, invalid for another type.
Status GetIndices(const Tensor& tensor, std::string_view what, std::vector<int64_t>* values);
// `axis` of a tensor of rank `rank`, counted from the end when negative, as 0 to rank - 1. Invalid outside of that.
Status NormaliseAxis(int64_t axis, uint32_t rank, std::string_view what, uint32_t* normalised);
// Invalid when a dimension leaves int32 or the product of all times element_bytes leaves a signed pointer's range.
Status CheckSize(std::span<const int64_t> dims, size_t element_bytes, std::string_view what);
// CheckSize, then SetOutputShape.
Status SetShape(PrepareContext& context, uint32_t output, std::span<const int64_t> dims, size_t element_bytes);

// Range of a fused activation for `output`, whose type holds the values of `type`. Unsupported for TANH and SIGN_BIT.
Status GetActivationRange(glimpse_activation activation, kernels::PerTensor output, kernels::ActivationRange* range,
                          kernels::ActivationRange type = {});

// One spatial axis from the options: output size and padding before the input.
// Invalid when the filter is larger than the (unpadded) input, unsupported when sums of sizes leave int32.
Status GetWindowAxis(std::string_view axis, int64_t input, int64_t filter, int64_t stride, int64_t dilation,
                     glimpse_padding padding, kernels::WindowAxis* result);

// Scales of a filter: 1 or `channels` of them along `axis`, zero points 0. Sets `per_channel`.
Status RequireFilterQuantization(const Tensor& filter, int32_t channels, int32_t axis, bool* per_channel);
// Invalid unless 2^-149 <= `real` < 2^30: beyond, no runtime has a defined result.
Status RequireMultiplier(double real, std::string_view what);

}  // namespace glimpse::ops
