// SPDX-License-Identifier: Apache-2.0
// Writes a model that counts its inferences in a variable: scores are a softmax of (count / 512, 0).
#include <cstdio>
#include <string>

#include "base/file.h"
#include "tests/support/model_builder.h"

namespace glimpse::testkit {
namespace {

using Op = wire::BuiltinOperator;

const std::vector<int32_t> kShape = {1, 2};

int Handle(ModelBuilder& b) {
  const int handle = b.Tensor({.name = "handle", .type = DType::kResource});
  wire::VarHandleOptionsT options;
  options.shared_name = "count";
  b.Operator(Op::VAR_HANDLE, {}, {handle}, options);
  return handle;
}

int Floats(ModelBuilder& b, const char* name) {
  return b.Tensor({.name = name, .type = DType::kFloat32, .shape = kShape});
}

ModelBuilder Counter() {
  ModelBuilder once;
  const int zero = once.Constant({.name = "zero", .type = DType::kFloat32, .shape = kShape}, std::vector<float>{0, 0});
  once.Operator(Op::ASSIGN_VARIABLE, {Handle(once), zero}, {});
  ModelBuilder b;
  const int picture =
      b.Input({.name = "picture", .shape = {1, 4, 4, 1}, .scales = {1.0f / 255}, .zero_points = {-128}});
  // Of no use but that kernels can be chosen for it.
  const int pool = b.Tensor({.name = "pool", .shape = {1, 2, 2, 1}, .scales = {1.0f / 255}, .zero_points = {-128}});
  b.Operator(Op::MAX_POOL_2D, {picture}, {pool}, Pool2DOptions(2, 2), 2);
  wire::CallOnceOptionsT call;
  call.init_subgraph_index = b.AddSubgraph(std::move(once));
  b.Operator(Op::CALL_ONCE, {}, {}, call);
  const int handle = Handle(b);
  const int before = Floats(b, "before");
  const int after = Floats(b, "after");
  const int step =
      b.Constant({.name = "step", .type = DType::kFloat32, .shape = kShape}, std::vector<float>{1.0f / 512, 0});
  b.Operator(Op::READ_VARIABLE, {handle}, {before});
  b.Operator(Op::ADD, {before, step}, {after}, wire::AddOptionsT());
  b.Operator(Op::ASSIGN_VARIABLE, {handle, after}, {});
  b.Output(after);
  return b;
}

}  // namespace
}  // namespace glimpse::testkit

int main(int argc, char** argv) {
  if (argc != 2) return 2;
  const auto written = glimpse::WriteFile(argv[1], glimpse::testkit::Counter().Build());
  if (!written) std::fprintf(stderr, "%s\n", written.error().message.c_str());
  return written ? 0 : 1;
}
