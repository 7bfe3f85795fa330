// SPDX-License-Identifier: Apache-2.0
// The sources that stand in for a camera: a folder of pictures, and an idx file.
#pragma once

#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "media/idx.h"
#include "media/pacer.h"
#include "media/source.h"

namespace glimpse::media {

// A list of pictures, played once or round and round at a pace. Subclasses say what picture i is.
class ReplaySource : public Source {
 public:
  Result<std::optional<Frame>> Next(std::stop_token stop) final;
  SourceStats stats() const final;

 protected:
  // `what` names the source in errors, "camera 'front': /some/folder".
  ReplaySource(const config::Camera& camera, std::string what, uint64_t count, Clock& clock);

  // Picture `i`, without sequence and times. An error is counted as a picture skipped.
  virtual Result<Frame> Load(size_t i) = 0;

 private:
  void Advance(uint64_t by);
  void CountSkipped(const Error& error);
  // The next picture that can be loaded, in pending_. False at the end of a list that does not loop.
  Result<bool> LoadPending();

  const std::string what_;
  const uint64_t count_;
  const bool loop_;
  Clock* clock_;
  Pacer pacer_;
  uint64_t position_ = 0;  // of the picture after pending_, in 0..count_
  uint64_t sequence_ = 0;
  uint64_t failed_in_a_row_ = 0;
  std::optional<Frame> pending_;  // loaded, waiting for its time

  mutable std::mutex mutex_;  // guards stats_
  SourceStats stats_;
};

Result<std::unique_ptr<Source>> OpenFiles(const config::Camera& camera, const std::string& name,
                                          const SourceOptions& options, Clock& clock);
Result<std::unique_ptr<Source>> OpenIdx(const config::Camera& camera, const std::string& name,
                                        const SourceOptions& options, Clock& clock);

}  // namespace glimpse::media
