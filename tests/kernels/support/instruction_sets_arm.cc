// SPDX-License-Identifier: Apache-2.0
#include <asm/hwcap.h>
#include <sys/auxv.h>

#include "tests/kernels/support/instruction_sets.h"

namespace glimpse::testkit {

std::vector<InstructionSet> InstructionSets() {
  using namespace kernels;
  const InstructionSet neon = {"neon",
                               [] { return true; },
                               &kConv2DS8Neon,
                               &kDepthwiseS8Neon,
                               &kSumS8Neon,
                               [] { return ops::MakeConv2D(kConv2DS8Neon); },
                               [] { return ops::MakeConv2DMaxPool2D(kConv2DS8Neon); },
                               kConvChains<&kConv2DS8Neon>,
                               [] { return ops::MakeDepthwiseConv2D(kDepthwiseS8Neon, kConv2DS8Neon); },
                               [] { return ops::MakeFullyConnected(kConv2DS8Neon); },
                               [] { return ops::MakeMaxPool2D(kPoolS8Neon); },
                               [] { return ops::MakeAveragePool2D(kPoolS8Neon); },
                               [] { return ops::MakeAdd(kSumS8Neon); },
                               [] { return ops::MakeSub(kSumS8Neon); },
                               [] { return ops::MakeMul(RunMulS8Neon); },
                               [] { return ops::MakeMean(RunMeanS8Neon); },
                               [] { return ops::MakeQuantize(QuantizeToInt8Neon); },
                               ops::MakeSoftmaxByTable};
  // The plugin offers the convolutions; of the rest only what a test makes of every instruction set.
  InstructionSet dotprod = neon;
  dotprod.name = "dotprod";
  dotprod.present = [] { return (::getauxval(AT_HWCAP) & HWCAP_ASIMDDP) != 0; };
  dotprod.conv = &kConv2DS8Dotprod;
  dotprod.make_conv = [] { return ops::MakeConv2D(kConv2DS8Dotprod); };
  dotprod.make_conv_max_pool = [] { return ops::MakeConv2DMaxPool2D(kConv2DS8Dotprod); };
  dotprod.make_conv_chain = kConvChains<&kConv2DS8Dotprod>;
  dotprod.make_depthwise = [] { return ops::MakeDepthwiseConv2D(kDepthwiseS8Neon, kConv2DS8Dotprod); };
  dotprod.make_fully_connected = [] { return ops::MakeFullyConnected(kConv2DS8Dotprod); };
  dotprod.make_mul = nullptr;
  dotprod.make_mean = nullptr;
  dotprod.make_quantize = nullptr;
  dotprod.make_softmax = nullptr;
  return {neon, dotprod};
}

}  // namespace glimpse::testkit
