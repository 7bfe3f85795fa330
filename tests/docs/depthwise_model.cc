// SPDX-License-Identifier: Apache-2.0
// Writes the model that docs/write-a-kernel.md speaks of: int8, two DEPTHWISE_CONV_2D and what else a network has.
//
//     depthwise_model FILE
#include <cstdio>
#include <fstream>
#include <random>

#include "tests/support/model_builder.h"

namespace {

using glimpse::testkit::ModelBuilder;
namespace wire = glimpse::wire;
using Op = wire::BuiltinOperator;

constexpr int kChannels = 72;

// A depthwise convolution of 3 x 3 with a scale for each channel; returns its output.
int AddDepthwise(ModelBuilder& b, int input, std::mt19937& random, const std::string& name, int size, int stride,
                 wire::ActivationFunctionType activation) {
  std::vector<int8_t> weights(9 * kChannels);
  for (int8_t& weight : weights) weight = static_cast<int8_t>(static_cast<int>(random() % 255) - 127);
  std::vector<int32_t> bias(kChannels);
  for (int32_t& each : bias) each = static_cast<int32_t>(random() % 8000) - 4000;
  std::vector<float> scales, bias_scales;
  for (int c = 0; c < kChannels; ++c) {
    scales.push_back(0.002F + 0.0001F * static_cast<float>(random() % 100));
    bias_scales.push_back(scales.back() * 0.05F);
  }
  const int w = b.Constant({.name = name + "/w", .shape = {1, 3, 3, kChannels}, .scales = scales, .axis = 3}, weights);
  const int v = b.Constant(
      {.name = name + "/b", .type = glimpse::DType::kInt32, .shape = {kChannels}, .scales = bias_scales}, bias);
  const int out =
      b.Tensor({.name = name, .shape = {1, size, size, kChannels}, .scales = {0.05F}, .zero_points = {-11}});
  b.Operator(Op::DEPTHWISE_CONV_2D, {input, w, v}, {out},
             glimpse::testkit::DepthwiseConv2DOptions(1, stride, wire::Padding::SAME, activation), 3);
  return out;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) return 2;
  std::mt19937 random(1);
  ModelBuilder b;
  const int x = b.Input({.name = "x", .shape = {1, 48, 48, kChannels}, .scales = {0.05F}, .zero_points = {3}});
  const int first = AddDepthwise(b, x, random, "first", 48, 1, wire::ActivationFunctionType::RELU6);
  const int second = AddDepthwise(b, first, random, "second", 24, 2, wire::ActivationFunctionType::NONE);
  const int pooled =
      b.Tensor({.name = "pooled", .shape = {1, 12, 12, kChannels}, .scales = {0.05F}, .zero_points = {-11}});
  b.Operator(Op::MAX_POOL_2D, {second}, {pooled}, glimpse::testkit::Pool2DOptions(2, 2));
  b.Output(pooled);
  const std::vector<std::byte> file = b.Build();
  std::ofstream out(argv[1], std::ios::binary);
  out.write(reinterpret_cast<const char*>(file.data()), static_cast<std::streamsize>(file.size()));
  return out.flush() ? 0 : 1;
}
