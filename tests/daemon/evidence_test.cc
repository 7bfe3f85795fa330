// SPDX-License-Identifier: Apache-2.0
#include "daemon/evidence.h"

#include <gtest/gtest.h>

namespace glimpse::daemon {
namespace {

std::shared_ptr<const FrameEvidence> Evidence(uint64_t frame, size_t input_bytes) {
  auto evidence = std::make_shared<FrameEvidence>();
  evidence->frame = frame;
  evidence->regions.emplace_back();
  evidence->regions[0].input.resize(input_bytes);
  return evidence;
}

media::Frame Picture(int width, int height) {
  return media::MakeFrame(media::PixelFormat::kGrey8, width, height,
                          std::vector<uint8_t>(static_cast<size_t>(width) * static_cast<size_t>(height)));
}

EvidenceStore Store(uint32_t frames, uint32_t bytes) {
  return {config::Keep{frames, bytes}, TensorFacts{}, TensorFacts{}};
}

TEST(EvidenceStore, GivesTheFrameAskedForAndTheNewestWithoutANumber) {
  EvidenceStore store = Store(10, 1 << 20);
  EXPECT_FALSE(store.Find(std::nullopt));
  EXPECT_FALSE(store.range());
  for (uint64_t frame : {3, 4, 7}) store.Add(Evidence(frame, 1), Picture(2, 2));
  EXPECT_EQ(store.Find(std::nullopt)->evidence->frame, 7u);
  EXPECT_EQ(store.Find(4)->evidence->frame, 4u);
  EXPECT_FALSE(store.Find(5));
  EXPECT_EQ(store.range()->first, 3u);
  EXPECT_EQ(store.range()->last, 7u);
}

TEST(EvidenceStore, KeepsSoManyFrames) {
  EvidenceStore store = Store(3, 1 << 20);
  for (uint64_t frame = 0; frame < 10; ++frame) store.Add(Evidence(frame, 1), Picture(2, 2));
  EXPECT_EQ(store.range()->first, 7u);
  EXPECT_TRUE(store.Find(7)->picture);
}

TEST(EvidenceStore, GivesUpOldPicturesBeforeOldFrames) {
  // Ten frames of some 500 bytes and pictures of 10,000: two pictures fit beside them, not three.
  EvidenceStore store = Store(10, 28000);
  for (uint64_t frame = 0; frame < 10; ++frame) store.Add(Evidence(frame, 100), Picture(100, 100));
  EXPECT_EQ(store.range()->first, 0u);
  EXPECT_FALSE(store.Find(7)->picture);
  EXPECT_TRUE(store.Find(8)->picture);
  EXPECT_TRUE(store.Find(9)->picture);
}

TEST(EvidenceStore, KeepsTheNewestWhateverItTakes) {
  EvidenceStore store = Store(10, 100);
  for (uint64_t frame = 0; frame < 3; ++frame) store.Add(Evidence(frame, 5000), Picture(100, 100));
  EXPECT_EQ(store.range()->first, 2u);
  EXPECT_TRUE(store.Find(2)->picture);
}

TEST(EvidenceStore, PictureOfALargerFileCountsAsItself) {
  // Frames of an idx file share the file's pixels: what counts is the picture, not the storage.
  media::Frame part = Picture(1000, 1000);
  part.width = part.height = 10;
  EvidenceStore store = Store(10, 10000);
  for (uint64_t frame = 0; frame < 3; ++frame) store.Add(Evidence(frame, 10), part);
  EXPECT_TRUE(store.Find(0)->picture);
}

}  // namespace
}  // namespace glimpse::daemon
