// SPDX-License-Identifier: Apache-2.0
// A camera's frames cost no memory once the first ones have been looked at.
#include <gtest/gtest.h>

#include <atomic>
#include <cstdlib>
#include <new>

#include "media/preprocess.h"
#include "media/v4l2/v4l2_source.h"
#include "tests/media/fake_v4l2.h"

namespace {

std::atomic<bool> counting{false};
std::atomic<int> taken{0};

void* Count(std::size_t size) noexcept {
  if (counting && glimpse::media::Uncounted::depth == 0) ++taken;
  return std::malloc(size);
}

}  // namespace

// The usual ones call this one; what is aligned beyond the usual is not asked for here.
void* operator new(std::size_t size) {
  if (void* memory = Count(size)) return memory;
  throw std::bad_alloc();
}
// A sanitizer's own would not belong to the operator delete below.
void* operator new(std::size_t size, const std::nothrow_t&) noexcept { return Count(size); }
void operator delete(void* memory, const std::nothrow_t&) noexcept { std::free(memory); }
void operator delete(void* memory) noexcept { std::free(memory); }
void operator delete(void* memory, std::size_t) noexcept { std::free(memory); }

namespace glimpse::media {
namespace {

// A page with a dark ring in each of six regions.
std::vector<uint8_t> Page(const v4l2_pix_format& pix) {
  std::vector<uint8_t> pixels(pix.sizeimage, uint8_t{128});
  const int step = pix.pixelformat == V4L2_PIX_FMT_YUYV ? 2 : 1;
  for (int y = 0; y < 480; ++y) {
    for (int x = 0; x < 640; ++x) {
      const int dx = x % 100 - 50;
      const int dy = y % 120 - 60;
      const int distance2 = dx * dx + dy * dy;
      pixels[static_cast<size_t>(y) * pix.bytesperline + static_cast<size_t>(x * step)] =
          distance2 < 900 && distance2 > 500 ? 40 : 210;
    }
  }
  return pixels;
}

TEST(Allocation, FramesOfACameraTakeNoMemoryAfterTheFirst) {
  for (const uint32_t fourcc : {V4L2_PIX_FMT_YUYV, V4L2_PIX_FMT_YUV420}) {
    FakeV4l2Devices devices;
    const auto camera = devices.Plug("/dev/video0");
    camera->formats = {fourcc};
    camera->width = 640;
    camera->height = 480;
    camera->paint = [](uint64_t, const v4l2_pix_format& pix) { return Page(pix); };
    SourceOptions options;
    options.v4l2 = &devices;
    config::Camera settings;
    settings.source = config::Camera::Source::kV4l2;
    const auto source = OpenSource(settings, "front", options);
    ASSERT_TRUE(source) << source.error().message;
    std::vector<Preprocessor> regions;
    for (int i = 0; i < 6; ++i) {
      auto made =
          Preprocessor::Create(config::Pipeline().preprocess, config::Region{"r", i * 100, 120, 100, 120}, InputSpec());
      ASSERT_TRUE(made);
      regions.push_back(std::move(*made));
    }
    std::vector<std::byte> tensor(28 * 28);
    for (int i = 0; i < 40; ++i) {
      if (i == 10) {
        taken = 0;
        counting = true;
      }
      const auto frame = (*source)->Next({});
      ASSERT_TRUE(frame && *frame);
      for (Preprocessor& region : regions) {
        const auto report = region.Run(**frame, tensor);
        ASSERT_TRUE(report);
        ASSERT_TRUE(report->centred);
      }
    }
    counting = false;
    EXPECT_EQ(taken, 0) << "in 30 frames of " << (fourcc == V4L2_PIX_FMT_YUYV ? "YUYV" : "YUV420");
  }
}

}  // namespace
}  // namespace glimpse::media
