// SPDX-License-Identifier: Apache-2.0
// What several tests of media/ share.
#pragma once

#include <unistd.h>

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <mutex>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "media/clock.h"
#include "media/frame.h"
#include "media/image.h"
#include "media/preprocess.h"

namespace glimpse::media {

// An input whose bytes are the pixels themselves.
inline InputSpec Pixels(int width, int height, int channels = 1) {
  InputSpec spec;
  spec.width = width;
  spec.height = height;
  spec.channels = channels;
  spec.type = InputType::kUint8;
  spec.zero_point = 0;
  return spec;
}

// A folder that is gone after the test.
class TemporaryFolder {
 public:
  TemporaryFolder() {
    std::string pattern = (std::filesystem::temp_directory_path() / "glimpse-media-XXXXXX").string();
    path_ = ::mkdtemp(pattern.data());
  }
  ~TemporaryFolder() { std::filesystem::remove_all(path_); }
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;

  std::string path() const { return path_; }
  std::string Write(const std::string& name, std::string_view content) const {
    const std::string path = path_ + "/" + name;
    std::ofstream(path, std::ios::binary) << content;
    return path;
  }

 private:
  std::string path_;
};

// Time that passes only where somebody waits, or when told to.
class FakeClock : public Clock {
 public:
  std::chrono::steady_clock::time_point Now() override {
    const std::lock_guard lock(mutex_);
    return now_;
  }
  std::chrono::system_clock::time_point WallNow() override {
    return std::chrono::system_clock::time_point(
        std::chrono::duration_cast<std::chrono::system_clock::duration>(Now().time_since_epoch()));
  }
  bool WaitUntil(std::chrono::steady_clock::time_point deadline, const std::stop_token& stop) override {
    if (stop.stop_requested()) return false;
    const std::lock_guard lock(mutex_);
    if (deadline > now_) now_ = deadline;
    return true;
  }
  void Advance(std::chrono::nanoseconds by) {
    const std::lock_guard lock(mutex_);
    now_ += by;
  }

 private:
  std::mutex mutex_;
  std::chrono::steady_clock::time_point now_{std::chrono::hours(5)};
};

inline std::span<const std::byte> AsBytes(std::string_view text) {
  return std::as_bytes(std::span(text.data(), text.size()));
}

inline Image GreyImage(int width, int height, std::vector<uint8_t> pixels) {
  return Image{width, height, 1, std::move(pixels)};
}

inline Frame GreyFrame(int width, int height, std::vector<uint8_t> pixels) {
  return MakeFrame(PixelFormat::kGrey8, width, height, std::move(pixels));
}

// The pixels of a frame of one packed plane.
inline std::vector<uint8_t> PixelsOf(const Frame& frame) {
  std::vector<uint8_t> pixels;
  for (int y = 0; y < frame.height; ++y) {
    const uint8_t* row = frame.Row(0, y);
    pixels.insert(pixels.end(), row, row + RowBytes(frame.format, 0, frame.width));
  }
  return pixels;
}

// A digit-like ring of ink on paper, both with their levels; for looking at what preprocessing makes of it.
inline Image RingOnPaper(int width, int height, int centre_x, int centre_y, int radius, int pen, int paper, int ink) {
  Image image = GreyImage(width, height, {});
  image.Reshape(width, height, 1);
  for (int y = 0; y < height; ++y) {
    for (int x = 0; x < width; ++x) {
      const int distance2 = (x - centre_x) * (x - centre_x) + (y - centre_y) * (y - centre_y);
      const bool inked = distance2 <= radius * radius && distance2 >= (radius - pen) * (radius - pen);
      image.Row(y)[x] = static_cast<uint8_t>(inked ? ink : paper);
    }
  }
  return image;
}

}  // namespace glimpse::media
