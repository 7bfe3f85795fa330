// SPDX-License-Identifier: Apache-2.0
// What tests of the interpreter share: reading and writing tensors, and kernels on int32.
#pragma once

#include <gtest/gtest.h>

#include <cstring>
#include <memory>
#include <string>
#include <vector>

#include "engine/run/interpreter.h"
#include "tests/support/fake_plugins.h"
#include "tests/support/model_builder.h"

namespace glimpse::testkit {

constexpr DType kInt = DType::kInt32;

inline void Write(const TensorView& view, const std::vector<int32_t>& values) {
  ASSERT_EQ(view.data.size(), values.size() * sizeof(int32_t));
  std::memcpy(view.data.data(), values.data(), view.data.size());
}

inline std::vector<int32_t> Read(const TensorView& view) {
  std::vector<int32_t> values(view.data.size() / sizeof(int32_t));
  if (!values.empty()) std::memcpy(values.data(), view.data.data(), view.data.size());
  return values;
}

inline std::unique_ptr<Interpreter> Create(const ModelBuilder& builder, std::shared_ptr<const PluginHost> host,
                                           const InterpreterOptions& options = {}) {
  auto created = Interpreter::Create(builder.Model(), std::move(host), options);
  if (!created) {
    ADD_FAILURE() << created.error().message;
    std::abort();
  }
  return std::move(*created);
}

inline Error FailsToCreate(const ModelBuilder& builder, std::shared_ptr<const PluginHost> host) {
  const auto model = builder.Parse();
  if (!model) return model.error();
  const auto created = Interpreter::Create(*model, std::move(host), {});
  EXPECT_FALSE(created);
  return created ? Error{} : created.error();
}

// An operator on int32 tensors of one shape: output[i] = Function(input 0 [i], input 1 [i]); a single operand serves as
// both. One instance at a time is right about its length, which is all that these tests need.
template <typename Function>
FakeKernel Elementwise(const std::string& op, Function function) {
  auto count = std::make_shared<size_t>(0);
  FakeKernel kernel;
  kernel.op = op;
  kernel.impl = "test." + op;
  kernel.prepare = [count](const glimpse_node& node, const glimpse_prepare& prepare) {
    *count = node.operators[0]->inputs[0]->size_bytes / sizeof(int32_t);
    return ShapeOfFirstInput(node, prepare);
  };
  kernel.invoke = [count, function](const glimpse_invoke& io) {
    const auto* a = static_cast<const int32_t*>(io.inputs[0]);
    const auto* b = static_cast<const int32_t*>(io.inputs[io.input_count - 1]);
    for (size_t i = 0; i < *count; ++i) static_cast<int32_t*>(io.outputs[0])[i] = function(a[i], b[i]);
    return glimpse_status{GLIMPSE_OK};
  };
  return kernel;
}

}  // namespace glimpse::testkit
