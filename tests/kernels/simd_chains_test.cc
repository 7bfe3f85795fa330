// SPDX-License-Identifier: Apache-2.0
// Chains of operators by one kernel of each instruction set against the same operators one by one with the reference
// kernels: every byte of the output.
#include <cmath>

#include "tests/kernels/support/instruction_sets.h"
#include "tests/kernels/support/op_runner.h"
#include "tests/kernels/support/random_nodes.h"

namespace glimpse::testkit {
namespace {

struct Layer {
  int32_t height, width, depth, outputs, filter, stride;
  glimpse_padding padding;
};

struct Pool {
  int32_t height, width, stride_height, stride_width;
  glimpse_padding padding;
};

class SimdChains : public OnInstructionSet {
 protected:
  // Returns whether the chain is served; then it has been compared.
  void Compare(const Layer& c, const Pool& p, Random& random) {
    const double typical = 0.6 / (74.0 * 74 * 0.05 * std::sqrt(double(c.depth) * c.filter * c.filter));
    const OpTensor input = Int8({2, c.height, c.width, c.depth}, 0.05F, random.ZeroPoint(),
                                random.Bytes(int64_t{2} * c.height * c.width * c.depth));
    std::vector<OpTensor> inputs = {
        input, Weights({c.outputs, c.filter, c.filter, c.depth}, 0, random.Int(0, 2) != 0, typical, random)};
    if (random.Int(0, 3) != 0) inputs.push_back(Bias(c.outputs, random));
    const glimpse_conv_2d_options conv{
        0, c.padding, c.stride, c.stride, 1, 1, kActivations[random.Int(0, 2)], GLIMPSE_FLOAT32};
    const glimpse_pool_2d_options pool{
        0, p.padding, p.stride_height, p.stride_width, p.height, p.width, kActivations[random.Int(0, 2)]};
    const OpTensor link = Int8({1, 1, 1, 1}, 0.01F, random.ZeroPoint());
    const std::string what = Describe(c, p);
    for (const char* profile : ProfilesOfNode()) {
      OpRunner first("tflite.CONV_2D", profile);
      first.inputs = inputs;
      first.output = link;
      first.SetOptions(conv);
      OpRunner chain("tflite.CONV_2D", profile, GetParam().make_conv_max_pool, 2);
      chain.inputs = inputs;
      chain.output = link;
      chain.SetOptions(conv);
      chain.Then("tflite.MAX_POOL_2D", pool, link);
      if (first.Prepare() != GLIMPSE_OK) continue;
      OpRunner second("tflite.MAX_POOL_2D", profile);
      second.output = second.inputs.emplace_back(link);
      second.inputs[0].bytes = first.Invoke();
      second.inputs[0].dims = first.shape();
      second.SetOptions(pool);
      ASSERT_EQ(second.Prepare(), GLIMPSE_OK) << second.message();
      const glimpse_status status = chain.Prepare();
      if (status == GLIMPSE_UNSUPPORTED) {
        ++declined_;
        continue;
      }
      ASSERT_EQ(status, GLIMPSE_OK) << what << profile << ": " << chain.message();
      ASSERT_EQ(chain.shape(), second.shape()) << what << profile;
      ASSERT_EQ(chain.Invoke(), second.Invoke()) << what << profile;
      ++compared_;
    }
  }

