// SPDX-License-Identifier: Apache-2.0
#include "daemon/scores.h"

#include <gtest/gtest.h>

#include <cmath>
#include <cstring>
#include <limits>

namespace glimpse::daemon {
namespace {

// A graph that ends in `ops`, one after the other, and an output tensor with the given bytes.
struct Output {
  Subgraph graph;
  TensorView view;
  std::vector<std::byte> memory;

  template <typename T>
  Output(const std::vector<std::string>& ops, DType type, const std::vector<T>& values, float scale,
         int64_t zero_point) {
    graph.tensors.resize(ops.size() + 1);
    for (size_t i = 0; i < ops.size(); ++i) {
      OperatorInfo op;
      op.op = "tflite." + ops[i];
      op.inputs = {static_cast<int>(i)};
      op.outputs = {static_cast<int>(i) + 1};
      graph.operators.push_back(op);
    }
    TensorInfo& info = graph.tensors.back();
    info.index = static_cast<int>(ops.size());
    info.type = type;
    if (scale != 0) {
      info.quantization.scales = {scale};
      info.quantization.zero_points = {zero_point};
    }
    memory.resize(values.size() * sizeof(T));
    std::memcpy(memory.data(), values.data(), memory.size());
    view = {&info, {1, static_cast<int32_t>(values.size())}, memory, false};
  }

  std::vector<double> Scores() const {
    const auto reader = ScoreReader::Create(graph, view);
    EXPECT_TRUE(reader) << reader.error().message;
    std::vector<double> scores;
    reader->Read(&scores);
    return scores;
  }
};

TEST(ScoreReader, SoftmaxOutputPassesThroughDequantised) {
  const Output output({"FULLY_CONNECTED", "SOFTMAX"}, DType::kInt8, std::vector<int8_t>{127, -128, -127}, 1.0f / 256,
                      -128);
  EXPECT_EQ(output.Scores(), (std::vector<double>{255.0 / 256, 0, 1.0 / 256}));
}

TEST(ScoreReader, LooksThroughOperatorsThatKeepTheValues) {
  for (const char* last : {"DEQUANTIZE", "QUANTIZE", "RESHAPE"}) {
    const Output output({"LOGISTIC", last}, DType::kFloat32, std::vector<float>{0.25f, 1.5f}, 0, 0);
    EXPECT_EQ(output.Scores(), (std::vector<double>{0.25, 1.0})) << last;
  }
}

TEST(ScoreReader, LogitsGoThroughASoftmax) {
  // Dequantised 0.5 * {2, 0} = {1, 0}; softmax = {e, 1} / (e + 1).
  const Output output({"FULLY_CONNECTED"}, DType::kInt8, std::vector<int8_t>{5, 3}, 0.5f, 3);
  const std::vector<double> scores = output.Scores();
  EXPECT_NEAR(scores[0], std::exp(1) / (std::exp(1) + 1), 1e-8);
  EXPECT_NEAR(scores[0] + scores[1], 1, 1e-8);
}

TEST(ScoreReader, HugeAndBrokenFloatsStayScores) {
  constexpr float kInf = std::numeric_limits<float>::infinity();
  const Output output({"FULLY_CONNECTED"}, DType::kFloat32, std::vector<float>{kInf, -kInf, std::nanf("")}, 0, 0);
  EXPECT_EQ(output.Scores(), (std::vector<double>{1, 0, 0}));
}

TEST(ScoreReader, RefusesOutputsThatMeanNothing) {
  const Output unscaled({"SOFTMAX"}, DType::kInt8, std::vector<int8_t>{1, 2}, 0, 0);
  EXPECT_EQ(ScoreReader::Create(unscaled.graph, unscaled.view).error().code, ErrorCode::kUnsupported);
  const Output integers({"ARG_MAX"}, DType::kInt64, std::vector<int64_t>{7}, 0, 0);
  EXPECT_EQ(ScoreReader::Create(integers.graph, integers.view).error().code, ErrorCode::kUnsupported);
}

}  // namespace
}  // namespace glimpse::daemon
