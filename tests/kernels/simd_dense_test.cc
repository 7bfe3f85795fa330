// SPDX-License-Identifier: Apache-2.0
// DEPTHWISE_CONV_2D and FULLY_CONNECTED with the kernels of each instruction set.
#include <algorithm>
#include <cmath>
#include <tuple>

#include "tests/kernels/support/simd_ops.h"

namespace glimpse::testkit {
namespace {

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

}  // namespace
}  // namespace glimpse::testkit
