// SPDX-License-Identifier: Apache-2.0
#include "media/libcamera/cameras.h"

#include <libcamera/formats.h>
#include <libcamera/property_ids.h>
#include <libcamera/stream.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cstdlib>
#include <cstring>
#include <mutex>
#include <optional>
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

std::string FormatName(const FormatPair& pair) {
  return pair.ours ? std::string(PixelFormatName(*pair.ours)) : "mjpeg";
}

const std::array<FormatPair, 10>& Formats() {
  static const std::array<FormatPair, 10> formats = {{
      {libcamera::formats::YUV420, PixelFormat::kYuv420},
      {libcamera::formats::NV12, PixelFormat::kNv12},
      {libcamera::formats::YUYV, PixelFormat::kYuyv},
      {libcamera::formats::UYVY, PixelFormat::kUyvy},
      {libcamera::formats::BGR888, PixelFormat::kRgb24},
      {libcamera::formats::RGB888, PixelFormat::kBgr24},
      {libcamera::formats::XBGR8888, PixelFormat::kXbgr32},
      {libcamera::formats::XRGB8888, PixelFormat::kXrgb32},
      {libcamera::formats::R8, PixelFormat::kGrey8},
      {libcamera::formats::MJPEG, std::nullopt},
  }};
  return formats;
}

Result<std::shared_ptr<libcamera::CameraManager>> LibcameraManager(const std::string& tuning_file) {
  static std::mutex mutex;
  static std::unique_ptr<libcamera::CameraManager> manager;
  static int users = 0;
  static std::string tuned_by;
  const std::lock_guard lock(mutex);
  // Made and ended under the lock: libcamera aborts the program when a second one begins before the first has ended.
  const auto share = [] {
    ++users;
    return std::shared_ptr<libcamera::CameraManager>(manager.get(), [](libcamera::CameraManager*) {
      const std::lock_guard ending(mutex);
      if (--users == 0) manager.reset();
    });
  };
  if (users > 0) {
    if (tuning_file.empty() || tuning_file == tuned_by) return share();
    return Unexpected(
        ErrorCode::kInvalidConfig,
        StrCat("controls: 'tuning-file' is ", Printable(tuning_file), ", but another camera runs with ",
               tuned_by.empty() ? "libcamera's own" : Printable(tuned_by), "; all of a program share one"));
  }
  if (!tuning_file.empty()) {
    if (::access(tuning_file.c_str(), R_OK) != 0) {
      return Unexpected(ErrorCode::kInvalidConfig,
                        StrCat("controls: 'tuning-file' ", Printable(tuning_file), ": ", std::strerror(errno)));
    }
    // The only way to tell libcamera. Its threads are not there yet.
    ::setenv("LIBCAMERA_RPI_TUNING_FILE", tuning_file.c_str(), 1);
  } else if (!tuned_by.empty()) {
    ::unsetenv("LIBCAMERA_RPI_TUNING_FILE");
  }
  tuned_by = tuning_file;
  manager = std::make_unique<libcamera::CameraManager>();
  if (const int status = manager->start(); status != 0) {
    manager.reset();
    return Unexpected(ErrorCode::kIo, StrCat("libcamera does not start: ", std::strerror(-status)));
  }
  return share();
}

std::vector<dev_t> DevicesOf(const libcamera::Camera& camera) {
  std::vector<dev_t> devices;
  const libcamera::ControlIdMap& known = libcamera::properties::properties;
  for (const auto& [number, value] : camera.properties()) {
    // Not in every release, so by its name.
    const auto id = known.find(number);
    if (id == known.end() || id->second->name() != "SystemDevices") continue;
    for (const int64_t device : value.get<libcamera::Span<const int64_t>>()) {
      devices.push_back(static_cast<dev_t>(device));
    }
  }
  return devices;
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
  return Unexpected(ErrorCode::kIo, StrCat("no camera of id '", Printable(id),
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
      entry.formats.push_back(
          StrCat(known != Formats().end() ? FormatName(*known) : StrCat(format.toString(), " (not read)"),
                 sizes.empty() ? "" : ": ", StrJoin(sizes, "; ")));
    }
    if (!readable) entry.problem = "offers no pixel format this program reads";
  }
  return listed;
}

}  // namespace glimpse::media
