// SPDX-License-Identifier: Apache-2.0
// The plugin `avx512vnni`: int8 operators for CPUs with AVX-512 VNNI, byte for byte those of the plugin `reference`.
#include "plugins/ops/offers.h"
#include "plugins/ops/ops.h"

namespace {

using glimpse::kernels::kConv2DS8Avx512Vnni;
using glimpse::kernels::kDepthwiseS8Avx512Vnni;
using glimpse::kernels::kPoolS8Avx512Vnni;
using glimpse::kernels::kSumS8Avx512Vnni;
using glimpse::ops::Foldable;
using glimpse::ops::Then;
using glimpse::ops::ThenConv2D;
using glimpse::sdk::Kernel;

constexpr uint64_t kFeatures = GLIMPSE_CPU_AVX512_VNNI;

std::unique_ptr<Kernel> MakeAdd() { return glimpse::ops::MakeAdd(kSumS8Avx512Vnni); }
std::unique_ptr<Kernel> MakeSub() { return glimpse::ops::MakeSub(kSumS8Avx512Vnni); }
std::unique_ptr<Kernel> MakeConv2D() { return glimpse::ops::MakeConv2D(kConv2DS8Avx512Vnni); }
std::unique_ptr<Kernel> MakeConv2DMaxPool2D() { return glimpse::ops::MakeConv2DMaxPool2D(kConv2DS8Avx512Vnni); }
template <bool kFirstPooled, bool kSecondPooled>
std::unique_ptr<Kernel> MakeConv2DChain() {
  return glimpse::ops::MakeConv2DChain(kConv2DS8Avx512Vnni, kFirstPooled, kSecondPooled);
}
std::unique_ptr<Kernel> MakeDepthwiseConv2D() {
  return glimpse::ops::MakeDepthwiseConv2D(kDepthwiseS8Avx512Vnni, kConv2DS8Avx512Vnni);
}
std::unique_ptr<Kernel> MakeFullyConnected() { return glimpse::ops::MakeFullyConnected(kConv2DS8Avx512Vnni); }
std::unique_ptr<Kernel> MakeMaxPool2D() { return glimpse::ops::MakeMaxPool2D(kPoolS8Avx512Vnni); }
std::unique_ptr<Kernel> MakeAveragePool2D() { return glimpse::ops::MakeAveragePool2D(kPoolS8Avx512Vnni); }

// The operator as in the file, its last version, fewest and most inputs.
constexpr glimpse::sdk::OpSpec Offer(const char* op, const char* impl, int32_t last_version, uint32_t inputs_min,
                                     uint32_t inputs_max, glimpse::sdk::MakeKernel make) {
  return glimpse::ops::Int8Offer(op, impl, last_version, inputs_min, inputs_max, kFeatures,
                                 glimpse::ops::ScoreFrom<300>, make);
}

constexpr glimpse::sdk::OpSpec kOffers[] = {
    Foldable(Offer("tflite.ADD", "org.glimpse.avx512vnni.ADD", 5, 2, 2, MakeAdd)),
    Offer("tflite.AVERAGE_POOL_2D", "org.glimpse.avx512vnni.AVERAGE_POOL_2D", 3, 1, 1, MakeAveragePool2D),
    Offer("tflite.CONV_2D", "org.glimpse.avx512vnni.CONV_2D", 8, 2, 3, MakeConv2D),
    Then("tflite.MAX_POOL_2D",
         Offer("tflite.CONV_2D", "org.glimpse.avx512vnni.CONV_2D+MAX_POOL_2D", 8, 2, 3, MakeConv2DMaxPool2D)),
    ThenConv2D(
        false, false,
        Offer("tflite.CONV_2D", "org.glimpse.avx512vnni.CONV_2D+CONV_2D", 8, 2, 3, MakeConv2DChain<false, false>)),
    ThenConv2D(false, true,
               Offer("tflite.CONV_2D", "org.glimpse.avx512vnni.CONV_2D+CONV_2D+MAX_POOL_2D", 8, 2, 3,
                     MakeConv2DChain<false, true>)),
    ThenConv2D(true, false,
               Offer("tflite.CONV_2D", "org.glimpse.avx512vnni.CONV_2D+MAX_POOL_2D+CONV_2D", 8, 2, 3,
                     MakeConv2DChain<true, false>)),
    ThenConv2D(true, true,
               Offer("tflite.CONV_2D", "org.glimpse.avx512vnni.CONV_2D+MAX_POOL_2D+CONV_2D+MAX_POOL_2D", 8, 2, 3,
                     MakeConv2DChain<true, true>)),
    Offer("tflite.DEPTHWISE_CONV_2D", "org.glimpse.avx512vnni.DEPTHWISE_CONV_2D", 7, 2, 3, MakeDepthwiseConv2D),
    Offer("tflite.FULLY_CONNECTED", "org.glimpse.avx512vnni.FULLY_CONNECTED", 14, 2, 3, MakeFullyConnected),
    Offer("tflite.MAX_POOL_2D", "org.glimpse.avx512vnni.MAX_POOL_2D", 3, 1, 1, MakeMaxPool2D),
    Foldable(Offer("tflite.SUB", "org.glimpse.avx512vnni.SUB", 5, 2, 2, MakeSub)),
};

}  // namespace

GLIMPSE_OP_PLUGIN("avx512vnni", "0.1.0", kOffers)
