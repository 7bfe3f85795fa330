// SPDX-License-Identifier: Apache-2.0
// The custom operator TFLite_Detection_PostProcess.
#pragma once

#include <memory>

#include "glimpse/sdk.h"

namespace glimpse::detection {

std::unique_ptr<sdk::Kernel> MakePostProcess();

}  // namespace glimpse::detection
