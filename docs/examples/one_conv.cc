// SPDX-License-Identifier: Apache-2.0
// One CONV_2D of a quantized .tflite model in plain C++17, bit for bit as TFLite's reference kernels compute it.
//
//     glimpse export MODEL --op 0 --output layer       # writes layer/layer.h, which is all this program needs
//     c++ -std=c++17 -O2 -I layer one_conv.cc -o one_conv
//     ./one_conv input.npy > output.bin                # int8 [n, y, x, channel] in; the layer's int8 output
#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <vector>

#include "layer.h"

// round(a * b / 2^31): the high half of the doubled product, rounded to nearest.
static int32_t DoublingHighMul(int32_t a, int32_t b) {
  if (a == INT32_MIN && b == INT32_MIN) return INT32_MAX;
  const int64_t product = int64_t{a} * b;
  const int64_t nudge = product >= 0 ? int64_t{1} << 30 : 1 - (int64_t{1} << 30);
  return static_cast<int32_t>((product + nudge) / (int64_t{1} << 31));
}

// round(x / 2^n), ties away from zero.
static int32_t DivideByPowerOfTwo(int32_t x, int n) {
  const int32_t mask = static_cast<int32_t>((int64_t{1} << n) - 1);
  const int32_t threshold = (mask >> 1) + (x < 0 ? 1 : 0);
  return (x >> n) + ((x & mask) > threshold ? 1 : 0);
}

// The accumulator's scale s_in * s_w[c] / s_out is multiplier / 2^31 * 2^shift; it is applied with two roundings.
static int8_t Rescale(int32_t acc, int c) {
  const int shift = layer_shifts[c];
  const int32_t shifted = static_cast<int32_t>(static_cast<uint32_t>(acc) << std::max(shift, 0));
  const int32_t high = DoublingHighMul(shifted, layer_multipliers[c]);
  const int32_t result = DivideByPowerOfTwo(high, std::max(-shift, 0)) + LAYER_OUTPUT_ZERO_POINT;
  return static_cast<int8_t>(std::min(std::max(result, LAYER_OUTPUT_MIN), LAYER_OUTPUT_MAX));
}

static int8_t OneOutput(const std::vector<int8_t>& in, int n, int y, int x, int c) {
  const int depth = LAYER_INPUT_DEPTH / LAYER_GROUPS;  // channels that one filter sees
  const int first = c / (LAYER_OUTPUT_DEPTH / LAYER_GROUPS) * depth;
  int32_t acc = layer_bias[c];
  for (int i = 0; i < LAYER_FILTER_HEIGHT; ++i) {
    const int in_y = y * LAYER_STRIDE_HEIGHT - LAYER_PADDING_HEIGHT + i * LAYER_DILATION_HEIGHT;
    for (int j = 0; j < LAYER_FILTER_WIDTH; ++j) {
      const int in_x = x * LAYER_STRIDE_WIDTH - LAYER_PADDING_WIDTH + j * LAYER_DILATION_WIDTH;
      // Padding is real 0, stored as the input's zero point: it adds nothing.
      if (in_y < 0 || in_y >= LAYER_INPUT_HEIGHT || in_x < 0 || in_x >= LAYER_INPUT_WIDTH) continue;
      for (int d = 0; d < depth; ++d) {
        const int value =
            in[((n * LAYER_INPUT_HEIGHT + in_y) * LAYER_INPUT_WIDTH + in_x) * LAYER_INPUT_DEPTH + first + d];
        const int weight = layer_weights[((c * LAYER_FILTER_HEIGHT + i) * LAYER_FILTER_WIDTH + j) * depth + d];
        acc += (value - LAYER_INPUT_ZERO_POINT) * weight;
      }
    }
  }
  return Rescale(acc, c);
}

int main(int argc, char** argv) {
  std::FILE* file = argc == 2 ? std::fopen(argv[1], "rb") : nullptr;
  unsigned char head[10];  // of an .npy file, version 1: magic, version, length of the text that follows
  if (file == nullptr || std::fread(head, 1, sizeof(head), file) != sizeof(head)) {
    return std::fprintf(stderr, "one_conv: give the input as an .npy file\n"), 1;
  }
  std::fseek(file, 10 + head[8] + 256 * head[9], SEEK_SET);
  std::vector<int8_t> in(size_t{LAYER_BATCHES} * LAYER_INPUT_HEIGHT * LAYER_INPUT_WIDTH * LAYER_INPUT_DEPTH);
  if (std::fread(in.data(), 1, in.size(), file) != in.size()) {
    return std::fprintf(stderr, "one_conv: the input has fewer than %zu elements\n", in.size()), 1;
  }
  for (int n = 0; n < LAYER_BATCHES; ++n)
    for (int y = 0; y < LAYER_OUTPUT_HEIGHT; ++y)
      for (int x = 0; x < LAYER_OUTPUT_WIDTH; ++x)
        for (int c = 0; c < LAYER_OUTPUT_DEPTH; ++c)
          std::putchar(static_cast<unsigned char>(OneOutput(in, n, y, x, c)));
  return 0;
}
