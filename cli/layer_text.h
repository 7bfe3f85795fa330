// SPDX-License-Identifier: Apache-2.0
// Numbers and names as the commands print them.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "engine/model/model.h"

namespace glimpse::cli {

// The shortest decimal that reads back as the same float, or double.
std::string ExactFloat(float value);
std::string ExactDouble(double value);

// "relu6" for a value of glimpse_activation.
std::string ActivationName(uint32_t activation);

// "scale 0.0039 zero point -128", or "32 scales along dimension 0, 0.001 to 0.02", or "-".
std::string QuantizationText(const Quantization& quantization);

// Rows with columns as wide as they must be; the first is the head. Each line ends with '\n'.
std::string TextTable(const std::vector<std::vector<std::string>>& rows);

}  // namespace glimpse::cli
