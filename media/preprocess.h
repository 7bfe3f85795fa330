// SPDX-License-Identifier: Apache-2.0
// Preprocessor: turns a frame, or a region of it, into a model's input tensor.
//
// Everything is integer arithmetic but the quantisation table, so equal frames give equal tensors on every machine.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/result.h"
#include "config/config.h"
#include "media/frame.h"

namespace glimpse::media {

// Types a model's input may have.
enum class InputType { kInt8, kUint8, kFloat32 };

// real = (pixel - mean) / std.
struct Affine {
  double mean = 0;
  double std = 255;
};

// The model's input tensor: dense, rows of pixels of channels (NHWC with a batch of 1).
struct InputSpec {
  int width = 28;
  int height = 28;
  int channels = 1;  // 1 grey, 3 R, G, B
  InputType type = InputType::kInt8;
  double scale = 1.0 / 255;  // real = scale * (q - zero_point); not used for kFloat32
  int64_t zero_point = -128;
  // What the model itself prescribes: one for each channel, or one for all. It wins over a step `normalise`. Empty:
  // nothing.
  std::vector<Affine> normalisation;

  size_t Bytes() const {
    return static_cast<size_t>(width) * static_cast<size_t>(height) * static_cast<size_t>(channels) *
           (type == InputType::kFloat32 ? sizeof(float) : 1);
  }
};

// What was seen on the way. Levels are in 0..255 of the picture's luma.
struct PreprocessReport {
  bool inverted = false;  // a step turned dark on light into light on dark
  bool blank = false;     // nothing stands out of the background: whatever the model says is worth nothing
  int contrast = 0;       // how far the ink stands out of its background
  int noise = 0;          // the background's own spread (median absolute deviation)
  bool centred = false;   // a digit was found, cut out and placed
  // With `centred`: where the ink was (left, top, width, height), in pixels of the frame; behind `rotate` or
  // `perspective` in pixels of the picture that they gave.
  int ink_x = 0, ink_y = 0, ink_width = 0, ink_height = 0;
};

// One step's outcome, to look at, by the step's name; before them "region", among them "paper" (the background removed,
// before "centre"), at the end "input" (what is quantised). kGrey8 or kRgb24.
struct NamedPicture {
  std::string name;
  Frame picture;
};

// Steps, in the order given:
//   region     the part of the frame that counts; first, and given apart from the steps
//   crop       that part of the picture; as the first step it means that nothing else is converted
//   rotate     counter-clockwise about the centre; by quarters exactly, else with the size kept, interpolated linearly,
//              corners filled from the edges (media/warp.h)
//   perspective  the area within four points made a rectangle, likewise
//   grey       luma in full range (media/convert.h). RGB: (19595 R + 38470 G + 7471 B + 32768) >> 16, which is BT.601's
//              0.299, 0.587, 0.114; YUV formats: their Y. A one-channel model gets it first if the list does not name
//              it; a three-channel model without it gets R, G, B, with it three times the luma.
//   colour     rgb, or bgr for a model that wants blue first
//   auto-contrast, threshold  media/levels.h
//   resize     to the input's size. `area` (the default) and `bilinear`: media/resample.h. With `letterbox` the
//   proportions
//              are kept, the picture is in the middle, and `fill` beside it. Area: An axis that shrinks is averaged
//              over exact areas (a source pixel half inside counts half), an axis that grows is interpolated linearly
//              between pixel centres; one rounding, half up, at the end. Where `centre` comes later in the list nothing
//              is thrown away yet: then `resize` says how `centre` resamples.
//   invert     255 - pixel: yes, no, or auto, which looks whether what stands out of the background is darker than
//              it (see media/ink.h) and inverts then, so that ink is light on dark as in MNIST
//   centre     as MNIST digits are: the paper's level and texture removed, the ink's bounding box fitted into 20/28
//              of the input with its proportions kept, its centre of mass put in the middle. Wants light on dark
//              and grey. A blank picture, and one that is so already (background black, ink 20/28 large, mass in
//              the middle, the input's size: an MNIST image), pass unchanged but for the resize.
//   normalise  real = min + (max - min) * pixel / 255, or (pixel - mean) / std; pixel / 255 without it;
//              where the input brings a normalisation of its own, that holds instead
// After the last step a picture that is not the input's size is resized, then quantised:
// q = clamp(round(real / scale) + zero_point), half away from zero, as TFLite's QUANTIZE computes from a float real.
//
// Not thread-safe: it keeps its buffers between runs. Movable.
class Preprocessor {
 public:
  // Errors: kInvalidConfig for a step given twice, `centre` or `threshold` on a colour picture, `colour` on a grey one,
  // `centre` with a letterbox, four points that are no convex area, a scale, range or std that is not
  // finite or is zero, a region without area; kUnsupported when the model's input is no picture (channels other than
  // 1 and 3, sizes outside 1..4096).
  static Result<Preprocessor> Create(std::vector<config::PreprocessStep> steps, std::optional<config::Region> region,
                                     const InputSpec& input);

  Preprocessor(Preprocessor&&) noexcept;
  Preprocessor& operator=(Preprocessor&&) noexcept;
  ~Preprocessor();

  const InputSpec& input() const;

  // Fills `out` (exactly input().Bytes() long, any alignment). `pictures`, if given, gets every step's outcome.
  // Errors: kInvalidConfig when the region, a crop or a point reaches outside this frame (names it and both sizes);
  // kInvalidArgument when `out` has the wrong size or the frame is not consistent.
  Result<PreprocessReport> Run(const Frame& frame, std::span<std::byte> out,
                               std::vector<NamedPicture>* pictures = nullptr);

 private:
  class Impl;
  explicit Preprocessor(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace glimpse::media
