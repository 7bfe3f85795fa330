// SPDX-License-Identifier: Apache-2.0
// ListedCamera: a camera as `glimpse cameras` shows it.
#pragma once

#include <string>
#include <vector>

namespace glimpse::media {

struct ListedCamera {
  std::string source;                // "v4l2" or "libcamera"
  std::string id;                    // for `id` of the configuration
  std::string name;                  // of the model
  std::string driver, bus;           // of v4l2
  std::vector<std::string> formats;  // "yuyv: 640x480 at 30, 15"
  std::string problem;               // why it cannot be used, "" when it can
};

}  // namespace glimpse::media
