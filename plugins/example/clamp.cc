// SPDX-License-Identifier: Apache-2.0
#include "clamp.h"

#include <algorithm>
#include <cmath>
#include <cstring>

namespace example {

using glimpse::sdk::InvalidNode;
using glimpse::sdk::InvokeContext;
using glimpse::sdk::Ok;
using glimpse::sdk::PrepareContext;
using glimpse::sdk::Status;
using glimpse::sdk::Tensor;

namespace {

struct Bounds {
  float low, high;
};

// The bytes come from the file as they are: length and content are checked before they mean anything.
Status ReadBounds(std::span<const uint8_t> bytes, Bounds& bounds) {
  static_assert(sizeof(Bounds) == 8);
  if (bytes.size() != sizeof(Bounds)) {
    return InvalidNode("custom_options has ", bytes.size(), " bytes, not 8: low and high as float32");
  }
  std::memcpy(&bounds, bytes.data(), sizeof(Bounds));
  if (!std::isfinite(bounds.low) || !std::isfinite(bounds.high) || bounds.low > bounds.high) {
    return InvalidNode("bounds ", bounds.low, " to ", bounds.high, " are no range of finite numbers");
  }
  return Ok();
}

int8_t Stored(float real, const Tensor& tensor) {
  const float steps = std::round(real / tensor.scale());
  return static_cast<int8_t>(std::clamp(static_cast<float>(tensor.zero_point()) + steps, -128.0f, 127.0f));
}

}  // namespace

Status Clamp::Prepare(PrepareContext& context) {
  const Tensor input = context.input(0);
  const Tensor output = context.output(0);
  if (!input.present()) return InvalidNode("it needs an input");
  if (output.dtype() != input.dtype()) return InvalidNode("the output is ", output.Describe(), ", not int8");
  if (input.scale_count() != 1 || output.scale_count() != 1 || input.scale() != output.scale() ||
      input.zero_point() != output.zero_point()) {
    return InvalidNode("input and output must be quantized with one scale and zero point, the same for both");
  }
  Bounds bounds{};
  GLIMPSE_SDK_TRY(ReadBounds(context.op().custom_options(), bounds));
  low_ = Stored(bounds.low, input);
  high_ = Stored(bounds.high, input);
  count_ = input.element_count();
  GLIMPSE_SDK_TRY(context.SetOutputShape(0, input.dims()));
  // Each element is read before it is written, so both tensors may lie in the same memory.
  GLIMPSE_SDK_TRY(context.AllowAlias(0, 0));
  return context.ReportWork(0, static_cast<uint64_t>(count_));
}

Status Clamp::Invoke(const InvokeContext& context) {
  const int8_t* in = context.input<int8_t>(0);
  int8_t* out = context.output<int8_t>(0);
  for (int64_t i = 0; i < count_; ++i) out[i] = std::clamp(in[i], low_, high_);
  return Ok();
}

}  // namespace example
