// SPDX-License-Identifier: Apache-2.0
// `glimpse golden` from outside.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>

#include "tests/cli/program.h"

namespace glimpse::cli {
namespace {

using nlohmann::json;
using testing::HasSubstr;
namespace fs = std::filesystem;

class GoldenCommand : public testing::Test {
 protected:
  void SetUp() override {
    model_ = folder_ / "m.tflite";
    fs::copy_file(DigitsModel(), model_);
  }
  json ReadGolden() {
    std::ifstream file(model_ + ".golden");
    return json::parse(file, nullptr, false);
  }
  void WriteGolden(const json& golden) { std::ofstream(model_ + ".golden") << golden.dump(); }
  // What another runtime might have written: two samples, our own tensors.
  std::string Dump() {
    const std::string dump = folder_ / "dump";
    fs::create_directories(dump);
    WriteInt8Npy(dump + "/input_0.npy", {2, 28, 28, 1}, RandomInt8(2 * 784, 9));
    const Ended run = Glimpse({"run", model_, "--input", dump + "/input_0.npy", "--output", dump, "--dump"});
    EXPECT_EQ(run.status, 0) << run.err;
    return dump;
  }

  Folder folder_;
  std::string model_;
};

TEST_F(GoldenCommand, WhatItMakesIsWhatTheKernelsOfThisMachineCompute) {
  const Ended made = Glimpse({"golden", model_, "--samples", "3", "--seed", "7", "--json"});
  ASSERT_EQ(made.status, 0) << made.err;
  EXPECT_EQ(json::parse(made.out)["kernels"], "reference");
  const json golden = ReadGolden();
  EXPECT_EQ(golden["samples"], 3);
  EXPECT_EQ(golden["inputs"], json::parse(R"({"generator":"splitmix64","seed":7})"));
  const Ended checked = Glimpse({"golden", model_, "--verify", "--json"});
  ASSERT_EQ(checked.status, 0) << checked.err;
  // What one kernel computes together with the next is compared by what comes out of that.
  const json plan = json::parse(Glimpse({"inspect", model_, "--plan", "--json"}).out);
  size_t fused = 0;
  for (const json& op : plan["operators"]) fused += op["plan"]["fused"].get<size_t>();
  EXPECT_EQ(json::parse(checked.out)["operators"], golden["operators"].size() - fused);
  // The same again, to the byte.
  EXPECT_EQ(Glimpse({"golden", model_, "--samples", "3", "--seed", "7"}).status, 0);
  EXPECT_EQ(ReadGolden(), golden);
}

TEST_F(GoldenCommand, VerifyNamesTheFirstOperatorThatDiffers) {
  ASSERT_EQ(Glimpse({"golden", model_}).status, 0);
  json golden = ReadGolden();
  golden["operators"][5]["outputs"][0]["sha256"][2] = std::string(64, '0');
  WriteGolden(golden);
  const Ended checked = Glimpse({"golden", model_, "--verify"});
  EXPECT_EQ(checked.status, 6);
  EXPECT_THAT(checked.err, HasSubstr("m.tflite.golden: operator 5, "));
  EXPECT_THAT(checked.err, HasSubstr("sample 2"));
  const Ended for_machines = Glimpse({"golden", model_, "--verify", "--json"});
  EXPECT_EQ(for_machines.status, 6);
  EXPECT_EQ(json::parse(for_machines.out)["first_difference"]["operator"], 5);
}

TEST_F(GoldenCommand, AFileThatIsMissingBrokenOrOfAnotherModelProvesNothing) {
  EXPECT_EQ(Glimpse({"golden", model_, "--verify"}).status, 1);
  WriteGolden(json::object());
  EXPECT_EQ(Glimpse({"golden", model_, "--verify"}).status, 3);
  ASSERT_EQ(Glimpse({"golden", model_}).status, 0);
  json golden = ReadGolden();
  golden["model"] = "sha256:00";
  WriteGolden(golden);
  const Ended other = Glimpse({"golden", model_, "--verify"});
  EXPECT_EQ(other.status, 3);
  EXPECT_THAT(other.err, HasSubstr("another model"));
  golden["model"] = ReadGolden()["model"];
  golden["numerics"] = "no-such-profile";
  WriteGolden(golden);
  EXPECT_EQ(Glimpse({"golden", model_, "--verify"}).status, 3);
}

TEST_F(GoldenCommand, AgainstADumpItIsWrittenOnlyWhenEveryOperatorAgrees) {
  const std::string dump = Dump();
  const Ended made = Glimpse({"golden", model_, "--against", dump, "--json"});
  ASSERT_EQ(made.status, 0) << made.err;
  const json golden = ReadGolden();
  EXPECT_EQ(golden["samples"], 2);
  EXPECT_EQ(golden["oracle"]["operators"], golden["operators"].size());
  EXPECT_TRUE(golden["inputs"].contains("tensors"));
  EXPECT_EQ(Glimpse({"golden", model_, "--verify"}).status, 0);

  const std::string tensor = dump + "/tensor_" + golden["operators"][2]["outputs"][0]["tensor"].dump() + ".npy";
  std::vector<int8_t> values = ReadInt8Npy(tensor);
  ASSERT_FALSE(values.empty());
  values.back() = static_cast<int8_t>(values.back() ^ 1);
  WriteInt8Npy(tensor, NpyShape(tensor), values);
  fs::remove(model_ + ".golden");
  const Ended refused = Glimpse({"golden", model_, "--against", dump});
  EXPECT_EQ(refused.status, 6);
  EXPECT_THAT(refused.err, HasSubstr("operator 2, "));
  EXPECT_THAT(refused.err, HasSubstr("sample 1"));
  EXPECT_FALSE(fs::exists(model_ + ".golden"));
}

TEST_F(GoldenCommand, WrongOptionsAreUsage) {
  for (const auto& arguments : std::vector<std::vector<std::string>>{{"--samples", "0"},
                                                                     {"--samples", "65"},
                                                                     {"--seed", "x"},
                                                                     {"--verify", "--seed", "1"},
                                                                     {"--numerics", "nosuch"}}) {
    std::vector<std::string> all{"golden", model_};
    all.insert(all.end(), arguments.begin(), arguments.end());
    EXPECT_EQ(Glimpse(all).status, 2);
  }
}

}  // namespace
}  // namespace glimpse::cli
