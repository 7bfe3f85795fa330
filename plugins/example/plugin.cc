// SPDX-License-Identifier: Apache-2.0
// What this plugin offers, and the one symbol that it exports.
#include "clamp.h"
#include "glimpse/sdk.h"
#include "max_pool.h"

namespace {

using glimpse::sdk::Make;
using glimpse::sdk::OpSpec;
using glimpse::sdk::Types;

// Below 100, the score of a plain kernel: nobody gets an example unless the configuration asks for it.
uint32_t OnlyWhenAsked(const glimpse_host*, const glimpse_node*) { return 10; }

constexpr OpSpec kOffers[] = {
    {.op = "tflite.MAX_POOL_2D",
     .impl = "org.glimpse.example.max_pool_2d",
     .version = "1.0",
     .op_version_min = 1,
     .op_version_max = 3,
     .input_types = Types<int8_t>(),
     .score = OnlyWhenAsked,
     .make = Make<example::MaxPool>},
    {.op = "custom.ExampleClamp",
     .impl = "org.glimpse.example.clamp",
     .version = "1.0",
     .flags = GLIMPSE_OP_FOLDABLE,
     .input_types = Types<int8_t>(),
     .make = Make<example::Clamp>},
};

}  // namespace

GLIMPSE_OP_PLUGIN("example", "1.0", kOffers)
