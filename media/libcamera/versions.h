// SPDX-License-Identifier: Apache-2.0
// What differs between the releases of libcamera: this is the one place that knows.
//
//   release       where                            differs here
//   0.0.3         Debian 12                        flips are `transform`
//   0.2 and newer Debian 13 has 0.4.0, the next    flips are `orientation`
//                 Debian 0.7.2
//
// `./check --only libcamera` builds the source against all three. Raspberry Pi OS has releases of its own, with the
// newer interface; they are not tested.
#pragma once

#include <libcamera/camera.h>

namespace glimpse::media {

// Asks for a mirrored picture. What the camera makes of it is known after validate().
template <typename Configuration>
void AskForFlips(Configuration& configuration, bool hflip, bool vflip) {
  if constexpr (requires { configuration.orientation; }) {
    using Orientation = decltype(configuration.orientation);
    configuration.orientation = hflip ? (vflip ? Orientation::Rotate180 : Orientation::Rotate0Mirror)
                                      : (vflip ? Orientation::Rotate180Mirror : Orientation::Rotate0);
  } else {
    using Transform = decltype(configuration.transform);
    configuration.transform =
        hflip ? (vflip ? Transform::HVFlip : Transform::HFlip) : (vflip ? Transform::VFlip : Transform::Identity);
  }
}

// What is asked for, or was made of it; to be compared with ==.
template <typename Configuration>
auto FlipsOf(const Configuration& configuration) {
  if constexpr (requires { configuration.orientation; }) {
    return configuration.orientation;
  } else {
    return configuration.transform;
  }
}

}  // namespace glimpse::media
