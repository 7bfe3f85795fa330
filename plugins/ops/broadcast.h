// SPDX-License-Identifier: Apache-2.0
// What operators on several tensors share: broadcasting, their element types, their output.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "kernels/elementwise/broadcast.h"
#include "plugins/ops/checks.h"

namespace glimpse::ops {

// Bits of element types, as in a descriptor's input_types.
using TypeBits = uint64_t;
template <typename... T>
inline constexpr TypeBits kTypes = (GLIMPSE_DTYPE_BIT(sdk::kDtype<T>) | ... | 0);

// Names of the types, for messages: "int8, int16".
std::string TypeNames(TypeBits types);

// The one shape of all inputs. Invalid when there is none, or when an input's dimensions (0 counts as 1) overflow.
template <size_t kInputs>
Status GetBroadcast(const std::array<Tensor, kInputs>& inputs, kernels::Broadcast<kInputs>* shape) {
  *shape = {};
  for (const Tensor& input : inputs) {
    const std::vector<int64_t> dims(input.dims().begin(), input.dims().end());
    GLIMPSE_SDK_TRY(CheckSize(dims, sizeof(int64_t), "an input"));  // steps are products of dimensions
  }
  for (const Tensor& input : inputs) shape->rank = std::max(shape->rank, static_cast<int>(input.rank()));
  if (shape->rank > kernels::kMaxElementwiseRank) return Unsupported("rank ", shape->rank, " is too large");
  std::array<int64_t, kInputs> step;
  step.fill(1);
  for (int d = shape->rank - 1; d >= 0; --d) {
    const auto k = static_cast<size_t>(d);
    shape->dims[k] = 1;
    for (size_t i = 0; i < kInputs; ++i) {
      const int own = d - (shape->rank - static_cast<int>(inputs[i].rank()));
      const int32_t dim = own < 0 ? 1 : inputs[i].dim(static_cast<uint32_t>(own));
      if (dim != 1 && shape->dims[k] != 1 && dim != shape->dims[k]) {
        return InvalidNode("inputs ", inputs[0].Describe(), " and ", inputs[i].Describe(),
                           " cannot be broadcast to one shape");
      }
      if (dim != 1) shape->dims[k] = dim;
      shape->steps[i][k] = dim == 1 ? 0 : step[i];
      step[i] *= dim;
    }
  }
  return Ok();
}

// Sets the shape of output 0 (unsupported for rank 8 under tflite-micro) and reports one step an element and input. The
// inputs of the output's type and number of elements may lend it their memory.
Status SetBroadcastOutput(PrepareContext& context, int rank, const int32_t* dims);

// Calls `function` with a value of the C++ type of `dtype` (bool: uint8_t). Internal for other types.
template <typename Function>
Status WithElementType(glimpse_dtype dtype, Function function) {
  switch (dtype) {
    case GLIMPSE_FLOAT32:
      return function(float{});
    case GLIMPSE_INT8:
      return function(int8_t{});
    case GLIMPSE_UINT8:
    case GLIMPSE_BOOL:
      return function(uint8_t{});
    case GLIMPSE_INT16:
      return function(int16_t{});
    case GLIMPSE_INT32:
      return function(int32_t{});
    case GLIMPSE_INT64:
      return function(int64_t{});
    default:
      return sdk::Internal("no kernel for ", sdk::DtypeName(dtype));
  }
}

}  // namespace glimpse::ops
