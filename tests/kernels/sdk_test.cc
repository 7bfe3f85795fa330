// SPDX-License-Identifier: Apache-2.0
// What the SDK makes of a C++ class, seen from the C ABI.
#include "glimpse/sdk.h"

#include <gtest/gtest.h>

#include <stdexcept>

namespace glimpse::sdk {
namespace {

enum class Fault { kNone, kException, kNoMemory, kOddType, kUnsupported };
Fault fault = Fault::kNone;

Status Act() {
  switch (fault) {
    case Fault::kException:
      throw std::runtime_error("thrown on purpose");
    case Fault::kNoMemory:
      throw std::bad_alloc();
    case Fault::kOddType:
      throw 42;
    case Fault::kUnsupported:
      return Unsupported("only ", 3, " of them");
    case Fault::kNone:
      break;
  }
  return Ok();
}

class Faulty final : public Kernel {
 public:
  Status Prepare(PrepareContext&) override { return Act(); }
  Status Invoke(const InvokeContext&) override { return Act(); }
  void Reset() override { (void)Act(); }
};

constexpr OpSpec kOffers[] = {
    {.op = "custom.FAULTY", .impl = "test.faulty", .input_types = Types<int8_t, float>(), .make = Make<Faulty>}};
using TestImage = internal::Image<kOffers>;

class Sdk : public ::testing::Test {
 protected:
  Sdk() {
    fault = Fault::kNone;
    factory = static_cast<const glimpse_op_factory*>(TestImage::GetFactory(GLIMPSE_OP_FACTORY_ID));
    EXPECT_EQ(factory->create(factory, 0, &kernel), GLIMPSE_OK);
    services.struct_size = sizeof(services);
    services.context = &message;
    services.set_error = [](void* context, const char* text) { *static_cast<std::string*>(context) = text; };
    invoke.struct_size = sizeof(invoke);
    invoke.context = &message;
    invoke.set_error = services.set_error;
  }
  ~Sdk() override { kernel->destroy(kernel); }

  const glimpse_op_factory* factory = nullptr;
  glimpse_kernel* kernel = nullptr;
  std::string message;
  glimpse_operator op{};
  const glimpse_operator* ops[1] = {&op};
  glimpse_node node{sizeof(node), 1, ops, "litert-reference"};
  glimpse_prepare services{};
  glimpse_invoke invoke{};
};

TEST_F(Sdk, DescribesTheOffer) {
  EXPECT_EQ(factory->count, 1u);
  const glimpse_op_descriptor& d = *factory->descriptor(factory, 0);
  EXPECT_STREQ(d.ops[0], "custom.FAULTY");
  EXPECT_EQ(d.op_count, 1u);
  EXPECT_EQ(d.input_types, GLIMPSE_DTYPE_BIT(GLIMPSE_INT8) | GLIMPSE_DTYPE_BIT(GLIMPSE_FLOAT32));
  EXPECT_EQ(d.numerics, nullptr);
  EXPECT_EQ(factory->descriptor(factory, 1), nullptr);
  glimpse_kernel* none = nullptr;
  EXPECT_NE(factory->create(factory, 1, &none), GLIMPSE_OK);
  EXPECT_EQ(TestImage::GetFactory("another"), nullptr);
}

TEST_F(Sdk, PassesStatusAndMessageOn) {
  fault = Fault::kUnsupported;
  EXPECT_EQ(kernel->prepare(kernel, &node, &services), GLIMPSE_UNSUPPORTED);
  EXPECT_EQ(message, "only 3 of them");
}

TEST_F(Sdk, TurnsExceptionsIntoStatus) {
  fault = Fault::kException;
  EXPECT_EQ(kernel->prepare(kernel, &node, &services), GLIMPSE_INTERNAL);
  EXPECT_EQ(message, "thrown on purpose");
  EXPECT_EQ(kernel->invoke(kernel, &invoke), GLIMPSE_INTERNAL);
  fault = Fault::kNoMemory;
  EXPECT_EQ(kernel->prepare(kernel, &node, &services), GLIMPSE_NO_MEMORY);
  fault = Fault::kOddType;
  EXPECT_EQ(kernel->invoke(kernel, &invoke), GLIMPSE_INTERNAL);
  kernel->reset(kernel);
}

TEST_F(Sdk, RefusesChainsAndShortStructs) {
  node.operator_count = 2;
  EXPECT_EQ(kernel->prepare(kernel, &node, &services), GLIMPSE_UNSUPPORTED);
  node.operator_count = 1;
  services.struct_size = sizeof(uint32_t) * 2;
  EXPECT_EQ(kernel->prepare(kernel, &node, &services), GLIMPSE_INTERNAL);
}

}  // namespace
}  // namespace glimpse::sdk
