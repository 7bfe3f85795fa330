// SPDX-License-Identifier: Apache-2.0
#include "media/preprocess.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <utility>
#include <variant>

#include "base/strings.h"
#include "media/centre.h"
#include "media/convert.h"
#include "media/fit.h"
#include "media/geometry.h"
#include "media/image.h"
#include "media/ink.h"
#include "media/levels.h"
#include "media/preprocess_check.h"
#include "media/quantise.h"
#include "media/resample.h"

namespace glimpse::media {
namespace {

using internal::SizeText;

bool IsCentre(const config::PreprocessStep& step) { return std::holds_alternative<config::CentreStep>(step); }
bool IsGrey(const config::PreprocessStep& step) { return std::holds_alternative<config::GreyStep>(step); }

Filter FilterOf(const config::ResizeStep& resize) {
  return resize.filter == config::ResizeStep::Filter::kBilinear ? Filter::kBilinear : Filter::kArea;
}

}  // namespace

class Preprocessor::Impl {
 public:
  Impl(std::vector<config::PreprocessStep> steps, std::optional<config::Region> region, const InputSpec& input)
      : steps_(std::move(steps)), region_(std::move(region)), input_(input) {}

  Result<void> Prepare() {
    config::NormaliseStep normalise;
    for (const config::PreprocessStep& step : steps_) {
      if (const auto* found = std::get_if<config::NormaliseStep>(&step)) normalise = *found;
      if (const auto* found = std::get_if<config::PerspectiveStep>(&step)) {
        GLIMPSE_RETURN_IF_ERROR(geometry_.Prepare(*found));
      }
    }
    if (input_.normalisation.empty()) {
      GLIMPSE_ASSIGN_OR_RETURN(const auto real, RealTable(normalise));
      return AddTable(real);
    }
    for (const Affine& own : input_.normalisation) {
      GLIMPSE_ASSIGN_OR_RETURN(const auto real, AffineTable(own));
      GLIMPSE_RETURN_IF_ERROR(AddTable(real));
    }
    return {};
  }

  const InputSpec& input() const { return input_; }

  Result<PreprocessReport> Run(const Frame& frame, std::span<std::byte> out, std::vector<NamedPicture>* pictures) {
    if (out.size() != input_.Bytes()) {
      return Unexpected(ErrorCode::kInvalidArgument, StrCat("the input tensor has ", input_.Bytes(), " bytes, ",
                                                            out.size(), " were given to be filled"));
    }
    if (!frame.IsConsistent()) {
      return Unexpected(ErrorCode::kInvalidArgument, StrCat(frame.origin, ": the frame's planes do not fit its size"));
    }
    GLIMPSE_ASSIGN_OR_RETURN(rect_, Crop(frame));
    pictures_ = pictures;
    if (pictures != nullptr) pictures->clear();
    report_ = {};
    ink_is_in_frame_ = true;
    const size_t first = CropAtOnce();
    Load(frame);
    for (size_t i = first; i < steps_.size(); ++i) GLIMPSE_RETURN_IF_ERROR(Apply(i));
    if (image_.width != input_.width || image_.height != input_.height) Resize(config::ResizeStep{});
    Note("input");
    Fill(out);
    return report_;
  }

 private:
  Result<void> AddTable(const std::array<double, 256>& real) {
    real_.push_back(real);
    if (input_.type == InputType::kFloat32) return {};
    GLIMPSE_ASSIGN_OR_RETURN(const auto quantised, QuantiseTable(real, input_));
    quantised_.push_back(quantised);
    return {};
  }

  Result<Rect> Crop(const Frame& frame) const {
    if (!region_) return Rect{0, 0, frame.width, frame.height};
    // 64 bits: x + width of a configuration may pass 2^31.
    if (int64_t{region_->x} + region_->width > frame.width || int64_t{region_->y} + region_->height > frame.height) {
      return Unexpected(ErrorCode::kInvalidConfig,
                        StrCat("region '", Printable(region_->name), "': ", SizeText(region_->width, region_->height),
                               " pixels at ", region_->x, ",", region_->y, " reach outside the frame of ",
                               SizeText(frame.width, frame.height), "; make it smaller or move it"));
    }
    return Rect{region_->x, region_->y, region_->width, region_->height};
  }

