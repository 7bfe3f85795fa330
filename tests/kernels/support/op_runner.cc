// SPDX-License-Identifier: Apache-2.0
#include "tests/kernels/support/op_runner.h"

#include <gtest/gtest.h>

extern "C" const glimpse_op_plugin_entry glimpse_op_plugin;

namespace glimpse::testkit {
namespace {

const glimpse_op_factory& Factory() {
  static const auto* const factory =
      static_cast<const glimpse_op_factory*>(glimpse_op_plugin.get_factory(GLIMPSE_OP_FACTORY_ID));
  return *factory;
}

glimpse_kernel* CreateReference(const std::string& op) {
  glimpse_kernel* kernel = nullptr;
  for (uint32_t i = 0; i < Factory().count && kernel == nullptr; ++i) {
    if (op == Factory().descriptor(&Factory(), i)->ops[0]) {
      EXPECT_EQ(Factory().create(&Factory(), i, &kernel), GLIMPSE_OK);
    }
  }
  EXPECT_NE(kernel, nullptr) << op << " is not offered";
  return kernel;
}

glimpse_kernel* CreateOwn(sdk::MakeKernel make, uint32_t operators) {
  glimpse_kernel* kernel = nullptr;
  EXPECT_EQ(sdk::internal::Create(make, operators, &kernel), GLIMPSE_OK);
  return kernel;
}

}  // namespace

OpRunner::OpRunner(std::string op, std::string numerics)
    : op_(std::move(op)),
      numerics_(std::move(numerics)),
      runner_(std::make_unique<opcheck::KernelRunner>(CreateReference(op_))) {}

OpRunner::OpRunner(std::string op, std::string numerics, sdk::MakeKernel make, uint32_t operators)
    : op_(std::move(op)),
      numerics_(std::move(numerics)),
      runner_(std::make_unique<opcheck::KernelRunner>(CreateOwn(make, operators))) {}

void OpRunner::Expect(glimpse_status status) { EXPECT_EQ(status, GLIMPSE_OK); }

glimpse_status OpRunner::Prepare() {
  node_.numerics = numerics_;
  node_.operators = {{.op = op_, .options = options_, .inputs = inputs}};
  for (const opcheck::NodeOperator& each : further_) {
    node_.operators.back().outputs = each.outputs;
    node_.operators.push_back({.op = each.op, .options = each.options, .inputs = each.inputs});
  }
  node_.operators.back().outputs = {output};
  opcheck::PrepareForm form;
  form.workers = workers;
  const glimpse_status status = runner_->Prepare(node_, form);
  EXPECT_EQ(runner_->problem(), "") << op_;
  return status;
}

opcheck::Made OpRunner::InvokeOnce(uint8_t poison) {
  // No byte behind an input may be read: the ABI would allow it, the kernels of the tree do without.
  opcheck::Made made = runner_->Invoke({.output_poison = poison, .scratch_poison = poison, .input_tail = 0});
  EXPECT_EQ(runner_->problem(), "") << op_;
  return made;
}

glimpse_status OpRunner::InvokeStatus() { return InvokeOnce(0x5A).status; }

std::vector<uint8_t> OpRunner::Invoke() {
  const opcheck::Made first = InvokeOnce(0x5A);
  EXPECT_EQ(first.status, GLIMPSE_OK) << message();
  EXPECT_EQ(first.outputs, InvokeOnce(0xC3).outputs) << op_ << " leaves bytes of its output unwritten";
  return first.outputs.empty() ? std::vector<uint8_t>() : first.outputs[0];
}

}  // namespace glimpse::testkit
