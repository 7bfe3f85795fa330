// SPDX-License-Identifier: Apache-2.0
// Operators with the kernels of each instruction set against the same operators with the reference kernels: every byte
// of the output, over sizes around the tiles, strides, dilations, paddings and extreme quantization.
#include <algorithm>
#include <cmath>
#include <tuple>

#include "tests/kernels/support/instruction_sets.h"
#include "tests/kernels/support/op_runner.h"
#include "tests/kernels/support/random_nodes.h"

namespace glimpse::testkit {
namespace {

struct Conv {
  int32_t batches, height, width, depth, outputs, filter_height, filter_width, stride, dilation;
};

std::string Describe(const Conv& c, glimpse_padding padding) {
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
    }
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

  size_t compared_ = 0;  // nodes that the reference takes
  size_t least_ = 20 * kProfilesOfNode / 3;
};

TEST_P(SimdOps, ConvolutionOfOnePixelForAllDepthsAroundTheTiles) {
  Random random(1);
  for (const int32_t depth : {1, 2, 3, 4, 5, 7, 8, 15, 16, 31, 64, 65, 200}) {
    for (const int32_t outputs : {1, 7, 8, 9, 15, 16, 17, 24, 31, 32, 33, 47, 48, 49, 63, 64, 65, 130}) {
      ExpectConv({1, 1 + outputs % 5, 1 + (outputs + depth) % 9, depth, outputs, 1, 1, 1, 1}, GLIMPSE_PADDING_VALID,
                 random);
    }
  }
}

TEST_P(SimdOps, ConvolutionOfOnePixelForAllPixelCountsAroundTheTiles) {
  Random random(2);
  for (int32_t pixels = 1; pixels <= 50; ++pixels) {
    for (const int32_t outputs : {8, 16, 32, 64}) {
      ExpectConv({1 + pixels % 2, 1, pixels, 9, outputs, 1, 1, 1, 1}, GLIMPSE_PADDING_VALID, random);
      ExpectConv({2, pixels, 5, 6, outputs, 1, 1, 1 + pixels % 3, 1}, GLIMPSE_PADDING_SAME, random);
    }
  }
  ExpectConv({1, 70, 71, 40, 40, 1, 1, 1, 1}, GLIMPSE_PADDING_VALID, random);  // more than is staged at once
  ExpectConv({2, 70, 71, 40, 33, 1, 1, 2, 1}, GLIMPSE_PADDING_VALID, random);
}

TEST_P(SimdOps, ConvolutionForFiltersStridesDilationsAndPaddings) {
  Random random(3);
  const std::tuple<int32_t, int32_t> filters[] = {{3, 3}, {1, 3}, {3, 1}, {2, 2}, {5, 5}, {10, 4}, {7, 7}, {4, 3}};
  for (const auto& [height, width] : filters) {
    for (const int32_t stride : {1, 2, 3}) {
      for (const int32_t dilation : {1, 2, 3}) {
        for (const glimpse_padding padding : {GLIMPSE_PADDING_SAME, GLIMPSE_PADDING_VALID}) {
          const int32_t rows = (height - 1) * dilation + random.Int(1, 12);
          const int32_t columns = (width - 1) * dilation + random.Int(1, 20);
          ExpectConv(
              {random.Int(1, 2), rows, columns, random.Int(1, 20), random.Int(1, 70), height, width, stride, dilation},
              padding, random);
        }
      }
    }
  }
}

TEST_P(SimdOps, ConvolutionOfThreeByThreeForAllWidthsAroundTheTiles) {
  Random random(4);
  for (int32_t size = 1; size <= 27; ++size) {
    for (const glimpse_padding padding : {GLIMPSE_PADDING_SAME, GLIMPSE_PADDING_VALID}) {
      if (padding == GLIMPSE_PADDING_VALID && size < 3) continue;
      ExpectConv({1, size, size, 16, 16, 3, 3, 1, 1}, padding, random);
      ExpectConv({1, size, 28 - size + 2, 3 + size, 5 + 3 * size, 3, 3, 1, 1}, padding, random);
    }
  }
  ExpectConv({1, 90, 100, 8, 8, 3, 3, 1, 1}, GLIMPSE_PADDING_SAME, random);  // several bands
  ExpectConv({1, 40, 200, 33, 9, 5, 3, 2, 1}, GLIMPSE_PADDING_SAME, random);
}

// Deep enough for winograd.h to win, with edges of one, two and three outputs on either axis, with and without a body.
TEST_P(SimdOps, ConvolutionOfThreeByThreeForAllEdges) {
  Random random(18);
  for (int32_t height = 1; height <= 9; ++height) {
    for (int32_t width = 1; width <= 9; ++width) {
      const int32_t outputs = 16 * random.Int(1, 3) + 5 * random.Int(0, 1);
      ExpectConv({2, height, width, 64, outputs, 3, 3, 1, 1}, GLIMPSE_PADDING_SAME, random);
      ExpectConv({1, height + 2, width + 2, 48, outputs, 3, 3, 1, 1}, GLIMPSE_PADDING_VALID, random);
    }
  }
  for (const int32_t size : {29, 50, 95}) {  // several blocks, several bands
    ExpectConv({1, size, 26, 32, 24, 3, 3, 1, 1}, GLIMPSE_PADDING_SAME, random);
    ExpectConv({1, 11, size, 16, 32, 3, 3, 1, 1}, GLIMPSE_PADDING_SAME, random);
  }
}

// A stride of 2 by stride2_avx2.h: edges on either axis, with padding on one side, on both and on none, several blocks
// and bands, and the largest sums.
TEST_P(SimdOps, ConvolutionOfThreeByThreeWithStrideTwoForAllEdges) {
  Random random(22);
  for (int32_t height = 3; height <= 12; ++height) {
    for (int32_t width = 3; width <= 15; width += 1 + height % 2) {
      const int32_t outputs = 16 * random.Int(1, 3) + 5 * random.Int(0, 1);
      ExpectConv({2, height, width, 16 * random.Int(1, 2), outputs, 3, 3, 2, 1}, GLIMPSE_PADDING_SAME, random);
      ExpectConv({1, height, width, 16, outputs, 3, 3, 2, 1}, GLIMPSE_PADDING_VALID, random);
    }
  }
  for (const int32_t size : {33, 64, 95}) {
    ExpectConv({1, size, 26, 32, 24, 3, 3, 2, 1}, GLIMPSE_PADDING_SAME, random);
    ExpectConv({1, 11, 2 * size, 16, 32, 3, 3, 2, 1}, GLIMPSE_PADDING_VALID, random);
  }
  ExpectConv({1, 17, 16, 128, 40, 3, 3, 2, 1}, GLIMPSE_PADDING_SAME, random);
  for (const int8_t weight : {int8_t{-128}, int8_t{127}}) {
    OpTensor filter = Weights({32, 3, 3, 64}, 0, true, 1e-6, random);
    filter.Content(std::vector<int8_t>(32 * 9 * 64, weight));
    std::vector<int8_t> input(16 * 16 * 64, -128);  // columns in turn: differences are as large as they can be
    for (size_t i = 0; i < input.size(); ++i) input[i] = i / 64 % 4 < 2 ? -128 : 127;
    const glimpse_conv_2d_options options{0, GLIMPSE_PADDING_SAME, 2, 2, 1, 1, GLIMPSE_ACT_NONE, GLIMPSE_FLOAT32};
    ExpectReferenceValues("tflite.CONV_2D", GetParam().make_conv,
                          {Int8({1, 16, 16, 64}, 0.05F, 127, input), filter, Bias(32, random)},
                          Int8({1, 1, 1, 1}, 0.01F, 3), options, "largest");
  }
}

// Winograd's sums that are scaled as they are, without a division: few input channels, small weights, and biases that
// reach the bound and go beyond; with edges, and one panel in two.
TEST_P(SimdOps, ConvolutionOfThreeByThreeWithSmallSums) {
  Random random(23);
  for (const int32_t most : {1, 10, 60}) {
    for (const int32_t limit : {1000, 3'600'000, 3'800'000}) {  // 2^31 / 576 is 3,728,270
      for (const auto& [size, outputs] : {std::tuple{8, 16}, {9, 33}, {11, 32}, {14, 24}}) {
        OpTensor filter = Weights({outputs, 3, 3, 16}, 0, true, 0.6 / (20.0 * 74 * 0.05 * 12), random);
        std::vector<int8_t> weights;
        for (int32_t i = 0; i < outputs * 9 * 16; ++i) weights.push_back(static_cast<int8_t>(random.Int(-most, most)));
        filter.Content(weights);
        std::vector<int32_t> bias;
        for (int32_t o = 0; o < outputs; ++o)
          bias.push_back(o < 16 ? random.Int(-900, 900) : random.Int(-limit, limit));
        const glimpse_conv_2d_options options{
            0, GLIMPSE_PADDING_SAME, 1, 1, 1, 1, kActivations[random.Int(0, 2)], GLIMPSE_FLOAT32};
        ExpectReferenceValues("tflite.CONV_2D", GetParam().make_conv,
                              {Int8({1, size, size, 16}, 0.05F, random.ZeroPoint(), random.Bytes(size * size * 16)),
                               filter, Const32({outputs}, bias)},
                              Int8({1, 1, 1, 1}, 0.01F, random.ZeroPoint()), options, std::to_string(limit));
      }
    }
  }
}

// Windows of few elements in a row for many channels, which are copied together.
TEST_P(SimdOps, ConvolutionOfShortRowsForAllSizes) {
  Random random(24);
  for (const auto& [height, width, depth] :
       {std::tuple{10, 4, 1}, {3, 3, 1}, {5, 3, 1}, {2, 1, 3}, {4, 1, 4}, {3, 2, 2}, {3, 5, 1}, {7, 7, 1}}) {
    for (int32_t size = 1; size <= 12; ++size) {
      const int32_t stride = random.Int(1, 3);
      const glimpse_padding padding = random.Int(0, 1) != 0 ? GLIMPSE_PADDING_SAME : GLIMPSE_PADDING_VALID;
      ExpectConv({2, height + size, width + size % 7, depth, 48 + random.Int(0, 30), height, width, stride, 1}, padding,
                 random);
    }
  }
  ExpectConv({1, 49, 10, 1, 64, 10, 4, 2, 1}, GLIMPSE_PADDING_SAME, random);
  ExpectConv({1, 80, 90, 1, 70, 3, 3, 1, 1}, GLIMPSE_PADDING_SAME, random);   // more than is gathered at once
  ExpectConv({1, 100, 90, 1, 70, 3, 3, 1, 1}, GLIMPSE_PADDING_SAME, random);  // too large an image
}

// First layers, whose rows of three elements are staged as pairs, and their neighbours, which are not.
TEST_P(SimdOps, ConvolutionOfOneChannelForAllWidthsAroundTheVectors) {
  Random random(19);
  for (int32_t width = 3; width <= 35; ++width) {
    for (const int32_t filter_height : {2, 3, 4, 5}) {
      const int32_t stride = random.Int(1, 3);
      ExpectConv({2, 4 + width % 5, width, 1, 8 + width, filter_height, 3, stride, 1}, GLIMPSE_PADDING_SAME, random);
      ExpectConv({1, 7, width, 1, 16, filter_height, 3, stride, 1}, GLIMPSE_PADDING_VALID, random);
    }
    ExpectConv({1, 6, width, 3, 9, 2, 1, 1, 1}, GLIMPSE_PADDING_SAME, random);
    ExpectConv({1, 9, width, 1, 17, 3, 3, 1, 2}, GLIMPSE_PADDING_SAME, random);
  }
  ExpectConv({1, 300, 120, 1, 20, 3, 3, 1, 1}, GLIMPSE_PADDING_SAME, random);  // several bands
  ExpectConv({1, 301, 121, 1, 20, 3, 3, 2, 1}, GLIMPSE_PADDING_VALID, random);
}

// Channels that give the same byte whatever the input: by their scale, by their weights, by their bias; some, all,
// none.
TEST_P(SimdOps, ConvolutionWithChannelsWhoseBytesAreKnown) {
  Random random(16);
  for (const int32_t outputs : {16, 17, 33, 64, 70}) {
    for (const int32_t known : {0, 30, 70, 100}) {  // of a hundred
      for (const int32_t size : {1, 3}) {
        OpTensor filter = Weights({outputs, size, size, 16}, 0, true, 0.001, random);
        std::vector<int8_t> weights = random.Bytes(int64_t{outputs} * size * size * 16);
        for (size_t o = 0; o < filter.scales.size(); ++o) {
          if (random.Int(0, 99) >= known) continue;
          filter.scales[o] = 1e-7F;
          if (random.Int(0, 3) != 0) continue;
          const size_t each = weights.size() / filter.scales.size();
          std::fill_n(weights.begin() + static_cast<ptrdiff_t>(o * each), each, int8_t{0});
        }
        filter.Content(weights);
        std::vector<OpTensor> inputs = {Int8({2, 5, 9, 16}, 0.05F, random.ZeroPoint(), random.Bytes(2 * 5 * 9 * 16)),
                                        filter};
        if (random.Int(0, 3) != 0) inputs.push_back(Bias(outputs, random));
        const glimpse_conv_2d_options options{
            0, GLIMPSE_PADDING_SAME, 1, 1, 1, 1, kActivations[random.Int(0, 2)], GLIMPSE_FLOAT32};
        ExpectReferenceValues("tflite.CONV_2D", GetParam().make_conv, inputs,
                              Int8({1, 1, 1, 1}, 0.01F, random.ZeroPoint()), options, std::to_string(outputs));
      }
    }
  }
}

TEST_P(SimdOps, DepthwiseConvolutionForAllDepthsAroundTheBlocks) {
  Random random(5);
  for (const int32_t depth : {1, 2, 3, 4, 7, 8, 9, 15, 16, 17, 24, 31, 32, 33, 63, 64, 65, 96, 100, 128, 130}) {
    for (const int32_t stride : {1, 2, 3}) {
      const int32_t filter = depth % 3 == 0 ? 5 : 3;
      ExpectDepthwise({1 + depth % 2, 9, 10, depth, 0, filter, filter, stride, 1}, 1, GLIMPSE_PADDING_SAME, random);
      ExpectDepthwise({1, 8, 7, depth, 0, 3, 3, stride, 1}, 1, GLIMPSE_PADDING_VALID, random);
    }
  }
}

TEST_P(SimdOps, DepthwiseConvolutionOfThreeByThreeForAllSizesAroundTheStrips) {
  Random random(17);
  for (int32_t rows = 1; rows <= 10; ++rows) {
    for (int32_t columns = 1; columns <= 6; ++columns) {
      const int32_t depth = random.Int(1, 7) * 8;
      for (const int32_t stride : {1, 2}) {
        ExpectDepthwise({random.Int(1, 2), rows, columns, depth, 0, 3, 3, stride, 1}, 1, GLIMPSE_PADDING_SAME, random);
        ExpectDepthwise({1, rows + 2, columns + 2, depth, 0, 3, 3, stride, 1}, 1, GLIMPSE_PADDING_VALID, random);
      }
    }
  }
  ExpectDepthwise({1, 20, 20, 40, 0, 3, 3, 1, 1}, 1, GLIMPSE_PADDING_SAME, random);
  ExpectDepthwise({1, 33, 20, 48, 0, 3, 3, 2, 1}, 1, GLIMPSE_PADDING_SAME, random);
}

TEST_P(SimdOps, DepthwiseConvolutionForFiltersStridesDilationsAndPaddings) {
  Random random(6);
  for (const int32_t height : {1, 2, 3, 4, 5, 7}) {
    for (const int32_t width : {1, 2, 3, 5, 6}) {
      for (const int32_t stride : {1, 2, 3}) {
        for (const int32_t dilation : {1, 2, 3}) {
          const glimpse_padding padding = random.Int(0, 1) != 0 ? GLIMPSE_PADDING_SAME : GLIMPSE_PADDING_VALID;
          const int32_t rows = (height - 1) * dilation + random.Int(1, 9);
          const int32_t columns = (width - 1) * dilation + random.Int(1, 17);
          ExpectDepthwise({random.Int(1, 2), rows, columns, random.Int(1, 40), 0, height, width, stride, dilation}, 1,
                          padding, random);
        }
      }
    }
  }
}

TEST_P(SimdOps, DepthwiseConvolutionOfOneChannelIsAConvolution) {
  Random random(7);
  for (const int32_t multiplier : {2, 3, 8, 16, 33}) {
    for (const int32_t stride : {1, 2}) {
      ExpectDepthwise({2, 11, 13, 1, 0, 3, 3, stride, 1}, multiplier, GLIMPSE_PADDING_SAME, random);
      ExpectDepthwise({1, 11, 13, 1, 0, 4, 2, stride, 2}, multiplier, GLIMPSE_PADDING_VALID, random);
    }
  }
}

TEST_P(SimdOps, FullyConnectedForAllSizesAroundTheTiles) {
  Random random(8);
  for (const int32_t depth : {1, 2, 3, 4, 5, 8, 63, 64, 65, 576, 1000}) {
    for (const int32_t outputs : {1, 2, 8, 10, 16, 17, 33, 64, 65, 129}) {
      for (const int32_t batches : {1, 2, 7}) {
        const double typical = 0.6 / (74.0 * 74 * 0.05 * std::sqrt(double(depth)));
        std::vector<OpTensor> inputs = {
            Int8({batches, depth}, 0.05F, random.ZeroPoint(), random.Bytes(int64_t{batches} * depth)),
            Weights({outputs, depth}, 0, random.Int(0, 1) != 0, typical, random)};
        if (random.Int(0, 3) != 0) inputs.push_back(Bias(outputs, random));
        const glimpse_fully_connected_options options{0, kActivations[random.Int(0, 2)], 0, 0, 0, GLIMPSE_FLOAT32};
        ExpectReferenceValues("tflite.FULLY_CONNECTED", GetParam().make_fully_connected, inputs,
                              Int8({1, 1}, 0.01F, random.ZeroPoint()), options,
                              std::to_string(batches) + " " + std::to_string(depth) + " " + std::to_string(outputs));
      }
    }
  }
}

TEST_P(SimdOps, PoolingForAllDepthsFiltersAndStrides) {
  Random random(9);
  for (const int32_t depth : {1, 3, 7, 8, 9, 15, 16, 17, 31, 32, 33, 48, 63, 64, 65, 100}) {
    for (const glimpse_padding padding : {GLIMPSE_PADDING_SAME, GLIMPSE_PADDING_VALID}) {
      const int32_t height = random.Int(1, 6);
      const int32_t width = random.Int(1, 6);
      const OpTensor input = Int8({2, height + 3, width + 4, depth}, 0.05F, 3,
                                  random.Bytes(int64_t{2} * (height + 3) * (width + 4) * depth));
      const glimpse_pool_2d_options options{
          0, padding, random.Int(1, 3), random.Int(1, 3), width, height, kActivations[random.Int(0, 2)]};
      const std::string what = std::to_string(depth) + " " + std::to_string(height) + "x" + std::to_string(width);
      ExpectReferenceValues("tflite.MAX_POOL_2D", GetParam().make_max_pool, {input}, Int8({1, 1, 1, 1}, 0.05F, 3),
                            options, what);
      ExpectReferenceValues("tflite.AVERAGE_POOL_2D", GetParam().make_average_pool, {input},
                            Int8({1, 1, 1, 1}, 0.05F, 3), options, what);
    }
  }
}

// All pairs of values, for scales that have a linear function and for such that lie on ties.
// More bytes than have a sum of 16 bits, in rows that follow one another and in rows that do not, at their ends.
TEST_P(SimdOps, AveragesOfManyPixels) {
  Random random(26);
  for (const int32_t depth : {5, 16, 40}) {
    for (const auto& [size, filter] : {std::tuple{20, 20}, {33, 32}, {40, 17}, {300, 2}}) {
      const int32_t width = size == 300 ? 300 : size;
      const int32_t height = size == 300 ? 3 : size;
      for (const int8_t extreme : {int8_t{-128}, int8_t{127}, int8_t{0}}) {
        std::vector<int8_t> bytes(static_cast<size_t>(height * width * depth), extreme);
        if (extreme == 0) bytes = random.Bytes(int64_t{height} * width * depth);
        const int32_t across = size == 300 ? 290 : filter;
        const glimpse_pool_2d_options options{0, GLIMPSE_PADDING_VALID, 1, 3, filter, across, GLIMPSE_ACT_NONE};
        ExpectReferenceValues("tflite.AVERAGE_POOL_2D", GetParam().make_average_pool,
                              {Int8({1, height, width, depth}, 0.05F, 3, bytes)}, Int8({1, 1, 1, 1}, 0.05F, 3), options,
                              std::to_string(size));
      }
    }
  }
}

TEST_P(SimdOps, SumsOfAllPairsOfValues) {
  std::vector<int8_t> first;
  std::vector<int8_t> second;
  for (int32_t a = -128; a < 128; ++a) {
    for (int32_t b = -128; b < 128; ++b) {
      first.push_back(static_cast<int8_t>(a));
      second.push_back(static_cast<int8_t>(b));
    }
  }
  Random random(10);
  for (int i = 0; i < 24; ++i) {
    const bool ties = i % 4 == 0;
    const auto scale = [&] {
      return static_cast<float>(ties ? std::exp2(random.Int(-6, -3)) : random.Real(0.002, 0.1));
    };
    const OpTensor a = Int8({256, 256}, scale(), random.ZeroPoint(), first);
    const OpTensor b = Int8({256, 256}, scale(), random.ZeroPoint(), second);
    const OpTensor out = Int8({256, 256}, scale(), random.ZeroPoint());
    const glimpse_elementwise_options options{0, kActivations[random.Int(0, 2)], 0};
    ExpectReferenceValues("tflite.ADD", GetParam().make_add, {a, b}, out, options, std::to_string(i));
    ExpectReferenceValues("tflite.SUB", GetParam().make_sub, {a, b}, out, options, std::to_string(i));
  }
}

TEST_P(SimdOps, SumsOfAllLengthsAroundTheVectors) {
  Random random(11);
  for (int32_t count = 1; count <= 130; ++count) {
    const OpTensor a = Int8({count}, 0.03F, 5, random.Bytes(count));
    const OpTensor b = Int8({count}, count % 2 != 0 ? 0.03F : 0.017F, -9, random.Bytes(count));
    const glimpse_elementwise_options options{0, GLIMPSE_ACT_NONE, 0};
    ExpectReferenceValues("tflite.ADD", GetParam().make_add, {a, b}, Int8({count}, 0.06F, 1), options,
                          std::to_string(count));
  }
}

// One scale for all channels, for which a cheaper last step may be found, at the thresholds of all values: the bias is
// the sum.
TEST_P(SimdOps, FullyConnectedWithOneScaleAtEveryThreshold) {
  Random random(25);
  for (const double scale : {0.3, 0.05, 0.0031, 0.00071, 0.49, 0.51}) {
    for (const int64_t zero_point : {-128, 0, 7, 127}) {
      const glimpse_activation activation = kActivations[random.Int(0, 1)];
      std::vector<int32_t> bias;
      for (int32_t value = -130; value <= 130; ++value) {
        const double threshold = (value - static_cast<double>(zero_point) - 0.5) / scale;
        for (int32_t i = -1; i <= 1; ++i) bias.push_back(static_cast<int32_t>(std::round(threshold)) + i);
      }
      bias.insert(bias.end(), {1 << 30, -(1 << 30), INT32_MAX - 300, INT32_MIN + 300, 0});
      const auto channels = static_cast<int32_t>(bias.size());
      OpTensor filter = Weights({channels, 4}, 0, false, 1, random);
      filter.Content(std::vector<int8_t>(static_cast<size_t>(channels) * 4, 1));
      filter.scales = {static_cast<float>(scale)};
      const glimpse_fully_connected_options options{0, activation, 0, 0, 0, GLIMPSE_FLOAT32};
      ExpectReferenceValues("tflite.FULLY_CONNECTED", GetParam().make_fully_connected,
                            {Int8({1, 4}, 1, 0, {1, -1, 0, 0}), filter, Const32({channels}, bias)},
                            Int8({1, channels}, 1, zero_point), options, std::to_string(scale));
    }
  }
}

// Far more 8-bit weights than row_avx2.h takes in its second list, none at all, and those in between; sums of two and
// of four products, and such as reach the bound of 16 bits.
TEST_P(SimdOps, FullyConnectedForWeightsThatSaturateSixteenBits) {
  Random random(13);
  for (const int32_t most : {64, 32, 11}) {
    for (const int32_t extreme : {0, 1, 2, 20, 100}) {  // of a hundred
      for (const int32_t depth : {1, 7, 8, 12, 64, 131}) {
        std::vector<int8_t> weights;
        for (int32_t i = 0; i < 53 * depth; ++i) {
          const int32_t end = i / depth % 2 == 0 ? most : -most;
          const int32_t usual = i / depth % 5 == 0 ? end : random.Int(-most, most);
          weights.push_back(static_cast<int8_t>(random.Int(0, 99) < extreme ? (i % 3 == 0 ? -128 : 127) : usual));
        }
        OpTensor filter = Weights({53, depth}, 0, true, 0.001, random);
        filter.Content(weights);
        std::vector<int8_t> row(static_cast<size_t>(depth), 127);
        if (extreme > 1) row = random.Bytes(depth);
        const glimpse_fully_connected_options options{0, GLIMPSE_ACT_NONE, 0, 0, 0, GLIMPSE_FLOAT32};
        ExpectReferenceValues("tflite.FULLY_CONNECTED", GetParam().make_fully_connected,
                              {Int8({1, depth}, 0.05F, random.ZeroPoint(), row), filter, Bias(53, random)},
                              Int8({1, 53}, 0.01F, random.ZeroPoint()), options,
                              std::to_string(most) + " " + std::to_string(extreme) + " " + std::to_string(depth));
      }
    }
  }
}

// Inputs and weights at their ends make the largest sums that the transformed domain can hold, and larger ones.
TEST_P(SimdOps, ConvolutionOfThreeByThreeWithTheLargestSums) {
  Random random(14);
  for (const int32_t depth : {16, 32, 112, 128, 160}) {
    for (const int8_t weight : {int8_t{-128}, int8_t{-127}, int8_t{127}}) {
      for (const auto& [outputs, height, width] : {std::tuple{8, 9, 10}, {32, 9, 10}, {32, 3, 3}, {16, 7, 6}}) {
        const auto count = static_cast<size_t>(height * width * depth);
        OpTensor filter = Weights({outputs, 3, 3, depth}, 0, true, 1e-6, random);
        filter.Content(std::vector<int8_t>(static_cast<size_t>(outputs * 9 * depth), weight));
        const glimpse_conv_2d_options options{0, GLIMPSE_PADDING_SAME, 1, 1, 1, 1, GLIMPSE_ACT_NONE, GLIMPSE_FLOAT32};
        ExpectReferenceValues("tflite.CONV_2D", GetParam().make_conv,
                              {Int8({1, height, width, depth}, 0.05F, 127, std::vector<int8_t>(count, -128)), filter,
                               Bias(outputs, random)},
                              Int8({1, 1, 1, 1}, 0.01F, 3), options, std::to_string(depth));
      }
      ExpectConv({2, 13, 17, depth, 20, 3, 3, 1, 1}, GLIMPSE_PADDING_SAME, random);
    }
  }
}

TEST_P(SimdOps, ProductsOfAllPairsOfValuesAndWithOneRowForAll) {
  if (GetParam().make_mul == nullptr) GTEST_SKIP() << "no MUL of its own";
  std::vector<int8_t> first;
  std::vector<int8_t> second;
  for (int32_t i = 0; i < 65536; ++i) {
    first.push_back(static_cast<int8_t>(i >> 8));
    second.push_back(static_cast<int8_t>(i));
  }
  Random random(15);
  const glimpse_elementwise_options options{0, kActivations[random.Int(0, 2)], 0};
  for (int i = 0; i < 12; ++i) {
    const auto scale = [&] { return static_cast<float>(random.Real(0.002, 0.9)); };
    ExpectReferenceValues(
        "tflite.MUL", GetParam().make_mul,
        {Int8({65536}, scale(), random.ZeroPoint(), first), Int8({65536}, scale(), random.ZeroPoint(), second)},
        Int8({65536}, scale(), random.ZeroPoint()), options, std::to_string(i));
  }
  for (int32_t depth = 1; depth <= 40; ++depth) {
    const OpTensor whole = Int8({2, 3, depth}, 0.1F, random.ZeroPoint(), random.Bytes(6 * depth));
    const OpTensor row = Int8({1, 1, depth}, 0.2F, random.ZeroPoint(), random.Bytes(depth));
    const OpTensor out = Int8({2, 3, depth}, 0.3F, random.ZeroPoint());
    ExpectReferenceValues("tflite.MUL", GetParam().make_mul, {whole, row}, out, options, std::to_string(depth));
    ExpectReferenceValues("tflite.MUL", GetParam().make_mul, {row, whole}, out, options, std::to_string(depth));
  }
}

TEST_P(SimdOps, MeansOverNeighbouringDimensions) {
  if (GetParam().make_mean == nullptr) GTEST_SKIP() << "no MEAN of its own";
  Random random(16);
  for (int32_t depth = 2; depth <= 40; ++depth) {
    const int32_t height = random.Int(2, 9);
    const int32_t width = random.Int(2, 9);
    const OpTensor input =
        Int8({2, height, width, depth}, 0.05F, random.ZeroPoint(), random.Bytes(int64_t{2} * height * width * depth));
    for (const std::vector<int32_t>& axes : {std::vector<int32_t>{1, 2}, {1}, {2}, {0, 1, 2}}) {
      OpTensor axis = Const32({static_cast<int32_t>(axes.size())}, axes);
      ExpectReferenceValues("tflite.MEAN", GetParam().make_mean, {input, axis},
                            Int8({1}, static_cast<float>(random.Real(0.01, 0.2)), random.ZeroPoint()),
                            glimpse_reducer_options{0, random.Int(0, 1) != 0}, std::to_string(depth));
    }
  }
}

TEST_P(SimdOps, QuantizationOfFloatsAtTiesAndBeyondTheRange) {
  if (GetParam().make_quantize == nullptr) GTEST_SKIP() << "no QUANTIZE of its own";
  Random random(17);
  for (const float scale : {0.5F, 1.0F, 0.0173F, 3e-5F, 1e20F}) {
    std::vector<float> values{0.0F, -0.0F, 3e38F, -3e38F, std::nanf(""), HUGE_VALF, -HUGE_VALF, 1e-40F};
    for (int32_t steps = -300; steps <= 300; ++steps) {
      const float tie = (static_cast<float>(steps) + 0.5F) * scale;
      values.insert(values.end(), {tie, std::nextafter(tie, 0.0F), std::nextafter(tie, tie * 2),
                                   static_cast<float>(random.Real(-200, 200)) * scale});
    }
    OpTensor input;
    input.dtype = GLIMPSE_FLOAT32;
    input.scales = {};
    input.zero_points = {};
    for (const size_t dropped : {0, 1, 5}) {
      values.resize(values.size() - dropped);
      input.dims = {static_cast<int32_t>(values.size())};
      input.Content(values);
      ExpectReferenceValues("tflite.QUANTIZE", GetParam().make_quantize, {input}, Int8({1}, scale, random.ZeroPoint()),
                            glimpse_reducer_options{0, 0}, std::to_string(scale));
    }
  }
}

TEST_P(SimdOps, SoftmaxOfRowsOfAllLengths) {
  if (GetParam().make_softmax == nullptr) GTEST_SKIP() << "no SOFTMAX of its own";
  Random random(18);
  for (int32_t depth = 1; depth <= 300; depth += depth < 20 ? 1 : 37) {
    for (const float scale : {0.001F, 0.06F, 0.4F, 3.0F}) {
      ExpectReferenceValues("tflite.SOFTMAX", GetParam().make_softmax,
                            {Int8({3, depth}, scale, random.ZeroPoint(), random.Bytes(3 * depth))},
                            Int8({3, depth}, 1.0F / 256, -128), glimpse_softmax_options{0, 1.0F},
                            std::to_string(depth));
    }
  }
}

TEST_P(SimdOps, WhatIsNotServedIsLeftToAnotherKernel) {
  Random random(12);
  least_ = 0;
  OpRunner conv("tflite.CONV_2D", "litert-reference", GetParam().make_conv);
  const glimpse_conv_2d_options options{0, GLIMPSE_PADDING_VALID, 1, 1, 1, 1, GLIMPSE_ACT_NONE, GLIMPSE_FLOAT32};
  conv.output = Int8({1, 1, 1, 2}, 1, 0);
  conv.SetOptions(options);
  conv.inputs = {Int8({1, 1, 1, 4}, 1, 0, {1, 2, 3, 4}), Weights({2, 1, 1, 2}, 0, false, 0.1, random)};
  EXPECT_EQ(conv.Prepare(), GLIMPSE_UNSUPPORTED) << "groups";
  conv.inputs = {Int8({1, 1, 1, 2}, 1, 0, {1, 2}), Weights({2, 1, 1, 2}, 0, false, 0.1, random)};
  conv.inputs[1].constant = false;
  EXPECT_EQ(conv.Prepare(), GLIMPSE_UNSUPPORTED) << "computed weights";
  conv.inputs[1].constant = true;
  EXPECT_EQ(conv.Prepare(), GLIMPSE_OK);

  OpRunner depthwise("tflite.DEPTHWISE_CONV_2D", "litert-reference", GetParam().make_depthwise);
  const glimpse_depthwise_conv_2d_options dw{0, GLIMPSE_PADDING_VALID, 1, 1, 1, 1, 2, GLIMPSE_ACT_NONE};
  depthwise.output = Int8({1, 1, 1, 4}, 1, 0);
  depthwise.SetOptions(dw);
  depthwise.inputs = {Int8({1, 1, 1, 2}, 1, 0, {1, 2}), Weights({1, 1, 1, 4}, 3, false, 0.1, random)};
  EXPECT_EQ(depthwise.Prepare(), GLIMPSE_UNSUPPORTED) << "a depth multiplier";

  OpRunner add("tflite.ADD", "litert-reference", GetParam().make_add);
  add.SetOptions(glimpse_elementwise_options{0, GLIMPSE_ACT_NONE, 0});
  add.inputs = {Int8({2}, 0.5F, 0, {1, 2}), Int8({1}, 0.5F, 0, {1})};
  add.output = Int8({2}, 0.9F, 0);
  EXPECT_EQ(add.Prepare(), GLIMPSE_UNSUPPORTED) << "repetition";
}

INSTANTIATE_TEST_SUITE_P(All, SimdOps, testing::ValuesIn(InstructionSets()), InstructionSetName);

}  // namespace
}  // namespace glimpse::testkit
