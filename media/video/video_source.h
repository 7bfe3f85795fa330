// SPDX-License-Identifier: Apache-2.0
// The source that reads a video: a file, or a FIFO that another program writes.
#pragma once

#include <memory>
#include <string>

#include "base/result.h"
#include "config/config.h"
#include "media/clock.h"
#include "media/source.h"

namespace glimpse::media {

// camera.path is a regular file or a FIFO of
//   Y4M     4:2:0, 4:2:2, 4:4:4 or mono with 8 bits; in limited range unless its header says otherwise
//   MJPEG   JPEGs one after another
//   raw     frames of `format` and `size` one after another, when camera.format names a pixel format; in full range
// `format: auto` tells the first two apart by their first bytes. A frame that is cut off or damaged is skipped and
// counted; what lies between two JPEGs of a file is passed over. A file is played like a folder of pictures: `fps`,
// `loop`, `realtime`. A FIFO gives frames as they are written, and the writer waits for the reader. When the writer
// ends, the next one may begin a stream of its own, once that end was seen: a FIFO does not tell one writer from
// another that follows at once. What makes no sense is thrown away up to its writer's end. Errors: kInvalidConfig when
// the path is neither; kInvalidArgument for content that is none of these; kIo, also for a FIFO without a frame within
// camera.timeout_s.
Result<std::unique_ptr<Source>> OpenVideo(const config::Camera& camera, const std::string& name,
                                          const SourceOptions& options, Clock& clock);

}  // namespace glimpse::media
