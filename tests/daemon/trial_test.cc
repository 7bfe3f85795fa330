// SPDX-License-Identifier: Apache-2.0
// The daemon's side of a trial, against helpers that behave in every way but the right one.
#include "daemon/reload/trial.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <cstdlib>
#include <filesystem>
#include <thread>

#include "base/file.h"

namespace glimpse::daemon {
namespace {

using ::testing::HasSubstr;
namespace fs = std::filesystem;

class TrialTest : public ::testing::Test {
 protected:
  void SetUp() override {
    std::string name = (fs::temp_directory_path() / "glimpse-trial-XXXXXX").string();
    folder_ = mkdtemp(name.data());
  }
  void TearDown() override { fs::remove_all(folder_); }

  // A helper that does what `script` says.
  Result<TrialOutcome> Run(const std::string& script, double seconds = 60, const std::stop_token& stop = {}) {
    const std::string path = (folder_ / "helper").string();
    const std::string text = "#!/bin/sh\n" + script + "\n";
    EXPECT_TRUE(WriteFile(path, std::as_bytes(std::span(text))));
    EXPECT_EQ(::chmod(path.c_str(), 0755), 0);
    TrialRequest request;
    request.seconds = seconds;
    return RunTrial(request, stop, path);
  }
  Error ErrorOf(const std::string& script, double seconds = 60) {
    const auto outcome = Run(script, seconds);
    EXPECT_TRUE(outcome) << outcome.error().message;
    return outcome ? outcome->error : Error{};
  }

