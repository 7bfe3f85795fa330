// SPDX-License-Identifier: Apache-2.0
#include "media/v4l2/find.h"

#include <algorithm>
#include <cctype>
#include <utility>
#include <vector>

#include "base/strings.h"
#include "media/device_access.h"
#include "media/v4l2/formats.h"
#include "media/v4l2/v4l2_source.h"

namespace glimpse::media {
namespace {

struct Opened {
  std::unique_ptr<V4l2Device> device;
  DeviceFacts facts;
};

// Errors: kIo with the reason, without the path.
Result<Opened> OpenDevice(const std::string& path, V4l2Devices& devices) {
  int error = 0;
  Opened opened{devices.Open(path, &error), {}};
  if (opened.device == nullptr) return Unexpected(ErrorCode::kIo, ExplainOpenError(path, error));
  GLIMPSE_ASSIGN_OR_RETURN(opened.facts, QueryDevice(*opened.device));
  return opened;
}

constexpr char kNoCamera[] = "gives no pictures that can be read";

bool IsNumber(const std::string& id) {
  return !id.empty() && id.size() <= 4 &&
         std::all_of(id.begin(), id.end(), [](unsigned char c) { return std::isdigit(c); });
}

Result<FoundV4l2> OpenPath(const std::string& path, V4l2Devices& devices) {
  auto opened = OpenDevice(path, devices);
  if (!opened) return Unexpected(opened.error().code, StrCat(Printable(path), ": ", opened.error().message));
  if (!opened->facts.captures) return Unexpected(ErrorCode::kIo, StrCat(Printable(path), " ", kNoCamera));
  return FoundV4l2{path, std::move(opened->device)};
}

}  // namespace

Result<FoundV4l2> FindV4l2(const std::string& id, V4l2Devices& devices) {
  if (id.starts_with('/')) return OpenPath(id, devices);
  if (IsNumber(id)) return OpenPath(StrCat("/dev/video", id), devices);
  const bool any = id == "auto" || id.empty();
  std::vector<std::string> seen;
  for (const std::string& path : devices.List()) {
    auto opened = OpenDevice(path, devices);
    if (!opened) {
      seen.push_back(StrCat(path, ": ", opened.error().message));
      continue;
    }
    const DeviceFacts& facts = opened->facts;
    const bool wanted = any || facts.card == id || facts.bus == id;
    if (wanted && facts.captures) return FoundV4l2{path, std::move(opened->device)};
    if (!any) seen.push_back(StrCat(path, " is '", facts.card, "' (", facts.bus, ")"));
    if (any) seen.push_back(StrCat(path, ": '", facts.card, "' ", kNoCamera));
  }
  if (seen.empty()) {
    return Unexpected(ErrorCode::kIo, "there is no /dev/video*; see whether the camera is plugged in");
  }
  return Unexpected(ErrorCode::kIo,
                    StrCat(any ? "no camera can be used: " : StrCat("no camera '", Printable(id), "': "),
                           Printable(StrJoin(seen, "; "), 1000)));
}

std::vector<ListedCamera> ListV4l2(V4l2Devices& devices) {
  std::vector<ListedCamera> listed;
  for (const std::string& path : devices.List()) {
    ListedCamera& camera = listed.emplace_back();
    camera.source = "v4l2";
    camera.id = path;
    auto opened = OpenDevice(path, devices);
    if (!opened) {
      camera.problem = opened.error().message;
      continue;
    }
    camera.name = opened->facts.card;
    camera.driver = opened->facts.driver;
    camera.bus = opened->facts.bus;
    bool readable = false;
    for (const ListedFormat& format : ListFormats(*opened->device)) {
      readable = readable || format.readable;
      camera.formats.push_back(StrCat(format.name, format.readable ? "" : " (not read)",
                                      format.sizes.empty() ? "" : ": ", StrJoin(format.sizes, "; ")));
    }
    if (!opened->facts.captures || !readable) camera.problem = kNoCamera;
  }
  return listed;
}

}  // namespace glimpse::media
