// SPDX-License-Identifier: Apache-2.0
// The program from outside: exit statuses, one-line errors, files, JSON.
#include "tests/cli/program.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>

#include "base/strings.h"
#include "tests/support/packed_models.h"

namespace glimpse::cli {
namespace {

using nlohmann::json;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::StartsWith;
using testkit::ModelBuilder;
using Op = wire::BuiltinOperator;

const std::vector<std::string> kCommands{"inspect", "export",  "run",        "diff",
                                         "bench",   "plugins", "preprocess", "classify"};

// Exactly one line on stderr that begins as every error does.
void ExpectError(const Ended& ended, int status, const std::string& part) {
  EXPECT_EQ(ended.status, status) << ended.err;
  EXPECT_THAT(ended.err, StartsWith("glimpse: "));
  EXPECT_EQ(std::count(ended.err.begin(), ended.err.end(), '\n'), 1) << ended.err;
  EXPECT_THAT(ended.err, HasSubstr(part));
}

json ParseJson(const Ended& ended) {
  EXPECT_EQ(ended.status, 0) << ended.err;
  json value = json::parse(ended.out, nullptr, false);
  EXPECT_FALSE(value.is_discarded()) << ended.out.substr(0, 200);
  return value;
}

class Program : public testing::Test {
 protected:
  // The tiny model of the test kit and two samples for it.
  void SetUp() override {
    model_ = folder_ / "tiny.tflite";
    input_ = folder_ / "input.npy";
    WriteBytes(model_, testkit::TinyCnn().Build());
    WriteInt8Npy(input_, {2, 6, 6, 1}, RandomInt8(72, 5));
  }
  // A dump of `samples` random inputs of the digits model in our own words, as another runtime would write it.
  std::string DigitsDump(int64_t samples) {
    const std::string dump = folder_ / "dump";
    std::filesystem::create_directories(dump);
    WriteInt8Npy(dump + "/input_0.npy", {samples, 28, 28, 1}, RandomInt8(static_cast<size_t>(samples) * 784, 9));
    const Ended run = Glimpse({"run", DigitsModel(), "--input", dump + "/input_0.npy", "--output", dump, "--dump"});
    EXPECT_EQ(run.status, 0) << run.err;
    return dump;
  }
  Folder folder_;
  std::string model_;
  std::string input_;
};

TEST_F(Program, EveryCommandExplainsItself) {
  const Ended help = Glimpse({"--help"});
  EXPECT_EQ(help.status, 0);
  EXPECT_THAT(help.out, HasSubstr("Exit status"));
  for (const std::string& command : kCommands) {
    EXPECT_THAT(help.out, HasSubstr(command));
    const Ended option = Glimpse({command, "--help"});
    EXPECT_EQ(option.status, 0) << command;
    EXPECT_THAT(option.out, HasSubstr("--json")) << command;
    const Ended help_command = Glimpse({"help", command});
    EXPECT_EQ(help_command.status, 0) << command;
    EXPECT_EQ(help_command.out, option.out) << command;
  }
  EXPECT_THAT(Glimpse({"--version"}).out, StartsWith("glimpse "));
}

TEST_F(Program, WrongUsageIsStatusTwo) {
  ExpectError(Glimpse({}), 2, "a command is missing");
  ExpectError(Glimpse({"inspct", model_}), 2, "did you mean 'inspect'?");
  ExpectError(Glimpse({"help", "bnch"}), 2, "did you mean 'bench'?");
  ExpectError(Glimpse({"run", model_}), 2, "--input");
  ExpectError(Glimpse({"run", model_, "--input", input_, "--output", folder_ / "o", "--numerics", "litert-referense"}),
              2, "did you mean 'litert-reference'");
  ExpectError(Glimpse({"run", model_, "--input", input_, "--output", folder_ / "o", "--kernels", "CONV_2D="}), 2,
              "run");
  ExpectError(Glimpse({"run", model_, "--input", input_, "--output", folder_ / "o", "--kernels", "nosuch"}), 2,
              "nosuch");
  ExpectError(Glimpse({"run", model_, "--input", input_, "--output", folder_ / "o", "--nonsense"}), 2, "help run");
  ExpectError(Glimpse({"inspect", model_, "--op", "99"}), 2, "has 5 operators, 0 to 4");
  ExpectError(Glimpse({"inspect", model_, "--at", "0,0,0"}), 2, "--at, --input and --op go together");
  ExpectError(Glimpse({"inspect", model_, "--op", "0", "--at", "9,9,9", "--input", input_}), 2, "[1, 4, 4, 2]");
  ExpectError(Glimpse({"export", model_, "--op", "1", "--output", folder_ / "o"}), 2, "no weights to export");
  ExpectError(Glimpse({"bench", model_, "--threads", "65"}), 2, "--threads");
  ExpectError(Glimpse({"bench", model_, "--threads", "0"}), 2, "--threads");
  EXPECT_FALSE(std::filesystem::exists(folder_ / "o"));
}

TEST_F(Program, AnInvalidModelIsStatusThreeForEveryCommand) {
  const std::string broken = folder_ / "broken.tflite";
  std::ofstream(broken) << "TFL3TFL3";
  WriteInt8Npy(folder_ / "dump_input.npy", {1}, {0});
  for (const std::vector<std::string>& arguments : {std::vector<std::string>{"inspect", broken},
                                                    {"run", broken, "--input", input_, "--output", folder_ / "o"},
                                                    {"export", broken, "--op", "0", "--output", folder_ / "o"},
                                                    {"bench", broken},
                                                    {"diff", broken, "--against", folder_.path()}}) {
    ExpectError(Glimpse(arguments), 3, "broken.tflite");
  }
  std::vector<std::byte> truncated = testkit::TinyCnn().Build();
  truncated.resize(truncated.size() / 2);
  WriteBytes(broken, truncated);
  ExpectError(Glimpse({"inspect", broken}), 3, "broken.tflite");
}

TEST_F(Program, AModelThatNobodyServesIsStatusFourWithAllOperators) {
  ModelBuilder b;
  const int x = b.Input({.name = "x", .shape = {1, 4}, .scales = {0.1f}});
  const int y = b.Tensor({.name = "y", .shape = {1, 4}, .scales = {0.1f}});
  const int z = b.Tensor({.name = "z", .shape = {1, 4}, .scales = {0.1f}});
  b.CustomOperator("NobodysFirst", {x}, {y});
  b.CustomOperator("NobodysSecond", {y}, {z});
  b.Output(z);
  WriteBytes(folder_ / "custom.tflite", b.Build());
  WriteInt8Npy(folder_ / "x.npy", {1, 4}, {1, 2, 3, 4});
  const Ended run =
      Glimpse({"run", folder_ / "custom.tflite", "--input", folder_ / "x.npy", "--output", folder_ / "o"});
  ExpectError(run, 4, "NobodysFirst");
  EXPECT_THAT(run.err, HasSubstr("NobodysSecond"));
  EXPECT_EQ(Glimpse({"inspect", folder_ / "custom.tflite"}).status, 0) << "a file may be looked at without kernels";
}

TEST_F(Program, AConfigurationErrorIsStatusFive) {
  std::ofstream(folder_ / "bad.yaml") << "pipelines:\n  p: {camrea: x}\n";
  std::ofstream(folder_ / "x.pgm") << "P2 1 1 255 0\n";
  ExpectError(Glimpse({"preprocess", folder_ / "x.pgm", "--config", folder_ / "bad.yaml"}), 5, "bad.yaml:2:");
  ExpectError(Glimpse({"classify", folder_ / "x.pgm", "--config", folder_ / "none.yaml"}), 5, "none.yaml");
}

TEST_F(Program, MissingAndUnfittingFilesAreStatusOne) {
  ExpectError(Glimpse({"inspect", folder_ / "none.tflite"}), 1, "none.tflite");
  ExpectError(Glimpse({"run", model_, "--input", folder_ / "none.npy", "--output", folder_ / "o"}), 1, "none.npy");
  WriteInt8Npy(folder_ / "wrong.npy", {2, 6, 7, 1}, RandomInt8(84, 5));
  ExpectError(Glimpse({"run", model_, "--input", folder_ / "wrong.npy", "--output", folder_ / "o"}), 1, "[1, 6, 6, 1]");
  ExpectError(Glimpse({"run", model_, "--input", input_, "--input", input_, "--output", folder_ / "o"}), 1,
              "has 1 inputs, 2 files");
  ExpectError(Glimpse({"diff", model_, "--against", folder_ / "none"}), 1, "is no folder");
}

TEST_F(Program, ANameWithALineBreakStaysOneLine) { ExpectError(Glimpse({"inspect", folder_ / "a\nb.tflite"}), 1, "a"); }

TEST_F(Program, RunKeepsTheFormOfTheInput) {
  ASSERT_EQ(Glimpse({"run", model_, "--input", input_, "--output", folder_ / "batch", "--dump"}).status, 0);
  EXPECT_THAT(NpyShape(folder_ / "batch/output_0.npy"), ElementsAre(2, 3));
  EXPECT_THAT(NpyShape(folder_ / "batch/tensor_3.npy"), ElementsAre(2, 4, 4, 2));
  WriteInt8Npy(folder_ / "leading.npy", {2, 1, 6, 6, 1}, ReadInt8Npy(input_));
  ASSERT_EQ(
      Glimpse({"run", model_, "--input", folder_ / "leading.npy", "--output", folder_ / "leading", "--dump"}).status,
      0);
  EXPECT_THAT(NpyShape(folder_ / "leading/output_0.npy"), ElementsAre(2, 1, 3));
  EXPECT_EQ(ReadInt8Npy(folder_ / "leading/output_0.npy"), ReadInt8Npy(folder_ / "batch/output_0.npy"));
  WriteInt8Npy(folder_ / "single.npy", {1, 6, 6, 1}, RandomInt8(36, 5));
  ASSERT_EQ(Glimpse({"run", model_, "--input", folder_ / "single.npy", "--output", folder_ / "single"}).status, 0);
  EXPECT_THAT(NpyShape(folder_ / "single/output_0.npy"), ElementsAre(1, 3));
  EXPECT_FALSE(std::filesystem::exists(folder_ / "single/tensor_3.npy"));
}

TEST_F(Program, RunDumpsEveryProducedTensorOnce) {
  ASSERT_EQ(
      Glimpse({"run", DigitsModel(), "--input", DigitsDump(3) + "/input_0.npy", "--output", folder_ / "o", "--dump"})
          .status,
      0);
  for (int tensor = 12; tensor <= 20; ++tensor)
    EXPECT_TRUE(std::filesystem::exists(folder_ / StrCat("o/tensor_", tensor, ".npy")));
  EXPECT_FALSE(std::filesystem::exists(folder_ / "o/tensor_0.npy"));
  EXPECT_EQ(ReadInt8Npy(folder_ / "o/tensor_20.npy"), ReadInt8Npy(folder_ / "o/output_0.npy"));
}

TEST_F(Program, InspectGivesScalesMultipliersAndShifts) {
  const json report = ParseJson(Glimpse({"inspect", DigitsModel(), "--op", "0", "--json"}));
  const json& rescale = report["operators"][0]["rescale"];
  ASSERT_EQ(rescale["channels"].size(), 32u);
  const double input_scale = rescale["input_scale"];
  const double output_scale = rescale["output_scale"];
  for (const json& channel : rescale["channels"]) {
    const double effective = input_scale * channel["weight_scale"].get<double>() / output_scale;
    EXPECT_EQ(channel["effective_scale"].get<double>(), effective);
    const double fixed = std::ldexp(channel["multiplier"].get<double>(), channel["shift"].get<int>() - 31);
    EXPECT_NEAR(fixed / effective, 1.0, 1e-9);
  }
  for (const json& tensor : report["tensors"]) {
    if (tensor["shape"] == json{32, 3, 3, 1}) {
      EXPECT_EQ(tensor["scales"].size(), 32u);
    }
  }
  EXPECT_THAT(Glimpse({"inspect", DigitsModel()}).out, HasSubstr("32 scales along dimension 0"));
}

TEST_F(Program, MetadataOfTheModelIsShownAndUsed) {
  const std::string model = folder_ / "packed.tflite";
  WriteBytes(model, testkit::TinyCnnPacked(testkit::Describe({255}, {255}, "names.txt"), {{"names.txt", "x\ny\nz\n"}}));
  const Ended text = Glimpse({"inspect", model});
  EXPECT_THAT(text.out, HasSubstr("input 0: image; real = (pixel - mean) / std, mean 255, std 255"));
  EXPECT_THAT(text.out, HasSubstr("output 0: probability; labels in 'names.txt'"));
  const auto shown = json::parse(Glimpse({"inspect", model, "--json"}).out);
  EXPECT_EQ(shown["metadata"]["inputs"][0]["mean"][0], 255);
  EXPECT_EQ(json::parse(Glimpse({"inspect", DigitsModel(), "--json"}).out)["metadata"], nullptr);
  const std::string picture = std::string(GLIMPSE_SOURCE_DIR) + "/tests/data/digits/0000_1.png";
  const auto seen = json::parse(Glimpse({"classify", picture, "--model", model, "--json"}).out);
  EXPECT_THAT(seen["label"].get<std::string>(), testing::AnyOf("x", "y", "z"));
  // (pixel - 255) / 255 is below what the input can hold for all but white: every element is its lowest.
  ASSERT_EQ(Glimpse({"preprocess", picture, "--model", model, "--output", folder_ / "x.npy"}).status, 0);
  const std::vector<int8_t> low(36, -128);
  EXPECT_EQ(ReadInt8Npy(folder_ / "x.npy"), low);
}

TEST_F(Program, InspectPlanNamesKernelAndReason) {
  const json report = ParseJson(Glimpse({"inspect", DigitsModel(), "--plan", "--json", "--kernels", "reference"}));
  for (const json& op : report["operators"]) {
    EXPECT_EQ(op["plan"]["plugin"], "reference");
    EXPECT_FALSE(op["plan"]["why"].get<std::string>().empty());
  }
}

TEST_F(Program, KernelsThatTheCpuLacksAreLeftOutWithTheReason) {
  const std::vector<std::string> no_features = {"GLIMPSE_CPU_MASK=ffffffffffffffff"};
  const json report = ParseJson(Glimpse({"inspect", DigitsModel(), "--plan", "--json"}, no_features));
  for (const json& op : report["operators"]) EXPECT_EQ(op["plan"]["plugin"], "reference");
#if defined(__x86_64__) || defined(__aarch64__)
#if defined(__x86_64__)
  const std::string kernel = "avx2";
  const std::string needs = "needs avx2, fma";
#else
  const std::string kernel = "neon";
  const std::string needs = "needs neon";
#endif
  for (const std::string& spec : {kernel, "CONV_2D=" + kernel}) {
    const Ended wished = Glimpse({"inspect", DigitsModel(), "--plan", "--kernels", spec}, no_features);
    EXPECT_EQ(wished.status, 4) << spec;
    EXPECT_THAT(wished.err, HasSubstr(needs)) << spec;
  }
#endif
}

TEST_F(Program, InspectAtEqualsTheKernelAtEveryPlaceOfTheTinyModel) {
  ASSERT_EQ(Glimpse({"run", model_, "--input", input_, "--output", folder_ / "o", "--dump"}).status, 0);
  const std::vector<int8_t> conv = ReadInt8Npy(folder_ / "o/tensor_3.npy");
  for (size_t i = 0; i < 32; ++i) {
    const std::string at = StrCat(i / 8, ",", i / 2 % 4, ",", i % 2);
    const json report =
        ParseJson(Glimpse({"inspect", model_, "--op", "0", "--at", at, "--input", input_, "--sample", "1", "--json"}));
    EXPECT_EQ(report["result"].get<int>(), conv[32 + i]) << at;
    EXPECT_EQ(report["equal"], true);
    int64_t sum = report["bias"];
    for (const json& term : report["terms"]) sum += term["inside"].get<bool>() ? term["product"].get<int64_t>() : 0;
    EXPECT_EQ(report["accumulator"].get<int64_t>(), sum);
  }
  const std::vector<int8_t> dense = ReadInt8Npy(folder_ / "o/tensor_8.npy");
  for (const std::string profile : {"litert-reference", "tflite-micro"}) {
    const Ended text = Glimpse({"inspect", model_, "--op", "3", "--at", "2", "--input", input_, "--numerics", profile});
    EXPECT_EQ(text.status, 0) << text.err;
    EXPECT_THAT(text.out, HasSubstr(": equal\n"));
  }
  EXPECT_EQ(dense.size(), 6u);
}

TEST_F(Program, InspectAtEqualsTheKernelUnderEveryProfile) {
  for (const char* numerics : {"litert-reference", "tflite-micro", "litert-xnnpack"}) {
    const Ended text =
        Glimpse({"inspect", model_, "--op", "0", "--at", "0,0,0", "--input", input_, "--numerics", numerics});
    EXPECT_EQ(text.status, 0) << text.err;
    EXPECT_THAT(text.out, HasSubstr(": equal")) << numerics;
  }
}

TEST_F(Program, DiffOfEqualDumpsIsZero) {
  const Ended ended = Glimpse({"diff", DigitsModel(), "--against", DigitsDump(2), "--json"});
  const json report = ParseJson(ended);
  EXPECT_EQ(report["equal"], true);
  EXPECT_EQ(report["operators_not_compared"], 0);
  for (const json& op : report["operators"]) EXPECT_EQ(op["differing"], 0);
}

TEST_F(Program, DiffNamesTheChangedOperatorAloneAndItsElement) {
  const std::string dump = DigitsDump(2);
  std::vector<int8_t> values = ReadInt8Npy(dump + "/tensor_14.npy");
  const std::vector<int64_t> shape = NpyShape(dump + "/tensor_14.npy");
  // Sample 1, [2, 3, 4] of 11x11x64. The pooling behind it is made from the changed layer, as a runtime would.
  const size_t at = 11 * 11 * 64 + (2 * 11 + 3) * 64 + 4;
  const int8_t before = values[at];
  values[at] = static_cast<int8_t>(before < 0 ? before + 5 : before - 5);
  std::filesystem::remove(dump + "/tensor_15.npy");
  WriteInt8Npy(dump + "/tensor_14.npy", shape, values);
  const Ended ended = Glimpse({"diff", DigitsModel(), "--against", dump, "--json"});
  EXPECT_EQ(ended.status, 6) << ended.err;
  const json report = json::parse(ended.out);
  EXPECT_EQ(report["differing_operators"], 1);
  const json& conv = report["operators"][2];
  EXPECT_EQ(conv["differing"], 1);
  EXPECT_EQ(conv["max_difference"], 5);
  EXPECT_EQ(conv["first"]["sample"], 1);
  EXPECT_EQ(conv["first"]["at"], (json{0, 2, 3, 4}));
  EXPECT_EQ(conv["first"]["ours"].get<int>(), before);
  EXPECT_TRUE(conv["explained_by"].is_null()) << "5 is no rounding";
  EXPECT_EQ(report["operators"][3]["compared"], false);
  EXPECT_EQ(report["operators"][4]["compared"], false);
  EXPECT_EQ(report["operators"][5]["differing"], 0);
}

TEST_F(Program, DiffExplainsAFullyConnectedLayerOfTfliteMicro) {
  const std::string dump = folder_ / "micro";
  std::filesystem::create_directories(dump);
  WriteInt8Npy(dump + "/input_0.npy", {400, 28, 28, 1}, RandomInt8(400 * 784, 11));
  ASSERT_EQ(Glimpse({"run", DigitsModel(), "--input", dump + "/input_0.npy", "--output", dump, "--dump", "--numerics",
                     "tflite-micro"})
                .status,
            0);
  const Ended ended = Glimpse({"diff", DigitsModel(), "--against", dump, "--json"});
  const json report = json::parse(ended.out);
  for (const json& op : report["operators"]) {
    if (op["differing"] == 0) continue;
    EXPECT_EQ(op["name"], "FULLY_CONNECTED");
    EXPECT_EQ(op["max_difference"], 1);
    EXPECT_EQ(op["explained_by"], "tflite-micro") << op.dump();
  }
  EXPECT_EQ(ended.status, report["equal"] == true ? 0 : 6);
}

TEST_F(Program, DiffRefusesADumpOfAnotherModel) {
  const std::string dump = DigitsDump(1);
  std::ofstream(dump + "/runtime.json") << R"({"runtime":"x 1","resolver":"y","machine":"z","model":"sha256:00"})";
  ExpectError(Glimpse({"diff", DigitsModel(), "--against", dump}), 1, "of another model");
}

TEST_F(Program, ExportWritesWhatInspectShows) {
  const json report = ParseJson(Glimpse({"export", model_, "--op", "0", "--output", folder_ / "layer", "--json"}));
  for (const json& file : report["files"])
    EXPECT_TRUE(std::filesystem::exists(folder_ / ("layer/" + file.get<std::string>())));
  EXPECT_THAT(NpyShape(folder_ / "layer/weights.npy"), ElementsAre(2, 3, 3, 1));
  EXPECT_THAT(NpyShape(folder_ / "layer/multipliers.npy"), ElementsAre(2));
}

TEST_F(Program, BenchPrintsTheFixedFields) {
  const json line = ParseJson(Glimpse({"bench", model_, "--seconds", "0.05", "--json"}));
  std::vector<std::string> keys;
  for (const auto& [key, value] : line.items()) keys.push_back(key);
  EXPECT_THAT(keys, testing::UnorderedElementsAre("model", "numerics", "kernels", "threads", "runs", "min_us", "p50_us",
                                                  "p90_us", "p99_us", "load_ms", "first_invoke_ms", "rss_kib",
                                                  "peak_rss_kib", "arena_bytes", "persistent_bytes", "macs"));
  EXPECT_GT(line["runs"].get<int>(), 0);
  EXPECT_EQ(line["macs"].get<int>(), 4 * 4 * 2 * 9 + 3 * 8);
  EXPECT_GT(line["peak_rss_kib"].get<int>(), 0);
  EXPECT_LE(line["min_us"].get<double>(), line["p50_us"].get<double>());
  EXPECT_LE(line["p50_us"].get<double>(), line["p99_us"].get<double>());
  const json with_operators = ParseJson(Glimpse({"bench", model_, "--seconds", "0.05", "--per-op", "--json"}));
  EXPECT_EQ(with_operators["operators"].size(), 5u);
}

TEST_F(Program, BenchPrintsOneLineForEachModel) {
  const Ended ended = Glimpse({"bench", model_, model_, "--seconds", "0.01"});
  EXPECT_EQ(ended.status, 0);
  EXPECT_EQ(std::count(ended.out.begin(), ended.out.end(), '\n'), 2);
}

TEST_F(Program, PluginsListsTheReferenceKernels) {
  const json report = ParseJson(Glimpse({"plugins", "--json"}));
  bool conv = false;
  for (const json& plugin : report["plugins"]) {
    for (const json& kernel : plugin["kernels"])
      conv |= plugin["name"] == "reference" && kernel["ops"] == json{"tflite.CONV_2D"};
  }
  EXPECT_TRUE(conv);
  EXPECT_TRUE(report["refused"].empty());
}

// ---- refused plugins: a folder with the reference plugin and a file that is no plugin

class RefusedPlugin : public Program {
 protected:
  void SetUp() override {
    Program::SetUp();
    const json report = ParseJson(Glimpse({"plugins", "--json"}));
    std::filesystem::create_directory(folder_ / "plugins");
    for (const json& plugin : report["plugins"]) {
      if (plugin["name"] != "reference") continue;
      std::filesystem::copy_file(plugin["path"].get<std::string>(), folder_ / "plugins/libglimpse-ops-reference.so");
    }
    std::ofstream(folder_ / "plugins/libglimpse-ops-broken.so") << "not an ELF file";
    std::filesystem::permissions(folder_ / "plugins/libglimpse-ops-broken.so", std::filesystem::perms(0644));
    std::filesystem::permissions(folder_ / "plugins", std::filesystem::perms(0755));
  }
};

TEST_F(RefusedPlugin, IsListedWithItsReasonAndStatusSeven) {
  const Ended ended = Glimpse({"plugins", "--plugin-path", folder_ / "plugins", "--json"});
  ExpectError(ended, 7, "libglimpse-ops-broken.so: refused: ");
  const json report = json::parse(ended.out);
  EXPECT_EQ(report["refused"].size(), 1u);
  EXPECT_EQ(report["plugins"].size(), 1u);
}

TEST_F(RefusedPlugin, IsAWarningWhenTheRunDoesNotNeedIt) {
  const Ended ended =
      Glimpse({"run", model_, "--input", input_, "--output", folder_ / "o", "--plugin-path", folder_ / "plugins"});
  EXPECT_EQ(ended.status, 0) << ended.err;
  EXPECT_THAT(ended.err, StartsWith("glimpse: warning: "));
}

TEST_F(RefusedPlugin, IsStatusSevenWhenTheSpecNamesIt) {
  ExpectError(Glimpse({"run", model_, "--input", input_, "--output", folder_ / "o", "--plugin-path",
                       folder_ / "plugins", "--kernels", "auto,CONV_2D=broken"}),
              7, "plugin 'broken' that --kernels names was refused");
}

// ---- pictures

TEST_F(Program, PreprocessWritesTensorsAndPictures) {
  std::ofstream picture(folder_ / "one.pgm");
  picture << "P2 28 28 255\n";
  for (int y = 0; y < 28; ++y) {
    for (int x = 0; x < 28; ++x) picture << (x >= 13 && x <= 15 && y >= 4 && y < 24 ? 10 : 240) << ' ';
  }
  picture.close();
  const Ended npy = Glimpse({"preprocess", folder_ / "one.pgm", folder_ / "one.pgm", "--model", DigitsModel(),
                             "--output", folder_ / "x.npy"});
  ASSERT_EQ(npy.status, 0) << npy.err;
  EXPECT_THAT(NpyShape(folder_ / "x.npy"), ElementsAre(2, 28, 28, 1));
  const Ended png =
      Glimpse({"preprocess", folder_ / "one.pgm", "--model", DigitsModel(), "--output", folder_ / "x.png", "--json"});
  EXPECT_EQ(ParseJson(png)["inverted"], true);
  EXPECT_TRUE(std::filesystem::exists(folder_ / "x.png"));
  const Ended classified = Glimpse({"classify", folder_ / "one.pgm", "--model", DigitsModel(), "--top", "3", "--json"});
  const json answer = ParseJson(classified);
  EXPECT_EQ(answer["label"], "1");
  EXPECT_EQ(answer["top"].size(), 3u);
  // The same model is the default, and classify is preprocess and run in one.
  EXPECT_EQ(ParseJson(Glimpse({"classify", folder_ / "one.pgm", "--json"}))["scores"], answer["scores"]);
}

TEST_F(Program, ClassifyGoesOnAfterAPictureItCannotRead) {
  std::ofstream(folder_ / "broken.png") << "\x89PNG nothing";
  std::ofstream(folder_ / "grey.pgm") << "P2 2 2 255 0 0 0 0\n";
  const Ended ended = Glimpse({"classify", folder_ / "broken.png", folder_ / "grey.pgm"});
  ExpectError(ended, 1, "broken.png");
  EXPECT_THAT(ended.out, HasSubstr("grey.pgm: "));
}

// ---- what goes with the program

TEST(Completion, IsSoundBashAndKnowsEveryCommandAndOption) {
  const std::string path = GLIMPSE_SOURCE_DIR "/cli/completion/glimpse";
  EXPECT_EQ(RunProgram("bash", {"-n", path}).status, 0);
  for (const std::string& command : kCommands) {
    const Ended words = RunProgram("bash", {"-c", StrCat("source '", path, "'; _glimpse_options ", command)});
    const std::string help = Glimpse({command, "--help"}).out;
    for (size_t at = help.find("--"); at != std::string::npos; at = help.find("--", at + 2)) {
      const size_t end = help.find_first_not_of("abcdefghijklmnopqrstuvwxyz-", at);
      const std::string option = help.substr(at, end - at);
      if (option == "--help" || at < 2 || (help[at - 1] != ' ' && help[at - 1] != ',')) continue;
      EXPECT_THAT(words.out + "--config --model ", HasSubstr(option)) << command;
    }
  }
}

TEST(ManPage, RendersWithoutAWarning) {
  if (RunProgram("groff", {"--version"}).status != 0) GTEST_SKIP() << "groff is not installed";
  const Ended page = RunProgram("groff", {"-man", "-Tutf8", "-ww", "-z", GLIMPSE_SOURCE_DIR "/docs/man/glimpse.1"},
                                {"LC_ALL=C.UTF-8"});
  EXPECT_EQ(page.status, 0);
  EXPECT_EQ(page.err, "");
}

}  // namespace
}  // namespace glimpse::cli
