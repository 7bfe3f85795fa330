// SPDX-License-Identifier: Apache-2.0
#include "media/libcamera/cameras.h"

#include <libcamera/formats.h>
#include <libcamera/property_ids.h>
#include <libcamera/stream.h>

#include <algorithm>
#include <charconv>
#include <cstring>
#include <mutex>
#include <string>
#include <vector>

#include "base/strings.h"
#include "media/libcamera/camera_source.h"

namespace glimpse::media {
namespace {

std::string ModelOf(const libcamera::Camera& camera) {
  const auto model = camera.properties().get(libcamera::properties::Model);
  return model ? std::string(*model) : std::string();
}

}  // namespace

const std::array<FormatPair, 9>& Formats() {
  static const std::array<FormatPair, 9> formats = {{
      {libcamera::formats::YUV420, PixelFormat::kYuv420},
      {libcamera::formats::NV12, PixelFormat::kNv12},
      {libcamera::formats::YUYV, PixelFormat::kYuyv},
      {libcamera::formats::UYVY, PixelFormat::kUyvy},
      {libcamera::formats::BGR888, PixelFormat::kRgb24},
      {libcamera::formats::RGB888, PixelFormat::kBgr24},
      {libcamera::formats::XBGR8888, PixelFormat::kXbgr32},
      {libcamera::formats::XRGB8888, PixelFormat::kXrgb32},
      {libcamera::formats::R8, PixelFormat::kGrey8},
  }};
  return formats;
}

Result<std::shared_ptr<libcamera::CameraManager>> LibcameraManager() {
  static std::mutex mutex;
  static std::weak_ptr<libcamera::CameraManager> shared;
  const std::lock_guard lock(mutex);
  if (auto manager = shared.lock()) return manager;
  auto manager = std::make_shared<libcamera::CameraManager>();
  if (const int status = manager->start(); status != 0) {
    return Unexpected(ErrorCode::kIo, StrCat("libcamera does not start: ", std::strerror(-status)));
  }
  shared = manager;
  return manager;
}

Result<std::shared_ptr<libcamera::Camera>> FindCamera(libcamera::CameraManager& manager, const std::string& id) {
  const auto cameras = manager.cameras();
  if (cameras.empty()) {
    return Unexpected(ErrorCode::kIo,
                      "no camera found; see whether it is plugged in and this user may use it (group video)");
  }
  if (id == "auto" || id.empty()) return cameras.front();
  size_t index = 0;
  const auto [end, error] = std::from_chars(id.data(), id.data() + id.size(), index);
  if (error == std::errc() && end == id.data() + id.size() && index < cameras.size()) return cameras[index];
  std::vector<std::string> names;
  for (const auto& camera : cameras) {
    if (camera->id() == id || ModelOf(*camera) == id) return camera;
    names.push_back(StrCat(camera->id(), " (", ModelOf(*camera), ")"));
  }
  return Unexpected(ErrorCode::kInvalidConfig, StrCat("no camera of id '", Printable(id),
                                                      "'; there are: ", Printable(StrJoin(names, ", "), 1000)));
}

Result<std::vector<ListedCamera>> ListCameras() {
  GLIMPSE_ASSIGN_OR_RETURN(const auto manager, LibcameraManager());
  std::vector<ListedCamera> listed;
  for (const auto& camera : manager->cameras()) {
    ListedCamera& entry = listed.emplace_back();
    entry.source = "libcamera";
    entry.id = Printable(camera->id());
    entry.name = Printable(ModelOf(*camera));
    const auto configuration = camera->generateConfiguration({libcamera::StreamRole::Viewfinder});
    if (configuration == nullptr || configuration->empty()) {
      entry.problem = "offers no stream of pictures";
      continue;
    }
    const libcamera::StreamFormats& formats = configuration->at(0).formats();
    bool readable = false;
    for (const libcamera::PixelFormat& format : formats.pixelformats()) {
      const auto known = std::find_if(Formats().begin(), Formats().end(),
                                      [&](const FormatPair& pair) { return pair.theirs == format; });
      readable = readable || known != Formats().end();
      std::vector<std::string> sizes;
      for (const libcamera::Size& size : formats.sizes(format)) sizes.push_back(StrCat(size.width, "x", size.height));
      entry.formats.push_back(StrCat(known != Formats().end() ? std::string(PixelFormatName(known->ours))
                                                              : StrCat(format.toString(), " (not read)"),
                                     sizes.empty() ? "" : ": ", StrJoin(sizes, "; ")));
    }
    if (!readable) entry.problem = "offers no pixel format this program reads";
  }
  return listed;
}

}  // namespace glimpse::media