  fs::path folder_;
};

TEST_F(TrialTest, ADoneHelperHasTriedWhatItSays) {
  const std::string digest(64, 'a');
  const auto outcome = Run("echo '{\"at\":\"x\",\"tried\":\"" + digest + "\"}'; echo '{\"done\":true}'");
  ASSERT_TRUE(outcome) << outcome.error().message;
  EXPECT_EQ(outcome->error.message, "");
  EXPECT_EQ(outcome->tried, (std::set<Sha256Digest>{*DigestFromHex(digest)}));
}

TEST_F(TrialTest, TheRequestReachesTheHelper) {
  const auto outcome = Run("read line; case $line in *graphs*) echo '{\"done\":true}';; esac");
  ASSERT_TRUE(outcome) << outcome.error().message;
  EXPECT_EQ(outcome->error.message, "");
}

TEST_F(TrialTest, ACrashNamesTheSignalAndTheLastStep) {
  const Error error = ErrorOf("echo '{\"at\":\"loading plugin /x.so\"}'; kill -SEGV $$");
  EXPECT_EQ(error.code, ErrorCode::kPlugin);
  EXPECT_THAT(error.message, HasSubstr("ended with signal 11 (Segmentation fault): loading plugin /x.so"));
}

TEST_F(TrialTest, AHelperThatEndsWithoutAnAnswerIsAFailure) {
  EXPECT_THAT(ErrorOf("exit 0").message, HasSubstr("ended with status 0: starting"));
  EXPECT_THAT(ErrorOf("echo nonsense; echo '{}'; echo '[1]'; exit 3").message, HasSubstr("ended with status 3"));
  EXPECT_THAT(ErrorOf("echo '{\"error\":7}'; exit 3").message, HasSubstr("ended with status 3"));
}

TEST_F(TrialTest, AHelperThatHangsIsEndedInTime) {
  const Error error = ErrorOf("echo '{\"at\":\"operator 3\"}'; exec sleep 1000", 0.5);
  EXPECT_EQ(error.code, ErrorCode::kPlugin);
  EXPECT_THAT(error.message, HasSubstr("did not come back within 0.5 seconds (reload.trial): operator 3"));
}

TEST_F(TrialTest, ALineWithoutAnEndIsNotHeldWithoutEnd) {
  EXPECT_THAT(ErrorOf("exec yes | tr -d '\\n'").message, HasSubstr("ended with"));
}

TEST_F(TrialTest, TheHelpersErrorIsTheOutcome) {
  const auto outcome = Run(R"(echo '{"error":{"code":5,"message":"differs","pipeline":"p","operator":3,)"
                           R"("layer":"L","kernel":"K","plugin":"G"}}'; exec sleep 1000)");
  ASSERT_TRUE(outcome) << outcome.error().message;
  EXPECT_EQ(outcome->error.code, ErrorCode::kPlugin);
  EXPECT_EQ(outcome->error.message, "differs");
  EXPECT_EQ(outcome->wrong.op, 3);
  EXPECT_EQ(outcome->wrong.kernel, "K");
}

TEST_F(TrialTest, AStopEndsTheWait) {
  std::stop_source source;
  std::thread stopper([&] { source.request_stop(); });
  const auto outcome = Run("exec sleep 1000", 600, source.get_token());
  stopper.join();
  ASSERT_FALSE(outcome);
  EXPECT_EQ(outcome.error().code, ErrorCode::kExhausted);
}

TEST_F(TrialTest, AProgramThatIsNotThereIsAnError) {
  if (std::getenv("GLIMPSE_EMULATED") != nullptr) GTEST_SKIP() << "qemu's user mode starts the child all the same";
  const auto outcome = RunTrial({}, {}, (folder_ / "nothing").string());
  ASSERT_FALSE(outcome);
  EXPECT_THAT(outcome.error().message, HasSubstr("posix_spawn"));
}

TEST(TrialRequestTest, ComesThroughAsItWas) {
  TrialRequest request;
  request.config.plugin_path = {"/a", "/b"};
  request.config.places["plugins.path"] = "c.yaml:3:4";
  request.seconds = 1.5;
  request.vector_seconds = 0.25;
  TrialGraph& graph = request.graphs.emplace_back();
  graph.pipeline = "p";
  graph.model = "/m.tflite";
  graph.sha256 = "sha256:ab";
  graph.numerics = "tflite-micro";
  graph.kernels = {"avx2", {{"CONV_2D", "reference"}}};
  graph.kernels_place = "c.yaml:1:1";
  graph.limits.memory_bytes = 12345;
  graph.limits.seconds = 2.5;
  golden::Vectors vectors;
  vectors.model = "sha256:ab";
  vectors.inputs.seeded = false;
  vectors.inputs.samples = 1;
  vectors.inputs.data = {{{std::byte{1}, std::byte{0xff}}}};
  graph.vectors.push_back({"what", "remedy", vectors, true});
  const auto read = ParseTrial(FormatTrial(request));
  ASSERT_TRUE(read) << read.error().message;
  EXPECT_EQ(read->config.plugin_path, request.config.plugin_path);
  EXPECT_EQ(read->config.PlaceOf("plugins.path"), "c.yaml:3:4");
  EXPECT_EQ(read->seconds, 1.5);
  EXPECT_EQ(read->vector_seconds, 0.25);
  ASSERT_EQ(read->graphs.size(), 1u);
  EXPECT_EQ(read->graphs[0].kernels.use, "avx2");
  EXPECT_EQ(read->graphs[0].kernels.overrides, graph.kernels.overrides);
  EXPECT_EQ(read->graphs[0].limits, graph.limits);
  EXPECT_EQ(read->graphs[0].kernels_place, "c.yaml:1:1");
  ASSERT_EQ(read->graphs[0].vectors.size(), 1u);
  EXPECT_EQ(read->graphs[0].vectors[0].remedy, "remedy");
  EXPECT_TRUE(read->graphs[0].vectors[0].made_up);
  EXPECT_EQ(read->graphs[0].vectors[0].vectors.inputs.data, vectors.inputs.data);
  EXPECT_EQ(ParseTrial("{}").error().code, ErrorCode::kInternal);
}

}  // namespace
}  // namespace glimpse::daemon
