// SPDX-License-Identifier: Apache-2.0
#include "daemon/server/outbox.h"

#include <algorithm>
#include <utility>

#include "daemon/messages.h"

namespace glimpse::daemon {

void Outbox::PushAnswer(std::string line) {
  ++answers_;
  answer_bytes_ += line.size();
  messages_.push_back({Kind::kAnswer, 0, std::make_shared<const std::string>(std::move(line))});
}

void Outbox::PushEvent(std::shared_ptr<const std::string> line) {
  MakeRoom();
  messages_.push_back({Kind::kEvent, 0, std::move(line)});
}

void Outbox::PushPrediction(int subscription, std::shared_ptr<const std::string> members) {
  MakeRoom();
  messages_.push_back({Kind::kPrediction, subscription, std::move(members)});
}

void Outbox::RemoveSubscription(int subscription) {
  std::erase_if(messages_, [=](const Message& message) {
    return message.kind == Kind::kPrediction && message.subscription == subscription;
  });
  dropped_.erase(subscription);
}

void Outbox::MakeRoom() {
  if (messages_.size() - answers_ < capacity_) return;
  ++total_dropped_;
  // Few answers can stand before the first prediction, so this looks at few.
  const auto is = [](Kind kind) { return [kind](const Message& message) { return message.kind == kind; }; };
  auto oldest = std::find_if(messages_.begin(), messages_.end(), is(Kind::kPrediction));
  if (oldest == messages_.end()) {
    oldest = std::find_if(messages_.begin(), messages_.end(), is(Kind::kEvent));
  } else {
    ++dropped_[oldest->subscription];
  }
  messages_.erase(oldest);
}

void Outbox::Fill(std::string* buffer, size_t enough) {
  while (!messages_.empty() && buffer->size() < enough) {
    const Message message = std::move(messages_.front());
    messages_.pop_front();
    if (message.kind == Kind::kAnswer) {
      --answers_;
      answer_bytes_ -= message.text->size();
    }
    if (message.kind == Kind::kPrediction) {
      const auto dropped = dropped_.find(message.subscription);
      *buffer += PredictionLine(*message.text, dropped == dropped_.end() ? 0 : dropped->second, message.subscription);
      if (dropped != dropped_.end()) dropped_.erase(dropped);
    } else {
      *buffer += *message.text;
    }
  }
}

}  // namespace glimpse::daemon
