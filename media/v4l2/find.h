// SPDX-License-Identifier: Apache-2.0
// Finding a V4L2 camera by what the configuration calls it.
#pragma once

#include <memory>
#include <string>

#include "base/result.h"
#include "media/v4l2/device.h"

namespace glimpse::media {

struct FoundV4l2 {
  std::string path;
  std::unique_ptr<V4l2Device> device;
};

// See OpenV4l2 for what `id` may be. Errors: kIo when there is none of that name, or none that can be used, with the
// reason for each that was looked at.
Result<FoundV4l2> FindV4l2(const std::string& id, V4l2Devices& devices);

}  // namespace glimpse::media