  // Two convolutions, each with a pool behind it or not, of two by two where `pooled` says so, with this padding.
  void CompareTwo(const Layer& a, bool first_pooled, const Layer& b, bool second_pooled, glimpse_padding pool_padding,
                  Random& random) {
    const Layer layers[] = {a, b};
    const bool pooled[] = {first_pooled, second_pooled};
    const glimpse_pool_2d_options pool{0, pool_padding, 2, 2, 2, 2, kActivations[random.Int(0, 2)]};
    std::vector<OpTensor> more[2];
    glimpse_conv_2d_options conv[2];
    OpTensor link[2];
    for (size_t i = 0; i < 2; ++i) {
      const Layer& c = layers[i];
      const double typical = 0.6 / (74.0 * 74 * 0.05 * std::sqrt(double(c.depth) * c.filter * c.filter));
      more[i] = {Weights({c.outputs, c.filter, c.filter, c.depth}, 0, true, typical, random)};
      if (random.Int(0, 3) != 0) more[i].push_back(Bias(c.outputs, random));
      conv[i] = {0, c.padding, c.stride, c.stride, 1, 1, kActivations[random.Int(0, 2)], GLIMPSE_FLOAT32};
      link[i] = Int8({1, 1, 1, 1}, 0.05F, random.ZeroPoint());
    }
    const OpTensor input = Int8({2, a.height, a.width, a.depth}, 0.05F, random.ZeroPoint(),
                                random.Bytes(2 * a.height * a.width * a.depth));
    const std::string what = Describe(a, {2, 2, 2, 2, pool_padding}) + Describe(b, {2, 2, 2, 2, pool_padding}) +
                             (first_pooled ? "pooled " : "") + (second_pooled ? "and pooled " : "");
    for (const char* profile : ProfilesOfNode()) {
      OpTensor content = input;  // what the operators make of it one by one
      bool sound = true;
      OpRunner chain("tflite.CONV_2D", profile, GetParam().make_conv_chain.make[first_pooled][second_pooled],
                     2 + first_pooled + second_pooled);
      for (size_t i = 0; i < 2 && sound; ++i) {
        OpRunner alone("tflite.CONV_2D", profile);
        alone.inputs = {content};
        alone.inputs.insert(alone.inputs.end(), more[i].begin(), more[i].end());
        alone.output = link[i];
        alone.SetOptions(conv[i]);
        sound = RunAlone(alone, link[i], &content);
        if (i == 0) {
          chain.inputs = alone.inputs;
          chain.output = link[0];
          chain.SetOptions(conv[0]);
        } else {
          chain.Then("tflite.CONV_2D", conv[1], link[1], more[1]);
        }
        if (!sound || !pooled[i]) continue;
        OpRunner behind("tflite.MAX_POOL_2D", profile);
        behind.inputs = {content};
        behind.output = link[i];
        behind.SetOptions(pool);
        sound = RunAlone(behind, link[i], &content);
        chain.Then("tflite.MAX_POOL_2D", pool, link[i]);
      }
      if (!sound) continue;
      const glimpse_status status = chain.Prepare();
      if (status == GLIMPSE_UNSUPPORTED) {
        ++declined_;
        continue;
      }
      ASSERT_EQ(status, GLIMPSE_OK) << what << profile << ": " << chain.message();
      ASSERT_EQ(chain.shape(), content.dims) << what << profile;
      ASSERT_EQ(chain.Invoke(), content.bytes) << what << profile;
      ++compared_;
    }
  }

  // Whether the reference takes it; `content` is what it computes then.
  static bool RunAlone(OpRunner& runner, const OpTensor& link, OpTensor* content) {
    if (runner.Prepare() != GLIMPSE_OK) return false;
    *content = link;
    content->bytes = runner.Invoke();
    content->dims = runner.shape();
    return true;
  }

  static std::string Describe(const Layer& c, const Pool& p) {
    std::string text;
    for (const int32_t n : {c.height, c.width, c.depth, c.outputs, c.filter, c.stride, p.height, p.width,
                            p.stride_height, p.stride_width}) {
      text += std::to_string(n) + " ";
    }
    return text + (c.padding == GLIMPSE_PADDING_SAME ? "same " : "valid ") +
           (p.padding == GLIMPSE_PADDING_SAME ? "same " : "valid ");
  }

