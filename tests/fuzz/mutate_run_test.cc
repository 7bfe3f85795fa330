// SPDX-License-Identifier: Apache-2.0
// Damaged models that the reader accepts, run with the reference kernels: each is refused with one clear line when it
// is prepared, or runs. GLIMPSE_FUZZ_SEED and GLIMPSE_FUZZ_RUNS change the random part.
#include <gtest/gtest.h>

#include <map>

#include "engine/run/interpreter.h"
#include "tests/fuzz/mutations.h"
#include "tests/support/model_builder.h"

namespace glimpse {
namespace {

struct Sample {
  const char* name;
  testkit::ModelBuilder (*make)();
};

constexpr Sample kSamples[] = {{"TinyCnn", testkit::TinyCnn},
                               {"TinyShapes", testkit::TinyShapes},
                               {"TinyOps", testkit::TinyOps},
                               {"TinyFlow", testkit::TinyFlow}};

// Small limits, so that a model which asks for much is refused instead of run.
Limits SmallLimits() {
  Limits limits;
  limits.tensor_bytes = 1 << 20;
  limits.arena_bytes = 8 << 20;
  limits.work = 20'000'000;
  limits.loop_iterations = 1000;
  return limits;
}

class MutatedRun : public testing::TestWithParam<size_t> {
 protected:
  static void SetUpTestSuite() {
    auto host = PluginHost::Load({GLIMPSE_TEST_PLUGIN_DIR}, CpuInfo::Detect());
    ASSERT_TRUE(host) << host.error().message;
    plugins_ = *host;
    ASSERT_NE(plugins_->Find("reference"), nullptr);
  }
  static void TearDownTestSuite() { plugins_.reset(); }

  // Prepares and runs one file. `how` tells in failures how to make it again.
  void Run(const std::vector<std::byte>& file, const std::string& how) {
    const auto model = Model::Parse(file, "m.tflite", SmallLimits());
    if (!model) {
      ++outcomes_["not read"];
      return;
    }
    InterpreterOptions options;
    options.limits = SmallLimits();
    options.kernels.use = "reference";
    const auto interpreter = Interpreter::Create(*model, plugins_, options);
    if (!interpreter) {
      ++outcomes_["not prepared"];
      const Error& error = interpreter.error();
      EXPECT_TRUE(error.code == ErrorCode::kInvalidModel || error.code == ErrorCode::kUnsupported ||
                  error.code == ErrorCode::kExhausted)
          << how << ": " << error.message;
      for (const char c : error.message) EXPECT_TRUE(c >= ' ' && c <= '~') << how << ": " << error.message;
      return;
    }
    for (const TensorView& input : (*interpreter)->inputs()) {
      for (size_t i = 0; i < input.data.size(); ++i) input.data[i] = static_cast<std::byte>(i * 37 + 11);
    }
    // Values, and shapes that depend on them, may be wrong; the engine and the kernels may not.
    for (int repeat = 0; repeat < 2; ++repeat) {
      const auto done = (*interpreter)->Invoke();
      EXPECT_TRUE(done || done.error().code != ErrorCode::kInternal) << how << ": " << done.error().message;
      ++outcomes_[done ? "run" : "stopped"];
    }
  }

  static std::shared_ptr<PluginHost> plugins_;
  std::map<std::string, size_t> outcomes_;
};

std::shared_ptr<PluginHost> MutatedRun::plugins_;

TEST_P(MutatedRun, EndsWithAnErrorOrAResult) {
  const Sample& sample = kSamples[GetParam()];
  const auto file = sample.make().Build();
  Run(file, "untouched");
  ASSERT_EQ(outcomes_["run"], 2u) << "the sound model must run";
  const auto visit = [&](const std::vector<std::byte>& mutant, const std::string& how) {
    Run(mutant, std::string(sample.name) + ", " + how);
  };
  testkit::ForEachByteDamage(file, visit);
  testkit::ForEachWordDamage(file, visit);
  const uint64_t seed = testkit::NumberFromEnvironment("GLIMPSE_FUZZ_SEED", 20260301);
  const auto runs = static_cast<size_t>(testkit::NumberFromEnvironment("GLIMPSE_FUZZ_RUNS", 3000));
  std::printf("GLIMPSE_FUZZ_SEED=%llu GLIMPSE_FUZZ_RUNS=%llu\n", static_cast<unsigned long long>(seed),
              static_cast<unsigned long long>(runs));
  testkit::ForEachRandomDamage(file, seed, runs, visit);
  for (const auto& [outcome, count] : outcomes_) std::printf("%s: %zu %s\n", sample.name, count, outcome.c_str());
  EXPECT_GT(outcomes_["run"], 2u);
  EXPECT_GT(outcomes_["not prepared"], 0u);
}

std::string SampleName(const testing::TestParamInfo<size_t>& sample) { return kSamples[sample.param].name; }

INSTANTIATE_TEST_SUITE_P(All, MutatedRun, testing::Range<size_t>(0, std::size(kSamples)), SampleName);

}  // namespace
}  // namespace glimpse
