// SPDX-License-Identifier: Apache-2.0
#include "cli/layer_text.h"

#include <algorithm>
#include <charconv>

#include "base/strings.h"
#include "glimpse/op_options.h"

namespace glimpse::cli {
namespace {

template <typename Number>
std::string Shortest(Number value) {
  char text[64];
  const auto [end, error] = std::to_chars(text, text + sizeof(text), value);
  return error == std::errc() ? std::string(text, end) : "?";
}

}  // namespace

std::string ExactFloat(float value) { return Shortest(value); }
std::string ExactDouble(double value) { return Shortest(value); }

std::string ActivationName(uint32_t activation) {
  switch (activation) {
    case GLIMPSE_ACT_NONE:
      return "no activation";
    case GLIMPSE_ACT_RELU:
      return "relu";
    case GLIMPSE_ACT_RELU_N1_TO_1:
      return "relu_n1_to_1";
    case GLIMPSE_ACT_RELU6:
      return "relu6";
    case GLIMPSE_ACT_TANH:
      return "tanh";
    case GLIMPSE_ACT_SIGN_BIT:
      return "sign_bit";
    default:
      return StrCat("activation ", activation);
  }
}

std::string QuantizationText(const Quantization& quantization) {
  const std::vector<float>& scales = quantization.scales;
  if (scales.empty()) return "-";
  if (scales.size() == 1) return StrCat("scale ", ExactFloat(scales[0]), ", zero point ", quantization.zero_points[0]);
  const auto [low, high] = std::minmax_element(scales.begin(), scales.end());
  return StrCat(scales.size(), " scales along dimension ", quantization.axis, ", ", ExactFloat(*low), " to ",
                ExactFloat(*high));
}

std::string TextTable(const std::vector<std::vector<std::string>>& rows) {
  std::vector<size_t> widths;
  for (const auto& row : rows) {
    widths.resize(std::max(widths.size(), row.size()));
    for (size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], row[i].size());
  }
  std::string text;
  for (const auto& row : rows) {
    std::string line;
    for (size_t i = 0; i < row.size(); ++i) {
      line += row[i];
      if (i + 1 < row.size()) line.append(widths[i] - row[i].size() + 2, ' ');
    }
    while (!line.empty() && line.back() == ' ') line.pop_back();
    text += line + '\n';
  }
  return text;
}

}  // namespace glimpse::cli
