// SPDX-License-Identifier: Apache-2.0
// A camera module without a camera: one grey pixel for ever.
#include <utility>

#include "media/libcamera/module.h"

namespace {

using glimpse::Result;
using glimpse::media::Frame;

class OnePixel : public glimpse::media::Source {
 public:
  explicit OnePixel(std::string id) : id_(std::move(id)) {}
  Result<std::optional<Frame>> Next(std::stop_token) override {
    Frame frame = glimpse::media::MakeFrame(glimpse::media::PixelFormat::kGrey8, 1, 1, {7});
    frame.origin = id_;
    return std::optional<Frame>(std::move(frame));
  }
  glimpse::media::SourceStats stats() const override { return {}; }

 private:
  std::string id_;
};

Result<std::unique_ptr<glimpse::media::Source>> Open(const glimpse::config::Camera& camera, const std::string&) {
  return std::unique_ptr<glimpse::media::Source>(std::make_unique<OnePixel>(camera.id));
}

Result<std::vector<glimpse::media::ListedCamera>> List() {
  return std::vector<glimpse::media::ListedCamera>{{"libcamera", "one", "One pixel", "", "", {"grey8: 1x1"}, ""}};
}

}  // namespace

extern "C" {
__attribute__((visibility("default"))) extern const glimpse::media::SourceModule glimpse_source_module;
const glimpse::media::SourceModule glimpse_source_module = {sizeof(glimpse::media::SourceModule), MODULE_VERSION, &Open,
                                                            &List};
}
