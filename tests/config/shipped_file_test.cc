// SPDX-License-Identifier: Apache-2.0
// config/glimpsed.yaml is the documentation of the keys: it must name them all, and state the defaults that hold.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <set>
#include <sstream>
#include <tuple>

#include "base/strings.h"
#include "config/reader.h"
#include "config/yaml_tree.h"
#include "tests/config/config_folder.h"

namespace glimpse::config {
namespace {

std::string ShippedText() {
  std::ifstream file(std::string(GLIMPSE_SOURCE_FOLDER) + "/config/glimpsed.yaml");
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

// The file as a user would load it who has the shipped model and pictures.
Config LoadShipped(const ConfigFolder& folder, const std::string& text) {
  folder.Write("data/models/digits-28x28.tflite", "model");
  folder.Write("data/demo/0.pgm", "picture");
  auto config = folder.Load(text);
  EXPECT_TRUE(config) << config.error().message;
  return config ? *config : Config{};
}

bool Same(const Socket& a, const Socket& b) {
  return a.path == b.path && a.mode == b.mode && a.group == b.group && a.group_is_default == b.group_is_default;
}

TEST(ShippedConfig, StatesTheBuiltInDefaults) {
  ConfigFolder folder;
  const Config shipped = LoadShipped(folder, ShippedText());
  const Config built_in;
  EXPECT_TRUE(Same(shipped.sockets.read, built_in.sockets.read));
  EXPECT_TRUE(Same(shipped.sockets.control, built_in.sockets.control));
  EXPECT_EQ(shipped.sockets.max_clients, built_in.sockets.max_clients);
  EXPECT_EQ(shipped.sockets.max_line_bytes, built_in.sockets.max_line_bytes);
  EXPECT_EQ(shipped.sockets.max_queue_messages, built_in.sockets.max_queue_messages);
  EXPECT_EQ(shipped.sockets.max_image_bytes, built_in.sockets.max_image_bytes);
  EXPECT_EQ(shipped.sockets.max_line_s, built_in.sockets.max_line_s);
  EXPECT_EQ(shipped.sockets.max_pending_bytes, built_in.sockets.max_pending_bytes);
  EXPECT_EQ(shipped.sockets.max_answers, built_in.sockets.max_answers);
  EXPECT_EQ(shipped.sockets.max_answer_bytes, built_in.sockets.max_answer_bytes);
  EXPECT_EQ(shipped.sockets.max_subscriptions, built_in.sockets.max_subscriptions);
  EXPECT_EQ(shipped.sockets.max_requests, built_in.sockets.max_requests);
  EXPECT_EQ(shipped.sockets.max_client_requests, built_in.sockets.max_client_requests);
  EXPECT_EQ(shipped.sockets.classify_rate_hz, built_in.sockets.classify_rate_hz);
  EXPECT_TRUE(Same(shipped.metrics.socket, built_in.metrics.socket));
  EXPECT_EQ(shipped.metrics.port, built_in.metrics.port);
  EXPECT_EQ(shipped.metrics.textfile, built_in.metrics.textfile);
  EXPECT_EQ(shipped.metrics.interval_s, built_in.metrics.interval_s);
  EXPECT_EQ(shipped.log.rate_limit_burst, built_in.log.rate_limit_burst);
  EXPECT_EQ(shipped.log.rate_limit_interval_s, built_in.log.rate_limit_interval_s);
  EXPECT_EQ(shipped.plugin_path, built_in.plugin_path);
  EXPECT_EQ(shipped.threads, built_in.threads);
  EXPECT_EQ(shipped.reload.frames, built_in.reload.frames);
  EXPECT_EQ(shipped.reload.time_s, built_in.reload.time_s);
  EXPECT_EQ(shipped.reload.trial_s, built_in.reload.trial_s);
  EXPECT_EQ(shipped.log.level, built_in.log.level);

  ASSERT_EQ(shipped.cameras.size(), 1u);
  const Camera& camera = shipped.cameras.at("demo");
  const Camera default_camera;
  EXPECT_EQ(camera.loop, default_camera.loop);
  EXPECT_EQ(camera.realtime, default_camera.realtime);
  EXPECT_EQ(camera.fps, default_camera.fps);
  EXPECT_EQ(camera.id, default_camera.id);
  EXPECT_EQ(camera.width, default_camera.width);
  EXPECT_EQ(camera.height, default_camera.height);
  EXPECT_EQ(camera.format, default_camera.format);
  EXPECT_EQ(camera.timeout_s, default_camera.timeout_s);

  ASSERT_EQ(shipped.pipelines.size(), 1u);
  const Pipeline& pipeline = shipped.pipelines.at("digits");
  const Pipeline default_pipeline;
  EXPECT_TRUE(pipeline.regions.empty());
  ASSERT_EQ(pipeline.preprocess.size(), default_pipeline.preprocess.size());
  for (size_t i = 0; i < pipeline.preprocess.size(); ++i) {
    EXPECT_EQ(pipeline.preprocess[i].index(), default_pipeline.preprocess[i].index());
  }
  EXPECT_EQ(std::get<InvertStep>(pipeline.preprocess[2]).mode, InvertStep{}.mode);
  EXPECT_EQ(pipeline.labels, default_pipeline.labels);
  EXPECT_EQ(pipeline.numerics, default_pipeline.numerics);
  EXPECT_EQ(pipeline.kernels.use, default_pipeline.kernels.use);
  EXPECT_EQ(pipeline.kernels.overrides, default_pipeline.kernels.overrides);
  const auto all = [](const ModelLimits& l) {
    return std::tie(l.file_bytes, l.tensors, l.operators, l.tensor_bytes, l.memory_bytes, l.work, l.loop_iterations,
                    l.seconds);
  };
  EXPECT_EQ(all(pipeline.limits), all(default_pipeline.limits));
  EXPECT_EQ(pipeline.decide.margin, default_pipeline.decide.margin);
  EXPECT_EQ(pipeline.decide.vote, default_pipeline.decide.vote);
  EXPECT_EQ(pipeline.decide.blur_px, default_pipeline.decide.blur_px);
  EXPECT_EQ(pipeline.decide.stale_s, default_pipeline.decide.stale_s);
  EXPECT_EQ(pipeline.trigger, default_pipeline.trigger);
  EXPECT_EQ(pipeline.keep.frames, default_pipeline.keep.frames);
  EXPECT_EQ(pipeline.keep.bytes, default_pipeline.keep.bytes);
}

void Collect(const Node& node, const std::string& prefix, std::set<std::string>* keys) {
  for (const Entry& entry : node.entries) {
    const bool named = prefix == "cameras." || prefix == "pipelines.";
    const std::string key = prefix + (named ? "*" : entry.key);
    keys->insert(key);
    Collect(entry.value, key + ".", keys);
  }
  for (const Node& item : node.items) {
    if (item.kind == Node::Kind::kScalar) keys->insert(prefix + item.scalar);
    Collect(item, prefix, keys);
  }
}

TEST(ShippedConfig, NamesEveryKeyOfTheSchema) {
  // Keys that only make sense for other cameras, or have no default, stand there as comments: uncommented they are
  // keys.
  std::string text;
  for (std::string line : StrSplit(ShippedText(), '\n')) {
    for (const char* key : {"id: auto", "size: 640x480", "controls: {}", "format: auto", "range: auto", "matrix: auto",
                            "timeout: 5s", "labels: digits.txt", "- normalise: {range", "- normalise: {mean",
                            "- crop: [", "- rotate: ", "- perspective: {", "- colour: ", "- auto-contrast",
                            "- resize: {", "- threshold: ", "- quantise"}) {
      const size_t at = line.find(std::string("# ") + key);
      if (at != std::string::npos) line.erase(at, 2);
    }
    text += line + "\n";
  }
  const auto tree = ParseYaml(text, "glimpsed.yaml");
  ASSERT_TRUE(tree) << tree.error().message;
  std::set<std::string> keys;
  Collect(*tree, "", &keys);
  const std::set<std::string> later{"readings", "mqtt", "http"};
  for (const std::string& key : KnownKeys()) {
    if (later.count(key) != 0) {
      EXPECT_NE(text.find(key), std::string::npos) << key;
    } else {
      EXPECT_EQ(keys.count(key), 1u) << key << " is not in config/glimpsed.yaml";
    }
  }
}

TEST(ShippedConfig, ItsSmallestUsefulExampleIsAccepted) {
  std::string example;
  bool inside = false;
  for (const std::string& line : StrSplit(ShippedText(), '\n')) {
    if (inside && !line.starts_with("#     ")) break;
    if (inside) example += line.substr(6) + "\n";
    if (line == "# The smallest useful file:") inside = true;
  }
  ConfigFolder folder;
  EXPECT_EQ(LoadShipped(folder, example).pipelines.size(), 1u) << example;
}

}  // namespace
}  // namespace glimpse::config
