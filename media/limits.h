// SPDX-License-Identifier: Apache-2.0
// What a picture or an idx file may cost; all of them are untrusted.
#pragma once

#include <cstdint>

namespace glimpse::media {

// Inclusive maxima, checked before memory is taken.
struct Limits {
  uint64_t max_pixels = 64u << 20;       // width * height of one picture
  uint64_t max_file_bytes = 64u << 20;   // one picture file, encoded
  uint64_t max_idx_bytes = 1024u << 20;  // one idx file, both as it lies on disk and unpacked
  uint64_t max_folder_files = 1u << 20;  // pictures in one folder
  uint64_t max_video_frames = 1u << 20;  // frames in one video file
};

}  // namespace glimpse::media
