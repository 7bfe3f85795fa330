// SPDX-License-Identifier: Apache-2.0
#include "config/reader.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/strings.h"
#include "tests/config/config_folder.h"

namespace glimpse::config {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;

constexpr const char* kSmallest =
    "cameras: {front: {source: libcamera}}\npipelines:\n  d: {camera: front, model: m.tflite}\n";

// `kSmallest` with more keys in the pipeline, which begin at line 4.
std::string WithPipelineKeys(const std::string& keys) {
  return "cameras: {front: {source: libcamera}}\npipelines:\n  d:\n" + keys +
         "    camera: front\n    model: m.tflite\n";
}

TEST(LoadConfig, ThreeLinesAreEnoughAndTheRestIsDefault) {
  ConfigFolder folder;
  const auto config = folder.Load(kSmallest);
  ASSERT_TRUE(config) << config.error().message;
  ASSERT_EQ(config->pipelines.count("d"), 1u);
  const Pipeline& pipeline = config->pipelines.at("d");
  EXPECT_EQ(pipeline.name, "d");
  EXPECT_EQ(pipeline.camera, "front");
  EXPECT_EQ(pipeline.model, folder.Path("m.tflite"));
  EXPECT_EQ(pipeline.numerics, "litert-reference");
  EXPECT_EQ(pipeline.preprocess.size(), 4u);
  EXPECT_EQ(config->cameras.at("front").source, Camera::Source::kLibcamera);
  EXPECT_EQ(config->sockets.read.path, "/run/glimpsed/glimpsed.sock");
}

TEST(LoadConfig, ReadsEveryKeyOfTheContract) {
  ConfigFolder folder;
  folder.Write("digits.txt", "0\n1\n");
  const auto config = folder.Load(R"(
sockets:
  read:    {path: /tmp/r.sock, mode: "0600", group: staff}
  control: {path: /tmp/c.sock, mode: 0640, group: ""}
  max_clients: 3
cameras:
  front: {source: libcamera, id: cam0, size: 320x240, fps: 12.5, controls: {exposure: normal, hflip: true}}
  shelf: {source: files, path: pictures, loop: false, realtime: true, fps: 5}
  mnist: {source: idx, path: digits.idx}
pipelines:
  digits:
    camera: front
    trigger: every-frame
    regions: {d1: [120, 80, 64, 96], d2: [190, 80, 64, 96]}
    preprocess: [grey, {resize: area}, {invert: yes}, centre, {normalise: {range: [-1, 1]}}]
    model: m.tflite
    labels: digits.txt
    numerics: tflite-micro
    kernels: {use: reference, override: {CONV_2D: example}}
    limits: {work: 1000000, tensors: 50, time: 500ms}
    decide: {margin: 0.2, vote: 3, stale: 2min}
plugins: {path: [/opt/kernels]}
reload: {frames: 7, time: 500ms, trial: 2min}
threads: 4
log: {level: debug}
)");
  ASSERT_TRUE(config) << config.error().message;
  EXPECT_EQ(config->sockets.read.path, "/tmp/r.sock");
  EXPECT_EQ(config->sockets.read.mode, 0600u);
  EXPECT_EQ(config->sockets.read.group, "staff");
  EXPECT_FALSE(config->sockets.read.group_is_default);
  EXPECT_EQ(config->sockets.control.mode, 0640u);
  EXPECT_EQ(config->sockets.control.group, "");
  EXPECT_EQ(config->sockets.max_clients, 3u);
  const Camera& front = config->cameras.at("front");
  EXPECT_EQ(front.id, "cam0");
  EXPECT_EQ(front.width, 320u);
  EXPECT_EQ(front.height, 240u);
  EXPECT_EQ(front.fps, 12.5);
  EXPECT_EQ(front.controls, (std::map<std::string, std::string>{{"exposure", "normal"}, {"hflip", "true"}}));
  const Camera& shelf = config->cameras.at("shelf");
  EXPECT_EQ(shelf.path, folder.Path("pictures"));
  EXPECT_FALSE(shelf.loop);
  EXPECT_TRUE(shelf.realtime);
  EXPECT_EQ(config->cameras.at("mnist").path, folder.Path("digits.idx"));
  const Pipeline& digits = config->pipelines.at("digits");
  ASSERT_EQ(digits.regions.size(), 2u);
  EXPECT_EQ(digits.regions[1].name, "d2");
  EXPECT_EQ(digits.regions[1].x, 190);
  EXPECT_EQ(digits.regions[1].height, 96);
  ASSERT_EQ(digits.preprocess.size(), 5u);
  EXPECT_EQ(std::get<InvertStep>(digits.preprocess[2]).mode, InvertStep::Mode::kYes);
  EXPECT_EQ(std::get<NormaliseStep>(digits.preprocess[4]).range, std::make_optional(std::pair(-1.0, 1.0)));
  EXPECT_EQ(digits.labels, folder.Path("digits.txt"));
  EXPECT_EQ(config->threads, 4u);
  EXPECT_EQ(digits.numerics, "tflite-micro");
  EXPECT_EQ(digits.kernels.use, "reference");
  EXPECT_EQ(digits.kernels.overrides.at("CONV_2D"), "example");
  EXPECT_EQ(digits.limits.work, 1'000'000u);
  EXPECT_EQ(digits.limits.tensors, 50u);
  EXPECT_EQ(digits.limits.seconds, 0.5);
  EXPECT_EQ(digits.limits.file_bytes, ModelLimits{}.file_bytes);
  EXPECT_EQ(digits.decide.margin, 0.2);
  EXPECT_EQ(digits.decide.vote, 3u);
  EXPECT_EQ(digits.decide.stale_s, 120);
  EXPECT_EQ(config->plugin_path, std::vector<std::string>{"/opt/kernels"});
  EXPECT_EQ(config->reload.frames, 7u);
  EXPECT_EQ(config->reload.time_s, 0.5);
  EXPECT_EQ(config->reload.trial_s, 120);
  EXPECT_EQ(config->log.level, "debug");
}

struct Wrong {
  const char* name;
  std::string text;
  std::string error;  // without the folder
};

class LoadConfigRefuses : public ::testing::TestWithParam<Wrong> {};

TEST_P(LoadConfigRefuses, WithFileLineColumnAndRemedy) {
  EXPECT_EQ(ConfigFolder().ErrorOf(GetParam().text), GetParam().error);
}

INSTANTIATE_TEST_SUITE_P(
    Keys, LoadConfigRefuses,
    ::testing::Values(
        Wrong{"UnknownSection", "piplines: {}\n",
              "c.yaml:1:1: unknown key 'piplines' in the configuration; did you mean 'pipelines'?"},
        Wrong{"UnknownKeyOfACamera", "cameras:\n  front:\n    sorce: files\n",
              "c.yaml:3:5: unknown key 'sorce' in cameras.front; did you mean 'source'?"},
        Wrong{"TooManyThreads", "threads: 65\n",
              "c.yaml:1:10: 'threads' must be a whole number from 1 to 64, not '65'"},
        Wrong{"UnknownKeyFarFromAny", "log: {zzzzzzzz: 1}\n",
              "c.yaml:1:7: unknown key 'zzzzzzzz' in log; known are level, rate_limit_burst, rate_limit_interval"},
        Wrong{"UnknownKeyOfReload", "reload: {frame: 1}\n",
              "c.yaml:1:10: unknown key 'frame' in reload; did you mean 'frames'?"},
        Wrong{"UnknownKeyOfAPipeline", WithPipelineKeys("    modell: x\n"),
              "c.yaml:4:5: unknown key 'modell' in pipelines.d; did you mean 'model'?"},
        Wrong{"UnknownStep", WithPipelineKeys("    preprocess: [gray]\n"),
              "c.yaml:4:18: unknown step 'gray' in preprocess; did you mean 'grey'?"},
        Wrong{"StepTwice", WithPipelineKeys("    preprocess: [grey, grey]\n"),
              "c.yaml:4:24: this step is already in 'preprocess'"},
        Wrong{"NormaliseWithoutSetting", WithPipelineKeys("    preprocess: [normalise]\n"),
              "c.yaml:4:18: 'normalise' needs a setting, such as {normalise: {range: [-1, 1]}}"},
        Wrong{"MeanWithoutStd", WithPipelineKeys("    preprocess: [{normalise: {mean: 3}}]\n"),
              "c.yaml:4:30: 'normalise' needs 'mean' and 'std' together"},
        Wrong{"DuplicateKey", "log: {level: info}\nlog: {level: debug}\n",
              "c.yaml:2:1: the key 'log' is given twice; the first is at line 1"},
        Wrong{"DuplicatePipeline", "pipelines:\n  a: {}\n  a: {}\n",
              "c.yaml:3:3: the key 'a' is given twice; the first is at line 2"},
        Wrong{"WordInsteadOfMap", "cameras:\n  front: files\n",
              "c.yaml:2:10: 'cameras.front' must be a map of keys, not 'files'"},
        Wrong{"ListInsteadOfWord", WithPipelineKeys("    numerics: [a, b]\n"),
              "c.yaml:4:15: 'numerics' must be a single value, not a list"},
        Wrong{"TextInsteadOfNumber", "cameras: {c: {fps: fast}}\n",
              "c.yaml:1:20: 'fps' must be a number from 0.001 to 1000, not 'fast'"},
        Wrong{"NumberInQuotes", "sockets: {max_clients: \"3\"}\n",
              "c.yaml:1:24: 'max_clients' must be a whole number from 1 to 1000, not '3'"},
        Wrong{"OutOfRange", "sockets: {max_clients: 0}\n",
              "c.yaml:1:24: 'max_clients' must be a whole number from 1 to 1000, not '0'"},
        Wrong{"BeyondTheIntegers", "sockets: {max_clients: 99999999999999999999}\n",
              "c.yaml:1:24: 'max_clients' must be a whole number from 1 to 1000, not '99999999999999999999'"},
        Wrong{"NotANumber", "cameras: {c: {fps: nan}}\n",
              "c.yaml:1:20: 'fps' must be a number from 0.001 to 1000, not 'nan'"},
        Wrong{"YesIsNotABoolean", "cameras: {c: {source: files, path: pictures, loop: yes}}\n",
              "c.yaml:1:52: 'loop' must be true or false, not 'yes'"},
        Wrong{"BadMode", "sockets: {read: {mode: \"0999\"}}\n",
              "c.yaml:1:24: 'mode' must be octal permissions such as \"0660\", not '0999'"},
        Wrong{"RelativeSocket", "sockets: {read: {path: x.sock}}\n",
              "c.yaml:1:24: sockets.read.path must be absolute, that is begin with '/'"},
        Wrong{"SameSocketTwice", "sockets: {read: {path: /a}, control: {path: /a}}\n",
              "c.yaml:1:10: sockets.read.path and sockets.control.path are the same; each needs its own"},
        Wrong{"BadSize", "cameras: {c: {size: 640*480}}\n",
              "c.yaml:1:21: 'size' must be WIDTHxHEIGHT in pixels, each from 16 to 16384, such as 640x480, not "
              "'640*480'"},
        Wrong{"BadRegion", WithPipelineKeys("    regions: {a: [1, 2, 3]}\n"),
              "c.yaml:4:18: 'region a' must be [X, Y, WIDTH, HEIGHT] in pixels"},
        Wrong{"RegionOutsideTheCamera", WithPipelineKeys("    regions: {a: [600, 0, 64, 64]}\n"),
              "c.yaml:4:15: the region 'a' ends at 664x64, outside the picture of camera 'front', which is 640x480"},
        Wrong{"BadName", "cameras: {\"a b\": {}}\n",
              "c.yaml:1:11: the name 'a b' of a camera must be 1 to 64 letters, digits, '_' or '-'"},
        Wrong{"NegativeLimit", WithPipelineKeys("    limits: {work: -1}\n"),
              "c.yaml:4:20: 'work' must be a whole number from 0 to 9007199254740992, not '-1'"},
        Wrong{"UnknownLimit", WithPipelineKeys("    limits: {loop_iteration: 5}\n"),
              "c.yaml:4:14: unknown key 'loop_iteration' in pipelines.d.limits; did you mean 'loop_iterations'?"},
        Wrong{"MarginAboveOne", WithPipelineKeys("    decide: {margin: 20}\n"),
              "c.yaml:4:22: 'margin' must be a number from 0 to 1, not '20'"}),
    [](const auto& test) { return test.param.name; });

INSTANTIATE_TEST_SUITE_P(
    References, LoadConfigRefuses,
    ::testing::Values(
        Wrong{"MissingCamera", "cameras: {front: {}}\npipelines: {d: {camera: frnt, model: m.tflite}}\n",
              "c.yaml:2:25: there is no camera 'frnt'; did you mean 'front'?"},
        Wrong{"NoCameraAtAll", "pipelines: {d: {camera: front, model: m.tflite}}\n",
              "c.yaml:1:25: there is no camera 'front'; the section 'cameras' is empty"},
        Wrong{"PipelineWithoutModel", "cameras: {f: {}}\npipelines: {d: {camera: f}}\n",
              "c.yaml:2:13: pipelines.d needs a 'model'"},
        Wrong{
            "MissingModel", "cameras: {f: {}}\npipelines: {d: {camera: f, model: x.tflite}}\n",
            "c.yaml:2:35: 'model': there is no 'x.tflite'; looked for x.tflite, models/x.tflite, data/models/x.tflite"},
        Wrong{"MissingAbsoluteModel", "pipelines: {d: {camera: f, model: /nowhere/x.tflite}}\n",
              "c.yaml:1:35: 'model': there is no '/nowhere/x.tflite'"},
        Wrong{"MissingPictures", "cameras: {c: {source: files, path: gone}}\n",
              "c.yaml:1:36: 'path': there is no 'gone'; looked for gone, data/gone"},
        Wrong{"FilesWithoutPath", "cameras: {c: {source: files}}\n",
              "c.yaml:1:11: cameras.c needs a 'path': a folder of pictures"},
        Wrong{"FileInsteadOfFolder", "cameras: {c: {source: files, path: digits.idx}}\n",
              "c.yaml:1:36: 'digits.idx' is a file, the source files wants a folder of pictures"},
        Wrong{"PathOfARealCamera", "cameras: {c: {source: libcamera, path: pictures}}\n",
              "c.yaml:1:34: 'path' has no meaning for the source libcamera; leave it out, or set source to files, idx "
              "or video"},
        Wrong{"SizeOfAFolder", "cameras: {c: {source: files, path: pictures, size: 640x480}}\n",
              "c.yaml:1:46: 'size' has no meaning for the source files; leave it out"},
        Wrong{"UnknownStep", WithPipelineKeys("    preprocess: [grey, rotat]\n"),
              "c.yaml:4:24: unknown step 'rotat' in preprocess; did you mean 'rotate'?"},
        Wrong{"StepThatNeedsASetting", WithPipelineKeys("    preprocess: [crop]\n"),
              "c.yaml:4:18: 'crop' needs a setting, such as {crop: [10, 10, 100, 80]}"},
        Wrong{"StepWithoutASetting", WithPipelineKeys("    preprocess: [{grey: yes}]\n"),
              "c.yaml:4:25: 'grey' has no setting; write it alone"},
        Wrong{"EmptyCrop", WithPipelineKeys("    preprocess: [{crop: [0, 0, 0, 5]}]\n"),
              "c.yaml:4:32: 'crop' must be a whole number from 1 to 65535, not '0'"},
        Wrong{"ThreePoints", WithPipelineKeys("    preprocess: [{perspective: [[0, 0], [9, 0], [9, 9]]}]\n"),
              "c.yaml:4:32: 'perspective' must be four points, [[X, Y], [X, Y], [X, Y], [X, Y]]: upper left, upper "
              "right, "
              "lower right, lower left"},
        Wrong{"UnknownFilter", WithPipelineKeys("    preprocess: [{resize: bicubic}]\n"),
              "c.yaml:4:27: 'resize' cannot be 'bicubic'; known are area, bilinear, letterbox, stretch"},
        Wrong{"AfterQuantise", WithPipelineKeys("    preprocess: [quantise, grey]\n"),
              "c.yaml:4:28: nothing can come after 'quantise'; put it last, or leave it out"},
        Wrong{"VideoWithoutPath", "cameras: {c: {source: video}}\n",
              "c.yaml:1:11: cameras.c needs a 'path': a video file or a FIFO"},
        Wrong{"FolderInsteadOfVideo", "cameras: {c: {source: video, path: pictures}}\n",
              "c.yaml:1:36: 'pictures' is a folder, the source video wants a video file or a FIFO"},
        Wrong{"LoopOfACamera", "cameras: {c: {source: v4l2, loop: true}}\n",
              "c.yaml:1:29: 'loop' has no meaning for the source v4l2; leave it out"},
        Wrong{"TimeoutOfAFolder", "cameras: {c: {source: files, path: pictures, timeout: 1s}}\n",
              "c.yaml:1:46: 'timeout' has no meaning for the source files; leave it out"},
        Wrong{"UnknownFormat", "cameras: {c: {source: v4l2, format: yuvy}}\n",
              "c.yaml:1:37: 'format' cannot be 'yuvy'; did you mean 'yuyv'?"},
        Wrong{"RelativePluginFolder", "plugins: {path: [kernels]}\n",
              "c.yaml:1:18: the plugin folder 'kernels' must be absolute, that is begin with '/'"},
        Wrong{"MetricsForTheWholeNetwork", "metrics: {http: \"0.0.0.0:9754\"}\n",
              "c.yaml:1:17: 'http' must be a loopback address and a port, such as 127.0.0.1:9754 or [::1]:9754, not "
              "'0.0.0.0:9754'"},
        Wrong{"MetricsWithoutPort", "metrics: {http: \"127.0.0.1\"}\n",
              "c.yaml:1:17: 'http' must be a loopback address and a port, such as 127.0.0.1:9754 or [::1]:9754, not "
              "'127.0.0.1'"},
        Wrong{"MetricsTextfileOfAnotherName", "metrics: {textfile: /tmp/x.txt}\n",
              "c.yaml:1:21: metrics.textfile must be an absolute path that ends in .prom, as node_exporter "
              "reads them, not '/tmp/x.txt'"},
        Wrong{"MetricsOnTheReadSocket", "metrics: {socket: {path: /run/glimpsed/glimpsed.sock}}\n",
              "c.yaml:1:10: metrics.socket.path is that of another socket; it needs its own"},
        Wrong{"PictureLargerThanALine", "sockets: {max_image_bytes: 1048576}\n",
              "c.yaml:1:10: a picture of sockets.max_image_bytes (1048576) takes a line of 1399128 bytes, but "
              "sockets.max_line_bytes is 1048576; lower the one or raise the other"}),
    [](const auto& test) { return test.param.name; });

INSTANTIATE_TEST_SUITE_P(
    LaterVersions, LoadConfigRefuses,
    ::testing::Values(Wrong{"Mqtt", "mqtt: {}\n", "c.yaml:1:7: the section 'mqtt' is not in this version; remove it"},
                      Wrong{"Readings", "readings: {}\n",
                            "c.yaml:1:11: the section 'readings' is not in this version; remove it"},
                      Wrong{"Http", "http: {}\n", "c.yaml:1:7: the section 'http' is not in this version; remove it"},
                      Wrong{"TriggerWithoutAKey", WithPipelineKeys("    trigger: {}\n"),
                            "c.yaml:4:14: 'trigger' is one of every-frame, on-change, on-request, {every: 10s}, "
                            "{on-change: 12}"},
                      Wrong{"TriggerOfTwoKinds", WithPipelineKeys("    trigger: {every: 10s, on-change: 3}\n"),
                            "c.yaml:4:14: 'trigger' is one of every-frame, on-change, on-request, {every: 10s}, "
                            "{on-change: 12}"},
                      Wrong{"TriggerOnNoChange", WithPipelineKeys("    trigger: {on-change: 0}\n"),
                            "c.yaml:4:26: 'on-change' must be a whole number from 1 to 255, not '0'"},
                      Wrong{"TriggerUnknown", WithPipelineKeys("    trigger: on-chance\n"),
                            "c.yaml:4:14: 'trigger' cannot be 'on-chance'; did you mean 'on-change'?"}),
    [](const auto& test) { return test.param.name; });

TEST(LoadConfig, ReadsEveryTrigger) {
  using Kind = Trigger::Kind;
  const std::pair<const char*, Trigger> cases[] = {{"every-frame", {Kind::kEveryFrame}},
                                                   {"{every: 2min}", {Kind::kEvery, 120}},
                                                   {"on-change", {Kind::kOnChange, 0, 12}},
                                                   {"{on-change: 40}", {Kind::kOnChange, 0, 40}},
                                                   {"on-request", {Kind::kOnRequest}}};
  for (const auto& [text, expected] : cases) {
    ConfigFolder folder;
    const auto config = folder.Load(WithPipelineKeys(StrCat("    trigger: ", text, "\n")));
    ASSERT_TRUE(config) << config.error().message;
    EXPECT_EQ(config->pipelines.begin()->second.trigger, expected) << text;
  }
}

TEST(LoadConfig, ReadsEveryStepAndItsSettings) {
  ConfigFolder folder;
  const auto config = folder.Load(WithPipelineKeys(
      "    preprocess: [{crop: [1, 2, 30, 40]}, {rotate: -2.5}, {perspective: {points: [[1, 2], [30, 2], [30, 40], [1, "
      "40]], "
      "size: [20, 25]}}, {auto-contrast: 1}, {resize: {filter: bilinear, fit: letterbox, fill: 114}}, {colour: bgr}, "
      "{threshold: auto}, quantise]\n"));
  ASSERT_TRUE(config) << config.error().message;
  const std::vector<PreprocessStep>& steps = config->pipelines.begin()->second.preprocess;
  ASSERT_EQ(steps.size(), 8u);
  EXPECT_EQ(std::get<CropStep>(steps[0]), (CropStep{1, 2, 30, 40}));
  EXPECT_EQ(std::get<RotateStep>(steps[1]).degrees, -2.5);
  EXPECT_EQ(std::get<PerspectiveStep>(steps[2]).points[2], (std::pair{30.0, 40.0}));
  EXPECT_EQ(std::get<PerspectiveStep>(steps[2]).size, (std::pair<int32_t, int32_t>{20, 25}));
  EXPECT_EQ(std::get<AutoContrastStep>(steps[3]).cutoff, 1);
  EXPECT_EQ(std::get<ResizeStep>(steps[4]),
            (ResizeStep{ResizeStep::Filter::kBilinear, ResizeStep::Fit::kLetterbox, 114}));
  EXPECT_EQ(std::get<ColourStep>(steps[5]).order, ColourStep::Order::kBgr);
  EXPECT_EQ(std::get<ThresholdStep>(steps[6]).level, std::nullopt);
  EXPECT_TRUE(std::holds_alternative<QuantiseStep>(steps[7]));
}

TEST(LoadConfig, LaysFilesOfConfDOnTopInTheOrderOfTheirNames) {
  ConfigFolder folder;
  folder.Write("conf.d/20.yaml", "pipelines: {d: {decide: {vote: 5}}}\n");
  folder.Write("conf.d/10.yaml", "pipelines: {d: {decide: {vote: 3, margin: 0.5}}}\nlog: {level: debug}\n");
  folder.Write("conf.d/ignored.txt", "not yaml: [\n");
  const auto config = folder.Load(kSmallest);
  ASSERT_TRUE(config) << config.error().message;
  EXPECT_EQ(config->pipelines.at("d").decide.vote, 5u);
  EXPECT_EQ(config->pipelines.at("d").decide.margin, 0.5);
  EXPECT_EQ(config->log.level, "debug");
  EXPECT_EQ(config->files.size(), 3u);
}

TEST(LoadConfig, NamesTheFileOfConfDThatIsWrong) {
  ConfigFolder folder;
  folder.Write("conf.d/10.yaml", "log:\n  level: loud\n");
  EXPECT_THAT(folder.ErrorOf(kSmallest), StartsWith("conf.d/10.yaml:2:10: 'level' cannot be 'loud'"));
}

TEST(LoadConfig, FindsRelativePathsBesideTheFileInModelsAndInTheDataFolder) {
  ConfigFolder folder;
  folder.Write("data/models/far.tflite", "x");
  folder.Write("models/near.tflite", "x");
  folder.Write("models/m.tflite", "the one beside the configuration wins");
  const auto config = folder.Load(
      "cameras: {f: {}}\npipelines:\n  a: {camera: f, model: far.tflite}\n  b: {camera: f, model: near.tflite}\n"
      "  c: {camera: f, model: m.tflite}\n");
  ASSERT_TRUE(config) << config.error().message;
  EXPECT_EQ(config->pipelines.at("a").model, folder.Path("data/models/far.tflite"));
  EXPECT_EQ(config->pipelines.at("b").model, folder.Path("models/near.tflite"));
  EXPECT_EQ(config->pipelines.at("c").model, folder.Path("m.tflite"));
}

TEST(LoadConfig, HashFollowsTheContentOfEveryFile) {
  ConfigFolder folder;
  const std::string before = folder.Load(kSmallest)->sha256;
  EXPECT_EQ(folder.Load(kSmallest)->sha256, before);
  folder.Write("conf.d/10.yaml", "# nothing\n");
  EXPECT_NE(folder.Load(kSmallest)->sha256, before);
  EXPECT_THAT(before, StartsWith("sha256:"));
  EXPECT_EQ(before.size(), 7u + 64u);
}

TEST(LoadConfig, KnowsWhereKeysWereWritten) {
  ConfigFolder folder;
  const auto config = folder.Load(WithPipelineKeys("    numerics: litert-xnnpack\n"));
  ASSERT_TRUE(config) << config.error().message;
  EXPECT_EQ(config->PlaceOf("pipelines.d.numerics"), folder.Path("c.yaml") + ":4:15");
  EXPECT_EQ(config->PlaceOf("pipelines.d.kernels"), folder.Path("c.yaml") + ":3:3");
  EXPECT_EQ(config->PlaceOf("log.level"), folder.Path("c.yaml"));
}

TEST(LoadConfig, MissingFileIsAConfigurationError) {
  const auto config = LoadConfig("/nowhere/at/all.yaml");
  ASSERT_FALSE(config);
  EXPECT_EQ(config.error().code, ErrorCode::kInvalidConfig);
  EXPECT_THAT(config.error().message, HasSubstr("/nowhere/at/all.yaml"));
}

TEST(LoadConfig, FolderOrDeviceInsteadOfAFileIsAnError) {
  EXPECT_FALSE(LoadConfig("/"));
  EXPECT_FALSE(LoadConfig("/dev/zero"));
}

TEST(LoadConfig, EmptyFileIsAllDefaults) {
  ConfigFolder folder;
  for (const char* text : {"", "# only a comment\n", "---\n", "cameras:\npipelines:\nsockets:\n"}) {
    const auto config = folder.Load(text);
    ASSERT_TRUE(config) << config.error().message;
    EXPECT_TRUE(config->pipelines.empty());
  }
}

}  // namespace
}  // namespace glimpse::config
