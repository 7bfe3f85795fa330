// SPDX-License-Identifier: Apache-2.0
// One operator through the plugin `reference` or a kernel of one's own, or a chain through one kernel, on the host of
// glimpse-op-check: guards around every buffer, and what a kernel does against the ABI fails the test.
#pragma once

#include <cstdint>
#include <cstring>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "glimpse/op_abi.h"
#include "glimpse/op_options.h"
#include "glimpse/sdk/kernel.h"
#include "opcheck/kernel_runner.h"
#include "opcheck/node.h"
#include "opcheck/random_tensors.h"

namespace glimpse::testkit {

using OpTensor = opcheck::NodeTensor;
using opcheck::Const32;
using opcheck::Int8;

class OpRunner {
 public:
  OpRunner(std::string op, std::string numerics = "litert-reference");
  // A kernel that `make` makes, in place of the plugin's, for a chain of so many operators, of which `op` is the first.
  OpRunner(std::string op, std::string numerics, sdk::MakeKernel make, uint32_t operators = 1);
  OpRunner(const OpRunner&) = delete;
  OpRunner& operator=(const OpRunner&) = delete;

  std::vector<OpTensor> inputs;
  OpTensor output;
  uint32_t workers = 1;  // threads that may share the work
  template <typename Options>
  void SetOptions(Options options) {
    opcheck::NodeOperator op;
    op.SetOptions(options);
    options_ = std::move(op.options);
  }
  // A further operator of the chain: its first input is what has been `output` so far, `more` follow.
  template <typename Options>
  void Then(std::string op, Options options, OpTensor to, std::vector<OpTensor> more = {}) {
    further_.push_back({.op = std::move(op), .inputs = std::move(more), .outputs = {std::move(output)}});
    further_.back().SetOptions(options);
    output = std::move(to);
  }

  glimpse_status Prepare();
  // Invokes twice on outputs with different poison; fails the test when they disagree or a guard byte changed.
  std::vector<uint8_t> Invoke();
  // What one invoke answers; guards are checked, the output is not. For content that is refused at run time.
  glimpse_status InvokeStatus();
  // Prepare, which must succeed, then Invoke; the output's content as T.
  template <typename T = int8_t>
  std::vector<T> Run() {
    Expect(Prepare());
    const std::vector<uint8_t> bytes = Invoke();
    std::vector<T> values(bytes.size() / sizeof(T));
    if (!values.empty()) std::memcpy(values.data(), bytes.data(), bytes.size());
    return values;
  }

  const std::string& message() const { return runner_->message(); }
  const std::vector<int32_t>& shape() const { return runner_->shapes()[0]; }
  uint64_t macs() const { return runner_->macs(); }

 private:
  static void Expect(glimpse_status status);
  opcheck::Made InvokeOnce(uint8_t poison);

  std::string op_;
  std::string numerics_;
  std::vector<uint8_t> options_;
  // Operators behind the first; `outputs` of each is the link before it.
  std::vector<opcheck::NodeOperator> further_;
  std::unique_ptr<opcheck::KernelRunner> runner_;
  opcheck::Node node_;  // as prepared
};

}  // namespace glimpse::testkit
