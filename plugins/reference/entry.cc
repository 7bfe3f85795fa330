// SPDX-License-Identifier: Apache-2.0
// The plugin `reference`: every operator by its readable, normative kernel.
#include "glimpse/sdk.h"
#include "plugins/ops/ops.h"

namespace {

using glimpse::sdk::OpSpec;

// Words of plugins/ops/ops.def.
constexpr uint64_t kTypesINT8 = glimpse::sdk::Types<int8_t>();
constexpr uint64_t kTypesFLOAT32_INT8 = glimpse::sdk::Types<float, int8_t>();
constexpr uint64_t kTypesANY = glimpse::sdk::Types<float, double, int8_t, uint8_t, int16_t, uint16_t, int32_t, uint32_t,
                                                   int64_t, uint64_t, bool>() |
                               GLIMPSE_DTYPE_BIT(GLIMPSE_FLOAT16);
constexpr uint32_t kFlags0 = 0;
constexpr uint32_t kFlagsFOLDABLE = GLIMPSE_OP_FOLDABLE;
constexpr uint32_t kFlagsSHAPE_ONLY = GLIMPSE_OP_SHAPE_ONLY;
constexpr const char* kProfiles[] = {"litert-reference", "tflite-micro", nullptr};
constexpr const char* const* kNumericsQUANTIZED = kProfiles;
constexpr const char* const* kNumericsMOVES = nullptr;

#define GLIMPSE_OP(name, tflite_op, last_name, last_version, fewest, most, types, op_flags, kind) \
  OpSpec{.op = tflite_op,                                                                         \
         .impl = "org.glimpse.reference." last_name,                                              \
         .version = "0.1.0",                                                                      \
         .flags = kFlags##op_flags,                                                               \
         .op_version_min = 1,                                                                     \
         .op_version_max = last_version,                                                          \
         .input_min = fewest,                                                                     \
         .input_max = most,                                                                       \
         .input_types = kTypes##types,                                                            \
         .numerics = kNumerics##kind,                                                             \
         .make = glimpse::ops::Make##name},
constexpr OpSpec kOffers[] = {
#include "plugins/ops/ops.def"
};
#undef GLIMPSE_OP

}  // namespace

GLIMPSE_OP_PLUGIN("reference", "0.1.0", kOffers)
