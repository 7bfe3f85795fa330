// SPDX-License-Identifier: Apache-2.0
// What a camera's frame costs, step by step: 640x480 YUYV with six regions, classified by the shipped model.
//
//     frame_cost MODEL [FRAMES]        MODEL: config/models/digits-28x28.tflite; FRAMES: default 600
//
// Processor time of the thread that does it, means over all frames. The steps of preprocessing are measured as chains,
// each a step longer than the one before, and what a step adds is printed.
#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "config/config.h"
#include "daemon/pipeline.h"
#include "engine/plugin/plugin_host.h"
#include "media/preprocess.h"
#include "media/source.h"
#include "tests/engine/run/allocation_counter.h"
#include "tests/media/fake_v4l2.h"

namespace {

using namespace glimpse;  // NOLINT: one program

constexpr int kRegions = 6;

double CpuMicroseconds() {
  timespec now{};
  ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) * 1e6 + static_cast<double>(now.tv_nsec) / 1e3;
}

template <typename T>
T OrDie(Result<T> result) {
  if (result) return std::move(*result);
  std::fprintf(stderr, "frame_cost: %s\n", result.error().message.c_str());
  std::exit(1);
}

// A page with a dark ring in each of the regions, as YUYV.
std::vector<uint8_t> Page(uint64_t, const v4l2_pix_format& pix) {
  std::vector<uint8_t> pixels(pix.sizeimage, uint8_t{128});
  for (int y = 0; y < 480; ++y) {
    for (int x = 0; x < 640; ++x) {
      const int dx = x % 100 - 50, dy = y % 120 - 60;
      const int distance2 = dx * dx + dy * dy;
      pixels[static_cast<size_t>(y) * pix.bytesperline + static_cast<size_t>(x) * 2] =
          distance2 < 900 && distance2 > 500 ? 40 : 210;
    }
  }
  return pixels;
}

std::vector<config::Region> Regions() {
  std::vector<config::Region> regions;
  for (int i = 0; i < kRegions; ++i) regions.push_back({"r" + std::to_string(i), i * 100, 120, 100, 120});
  return regions;
}

// Means of one call.
struct Cost {
  double microseconds = 0;
  double allocations = 0;

  Cost operator-(const Cost& other) const {
    return {microseconds - other.microseconds, allocations - other.allocations};
  }
};

Cost Measure(int frames, const std::function<void()>& once) {
  for (int i = 0; i < 20; ++i) once();
  const size_t allocated = testkit::Allocations().value_or(0);
  const double start = CpuMicroseconds();
  for (int i = 0; i < frames; ++i) once();
  const double spent = CpuMicroseconds() - start;
  return {spent / frames, static_cast<double>(testkit::Allocations().value_or(0) - allocated) / frames};
}

// These regions of `frame` through a chain.
Cost MeasureChain(int frames, const media::Frame& frame, const std::vector<config::Region>& regions,
                  const std::vector<config::PreprocessStep>& steps) {
  std::vector<media::Preprocessor> chains;
  for (const config::Region& region : regions) {
    chains.push_back(OrDie(media::Preprocessor::Create(steps, region, media::InputSpec())));
  }
  std::vector<std::byte> tensor(28 * 28);
  return Measure(frames, [&] {
    for (media::Preprocessor& chain : chains) OrDie(chain.Run(frame, tensor));
  });
}

void Print(const char* step, const Cost& cost) {
  // A frame of 30 a second has 33,333 microseconds.
  std::printf("%-44s %8.1f us  %5.2f %% of a core at 30 frames a second  %4.0f allocations\n", step, cost.microseconds,
              cost.microseconds / 33333.3 * 100, cost.allocations);
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 2) {
    std::fprintf(stderr, "usage: frame_cost MODEL [FRAMES]\n");
    return 2;
  }
  const int frames = argc > 2 ? std::max(1, std::atoi(argv[2])) : 600;
  media::FakeV4l2Devices devices;
  const auto fake = devices.Plug("/dev/video0");
  fake->width = 640;
  fake->height = 480;
  std::vector<uint8_t> page;
  fake->paint = [&](uint64_t number, const v4l2_pix_format& pix) {
    if (page.empty()) page = Page(number, pix);
    return page;
  };
  media::SourceOptions options;
  options.v4l2 = &devices;
  config::Config config;
  config::Camera& camera = config.cameras["front"];
  camera.source = config::Camera::Source::kV4l2;
  const auto source = OrDie(media::OpenSource(camera, "front", options));
  const media::Frame frame = *OrDie(source->Next({}));

  // The driver's part, which the made-up device does with memory of its own, is in it and is not ours.
  const Cost given = Measure(frames, [&] { OrDie(source->Next({})); });
  Print("camera to frame, and the made-up device's own", given);

  using Steps = std::vector<config::PreprocessStep>;
  const std::pair<const char*, Steps> chains[] = {
      {"grey and the plainest resize, six regions", {config::GreyStep{}, config::ResizeStep{}}},
      {"+ invert: auto", {config::GreyStep{}, config::ResizeStep{}, config::InvertStep{}}},
      {"+ centre", {config::GreyStep{}, config::ResizeStep{}, config::InvertStep{}, config::CentreStep{}}}};
  Cost before;
  for (const auto& [name, steps] : chains) {
    const Cost all = MeasureChain(frames, frame, Regions(), steps);
    Print(name, all - before);
    before = all;
  }

  config::Pipeline settings;
  settings.name = "digits";
  settings.camera = "front";
  settings.model = argv[1];
  settings.regions = Regions();
  settings.keep.frames = 0;
  const auto plugins = OrDie(PluginHost::Load({}, CpuInfo::Detect()));
  const auto pipeline = OrDie(daemon::Pipeline::Create(config, settings, plugins));
  std::vector<daemon::Prediction> predictions;
  const Cost whole = Measure(frames, [&] {
    pipeline->TakeBack(&predictions);
    if (const auto failure = pipeline->Process(frame, &predictions)) {
      std::fprintf(stderr, "frame_cost: %s\n", failure->error.message.c_str());
      std::exit(1);
    }
  });
  Print("+ inference, decision, statistics", whole - before);
  Print("all of it", {given.microseconds + whole.microseconds, given.allocations + whole.allocations});
  Print("not done: grey and resize of the whole frame",
        MeasureChain(frames, frame, {config::Region{"whole", 0, 0, 640, 480}}, chains[0].second));
  return 0;
}
