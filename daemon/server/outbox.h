// SPDX-License-Identifier: Apache-2.0
// What waits to be written to one client.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <string>

namespace glimpse::daemon {

// Keeps the order of everything pushed. Answers are never lost; of predictions and events at most `capacity` wait, then
// the oldest prediction goes (the oldest event, if there is no prediction) and is counted for its subscription.
// Not thread-safe.
class Outbox {
 public:
  explicit Outbox(size_t capacity) : capacity_(capacity) {}

  // Whole lines.
  void PushAnswer(std::string line);
  void PushEvent(std::shared_ptr<const std::string> line);
  // `members` as of PredictionMembers(): the rest of the line is made when it is written, for only then is it known how
  // many before it were dropped.
  void PushPrediction(int subscription, std::shared_ptr<const std::string> members);
  // Throws away what waits for it.
  void RemoveSubscription(int subscription);

  bool empty() const { return messages_.empty(); }
  // Nothing waits and nothing has to be told: a message that is sent past it breaks no order.
  bool clear() const { return messages_.empty() && dropped_.empty(); }
  size_t answers() const { return answers_; }
  uint64_t answer_bytes() const { return answer_bytes_; }
  // Predictions and events thrown away since it was made.
  uint64_t total_dropped() const { return total_dropped_; }

  // Appends the next messages to `buffer` until it holds `enough` bytes or nothing is left.
  void Fill(std::string* buffer, size_t enough);

 private:
  enum class Kind { kAnswer, kEvent, kPrediction };
  struct Message {
    Kind kind;
    int subscription;
    std::shared_ptr<const std::string> text;
  };
  void MakeRoom();

  const size_t capacity_;
  std::deque<Message> messages_;
  size_t answers_ = 0;
  uint64_t answer_bytes_ = 0;
  uint64_t total_dropped_ = 0;
  std::map<int, uint64_t> dropped_;  // since the last message of that subscription that was written
};

}  // namespace glimpse::daemon
