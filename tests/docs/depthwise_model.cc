// SPDX-License-Identifier: Apache-2.0
// Writes the model that docs/write-a-kernel.md speaks of: int8, two DEPTHWISE_CONV_2D and what else a network has that
// makes ten classes of a grey picture, so that the daemon serves it. Its weights are random, and so is what it answers.
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
constexpr int kClasses = 10;

std::vector<int8_t> Weights(int count, std::mt19937& random) {
  std::vector<int8_t> weights(static_cast<size_t>(count));
  for (int8_t& weight : weights) weight = static_cast<int8_t>(static_cast<int>(random() % 255) - 127);
  return weights;
}

// A depthwise convolution of 3 x 3 with a scale for each channel; returns its output.
int AddDepthwise(ModelBuilder& b, int input, std::mt19937& random, const std::string& name, int size, int stride,
                 wire::ActivationFunctionType activation) {
  const std::vector<int8_t> weights = Weights(9 * kChannels, random);
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
  const int x = b.Input({.name = "image", .shape = {1, 48, 48, 1}, .scales = {1.0F / 255}, .zero_points = {-128}});
  const std::vector<int8_t> spread = Weights(kChannels, random);
  const int spread_weights = b.Constant({.name = "spread/w", .shape = {kChannels, 1, 1, 1}, .scales = {0.05F}}, spread);
  const int coloured =
      b.Tensor({.name = "spread", .shape = {1, 48, 48, kChannels}, .scales = {0.05F}, .zero_points = {3}});
  b.Operator(Op::CONV_2D, {x, spread_weights, -1}, {coloured}, glimpse::testkit::Conv2DOptions(), 3);
  const int first = AddDepthwise(b, coloured, random, "first", 48, 1, wire::ActivationFunctionType::RELU6);
  const int second = AddDepthwise(b, first, random, "second", 24, 2, wire::ActivationFunctionType::NONE);
  const int pooled =
      b.Tensor({.name = "pooled", .shape = {1, 12, 12, kChannels}, .scales = {0.05F}, .zero_points = {-11}});
  b.Operator(Op::MAX_POOL_2D, {second}, {pooled}, glimpse::testkit::Pool2DOptions(2, 2));
  constexpr int kFeatures = 12 * 12 * kChannels;
  const int class_weights = b.Constant({.name = "classes/w", .shape = {kClasses, kFeatures}, .scales = {0.0002F}},
                                       Weights(kClasses * kFeatures, random));
  const int classes = b.Tensor({.name = "classes", .shape = {1, kClasses}, .scales = {0.1F}, .zero_points = {5}});
  b.Operator(Op::FULLY_CONNECTED, {pooled, class_weights, -1}, {classes}, wire::FullyConnectedOptionsT(), 4);
  const int scores =
      b.Tensor({.name = "scores", .shape = {1, kClasses}, .scales = {1.0F / 256}, .zero_points = {-128}});
  b.Operator(Op::SOFTMAX, {classes}, {scores}, glimpse::testkit::SoftmaxOptions(), 2);
  b.Output(scores);
  const std::vector<std::byte> file = b.Build();
  std::ofstream out(argv[1], std::ios::binary);
  out.write(reinterpret_cast<const char*>(file.data()), static_cast<std::streamsize>(file.size()));
  return out.flush() ? 0 : 1;
}
