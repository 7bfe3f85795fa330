// SPDX-License-Identifier: Apache-2.0
// Damaged files are refused with one clear line, or read as models that keep every promise; under sanitizers, without a
// single bad access. GLIMPSE_FUZZ_SEED and GLIMPSE_FUZZ_COUNT change the random part.
#include <gtest/gtest.h>

#include <map>

#include "tests/fuzz/model_invariants.h"
#include "tests/fuzz/mutations.h"
#include "tests/support/packed_models.h"

namespace glimpse {
namespace {

struct Sample {
  const char* name;
  std::vector<std::byte> file;
  size_t unread_bytes = 0;  // at the end, which Model does not need
};

// The archive behind a model is metadata's alone.
Sample Packed() {
  const auto metadata = testkit::Describe({127.5f}, {64}, "names.txt");
  Sample sample{"TinyCnnPacked", testkit::TinyCnnPacked(metadata, {{"names.txt", "a\nb\nc\n"}})};
  sample.unread_bytes = sample.file.size() - testkit::TinyCnnPacked(metadata, {}).size();
  return sample;
}

std::vector<Sample> Samples() {
  return {{"TinyCnn", testkit::TinyCnn().Build()},
          {"TinyCustom", testkit::TinyCustom().Build()},
          {"TinyShapes", testkit::TinyShapes().Build()},
          {"TinyOps", testkit::TinyOps().Build()},
          Packed(),
          {"TinyFlow", testkit::TinyFlow().Build()},
          {"TinyCnnBehind", testkit::TinyCnn().BuildWithDataBehind()},
          {"TinyCnnBehindUnaligned", testkit::TinyCnn().BuildWithDataBehind(1)}};
}

// Small limits: a model that claims more than this is refused quickly.
Limits SmallLimits() {
  Limits limits;
  limits.tensor_bytes = 1 << 20;
  return limits;
}

class MutatedModel : public testing::TestWithParam<size_t> {
 protected:
  const Sample sample_ = Samples()[GetParam()];
  std::map<std::string, size_t> outcomes_;

  testkit::MutantVisitor Check() {
    return [this](const std::vector<std::byte>& mutant, const std::string& how) {
      const auto model = Model::Parse(mutant, "m.tflite", SmallLimits());
      if (model) {
        ++outcomes_["accepted"];
        EXPECT_EQ(testkit::BrokenPromise(**model), "") << sample_.name << ", " << how;
        return;
      }
      const Error& error = model.error();
      ++outcomes_[error.code == ErrorCode::kInvalidModel ? "invalid" : "unsupported or too large"];
      EXPECT_TRUE(error.code == ErrorCode::kInvalidModel || error.code == ErrorCode::kUnsupported ||
                  error.code == ErrorCode::kExhausted)
          << sample_.name << ", " << how << ": " << error.message;
      EXPECT_EQ(error.message.substr(0, 10), "m.tflite: ") << sample_.name << ", " << how;
      for (const char c : error.message) EXPECT_TRUE(c >= ' ' && c <= '~') << sample_.name << ", " << how;
    };
  }

  void TearDown() override {
    for (const auto& [outcome, count] : outcomes_) std::printf("%s: %zu %s\n", sample_.name, count, outcome.c_str());
  }
};

TEST_P(MutatedModel, CutShort) {
  testkit::ForEachTruncation(sample_.file, Check());
  // A flatbuffer may end with a few bytes of padding, which nobody misses.
  EXPECT_LT(outcomes_["accepted"], 8u + sample_.unread_bytes);
}

TEST_P(MutatedModel, WithOneByteChanged) { testkit::ForEachByteDamage(sample_.file, Check()); }

TEST_P(MutatedModel, WithOneWordChanged) { testkit::ForEachWordDamage(sample_.file, Check()); }

TEST_P(MutatedModel, WithRandomDamage) {
  const uint64_t seed = testkit::NumberFromEnvironment("GLIMPSE_FUZZ_SEED", 20260301);
  const auto count = static_cast<size_t>(testkit::NumberFromEnvironment("GLIMPSE_FUZZ_COUNT", 20000));
  std::printf("GLIMPSE_FUZZ_SEED=%llu GLIMPSE_FUZZ_COUNT=%llu\n", static_cast<unsigned long long>(seed),
              static_cast<unsigned long long>(count));
  testkit::ForEachRandomDamage(sample_.file, seed, count, Check());
  EXPECT_GT(outcomes_["accepted"], 0u) << "the damage is too heavy to test anything but the first check";
}

std::string SampleName(const testing::TestParamInfo<size_t>& sample) { return Samples()[sample.param].name; }

INSTANTIATE_TEST_SUITE_P(All, MutatedModel, testing::Range<size_t>(0, Samples().size()), SampleName);

}  // namespace
}  // namespace glimpse
