// SPDX-License-Identifier: Apache-2.0
// The plugin `reference`: every operator by its readable, normative kernel.
#include "glimpse/sdk.h"
#include "plugins/ops/ops.h"

namespace {

using glimpse::sdk::OpSpec;

// Words of plugins/ops/ops.def: element types, flags, profiles.
constexpr uint64_t F32 = glimpse::sdk::Types<float>();
constexpr uint64_t I8 = glimpse::sdk::Types<int8_t>();
constexpr uint64_t U8 = glimpse::sdk::Types<uint8_t>();
constexpr uint64_t I16 = glimpse::sdk::Types<int16_t>();
constexpr uint64_t I32 = glimpse::sdk::Types<int32_t>();
constexpr uint64_t I64 = glimpse::sdk::Types<int64_t>();
constexpr uint64_t F16 = GLIMPSE_DTYPE_BIT(GLIMPSE_FLOAT16);
constexpr uint64_t I4 = GLIMPSE_DTYPE_BIT(GLIMPSE_INT4);
constexpr uint64_t BOOL = glimpse::sdk::Types<bool>();
constexpr uint64_t ANY = glimpse::sdk::Types<float, double, int8_t, uint8_t, int16_t, uint16_t, int32_t, uint32_t,
                                             int64_t, uint64_t, bool>() |
                         F16;
constexpr uint32_t NONE = 0;
constexpr uint32_t FOLDABLE = GLIMPSE_OP_FOLDABLE;
constexpr uint32_t SHAPE_ONLY = GLIMPSE_OP_SHAPE_ONLY;
constexpr const char* kReferenceAndMicro[] = {"litert-reference", "tflite-micro", nullptr};
constexpr const char* kReferenceMicroXnnpack[] = {"litert-reference", "tflite-micro", "litert-xnnpack", nullptr};
[[maybe_unused]] constexpr const char* const* TWO = kReferenceAndMicro;
constexpr const char* const* THREE = kReferenceMicroXnnpack;
constexpr const char* const* MOVES = nullptr;

#define GLIMPSE_OP(name, last_name, last_version, fewest, most, outputs, types, op_flags, profiles) \
  OpSpec{.op = "tflite." last_name,                                                                 \
         .impl = "org.glimpse.reference." last_name,                                                \
         .version = "0.1.0",                                                                        \
         .flags = op_flags,                                                                         \
         .op_version_min = 1,                                                                       \
         .op_version_max = last_version,                                                            \
         .input_min = fewest,                                                                       \
         .input_max = most,                                                                         \
         .output_min = 1,                                                                           \
         .output_max = outputs,                                                                     \
         .input_types = types,                                                                      \
         .numerics = profiles,                                                                      \
         .make = glimpse::ops::Make##name},
constexpr OpSpec kOffers[] = {
#include "plugins/ops/ops.def"
};
#undef GLIMPSE_OP

}  // namespace

GLIMPSE_OP_PLUGIN("reference", "0.1.0", kOffers)
