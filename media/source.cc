// SPDX-License-Identifier: Apache-2.0
#include "media/source.h"

#include "base/strings.h"
#include "media/module_loader.h"
#include "media/replay.h"
#include "media/v4l2/v4l2_source.h"
#include "media/video/video_source.h"

namespace glimpse::media {

Result<std::unique_ptr<Source>> OpenSource(const config::Camera& camera, const std::string& name,
                                           const SourceOptions& options) {
  // The lower end keeps due times within 64 bits of nanoseconds for centuries.
  if (!(camera.fps >= 1e-5 && camera.fps <= 1000)) {
    return Unexpected(ErrorCode::kInvalidConfig,
                      StrCat("camera '", Printable(name), "': fps ", camera.fps, " is not in 0.00001 to 1000"));
  }
  Clock& clock = options.clock != nullptr ? *options.clock : SystemClock();
  switch (camera.source) {
    case config::Camera::Source::kFiles:
      return OpenFiles(camera, name, options, clock);
    case config::Camera::Source::kIdx:
      return OpenIdx(camera, name, options, clock);
    case config::Camera::Source::kLibcamera:
      return OpenLibcamera(camera, name);
    case config::Camera::Source::kV4l2:
      return OpenV4l2(camera, name, options);
    case config::Camera::Source::kVideo:
      return OpenVideo(camera, name, options, clock);
  }
  return Unexpected(ErrorCode::kInternal, StrCat("camera '", Printable(name), "': unknown source"));
}

}  // namespace glimpse::media