  size_t compared_ = 0;
  size_t declined_ = 0;
};

constexpr glimpse_padding kSame = GLIMPSE_PADDING_SAME;
constexpr glimpse_padding kValid = GLIMPSE_PADDING_VALID;

TEST_P(SimdChains, ConvolutionAndMaxPoolForAllSizesAroundTheTiles) {
  Random random(21);
  for (int32_t width = 2; width <= 21; ++width) {
    for (const glimpse_padding padding : {kSame, kValid}) {
      Compare({7, width + 2, 3, 17, 3, 1, kValid}, {2, 2, 2, 2, padding}, random);
      Compare({width + 3, 9, 16, 16, 3, 1, kSame}, {2, 2, 2, 2, padding}, random);
    }
  }
  EXPECT_GT(compared_, 2 * declined_) << "scales that cannot be pooled are the exception";
}

TEST_P(SimdChains, ConvolutionAndMaxPoolForAllDepthsAroundTheTiles) {
  Random random(22);
  for (int32_t depth = 1; depth <= 20; ++depth) {
    Compare({8, 11, depth, 8, 3, 1, kSame}, {2, 2, 2, 2, kValid}, random);
    Compare({9, 8, 4, depth * 4 - 3, 2, 1, kValid}, {2, 2, 2, 2, kSame}, random);
    Compare({12, 12, 16 * (depth % 3 + 1), depth * 5, 3, 1, kSame}, {2, 2, 2, 2, kSame}, random);
  }
  EXPECT_GT(compared_, 20 * kProfilesOfNode) << "where Winograd by itself is faster a chain may be declined, besides";
}

TEST_P(SimdChains, ConvolutionAndMaxPoolForWindowsAndStrides) {
  Random random(23);
  for (const int32_t filter : {1, 2, 3, 4, 5, 9}) {
    for (const int32_t apart : {0, 1, 3}) {
      for (const glimpse_padding padding : {kSame, kValid}) {
        Compare({19, 23, 5, 12, 3, 1, padding}, {filter, 2, filter + apart, 2, kValid}, random);
        Compare({19, 23, 5, 12, 3, 2, padding}, {2, filter, 2 + apart, filter + apart, kValid}, random);
        Compare({25, 26, 16, 20, 3, 1, padding}, {filter, filter, filter + apart, filter + apart, kSame}, random);
      }
    }
  }
  EXPECT_GT(compared_, 33 * kProfilesOfNode);
}

TEST_P(SimdChains, WindowsThatOverlapOrBeginInThePaddingAreLeftToSingleKernels) {
  Random random(24);
  Compare({12, 12, 8, 8, 3, 1, kSame}, {3, 3, 2, 2, kValid}, random);
  Compare({12, 12, 8, 8, 3, 1, kSame}, {2, 2, 1, 1, kSame}, random);
  Compare({13, 13, 8, 8, 3, 1, kSame}, {3, 3, 3, 3, kSame}, random);  // 5 windows of 3 on 13: one before the start
  EXPECT_EQ(compared_, 0u);
  EXPECT_GT(declined_, 0u);
}

TEST_P(SimdChains, TwoConvolutionsOfAllSizesOfWhichABorderIsUnread) {
  Random random(25);
  for (int32_t size = 5; size <= 26; ++size) {
    // Declined where the second one looks at all.
    CompareTwo({size + 2, size, 1, 16, 3, 1, kValid}, true, {0, 0, 16, 32, 3, 1, kValid}, true, kValid, random);
    CompareTwo({size, size + 1, 2, 16, 3, 1, kSame}, false, {0, 0, 16, 9, 3, 2, kValid}, false, kSame, random);
    CompareTwo({size + 8, 28 - size / 2, 3, 16, 3, 1, kValid}, true, {0, 0, 16, 24, 3, 1, kSame}, true, kValid, random);
    CompareTwo({size, size, 16, 32, 3, 1, kSame}, false, {0, 0, 32, 16, 2, 1, kValid}, true, kValid, random);
    CompareTwo({size + 4, size + 5, 16, 16, 3, 1, kSame}, true, {0, 0, 16, 8, 1, 3, kValid}, false, kSame, random);
  }
  EXPECT_GT(compared_, 16 * kProfilesOfNode);
  EXPECT_GT(declined_, 0u);
}

TEST_P(SimdChains, TwoConvolutionsWithNothingToLeaveOutAreLeftToSingleKernels) {
  Random random(26);
  CompareTwo({12, 12, 4, 16, 3, 1, kSame}, false, {0, 0, 16, 8, 3, 1, kSame}, false, kValid, random);
  CompareTwo({12, 12, 4, 16, 3, 1, kSame}, true, {0, 0, 16, 8, 3, 1, kSame}, true, kValid, random);
  CompareTwo({13, 13, 4, 16, 3, 1, kSame}, false, {0, 0, 16, 8, 3, 2, kValid}, false, kValid, random);
  EXPECT_EQ(compared_, 0u);
  EXPECT_GT(declined_, 0u);
}

INSTANTIATE_TEST_SUITE_P(All, SimdChains, testing::ValuesIn(InstructionSets()), InstructionSetName);

}  // namespace
}  // namespace glimpse::testkit
