// SPDX-License-Identifier: Apache-2.0
// What the last answers rest on, kept for `why` and `snapshot`: the frames, what the model got of them, what it gave.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "config/config.h"
#include "daemon/prediction.h"
#include "engine/model/dtype.h"
#include "media/frame.h"
#include "media/preprocess.h"

namespace glimpse::daemon {

// A tensor of the model, without its content.
struct TensorFacts {
  std::string name;
  DType type = DType::kInt8;
  std::vector<int64_t> shape;
  bool quantized = false;  // real = scale * (q - zero_point)
  double scale = 0;
  int64_t zero_point = 0;
};

// One region of one frame. Immutable once kept.
struct RegionEvidence {
  Prediction prediction;
  media::PreprocessReport report;
  std::optional<double> edge_width;  // pixels of the frame; see `decide.blur`
  std::vector<std::byte> input;      // the very bytes that were classified, as EvidenceStore::input() says
  std::vector<std::byte> output;     // as EvidenceStore::output() says
};

struct FrameEvidence {
  uint64_t frame = 0;
  std::string origin;
  std::chrono::system_clock::time_point time;
  std::vector<RegionEvidence> regions;  // in the order of the pipeline's
};

// A ring of the last frames of one pipeline, bounded in frames and bytes. Thread-safe.
class EvidenceStore {
 public:
  EvidenceStore(const config::Keep& limits, TensorFacts input, TensorFacts output)
      : limits_(limits), input_(std::move(input)), output_(std::move(output)) {}

  const TensorFacts& input() const { return input_; }
  const TensorFacts& output() const { return output_; }
  // Whether anything is kept at all: whoever adds can spare the copies.
  bool enabled() const { return limits_.frames > 0; }

  // Keeps one frame more; makes room by giving up pictures, the oldest first, then whole frames. The newest stays.
  void Add(std::shared_ptr<const FrameEvidence> evidence, const media::Frame& picture);

  // Adds what another store of the same tensors keeps, as far as there is room.
  void AddFrom(const EvidenceStore& other);

  struct Found {
    std::shared_ptr<const FrameEvidence> evidence;
    std::optional<media::Frame> picture;
  };
  // The frame with that number, the newest without one; nothing when it is not kept.
  std::optional<Found> Find(std::optional<uint64_t> frame) const;

  struct Range {
    uint64_t first = 0, last = 0;
  };
  // Nothing before the first frame.
  std::optional<Range> range() const;

 private:
  struct Kept {
    std::shared_ptr<const FrameEvidence> evidence;
    std::optional<media::Frame> picture;
    uint64_t evidence_bytes = 0;
    uint64_t picture_bytes = 0;
  };
  void MakeRoom();

  const config::Keep limits_;
  const TensorFacts input_;
  const TensorFacts output_;
  mutable std::mutex mutex_;
  std::deque<Kept> kept_;  // oldest first
  uint64_t bytes_ = 0;
};

}  // namespace glimpse::daemon
