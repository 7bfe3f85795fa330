// SPDX-License-Identifier: Apache-2.0
// How the plugins of one instruction set write down what they offer.
#pragma once

#include <cstddef>
#include <cstdint>

#include "glimpse/sdk.h"

namespace glimpse::ops {

inline constexpr const char* kAllProfiles[] = {"litert-reference", "tflite-micro", "litert-xnnpack", nullptr};

// The score of a plugin whose kernels stand at kBase: a chain goes before its operators one by one.
template <uint32_t kBase>
uint32_t ScoreFrom(const glimpse_host*, const glimpse_node* node) {
  return kBase + node->operator_count;
}

// An int8 operator of `inputs_min` to `inputs_max` inputs for CPUs with `features`.
constexpr sdk::OpSpec Int8Offer(const char* op, const char* impl, int32_t last_version, uint32_t inputs_min,
                                uint32_t inputs_max, uint64_t features,
                                uint32_t (*score)(const glimpse_host*, const glimpse_node*), sdk::MakeKernel make) {
  return {.op = op,
          .impl = impl,
          .version = "0.1.0",
          .op_version_min = 1,
          .op_version_max = last_version,
          .input_min = inputs_min,
          .input_max = inputs_max,
          .output_min = 1,
          .output_max = 1,
          .input_types = sdk::Types<int8_t>(),
          .numerics = kAllProfiles,
          .cpu_features = {features},
          .score = score,
          .make = make};
}

// The same for the chain of the operator, or the chain, and another operator behind it.
constexpr sdk::OpSpec Then(const char* op, sdk::OpSpec offer) {
  if (offer.op != nullptr) offer.chain[0] = offer.op;
  offer.op = nullptr;
  size_t length = 0;
  while (offer.chain[length] != nullptr) ++length;
  offer.chain[length] = op;
  return offer;
}

// The same for two CONV_2D in a row, each with a MAX_POOL_2D behind it or without.
constexpr sdk::OpSpec ThenConv2D(bool first_pooled, bool second_pooled, sdk::OpSpec offer) {
  if (first_pooled) offer = Then("tflite.MAX_POOL_2D", offer);
  offer = Then("tflite.CONV_2D", offer);
  return second_pooled ? Then("tflite.MAX_POOL_2D", offer) : offer;
}

// The same for an operator whose outputs depend on nothing but its inputs' values.
constexpr sdk::OpSpec Foldable(sdk::OpSpec offer) {
  offer.flags = GLIMPSE_OP_FOLDABLE;
  return offer;
}

// The same with a first input of other types.
constexpr sdk::OpSpec From(uint64_t input_types, sdk::OpSpec offer) {
  offer.input_types = input_types;
  return offer;
}

}  // namespace glimpse::ops
