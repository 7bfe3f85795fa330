// SPDX-License-Identifier: Apache-2.0
// The results of `why` and `snapshot` as the JSON text of docs/protocol.md, with pictures and arrays as base64.
#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "config/config.h"
#include "daemon/evidence.h"

namespace glimpse::daemon {

// Both take milliseconds where pictures are large. Reentrant. Errors: kInternal when a picture cannot be encoded.

// REQUIRES: a region of the evidence. `decide` is what its pipeline decides by.
Result<std::string> WhyText(const EvidenceStore& store, const FrameEvidence& evidence, const std::string& region,
                            const config::Decide& decide);

// `regions` are the pipeline's rectangles, empty for the whole frame.
Result<std::string> SnapshotText(const EvidenceStore& store, const FrameEvidence& evidence, const media::Frame& picture,
                                 const std::string& camera, const std::vector<config::Region>& regions);

}  // namespace glimpse::daemon
