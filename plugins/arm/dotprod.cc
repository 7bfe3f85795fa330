// SPDX-License-Identifier: Apache-2.0
// The plugin `dotprod`: int8 operators for CPUs with sdot (Cortex-A76), byte for byte those of the plugin `reference`.
// What sdot is no help for is left to the plugin `neon`.
#include "plugins/ops/offers.h"
#include "plugins/ops/ops.h"

namespace {

using glimpse::kernels::kConv2DS8Dotprod;
using glimpse::ops::Then;
using glimpse::ops::ThenConv2D;
using glimpse::sdk::Kernel;

constexpr uint64_t kFeatures = GLIMPSE_CPU_NEON | GLIMPSE_CPU_DOTPROD;

std::unique_ptr<Kernel> MakeConv2D() { return glimpse::ops::MakeConv2D(kConv2DS8Dotprod); }
std::unique_ptr<Kernel> MakeConv2DMaxPool2D() { return glimpse::ops::MakeConv2DMaxPool2D(kConv2DS8Dotprod); }
template <bool kFirstPooled, bool kSecondPooled>
std::unique_ptr<Kernel> MakeConv2DChain() {
  return glimpse::ops::MakeConv2DChain(kConv2DS8Dotprod, kFirstPooled, kSecondPooled);
}
std::unique_ptr<Kernel> MakeFullyConnected() { return glimpse::ops::MakeFullyConnected(kConv2DS8Dotprod); }

// The operator as in the file, its last version, fewest and most inputs.
constexpr glimpse::sdk::OpSpec Offer(const char* op, const char* impl, int32_t last_version, uint32_t inputs_min,
                                     uint32_t inputs_max, glimpse::sdk::MakeKernel make) {
  return glimpse::ops::Int8Offer(op, impl, last_version, inputs_min, inputs_max, kFeatures,
                                 glimpse::ops::ScoreFrom<300>, make);
}

constexpr glimpse::sdk::OpSpec kOffers[] = {
    Offer("tflite.CONV_2D", "org.glimpse.dotprod.CONV_2D", 8, 2, 3, MakeConv2D),
    Then("tflite.MAX_POOL_2D",
         Offer("tflite.CONV_2D", "org.glimpse.dotprod.CONV_2D+MAX_POOL_2D", 8, 2, 3, MakeConv2DMaxPool2D)),
    ThenConv2D(false, false,
               Offer("tflite.CONV_2D", "org.glimpse.dotprod.CONV_2D+CONV_2D", 8, 2, 3, MakeConv2DChain<false, false>)),
    ThenConv2D(false, true,
               Offer("tflite.CONV_2D", "org.glimpse.dotprod.CONV_2D+CONV_2D+MAX_POOL_2D", 8, 2, 3,
                     MakeConv2DChain<false, true>)),
    ThenConv2D(true, false,
               Offer("tflite.CONV_2D", "org.glimpse.dotprod.CONV_2D+MAX_POOL_2D+CONV_2D", 8, 2, 3,
                     MakeConv2DChain<true, false>)),
    ThenConv2D(true, true,
               Offer("tflite.CONV_2D", "org.glimpse.dotprod.CONV_2D+MAX_POOL_2D+CONV_2D+MAX_POOL_2D", 8, 2, 3,
                     MakeConv2DChain<true, true>)),
    Offer("tflite.FULLY_CONNECTED", "org.glimpse.dotprod.FULLY_CONNECTED", 14, 2, 3, MakeFullyConnected),
};

}  // namespace

GLIMPSE_OP_PLUGIN("dotprod", "0.1.0", kOffers)
