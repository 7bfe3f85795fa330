// SPDX-License-Identifier: Apache-2.0
#include "media/v4l2/formats.h"

#include <linux/videodev2.h>

#include <algorithm>
#include <cerrno>
#include <cmath>
#include <cstring>
#include <optional>
#include <tuple>

#include "base/strings.h"
#include "media/device_access.h"

namespace glimpse::media {
namespace {

constexpr uint32_t kMaxListed = 256;  // formats, sizes and rates: a driver that never ends its list is wrong

// A driver's text field, which should end with a zero byte.
template <size_t kSize>
std::string Text(const __u8 (&field)[kSize]) {
  const auto* end = std::find(field, field + kSize, 0);
  return Printable(std::string(field, end));
}

bool IsMjpeg(uint32_t fourcc) { return fourcc == V4L2_PIX_FMT_MJPEG || fourcc == V4L2_PIX_FMT_JPEG; }

std::vector<uint32_t> FourCcs(V4l2Device& device) {
  std::vector<uint32_t> found;
  for (uint32_t i = 0; i < kMaxListed; ++i) {
    v4l2_fmtdesc description{};
    description.index = i;
    description.type = V4L2_BUF_TYPE_VIDEO_CAPTURE;
    if (device.Control(VIDIOC_ENUM_FMT, &description) != 0) break;
    if (std::find(found.begin(), found.end(), description.pixelformat) == found.end()) {
      found.push_back(description.pixelformat);
    }
  }
  return found;
}

// Frames a second at that format and size, the highest first; none when the device does not say.
std::vector<double> Rates(V4l2Device& device, uint32_t fourcc, uint32_t width, uint32_t height) {
  std::vector<double> rates;
  for (uint32_t i = 0; i < kMaxListed; ++i) {
    v4l2_frmivalenum interval{};
    interval.index = i;
    interval.pixel_format = fourcc;
    interval.width = width;
    interval.height = height;
    if (device.Control(VIDIOC_ENUM_FRAMEINTERVALS, &interval) != 0) break;
    const v4l2_fract shortest = interval.type == V4L2_FRMIVAL_TYPE_DISCRETE ? interval.discrete : interval.stepwise.min;
    if (shortest.numerator > 0) rates.push_back(double{1} * shortest.denominator / shortest.numerator);
    if (interval.type != V4L2_FRMIVAL_TYPE_DISCRETE) break;
  }
  std::sort(rates.rbegin(), rates.rend());
  return rates;
}

v4l2_format Wanted(uint32_t fourcc, const config::Camera& camera) {
  v4l2_format format{};
  format.type = V4L2_BUF_TYPE_VIDEO_CAPTURE;
  format.fmt.pix.width = camera.width;
  format.fmt.pix.height = camera.height;
  format.fmt.pix.pixelformat = fourcc;
  format.fmt.pix.field = V4L2_FIELD_NONE;
  format.fmt.pix.colorspace = V4L2_COLORSPACE_DEFAULT;
  return format;
}

// Position in the order of preference; nothing for a format that is not read here.
std::optional<size_t> Preference(uint32_t fourcc) {
  if (IsMjpeg(fourcc)) return PixelFormats().size();
  const auto format = PixelFormatFromV4l2(fourcc);
  if (!format) return std::nullopt;
  return static_cast<size_t>(&InfoOf(*format) - PixelFormats().data());
}

std::string FourCcText(uint32_t fourcc) {
  std::string text;
  for (int shift = 0; shift < 32; shift += 8) text += static_cast<char>(fourcc >> shift & 0x7f);
  while (!text.empty() && text.back() == ' ') text.pop_back();
  return Printable(text);
}

std::string NameOf(uint32_t fourcc) {
  if (IsMjpeg(fourcc)) return "mjpeg";
  const auto format = PixelFormatFromV4l2(fourcc);
  return format ? std::string(PixelFormatName(*format)) : FourCcText(fourcc);
}

// Drivers say it, or leave it to the defaults of the colour space (videodev2.h).
Colour ColourOf(const v4l2_pix_format& pix, bool grey) {
  Colour colour;
  uint32_t encoding = pix.ycbcr_enc;
  if (encoding == V4L2_YCBCR_ENC_DEFAULT) encoding = V4L2_MAP_YCBCR_ENC_DEFAULT(pix.colorspace);
  if (encoding == V4L2_YCBCR_ENC_709) colour.matrix = Matrix::kBt709;
  uint32_t range = pix.quantization;
  // A grey sensor uses all its values unless its driver says otherwise.
  if (range == V4L2_QUANTIZATION_DEFAULT && grey) range = V4L2_QUANTIZATION_FULL_RANGE;
  if (range == V4L2_QUANTIZATION_DEFAULT) {
    range = V4L2_MAP_QUANTIZATION_DEFAULT(false, pix.colorspace, encoding);
  }
  if (range == V4L2_QUANTIZATION_LIM_RANGE) colour.range = Range::kLimited;
  return colour;
}

Unexpected CannotSet(const std::string& path, int error) {
  if (error == EBUSY) return Unexpected(ErrorCode::kIo, StrCat(path, " is ", InUseText(path), "; end that first"));
  return Unexpected(ErrorCode::kIo, StrCat(path, " cannot be set up: ", std::strerror(error)));
}

Result<StreamFormat> Understand(const v4l2_pix_format& pix, const std::string& path) {
  StreamFormat stream;
  stream.mjpeg = IsMjpeg(pix.pixelformat);
  const auto format = PixelFormatFromV4l2(pix.pixelformat);
  constexpr uint32_t kMaxSide = 65536;
  const bool possible = pix.width > 0 && pix.height > 0 && pix.width <= kMaxSide && pix.height <= kMaxSide;
  if ((!stream.mjpeg && !format) || !possible) {
    return Unexpected(ErrorCode::kIo, StrCat(path, " gives an impossible format, ", FourCcText(pix.pixelformat), " of ",
                                             pix.width, "x", pix.height));
  }
  stream.width = static_cast<int>(pix.width);
  stream.height = static_cast<int>(pix.height);
  if (stream.mjpeg) return stream;  // a JPEG is BT.601 in full range by definition
  stream.format = *format;
  stream.colour = ColourOf(pix, *format == PixelFormat::kGrey8);
  stream.stride = std::max<size_t>(pix.bytesperline, RowBytes(*format, 0, stream.width));
  for (size_t p = 0; p < PlaneCount(*format); ++p) {
    stream.frame_bytes += StrideOfPlane(*format, p, stream.stride) * RowCount(*format, p, stream.height);
  }
  return stream;
}

}  // namespace

std::string StreamFormatName(bool mjpeg, PixelFormat format) {
  return mjpeg ? "mjpeg" : std::string(PixelFormatName(format));
}

Result<StreamFormat> Negotiate(V4l2Device& device, const std::string& path, const config::Camera& camera) {
  const std::vector<uint32_t> offered = FourCcs(device);
  // The larger the better: size, rate, order of preference.
  using Rank = std::tuple<bool, bool, int>;
  std::optional<Rank> best;
  std::optional<uint32_t> chosen;
  int problem = 0;
  for (const uint32_t fourcc : offered) {
    const auto preference = Preference(fourcc);
    if (!preference || (camera.format != "auto" && camera.format != NameOf(fourcc))) continue;
    v4l2_format trial = Wanted(fourcc, camera);
    if (const int error = device.Control(VIDIOC_TRY_FMT, &trial); error != 0 && error != ENOTTY) {
      problem = error;
      continue;
    }
    const v4l2_pix_format& pix = trial.fmt.pix;
    if (pix.pixelformat != fourcc) continue;
    const std::vector<double> rates = Rates(device, fourcc, pix.width, pix.height);
    // 29.97 is 30 to whoever asks for it.
    const bool fast = rates.empty() || rates.front() >= camera.fps * 0.99;
    const Rank rank{pix.width == camera.width && pix.height == camera.height, fast, -static_cast<int>(*preference)};
    if (best && rank <= *best) continue;
    best = rank;
    chosen = fourcc;
  }
  if (!chosen) {
    if (problem == EBUSY || problem == ENODEV || problem == EIO) return CannotSet(path, problem);
    std::vector<std::string> names;
    for (const uint32_t fourcc : offered) names.push_back(NameOf(fourcc));
    return Unexpected(ErrorCode::kInvalidConfig,
                      StrCat(path, " does not offer ",
                             camera.format == "auto" ? "any pixel format that this program reads"
                                                     : StrCat("the format ", Printable(camera.format)),
                             "; it has ", names.empty() ? "none" : StrJoin(names, ", ")));
  }
  v4l2_format format = Wanted(*chosen, camera);
  if (const int error = device.Control(VIDIOC_S_FMT, &format); error != 0) return CannotSet(path, error);
  return Understand(format.fmt.pix, path);
}

void SetRate(V4l2Device& device, double fps) {
  v4l2_streamparm parameters{};
  parameters.type = V4L2_BUF_TYPE_VIDEO_CAPTURE;
  if (device.Control(VIDIOC_G_PARM, &parameters) != 0) return;
  if ((parameters.parm.capture.capability & V4L2_CAP_TIMEPERFRAME) == 0) return;
  parameters.parm.capture.timeperframe.numerator = 1000;
  parameters.parm.capture.timeperframe.denominator = static_cast<uint32_t>(std::lround(std::max(fps * 1000, 1.0)));
  static_cast<void>(device.Control(VIDIOC_S_PARM, &parameters));
}

std::vector<ListedFormat> ListFormats(V4l2Device& device) {
  std::vector<ListedFormat> listed;
  for (const uint32_t fourcc : FourCcs(device)) {
    ListedFormat& format = listed.emplace_back();
    format.name = NameOf(fourcc);
    format.readable = Preference(fourcc).has_value();
    for (uint32_t i = 0; i < kMaxListed; ++i) {
      v4l2_frmsizeenum size{};
      size.index = i;
      size.pixel_format = fourcc;
      if (device.Control(VIDIOC_ENUM_FRAMESIZES, &size) != 0) break;
      if (size.type != V4L2_FRMSIZE_TYPE_DISCRETE) {
        const v4l2_frmsize_stepwise& range = size.stepwise;
        format.sizes.push_back(
            StrCat("from ", range.min_width, "x", range.min_height, " to ", range.max_width, "x", range.max_height));
        break;
      }
      const std::vector<double> rates = Rates(device, fourcc, size.discrete.width, size.discrete.height);
      format.sizes.push_back(
          StrCat(size.discrete.width, "x", size.discrete.height, rates.empty() ? "" : " at ", StrJoin(rates, ", ")));
    }
  }
  return listed;
}

Result<DeviceFacts> QueryDevice(V4l2Device& device) {
  v4l2_capability capability{};
  if (const int error = device.Control(VIDIOC_QUERYCAP, &capability); error != 0) {
    return Unexpected(ErrorCode::kIo, StrCat("is no video device: ", std::strerror(error)));
  }
  DeviceFacts facts{Text(capability.driver), Text(capability.card), Text(capability.bus_info)};
  const uint32_t can =
      (capability.capabilities & V4L2_CAP_DEVICE_CAPS) != 0 ? capability.device_caps : capability.capabilities;
  facts.captures = (can & V4L2_CAP_VIDEO_CAPTURE) != 0 && (can & V4L2_CAP_STREAMING) != 0;
  return facts;
}

}  // namespace glimpse::media
