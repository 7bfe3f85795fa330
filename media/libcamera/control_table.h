// SPDX-License-Identifier: Apache-2.0
// The controls that a configuration may name, by the names of rpicam-apps' options, and what is written for their
// values.
#pragma once

#include <libcamera/controls.h>

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "base/result.h"

namespace glimpse::media {

struct ControlWord {
  std::string_view word;
  int32_t value;
};

struct KnownControl {
  enum class Kind { kBool, kInteger, kNumber, kTwoNumbers, kWord };

  std::string_view name;
  const libcamera::ControlId* id;
  Kind kind;
  std::span<const ControlWord> words = {};  // of kWord
};

// Reentrant.
std::span<const KnownControl> KnownControls();

struct ControlReading {
  libcamera::ControlValue value;
  std::optional<double> number;  // to compare with the camera's range; nothing for two numbers
};

// Errors: kInvalidConfig "'TEXT' is no value for 'NAME'", and what is one.
Result<ControlReading> ReadControl(const KnownControl& control, const std::string& text);

}  // namespace glimpse::media
