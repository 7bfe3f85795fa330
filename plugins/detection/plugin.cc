// SPDX-License-Identifier: Apache-2.0
// The plugin `detection`: the custom operator at the end of single-shot detectors.
#include "glimpse/sdk.h"
#include "plugins/detection/post_process_op.h"

namespace {

constexpr const char* kProfiles[] = {"litert-reference", "tflite-micro", "litert-xnnpack", nullptr};

constexpr glimpse::sdk::OpSpec kOffers[] = {
    {.op = "custom.TFLite_Detection_PostProcess",
     .impl = "org.glimpse.detection.post_process",
     .version = "0.1.0",
     .input_min = 3,
     .input_max = 3,
     .output_min = 4,
     .output_max = 4,
     .input_types = glimpse::sdk::Types<float, uint8_t>(),
     .numerics = kProfiles,
     .make = glimpse::detection::MakePostProcess},
};

}  // namespace

GLIMPSE_OP_PLUGIN("detection", "0.1.0", kOffers)
