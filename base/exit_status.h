// SPDX-License-Identifier: Apache-2.0
// The exit status of glimpse and glimpsed: part of their documented interface.
#pragma once

#include "base/result.h"

namespace glimpse {

// Values are fixed: scripts and glimpsed.service (RestartPreventExitStatus=) depend on them.
enum class ExitStatus : int {
  kOk = 0,
  kRuntimeFailure = 1,
  kUsage = 2,
  kInvalidModel = 3,
  kUnsupportedModel = 4,
  kInvalidConfig = 5,
  kDifferent = 6,
  kPluginRefused = 7,
};

// The status a program ends with when `code` is what stopped it.
constexpr ExitStatus ExitStatusFor(ErrorCode code) {
  switch (code) {
    case ErrorCode::kInvalidModel:
      return ExitStatus::kInvalidModel;
    case ErrorCode::kUnsupported:
      return ExitStatus::kUnsupportedModel;
    case ErrorCode::kInvalidConfig:
      return ExitStatus::kInvalidConfig;
    case ErrorCode::kPlugin:
      return ExitStatus::kPluginRefused;
    case ErrorCode::kInvalidArgument:
    case ErrorCode::kIo:
    case ErrorCode::kExhausted:
    case ErrorCode::kInternal:
      return ExitStatus::kRuntimeFailure;
  }
  return ExitStatus::kRuntimeFailure;
}

}  // namespace glimpse
