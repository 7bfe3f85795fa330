// SPDX-License-Identifier: Apache-2.0
#include "kernels/quant/profile.h"

#include <algorithm>
#include <cmath>

#include "kernels/quant/requantize.h"

namespace glimpse::kernels {
namespace {

constexpr std::string_view kPrefix = "tflite.";

std::string_view BareName(std::string_view op) {
  return op.substr(0, kPrefix.size()) == kPrefix ? op.substr(kPrefix.size()) : op;
}

}  // namespace

std::optional<Profile> ProfileFromName(std::string_view numerics) {
  if (numerics == "litert-reference") return Profile::kLitertReference;
  if (numerics == "tflite-micro") return Profile::kTfliteMicro;
  if (numerics == "litert-xnnpack") return Profile::kLitertXnnpack;
  return std::nullopt;
}

std::string_view RoundingName(Rounding rounding) {
  switch (rounding) {
    case Rounding::kDouble:
      return "double rounding";
    case Rounding::kHalfUp:
      return "fixed point, last shift half up";
    case Rounding::kRealHalfAway:
      return "round(double(acc) * scale), half away from zero";
    case Rounding::kFloatHalfEven:
      return "rint(float(acc) * float scale), half to even";
  }
  return "";
}

std::optional<Rounding> RoundingFor(std::string_view numerics, std::string_view op) {
  const std::optional<Profile> profile = ProfileFromName(numerics);
  const std::string_view name = BareName(op);
  const bool fully_connected = name == "FULLY_CONNECTED";
  if (!profile || (!fully_connected && name != "CONV_2D" && name != "DEPTHWISE_CONV_2D")) return std::nullopt;
  if (*profile == Profile::kLitertXnnpack) return Rounding::kFloatHalfEven;
  return fully_connected && *profile == Profile::kLitertReference ? Rounding::kRealHalfAway : Rounding::kDouble;
}

OutputScale OutputScaleFor(Rounding rounding, float input_scale, float filter_scale, float output_scale,
                           ScaleProduct product) {
  OutputScale scale;
  scale.rounding = rounding;
  scale.single = input_scale * filter_scale / output_scale;
  const double inputs = product == ScaleProduct::kFloat
                            ? static_cast<double>(input_scale * filter_scale)
                            : static_cast<double>(input_scale) * static_cast<double>(filter_scale);
  scale.real = inputs / static_cast<double>(output_scale);
  scale.fixed = QuantizeMultiplier(scale.real);
  return scale;
}

OutputScale OutputScaleFor(std::string_view numerics, std::string_view op, float input_scale, float filter_scale,
                           float output_scale) {
  return OutputScaleFor(RoundingFor(numerics, op).value_or(Rounding::kDouble), input_scale, filter_scale, output_scale);
}

int32_t Requantize(int32_t acc, const OutputScale& scale) {
  switch (scale.rounding) {
    case Rounding::kDouble:
      return MultiplyDoubleRounding(acc, scale.fixed);
    case Rounding::kHalfUp:
      return MultiplyHalfUp(acc, scale.fixed);
    case Rounding::kRealHalfAway:
      return RoundRealHalfAway(acc, scale.real);
    case Rounding::kFloatHalfEven:
      return RoundFloatHalfEven(acc, scale.single);
  }
  return 0;
}

int32_t Requantize(int64_t acc, const OutputScale& scale) {
  switch (scale.rounding) {
    case Rounding::kDouble:
      return scale.fixed.shift > 14 ? 0 : MultiplyReduced(acc, scale.fixed);
    case Rounding::kRealHalfAway:
      return ToInt32(std::round(static_cast<double>(acc) * scale.real));
    case Rounding::kHalfUp:
    case Rounding::kFloatHalfEven:
      break;
  }
  return 0;
}

int8_t RequantizeToInt8(int32_t acc, const OutputScale& scale, int32_t zero_point, int32_t min, int32_t max) {
  return static_cast<int8_t>(std::clamp(WrappingAdd(Requantize(acc, scale), zero_point), min, max));
}

}  // namespace glimpse::kernels
