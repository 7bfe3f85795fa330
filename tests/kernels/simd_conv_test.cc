// SPDX-License-Identifier: Apache-2.0
// CONV_2D with the kernels of each instruction set: sizes around the tiles, strides, dilations, paddings and extreme
// quantization.
#include <algorithm>
#include <cmath>
#include <tuple>

#include "tests/kernels/support/simd_ops.h"

namespace glimpse::testkit {
namespace {

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

}  // namespace
}  // namespace glimpse::testkit
