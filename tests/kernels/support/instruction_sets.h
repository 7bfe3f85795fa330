// SPDX-License-Identifier: Apache-2.0
// The kernels of every instruction set, so that one test body runs over all of them.
#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <ostream>
#include <string>
#include <vector>

#include "kernels/conv2d/conv2d_packed.h"
#include "kernels/depthwise_conv2d/depthwise_packed.h"
#include "kernels/elementwise/mul_s8.h"
#include "kernels/elementwise/sum_s8.h"
#include "kernels/mean/mean_s8.h"
#include "kernels/pool2d/pool2d_simd.h"
#include "kernels/quantize/quantize_s8.h"
#include "plugins/ops/ops.h"

namespace glimpse::testkit {

template <const kernels::PackedConv2DS8* kConv, bool kFirstPooled, bool kSecondPooled>
std::unique_ptr<sdk::Kernel> MakeConvChain() {
  return ops::MakeConv2DChain(*kConv, kFirstPooled, kSecondPooled);
}

// Two convolutions, by which of them have a pool.
struct ConvChains {
  sdk::MakeKernel make[2][2];
};
template <const kernels::PackedConv2DS8* kConv>
inline constexpr ConvChains kConvChains = {{{MakeConvChain<kConv, false, false>, MakeConvChain<kConv, false, true>},
                                            {MakeConvChain<kConv, true, false>, MakeConvChain<kConv, true, true>}}};

struct InstructionSet {
  const char* name;
  bool (*present)();  // on this CPU
  const kernels::PackedConv2DS8* conv;
  const kernels::PackedDepthwiseS8* depthwise;
  const kernels::SumS8Kernel* sum;
  // The operators with these kernels.
  sdk::MakeKernel make_conv;
  sdk::MakeKernel make_conv_max_pool;  // the chain
  ConvChains make_conv_chain;
  sdk::MakeKernel make_depthwise;
  sdk::MakeKernel make_fully_connected;
  sdk::MakeKernel make_max_pool;
  sdk::MakeKernel make_average_pool;
  sdk::MakeKernel make_add;
  sdk::MakeKernel make_sub;
  sdk::MakeKernel make_mul;  // nullptr, like the following: there is none
  sdk::MakeKernel make_mean;
  sdk::MakeKernel make_quantize;
  sdk::MakeKernel make_softmax;
};

inline void PrintTo(const InstructionSet& set, std::ostream* out) { *out << set.name; }

// Those of this machine's architecture, whether or not this CPU has them.
std::vector<InstructionSet> InstructionSets();

// A test for each of them; skipped where the CPU lacks it.
class OnInstructionSet : public testing::TestWithParam<InstructionSet> {
 protected:
  void SetUp() override {
    if (!GetParam().present()) GTEST_SKIP() << "this CPU has no " << GetParam().name;
  }
};

inline std::string InstructionSetName(const testing::TestParamInfo<InstructionSet>& info) { return info.param.name; }

}  // namespace glimpse::testkit
