// SPDX-License-Identifier: Apache-2.0
// custom.ExampleClamp: an operator that TFLite does not have, with options of our own.
#pragma once

#include <cstdint>

#include "glimpse/sdk.h"

namespace example {

// out[i] = clamp(in[i], stored(low), stored(high)), stored(r) = clamp(zero_point + round(r / scale), -128, 127), ties
// away from zero. int8 of any shape; output like the input, with its scale and zero point. Options in the model file
// (custom_options): two little-endian float32, low and high, in real numbers; 8 bytes.
class Clamp final : public glimpse::sdk::Kernel {
 public:
  glimpse::sdk::Status Prepare(glimpse::sdk::PrepareContext& context) override;
  glimpse::sdk::Status Invoke(const glimpse::sdk::InvokeContext& context) override;

 private:
  int64_t count_ = 0;
  int8_t low_ = 0, high_ = 0;
};

}  // namespace example
