// SPDX-License-Identifier: Apache-2.0
#include "tests/kernels/support/instruction_sets.h"

namespace glimpse::testkit {

std::vector<InstructionSet> InstructionSets() {
  using namespace kernels;
  return {
      {"avx2", [] { return __builtin_cpu_supports("avx2") != 0 && __builtin_cpu_supports("fma") != 0; }, &kConv2DS8Avx2,
       &kDepthwiseS8Avx2, &kSumS8Avx2, [] { return ops::MakeConv2D(kConv2DS8Avx2); },
       [] { return ops::MakeConv2DMaxPool2D(kConv2DS8Avx2); }, kConvChains<&kConv2DS8Avx2>,
       [] { return ops::MakeDepthwiseConv2D(kDepthwiseS8Avx2, kConv2DS8Avx2); },
       [] { return ops::MakeFullyConnected(kConv2DS8Avx2); }, [] { return ops::MakeMaxPool2D(kPoolS8Avx2); },
       [] { return ops::MakeAveragePool2D(kPoolS8Avx2); }, [] { return ops::MakeAdd(kSumS8Avx2); },
       [] { return ops::MakeSub(kSumS8Avx2); }, [] { return ops::MakeMul(RunMulS8Avx2); },
       [] { return ops::MakeMean(RunMeanS8Avx2); }, [] { return ops::MakeQuantize(QuantizeToInt8Avx2); },
       ops::MakeSoftmaxByTable},
      {"avx512vnni",
       [] {
         return __builtin_cpu_supports("avx512f") != 0 && __builtin_cpu_supports("avx512bw") != 0 &&
                __builtin_cpu_supports("avx512vl") != 0 && __builtin_cpu_supports("avx512vnni") != 0;
       },
       &kConv2DS8Avx512Vnni, &kDepthwiseS8Avx512Vnni, &kSumS8Avx512Vnni,
       [] { return ops::MakeConv2D(kConv2DS8Avx512Vnni); },
       [] { return ops::MakeConv2DMaxPool2D(kConv2DS8Avx512Vnni); }, kConvChains<&kConv2DS8Avx512Vnni>,
       [] { return ops::MakeDepthwiseConv2D(kDepthwiseS8Avx512Vnni, kConv2DS8Avx512Vnni); },
       [] { return ops::MakeFullyConnected(kConv2DS8Avx512Vnni); },
       [] { return ops::MakeMaxPool2D(kPoolS8Avx512Vnni); }, [] { return ops::MakeAveragePool2D(kPoolS8Avx512Vnni); },
       [] { return ops::MakeAdd(kSumS8Avx512Vnni); }, [] { return ops::MakeSub(kSumS8Avx512Vnni); }, nullptr, nullptr,
       nullptr, nullptr},
  };
}

}  // namespace glimpse::testkit
