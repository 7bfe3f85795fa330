// SPDX-License-Identifier: Apache-2.0
// What operators of one tensor share: one input, one output of the same type and shape, each element by itself.
#pragma once

#include <cstdint>
#include <string_view>

#include "kernels/quant/lookup.h"
#include "plugins/ops/checks.h"

namespace glimpse::ops {

using kernels::PerTensor;
using kernels::Profile;

// Quantization of an int8, uint8, int16 or int32 tensor with one scale. Invalid without quantization or with values
// that its type does not allow, unsupported with several scales or for another type.
Status RequireScaled(const Tensor& tensor, std::string_view what, PerTensor* quantization);
// RequireScaled for the input and the output, which for int16 have zero point 0.
Status RequireQuantizedPair(const PrepareContext& context, PerTensor* input, PerTensor* output);
// Unsupported when the scale is subnormal, which LiteRT's XNNPACK delegate refuses.
Status RequireNormalScale(PerTensor output);

// Unsupported under TFLite Micro, with the operator's name and `what` it lacks there.
Status RefuseInMicro(const PrepareContext& context, Profile profile, std::string_view what);

// Calls `function` with a value of the tensor's element type, int8_t, uint8_t or int16_t.
template <typename Function>
Status WithQuantizedType(const Tensor& tensor, Function function) {
  if (tensor.dtype() == GLIMPSE_INT8) return function(int8_t{});
  if (tensor.dtype() == GLIMPSE_UINT8) return function(uint8_t{});
  if (tensor.dtype() == GLIMPSE_INT16) return function(int16_t{});
  return Unsupported("input 0 '", tensor.name(), "' is ", tensor.Describe(), "; int8, uint8 and int16 are served");
}

// Prepare checks the two tensors and lets Choose() say how the elements are computed: by a table, or by Compute().
class UnaryOp : public sdk::Kernel {
 public:
  Status Prepare(PrepareContext& context) final;
  Status Invoke(const sdk::InvokeContext& context) final;

 protected:
  // Sets a table or what Compute() needs. Types of input and output are equal.
  virtual Status Choose(PrepareContext& context, Profile profile, glimpse_dtype type) = 0;
  // The elements that no table serves.
  virtual Status Compute(const sdk::InvokeContext& context);

  void UseTable(const kernels::ByteTable& table) {
    form_ = Form::kBytes;
    bytes_ = table;
  }
  void UseTable(const kernels::WordTable& table) {
    form_ = Form::kWords;
    words_ = table;
  }
  int64_t count() const { return count_; }

 private:
  enum class Form { kCompute, kBytes, kWords };

  Form form_ = Form::kCompute;
  int64_t count_ = 0;
  kernels::ByteTable bytes_{};
  kernels::WordTable words_{};
};

}  // namespace glimpse::ops
