// SPDX-License-Identifier: Apache-2.0
#include "media/preprocess.h"

#include <array>
#include <cstring>
#include <utility>
#include <variant>

#include "base/strings.h"
#include "media/centre.h"
#include "media/convert.h"
#include "media/image.h"
#include "media/ink.h"
#include "media/quantise.h"
#include "media/resample.h"

namespace glimpse::media {
namespace {

constexpr int kMaxInputSide = 4096;

std::string SizeText(int width, int height) { return StrCat(width, "x", height); }

Result<void> CheckInput(const InputSpec& input) {
  if (input.normalisation.size() > 1 && input.normalisation.size() != static_cast<size_t>(input.channels)) {
    return Unexpected(ErrorCode::kUnsupported, StrCat("the model's input has ", input.channels, " channels and ",
                                                      input.normalisation.size(), " normalisations"));
  }
  const bool sides =
      input.width >= 1 && input.width <= kMaxInputSide && input.height >= 1 && input.height <= kMaxInputSide;
  if (sides && (input.channels == 1 || input.channels == 3)) return {};
  return Unexpected(ErrorCode::kUnsupported,
                    StrCat("the model's input is ", SizeText(input.width, input.height), " with ", input.channels,
                           " channels; a picture has 1 or 3 and sides of 1 to ", kMaxInputSide));
}

Result<void> CheckRegion(const std::optional<config::Region>& region) {
  if (!region || (region->width > 0 && region->height > 0 && region->x >= 0 && region->y >= 0)) return {};
  return Unexpected(ErrorCode::kInvalidConfig,
                    StrCat("region '", Printable(region->name), "': [", region->x, ", ", region->y, ", ", region->width,
                           ", ", region->height, "] is x, y, width, height; x and y are at least 0, the others 1"));
}

constexpr std::array<const char*, 5> kStepNames = {"grey", "resize", "invert", "centre", "normalise"};

bool IsCentre(const config::PreprocessStep& step) { return std::holds_alternative<config::CentreStep>(step); }
bool IsGrey(const config::PreprocessStep& step) { return std::holds_alternative<config::GreyStep>(step); }

// Each step at most once, and `centre` only where the picture is grey by then.
Result<void> CheckSteps(const std::vector<config::PreprocessStep>& steps, int channels) {
  std::array<bool, kStepNames.size()> seen{};
  bool grey = channels == 1;
  for (const config::PreprocessStep& step : steps) {
    if (std::exchange(seen[step.index()], true)) {
      return Unexpected(ErrorCode::kInvalidConfig,
                        StrCat("preprocess: step '", kStepNames[step.index()], "' is there twice; remove one"));
    }
    grey = grey || IsGrey(step);
    if (IsCentre(step) && !grey) {
      return Unexpected(ErrorCode::kInvalidConfig,
                        "preprocess: step 'centre' needs a grey picture; put 'grey' before it");
    }
  }
  return {};
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
    Load(frame);
    for (size_t i = 0; i < steps_.size(); ++i) Apply(i);
    if (image_.width != input_.width || image_.height != input_.height) Resize();
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

  void Load(const Frame& frame) {
    if (pictures_ != nullptr) {
      ToRgb(frame, rect_, image_);
      Note("region");
    }
    bool grey = input_.channels == 1;
    for (const config::PreprocessStep& step : steps_) grey = grey || IsGrey(step);
    // Luma straight from the frame: nothing in the list but `grey` itself, or `invert` (which commutes with it up to
    // rounding), can come before it.
    if (grey) {
      ToGrey(frame, rect_, image_);
    } else {
      ToRgb(frame, rect_, image_);
    }
  }

  void Apply(size_t i) {
    const config::PreprocessStep& step = steps_[i];
    if (IsGrey(step)) {
      Note("grey");
    } else if (std::holds_alternative<config::ResizeStep>(step)) {
      bool centred_later = false;
      for (size_t later = i + 1; later < steps_.size(); ++later) centred_later |= IsCentre(steps_[later]);
      if (!centred_later) {
        Resize();
        Note("resize");
      }
    } else if (const auto* invert = std::get_if<config::InvertStep>(&step)) {
      Invert(invert->mode);
      Note("invert");
    } else if (IsCentre(step)) {
      Centre();
      Note("centre");
    }
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
    PlaceDigit(image_, box, input_.width, input_.height, resampler_, digit_, other_);
    // The box is in pixels of the frame as long as no `resize` came before it, and none does: it waits for `centre`.
    report_.centred = true;
    report_.ink_x = rect_.x + box.x;
    report_.ink_y = rect_.y + box.y;
    report_.ink_width = box.width;
    report_.ink_height = box.height;
    std::swap(image_, other_);
  }

  void Resize() {
    resampler_.Run(image_, {0, 0, image_.width, image_.height}, input_.width, input_.height, other_);
    std::swap(image_, other_);
  }

  void Report(const Ink& ink) {
    report_.blank = ink.blank;
    report_.contrast = ink.contrast;
    report_.noise = ink.noise;
  }

  void Note(const char* name) {
    if (pictures_ != nullptr) pictures_->push_back({name, ToFrame(image_)});
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
  Rect rect_;
  PreprocessReport report_;
  std::vector<NamedPicture>* pictures_ = nullptr;
  Image image_, other_;  // the picture so far, and what the next step writes
  Image digit_;          // cut out and fitted
  Resampler resampler_;
  InkFinder ink_;
};

Result<Preprocessor> Preprocessor::Create(std::vector<config::PreprocessStep> steps,
                                          std::optional<config::Region> region, const InputSpec& input) {
  GLIMPSE_RETURN_IF_ERROR(CheckInput(input));
  GLIMPSE_RETURN_IF_ERROR(CheckRegion(region));
  GLIMPSE_RETURN_IF_ERROR(CheckSteps(steps, input.channels));
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
