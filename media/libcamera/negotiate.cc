// SPDX-License-Identifier: Apache-2.0
#include "media/libcamera/negotiate.h"

#include <algorithm>
#include <cstring>
#include <string>
#include <utility>
#include <vector>

#include "base/strings.h"
#include "media/libcamera/cameras.h"
#include "media/libcamera/versions.h"
#include "media/source.h"

namespace glimpse::media {
namespace {

constexpr unsigned kBuffers = 4;  // one with us, one waiting, two with the camera

// What the stream says of its luma and chroma; BT.601 in full range, as JPEG has it, when it says nothing.
Colour ColourOf(const libcamera::StreamConfiguration& stream) {
  Colour colour;
  if (!stream.colorSpace) return colour;
  const libcamera::ColorSpace& space = *stream.colorSpace;
  if (space.ycbcrEncoding == libcamera::ColorSpace::YcbcrEncoding::Rec709) colour.matrix = Matrix::kBt709;
  if (space.range == libcamera::ColorSpace::Range::Limited) colour.range = Range::kLimited;
  return colour;
}

// Whether the camera gives this format; then the configuration is what it makes of the request.
bool Try(const config::Camera& camera, const libcamera::PixelFormat& format, bool hflip, bool vflip,
         NegotiatedStream& negotiated) {
  libcamera::CameraConfiguration& configuration = *negotiated.configuration;
  libcamera::StreamConfiguration& stream = configuration.at(0);
  const auto ask = [&](bool horizontally, bool vertically) {
    stream.pixelFormat = format;
    stream.size = libcamera::Size(camera.width, camera.height);
    stream.bufferCount = kBuffers;
    AskForFlips(configuration, horizontally, vertically);
    const auto flips = FlipsOf(configuration);
    const bool valid = configuration.validate() != libcamera::CameraConfiguration::Invalid;
    return std::pair{valid && stream.pixelFormat == format, flips == FlipsOf(configuration)};
  };
  const auto [taken, flips_taken] = ask(hflip, vflip);
  negotiated.software_flips = !flips_taken;
  return flips_taken ? taken : ask(false, false).first;
}

}  // namespace

Result<NegotiatedStream> NegotiateStream(libcamera::Camera& device, const config::Camera& camera, bool hflip,
                                         bool vflip) {
  NegotiatedStream negotiated;
  negotiated.configuration = device.generateConfiguration({libcamera::StreamRole::Viewfinder});
  if (negotiated.configuration == nullptr || negotiated.configuration->empty()) {
    return Unexpected(ErrorCode::kIo, "offers no stream of pictures");
  }
  const auto chosen = std::find_if(Formats().begin(), Formats().end(), [&](const FormatPair& pair) {
    const bool wanted = camera.format == "auto" || camera.format == FormatName(pair);
    return wanted && Try(camera, pair.theirs, hflip, vflip, negotiated);
  });
  const libcamera::StreamConfiguration& stream = negotiated.configuration->at(0);
  if (chosen == Formats().end()) {
    std::vector<std::string> offered;
    for (const auto& format : stream.formats().pixelformats()) offered.push_back(format.toString());
    return Unexpected(ErrorCode::kInvalidConfig, StrCat("offers no pixel format this program reads",
                                                        camera.format == "auto" ? "" : " under 'format'", "; it has ",
                                                        Printable(StrJoin(offered, ", "), 400)));
  }
  if (const int status = device.configure(negotiated.configuration.get()); status != 0) {
    return Unexpected(ErrorCode::kIo,
                      StrCat("cannot be set to ", Printable(stream.toString()), ": ", std::strerror(-status)));
  }
  negotiated.stream = stream.stream();
  negotiated.format = chosen->ours;
  negotiated.width = static_cast<int>(stream.size.width);
  negotiated.height = static_cast<int>(stream.size.height);
  negotiated.stride = stream.stride;
  negotiated.colour = ColourOf(stream);
  ApplyColour(camera, negotiated.colour);
  const bool room = !negotiated.format || negotiated.stride >= RowBytes(*negotiated.format, 0, negotiated.width);
  if (negotiated.width <= 0 || negotiated.height <= 0 || !room) {
    return Unexpected(ErrorCode::kIo, StrCat("gives an impossible format, ", Printable(stream.toString())));
  }
  return negotiated;
}

}  // namespace glimpse::media
