// SPDX-License-Identifier: Apache-2.0
#include "media/libcamera/module.h"

#include <exception>

#include "base/strings.h"
#include "media/libcamera/camera_source.h"

namespace {

using glimpse::Result;

Result<std::unique_ptr<glimpse::media::Source>> Open(const glimpse::config::Camera& camera, const std::string& name) {
  try {
    return glimpse::media::OpenCamera(camera, name);
  } catch (const std::exception& error) {
    return glimpse::Unexpected(glimpse::ErrorCode::kInternal,
                               glimpse::StrCat("camera '", name, "': libcamera threw: ", error.what()));
  }
}

Result<std::vector<glimpse::media::ListedCamera>> List() {
  try {
    return glimpse::media::ListCameras();
  } catch (const std::exception& error) {
    return glimpse::Unexpected(glimpse::ErrorCode::kInternal, glimpse::StrCat("libcamera threw: ", error.what()));
  }
}

}  // namespace

extern "C" {
__attribute__((visibility("default"))) extern const glimpse::media::SourceModule glimpse_source_module;
const glimpse::media::SourceModule glimpse_source_module = {sizeof(glimpse::media::SourceModule), GLIMPSE_VERSION,
                                                            &Open, &List};
}