  // A crop that comes first is a smaller region: nothing else is converted. How many steps are done by that.
  size_t CropAtOnce() {
    loaded_ = rect_;
    if (steps_.empty() || pictures_ != nullptr) return 0;  // who looks at the steps sees the whole region, too
    const auto* crop = std::get_if<config::CropStep>(&steps_[0]);
    if (crop == nullptr || !IsInside(*crop, rect_.width, rect_.height)) return 0;  // Apply() says what is wrong
    loaded_ = {rect_.x + crop->x, rect_.y + crop->y, crop->width, crop->height};
    return 1;
  }

  void Load(const Frame& frame) {
    if (pictures_ != nullptr) {
      ToRgb(frame, loaded_, image_);
      Note("region");
    }
    bool grey = input_.channels == 1;
    for (const config::PreprocessStep& step : steps_) grey = grey || IsGrey(step);
    // Luma straight from the frame: what can stand before `grey` in the list (geometry, `auto-contrast` by the luma,
    // `invert`) commutes with it up to rounding.
    if (grey) {
      ToGrey(frame, loaded_, image_);
    } else {
      ToRgb(frame, loaded_, image_);
    }
  }

  Result<void> Apply(size_t i) {
    const config::PreprocessStep& step = steps_[i];
    if (const auto* crop = std::get_if<config::CropStep>(&step)) {
      GLIMPSE_RETURN_IF_ERROR(Geometry::Crop(*crop, image_, other_));
      std::swap(image_, other_);
      loaded_.x += crop->x;
      loaded_.y += crop->y;
    } else if (const auto* rotate = std::get_if<config::RotateStep>(&step)) {
      geometry_.Rotate(rotate->degrees, image_, other_);
      std::swap(image_, other_);
      ink_is_in_frame_ = false;
    } else if (const auto* perspective = std::get_if<config::PerspectiveStep>(&step)) {
      GLIMPSE_RETURN_IF_ERROR(geometry_.Straighten(*perspective, image_, other_));
      std::swap(image_, other_);
      ink_is_in_frame_ = false;
    } else if (const auto* resize = std::get_if<config::ResizeStep>(&step)) {
      filter_ = FilterOf(*resize);
      bool centred_later = false;
      for (size_t later = i + 1; later < steps_.size(); ++later) centred_later |= IsCentre(steps_[later]);
      if (centred_later) return {};
      Resize(*resize);
    } else if (const auto* contrast = std::get_if<config::AutoContrastStep>(&step)) {
      AutoContrast(image_, contrast->cutoff);
    } else if (const auto* threshold = std::get_if<config::ThresholdStep>(&step)) {
      Threshold(image_, threshold->level);
    } else if (const auto* invert = std::get_if<config::InvertStep>(&step)) {
      Invert(invert->mode);
    } else if (IsCentre(step)) {
      Centre();
    } else if (const auto* colour = std::get_if<config::ColourStep>(&step)) {
      if (colour->order == config::ColourStep::Order::kBgr) SwapRedAndBlue();
    } else if (!IsGrey(step)) {
      return {};  // normalise, quantise: Fill() does them
    }
    Note(std::string(config::NameOf(step)));
    return {};
  }

  void SwapRedAndBlue() {
    for (size_t at = 0; at + 2 < image_.pixels.size(); at += 3) std::swap(image_.pixels[at], image_.pixels[at + 2]);
  }

  void Invert(config::InvertStep::Mode mode) {
    bool inverted = mode == config::InvertStep::Mode::kYes;
    if (mode == config::InvertStep::Mode::kAuto) {
      if (image_.channels == 3) RgbToGrey(image_, other_);
      const Ink ink = ink_.Look(image_.channels == 3 ? other_ : image_);
      Report(ink);
      inverted = ink.dark;
    }
    report_.inverted = inverted;
    if (!inverted) return;
    for (uint8_t& pixel : image_.pixels) pixel = static_cast<uint8_t>(255 - pixel);
  }

