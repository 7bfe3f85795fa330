// SPDX-License-Identifier: Apache-2.0
// What the tests of operators by one instruction set share: a node with its kernel of that set against the same node
// with the reference kernel, every byte of the output, under each profile.
#pragma once

#include <cmath>
#include <string>
#include <vector>

#include "tests/kernels/support/instruction_sets.h"
#include "tests/kernels/support/op_runner.h"
#include "tests/kernels/support/random_nodes.h"

namespace glimpse::testkit {

struct Conv {
  int32_t batches, height, width, depth, outputs, filter_height, filter_width, stride, dilation;
};

inline std::string Describe(const Conv& c, glimpse_padding padding) {
  std::string text;
  for (const int32_t n :
       {c.batches, c.height, c.width, c.depth, c.outputs, c.filter_height, c.filter_width, c.stride, c.dilation}) {
    text += std::to_string(n) + " ";
  }
  return text + (padding == GLIMPSE_PADDING_SAME ? "same" : "valid");
}

class SimdOps : public OnInstructionSet {
 protected:
  void TearDown() override {
    if (IsSkipped()) return;
    EXPECT_GE(compared_, least_) << "too few nodes were sound";
    RecordProperty("compared", std::to_string(compared_));
    RecordProperty("on_several_threads", std::to_string(divided_));
  }

  // Runs `fast` and a reference kernel on the same tensors.
  template <typename Options>
  void ExpectReferenceValues(const std::string& op, sdk::MakeKernel make, std::vector<OpTensor> inputs, OpTensor output,
                             Options options, const std::string& what) {
    for (const char* profile : ProfilesOfNode()) {
      OpRunner reference(op, profile);
      OpRunner fast(op, profile, make);
      for (OpRunner* runner : {&reference, &fast}) {
        runner->inputs = inputs;
        runner->output = output;
        runner->SetOptions(options);
      }
      if (reference.Prepare() != GLIMPSE_OK) continue;
      ASSERT_EQ(fast.Prepare(), GLIMPSE_OK) << op << " " << what << " " << profile << ": " << fast.message();
      ASSERT_EQ(fast.Invoke(), reference.Invoke()) << op << " " << what << " " << profile;
      ASSERT_EQ(fast.shape(), reference.shape());
      ++compared_;
      if (fast.macs() >= kWorthDividing && divided_of_ != what) {
        divided_of_ = what;
        ExpectSameOfWorkers(op, profile, make, inputs, output, options, reference.Invoke());
      }
    }
  }

  // The same on several threads.
  template <typename Options>
  void ExpectSameOfWorkers(const std::string& op, const char* profile, sdk::MakeKernel make,
                           const std::vector<OpTensor>& inputs, const OpTensor& output, Options options,
                           const std::vector<uint8_t>& expected) {
    OpRunner divided(op, profile, make);
    divided.inputs = inputs;
    divided.output = output;
    divided.workers = 3;
    divided.SetOptions(options);
    ASSERT_EQ(divided.Prepare(), GLIMPSE_OK) << divided.message();
    ASSERT_EQ(divided.Invoke(), expected) << op << " on 3 threads " << profile;
    ++divided_;
  }

  void ExpectConv(const Conv& c, glimpse_padding padding, Random& random) {
    const double typical = 0.6 / (74.0 * 74 * 0.05 * std::sqrt(double(c.depth) * c.filter_height * c.filter_width));
    std::vector<OpTensor> inputs = {
        Int8({c.batches, c.height, c.width, c.depth}, 0.05F, random.ZeroPoint(),
             random.Bytes(int64_t{c.batches} * c.height * c.width * c.depth)),
        Weights({c.outputs, c.filter_height, c.filter_width, c.depth}, 0, random.Int(0, 2) != 0, typical, random)};
    if (random.Int(0, 3) != 0) inputs.push_back(Bias(c.outputs, random));
    const glimpse_conv_2d_options options{
        0, padding, c.stride, c.stride, c.dilation, c.dilation, kActivations[random.Int(0, 2)], GLIMPSE_FLOAT32};
    ExpectReferenceValues("tflite.CONV_2D", GetParam().make_conv, inputs, Int8({1, 1, 1, 1}, 0.01F, random.ZeroPoint()),
                          options, Describe(c, padding));
  }

  void ExpectDepthwise(const Conv& c, int32_t multiplier, glimpse_padding padding, Random& random) {
    const double typical = 0.6 / (74.0 * 74 * 0.05 * std::sqrt(double(c.filter_height) * c.filter_width));
    const int32_t outputs = c.depth * multiplier;
    std::vector<OpTensor> inputs = {
        Int8({c.batches, c.height, c.width, c.depth}, 0.05F, random.ZeroPoint(),
             random.Bytes(int64_t{c.batches} * c.height * c.width * c.depth)),
        Weights({1, c.filter_height, c.filter_width, outputs}, 3, random.Int(0, 2) != 0, typical, random)};
    if (random.Int(0, 3) != 0) inputs.push_back(Bias(outputs, random));
    const glimpse_depthwise_conv_2d_options options{0,          padding,    c.stride,   c.stride,
                                                    c.dilation, c.dilation, multiplier, kActivations[random.Int(0, 2)]};
    ExpectReferenceValues("tflite.DEPTHWISE_CONV_2D", GetParam().make_depthwise, inputs,
                          Int8({1, 1, 1, 1}, 0.01F, random.ZeroPoint()), options, Describe(c, padding));
  }

  static constexpr uint64_t kWorthDividing = 1 << 19;
  std::string divided_of_;  // the last one: one profile of each is enough
  size_t divided_ = 0;
  size_t compared_ = 0;  // nodes that the reference takes
  size_t least_ = 20 * kProfilesOfNode / 3;
};

}  // namespace glimpse::testkit
