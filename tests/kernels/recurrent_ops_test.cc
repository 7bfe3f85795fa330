// SPDX-License-Identifier: Apache-2.0
// SVDF, LSTM and UNIDIRECTIONAL_SEQUENCE_LSTM through the plugin's C ABI. The state of each invoke is that of `inputs`.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "tests/kernels/support/op_runner.h"

namespace glimpse::testkit {
namespace {

using ::testing::HasSubstr;
using Dims = std::vector<int32_t>;
using Floats = std::vector<float>;

OpTensor F32(Dims dims, const Floats& content) {
  OpTensor tensor;
  tensor.dtype = GLIMPSE_FLOAT32;
  tensor.dims = std::move(dims);
  tensor.scales.clear();
  tensor.zero_points.clear();
  return tensor.Content(content);
}

OpTensor Variable(OpTensor tensor) {
  tensor.variable = true;
  return tensor;
}

OpTensor Absent() {
  OpTensor tensor;
  tensor.absent = true;
  return tensor;
}

TEST(Svdf, FiltersFeaturesOverTime) {
  OpRunner op("tflite.SVDF");
  // Feature 2 * 3 = 6 follows 5 in the state (4 falls out): 5 * 10 + 6 * 100 = 650, bias 1.
  op.inputs = {F32({1, 1}, {3}), F32({1, 1}, {2}), F32({1, 2}, {10, 100}), F32({1}, {1}),
               Variable(F32({1, 2}, {4, 5}))};
  op.output = F32({1, 1}, {});
  op.SetOptions(glimpse_svdf_options{0, 1, GLIMPSE_ACT_NONE, 0});
  EXPECT_EQ(op.Run<float>(), (Floats{651}));
}

TEST(Svdf, SumsTheFiltersOfAUnit) {
  OpRunner op("tflite.SVDF");
  op.inputs = {F32({1, 1}, {1}), F32({2, 1}, {2, 3}), F32({2, 1}, {10, 100}), Absent(), Variable(F32({1, 2}, {0, 0}))};
  op.output = F32({1, 1}, {});
  op.SetOptions(glimpse_svdf_options{0, 2, GLIMPSE_ACT_NONE, 0});
  EXPECT_EQ(op.Run<float>(), (Floats{320}));
}

TEST(Svdf, RefusesAStateThatIsNoVariable) {
  OpRunner op("tflite.SVDF");
  op.inputs = {F32({1, 1}, {1}), F32({1, 1}, {2}), F32({1, 1}, {1}), Absent(), F32({1, 1}, {0})};
  op.output = F32({1, 1}, {});
  op.SetOptions(glimpse_svdf_options{0, 1, GLIMPSE_ACT_NONE, 0});
  EXPECT_EQ(op.Prepare(), GLIMPSE_INVALID_NODE);
  EXPECT_THAT(op.message(), HasSubstr("variable"));
}

TEST(Svdf, RefusesARankThatDoesNotDivide) {
  OpRunner op("tflite.SVDF");
  op.inputs = {F32({1, 1}, {1}), F32({3, 1}, {2, 2, 2}), F32({3, 1}, {1, 1, 1}), Absent(),
               Variable(F32({1, 3}, {0, 0, 0}))};
  op.output = F32({1, 1}, {});
  op.SetOptions(glimpse_svdf_options{0, 2, GLIMPSE_ACT_NONE, 0});
  EXPECT_EQ(op.Prepare(), GLIMPSE_INVALID_NODE);
  EXPECT_THAT(op.message(), HasSubstr("rank"));
}

// One cell, one input; weights of the cell gate 1, all others 0.
std::vector<OpTensor> OneCell(OpTensor input) {
  std::vector<OpTensor> inputs = {std::move(input)};
  for (int gate = 0; gate < 4; ++gate) inputs.push_back(F32({1, 1}, {gate == 2 ? 1.0F : 0.0F}));
  for (int gate = 0; gate < 4; ++gate) inputs.push_back(F32({1, 1}, {0}));
  for (int i = 0; i < 3; ++i) inputs.push_back(Absent());
  for (int gate = 0; gate < 4; ++gate) inputs.push_back(F32({1}, {0}));
  inputs.push_back(Absent());
  inputs.push_back(Absent());
  inputs.push_back(Variable(F32({1, 1}, {0})));
  inputs.push_back(Variable(F32({1, 1}, {0})));
  for (int i = 0; i < 4; ++i) inputs.push_back(Absent());
  return inputs;
}

TEST(UnidirectionalSequenceLstm, CarriesItsStateFromStepToStep) {
  OpRunner op("tflite.UNIDIRECTIONAL_SEQUENCE_LSTM");
  // All gates but the cell's are 1/2: c1 = tanh(1) / 2, c2 = c1 / 2 + tanh(0) / 2, h = tanh(c) / 2.
  op.inputs = OneCell(F32({1, 2, 1}, {1, 0}));
  op.output = F32({1, 2, 1}, {});
  glimpse_sequence_lstm_options options{};
  options.activation = GLIMPSE_ACT_TANH;
  op.SetOptions(options);
  const Floats out = op.Run<float>();
  const float c1 = std::tanh(1.0F) / 2;
  ASSERT_EQ(out.size(), 2u);
  EXPECT_FLOAT_EQ(out[0], std::tanh(c1) / 2);
  EXPECT_FLOAT_EQ(out[1], std::tanh(c1 / 2) / 2);
  EXPECT_EQ(op.shape(), (Dims{1, 2, 1}));
}

TEST(Lstm, RefusesHalfAPeephole) {
  OpRunner op("tflite.LSTM");
  op.inputs = OneCell(F32({1, 1}, {1}));
  op.inputs[10] = F32({1}, {1});
  op.output = F32({1, 1}, {});
  glimpse_lstm_options options{};
  options.activation = GLIMPSE_ACT_TANH;
  op.SetOptions(options);
  EXPECT_EQ(op.Prepare(), GLIMPSE_INVALID_NODE);
  EXPECT_THAT(op.message(), HasSubstr("all there or none"));
}

TEST(Lstm, RefusesWeightsOfAnotherShape) {
  OpRunner op("tflite.LSTM");
  op.inputs = OneCell(F32({1, 1}, {1}));
  op.inputs[2] = F32({2, 1}, {1, 1});
  op.output = F32({1, 1}, {});
  glimpse_lstm_options options{};
  options.activation = GLIMPSE_ACT_TANH;
  op.SetOptions(options);
  EXPECT_EQ(op.Prepare(), GLIMPSE_INVALID_NODE);
  EXPECT_THAT(op.message(), HasSubstr("input 2"));
}

}  // namespace
}  // namespace glimpse::testkit