  void Centre() {
    if (image_.width == input_.width && image_.height == input_.height && IsPlaced(image_)) {
      Report(ink_.Look(image_));
      report_.blank = false;
      return;
    }
    Rect box;
    const Ink ink = ink_.RemovePaper(image_, other_, box);
    Report(ink);
    if (ink.blank) return;
    std::swap(image_, other_);
    Note("paper");
    PlaceDigit(image_, box, input_.width, input_.height, filter_, resampler_, digit_, other_);
    // No `resize` came before: it waits for `centre`.
    report_.centred = true;
    report_.ink_x = (ink_is_in_frame_ ? loaded_.x : 0) + box.x;
    report_.ink_y = (ink_is_in_frame_ ? loaded_.y : 0) + box.y;
    report_.ink_width = box.width;
    report_.ink_height = box.height;
    std::swap(image_, other_);
  }

  void Resize(const config::ResizeStep& resize) {
    if (resize.fit == config::ResizeStep::Fit::kLetterbox) {
      Letterbox(image_, input_.width, input_.height, FilterOf(resize), resize.fill, resampler_, digit_, other_);
    } else {
      resampler_.Run(image_, {0, 0, image_.width, image_.height}, input_.width, input_.height, other_,
                     FilterOf(resize));
    }
    std::swap(image_, other_);
  }

  void Report(const Ink& ink) {
    report_.blank = ink.blank;
    report_.contrast = ink.contrast;
    report_.noise = ink.noise;
  }

  void Note(std::string name) {
    if (pictures_ != nullptr) pictures_->push_back({std::move(name), ToFrame(image_)});
  }

  void Fill(std::span<std::byte> out) {
    if (image_.channels < input_.channels) {
      GreyToRgb(image_, other_);
      std::swap(image_, other_);
    }
    std::byte* to = out.data();
    size_t channel = 0;  // whose table serves the next pixel
    for (const uint8_t pixel : image_.pixels) {
      const size_t table = channel;
      channel = channel + 1 == real_.size() ? 0 : channel + 1;
      if (input_.type == InputType::kFloat32) {
        const auto real = static_cast<float>(real_[table][pixel]);
        std::memcpy(to, &real, sizeof(real));
        to += sizeof(real);
      } else {
        *to++ = std::byte{quantised_[table][pixel]};
      }
    }
  }

  std::vector<config::PreprocessStep> steps_;
  std::optional<config::Region> region_;
  InputSpec input_;
  // Of each pixel value, for each channel or once for all.
  std::vector<std::array<double, 256>> real_;
  std::vector<std::array<uint8_t, 256>> quantised_;

  // Of the run at hand.
  Rect rect_;                      // the region
  Rect loaded_;                    // the part of the frame that image_ shows, as long as it is not turned
  bool ink_is_in_frame_ = true;    // nothing was turned so far
  Filter filter_ = Filter::kArea;  // of the last step `resize`
  PreprocessReport report_;
  std::vector<NamedPicture>* pictures_ = nullptr;
  Image image_, other_;  // the picture so far, and what the next step writes
  Image digit_;          // made to fit, before it gets its place
  Resampler resampler_;
  Geometry geometry_;
  InkFinder ink_;
};

Result<Preprocessor> Preprocessor::Create(std::vector<config::PreprocessStep> steps,
                                          std::optional<config::Region> region, const InputSpec& input) {
  GLIMPSE_RETURN_IF_ERROR(internal::CheckPreprocessing(steps, region, input));
  auto impl = std::make_unique<Impl>(std::move(steps), std::move(region), input);
  GLIMPSE_RETURN_IF_ERROR(impl->Prepare());
  return Preprocessor(std::move(impl));
}

Preprocessor::Preprocessor(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Preprocessor::Preprocessor(Preprocessor&&) noexcept = default;
Preprocessor& Preprocessor::operator=(Preprocessor&&) noexcept = default;
Preprocessor::~Preprocessor() = default;

const InputSpec& Preprocessor::input() const { return impl_->input(); }

Result<PreprocessReport> Preprocessor::Run(const Frame& frame, std::span<std::byte> out,
                                           std::vector<NamedPicture>* pictures) {
  return impl_->Run(frame, out, pictures);
}

}  // namespace glimpse::media
