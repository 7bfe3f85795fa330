// SPDX-License-Identifier: Apache-2.0
#include "engine/run/shared_blocks.h"

#include <gtest/gtest.h>

#include <set>

#include "tests/engine/run/run_support.h"

namespace glimpse {
namespace {

std::shared_ptr<AlignedMemory> Block(const std::string& content) {
  auto block = std::make_shared<AlignedMemory>(*AlignedMemory::Allocate(content.size()));
  std::memcpy(block->bytes().data(), content.data(), content.size());
  return block;
}

TEST(SharedBlocks, HoldsEqualContentOnce) {
  SharedBlocks blocks;
  const auto first = blocks.Share(Block("weights"));
  EXPECT_EQ(blocks.Share(Block("weights")), first);
  EXPECT_NE(blocks.Share(Block("weighty")), first);
  EXPECT_NE(blocks.Share(Block("weights, and more")), first);
}

TEST(SharedBlocks, ForgetsWhatNobodyHolds) {
  SharedBlocks blocks;
  std::weak_ptr<AlignedMemory> gone = blocks.Share(Block("weights"));
  EXPECT_TRUE(gone.expired());
  const auto again = blocks.Share(Block("weights"));
  EXPECT_EQ(blocks.Share(Block("weights")), again);
}

// A kernel that packs one word, and copies it to its output.
class SharingKernel : public testing::Test {
 protected:
  std::shared_ptr<testkit::FakePluginHost> Packing(int32_t word, bool foreign = false) {
    testkit::FakeKernel kernel;
    kernel.op = "tflite.NEG";
    kernel.prepare = [this, word, foreign](const glimpse_node& node, const glimpse_prepare& prepare) -> glimpse_status {
      void* memory = nullptr;
      if (prepare.persistent(prepare.context, sizeof(word), &memory) != GLIMPSE_OK) return GLIMPSE_NO_MEMORY;
      std::memcpy(memory, &word, sizeof(word));
      int32_t other = 0;
      if (foreign) memory = &other;
      const glimpse_status status = prepare.share(prepare.context, &memory);
      if (status != GLIMPSE_OK) return status;
      packed_ = static_cast<const int32_t*>(memory);
      addresses_.insert(packed_);
      return testkit::ShapeOfFirstInput(node, prepare);
    };
    kernel.invoke = [this](const glimpse_invoke& io) {
      std::memcpy(io.outputs[0], packed_, sizeof(*packed_));
      return glimpse_status{GLIMPSE_OK};
    };
    auto host = std::make_shared<testkit::FakePluginHost>();
    host->Add("packing", {kernel});
    return host;
  }

  static testkit::ModelBuilder Model() {
    testkit::ModelBuilder b;
    const int x = b.Input({.name = "x", .type = DType::kInt32, .shape = {1}});
    const int y = b.Tensor({.name = "y", .type = DType::kInt32, .shape = {1}});
    b.Operator(wire::BuiltinOperator::NEG, {x}, {y});
    b.Output(y);
    return b;
  }

  const int32_t* packed_ = nullptr;
  std::set<const int32_t*> addresses_;
};

TEST_F(SharingKernel, TwoGraphsOverOneModelPackOnce) {
  const auto first = testkit::Create(Model(), Packing(42));
  auto second = testkit::Create(Model(), Packing(42));
  EXPECT_EQ(addresses_.size(), 1u);
  second.reset();
  ASSERT_TRUE(first->Invoke());
  EXPECT_EQ(testkit::Read(first->outputs()[0]), std::vector<int32_t>{42}) << "the other graph is gone";
  const auto third = testkit::Create(Model(), Packing(43));
  EXPECT_EQ(addresses_.size(), 2u) << "other content, other memory";
}

TEST_F(SharingKernel, ForeignMemoryIsTheKernelsDefect) {
  const Error error = testkit::FailsToCreate(Model(), Packing(42, true));
  EXPECT_EQ(error.code, ErrorCode::kInternal);
  EXPECT_NE(error.message.find("share() was given memory that persistent() did not give"), std::string::npos)
      << error.message;
}

}  // namespace
}  // namespace glimpse
