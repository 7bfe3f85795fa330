// SPDX-License-Identifier: Apache-2.0
// Predictions, events and counters as the JSON text of docs/protocol.md.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

#include "daemon/capture.h"
#include "daemon/prediction.h"
#include "daemon/stats.h"

namespace glimpse::daemon {

// "2026-03-01T10:00:00.123Z"
std::string FormatTime(std::chrono::system_clock::time_point time);

// The members of a prediction, open at its end so that `dropped` and `subscription` may follow:
// {"pipeline":"digits",... Made once for all subscribers.
std::string PredictionMembers(const Prediction& prediction);

// A whole line of the notification, from those members.
std::string PredictionLine(const std::string& members, uint64_t dropped, int subscription);

// A whole line of the notification `event`.
std::string EventLine(const Event& event);

// One camera's and one pipeline's member of the result of `status`, as JSON text.
std::string CameraStatus(const config::Camera& camera, const CameraCounts& counts,
                         std::chrono::steady_clock::time_point now);
std::string PipelineStatus(const PipelineInfo& info, const PipelineCounts& counts, bool paused);

}  // namespace glimpse::daemon
