// SPDX-License-Identifier: Apache-2.0
#include "daemon/evidence.h"

#include <algorithm>
#include <utility>

namespace glimpse::daemon {
namespace {

uint64_t PictureBytes(const media::Frame& picture) {
  uint64_t bytes = 0;
  for (size_t plane = 0; plane < media::PlaneCount(picture.format); ++plane) {
    bytes +=
        media::RowBytes(picture.format, plane, picture.width) * media::RowCount(picture.format, plane, picture.height);
  }
  return bytes;
}

uint64_t EvidenceBytes(const FrameEvidence& evidence) {
  uint64_t bytes = sizeof(FrameEvidence) + evidence.origin.size();
  for (const RegionEvidence& region : evidence.regions) {
    bytes += sizeof(RegionEvidence) + region.input.size() + region.output.size() +
             region.prediction.scores.size() * sizeof(double);
  }
  return bytes;
}

}  // namespace

void EvidenceStore::Add(std::shared_ptr<const FrameEvidence> evidence, const media::Frame& picture) {
  Kept kept{std::move(evidence), picture, 0, PictureBytes(picture)};
  kept.evidence_bytes = EvidenceBytes(*kept.evidence);
  const std::lock_guard lock(mutex_);
  bytes_ += kept.evidence_bytes + kept.picture_bytes;
  kept_.push_back(std::move(kept));
  MakeRoom();
}

void EvidenceStore::AddFrom(const EvidenceStore& other) {
  if (!enabled()) return;
  const std::scoped_lock lock(mutex_, other.mutex_);
  for (const Kept& kept : other.kept_) {
    kept_.push_back(kept);
    bytes_ += kept.evidence_bytes + kept.picture_bytes;
    MakeRoom();
  }
}

void EvidenceStore::MakeRoom() {
  for (Kept& kept : kept_) {
    if (bytes_ <= limits_.bytes || &kept == &kept_.back()) break;
    bytes_ -= std::exchange(kept.picture_bytes, 0);
    kept.picture.reset();
  }
  while (kept_.size() > std::max(limits_.frames, 1u) || (bytes_ > limits_.bytes && kept_.size() > 1)) {
    bytes_ -= kept_.front().evidence_bytes + kept_.front().picture_bytes;
    kept_.pop_front();
  }
}

std::optional<EvidenceStore::Found> EvidenceStore::Find(std::optional<uint64_t> frame) const {
  const std::lock_guard lock(mutex_);
  // The newest first: numbers only repeat where a source counts anew, and then the newer one is meant.
  for (auto kept = kept_.rbegin(); kept != kept_.rend(); ++kept) {
    if (!frame || kept->evidence->frame == *frame) return Found{kept->evidence, kept->picture};
  }
  return std::nullopt;
}

std::optional<EvidenceStore::Range> EvidenceStore::range() const {
  const std::lock_guard lock(mutex_);
  if (kept_.empty()) return std::nullopt;
  return Range{kept_.front().evidence->frame, kept_.back().evidence->frame};
}

}  // namespace glimpse::daemon
