// SPDX-License-Identifier: Apache-2.0
#include "daemon/server/session.h"

#include <poll.h>

#include <algorithm>
#include <boost/asio/buffer.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/write.hpp>
#include <cmath>

#include "base/strings.h"
#include "daemon/messages.h"
#include "daemon/server/server.h"

namespace glimpse::daemon {
namespace {

namespace asio = boost::asio;
using boost::system::error_code;
using SteadyClock = std::chrono::steady_clock;

constexpr size_t kWriteBytes = 64u << 10;
// So much of a line does not count for `max_pending_bytes`: requests but for pictures always get through.
constexpr size_t kFreeLineBytes = 16384;

size_t Counted(const std::string& line) { return line.size() > kFreeLineBytes ? line.size() : 0; }

}  // namespace

Session::Session(Socket socket, SocketKind kind, Server* server, Backend* backend)
    : socket_(std::move(socket)),
      server_(server),
      outbox_(backend->config().sockets.max_queue_messages),
      lock_(server->lock()),
      kind_(kind),
      backend_(backend),
      tokens_(std::max(1.0, backend->config().sockets.classify_rate_hz)),
      tokens_at_(SteadyClock::now()) {}

void Session::Start() { Read(); }

void Session::Read() {
  if (reading_ || input_ended_ || closing_ || server_ == nullptr) return;
  reading_ = true;
  socket_.async_read_some(asio::buffer(chunk_), [self = shared_from_this()](error_code error, size_t bytes) {
    const std::lock_guard lock(self->lock_);
    self->reading_ = false;
    if (self->server_ == nullptr) return;
    if (error) {
      if (error != asio::error::eof) return self->Close();
      self->input_ended_ = true;
      if (!self->line_.empty() && !self->skipping_) self->TakeLine("");
      if (self->server_ == nullptr) return;
      return self->CloseIfDone();
    }
    self->unread_ = {self->chunk_.data(), bytes};
    self->Consume();
  });
}

bool Session::TooManyAnswers() const {
  const config::Sockets& limits = backend_->config().sockets;
  return outbox_.answers() >= limits.max_answers || outbox_.answer_bytes() >= limits.max_answer_bytes;
}

void Session::Consume() {
  while (!unread_.empty() && server_ != nullptr && !closing_) {
    if (TooManyAnswers()) return;  // Write() comes back here
    const size_t end = unread_.find('\n');
    const std::string_view part = unread_.substr(0, end);
    unread_.remove_prefix(end == std::string_view::npos ? unread_.size() : end + 1);
    const uint32_t limit = backend_->config().sockets.max_line_bytes;
    if (!skipping_ && line_.size() + part.size() > limit) {
      GiveUpLine(
          {rpc::kLineTooLong, StrCat("line too long: the limit is ", limit, " bytes"), {{"max_line_bytes", limit}}});
    }
    if (end == std::string_view::npos) {
      if (!skipping_) KeepPart(part);
    } else {
      TakeLine(part);
    }
  }
  Read();
}

void Session::KeepPart(std::string_view part) {
  const size_t before = Counted(line_);
  if (line_.empty()) line_began_ = SteadyClock::now();
  line_ += part;
  const uint32_t limit = backend_->config().sockets.max_pending_bytes;
  if (server_->ChangePending(static_cast<int64_t>(Counted(line_)) - static_cast<int64_t>(before)) <= limit) return;
  if (Counted(line_) == 0) return;
  GiveUpLine({rpc::kBusy,
              StrCat("busy: requests without an end hold max_pending_bytes, ", limit, "; try again"),
              {{"max_pending_bytes", limit}}});
}

void Session::GiveUpLine(const RpcError& error) {
  Answer(ErrorLine(nullptr, error));
  skipping_ = true;
  if (server_ != nullptr) server_->ChangePending(-static_cast<int64_t>(Counted(line_)));
  line_ = std::string();
}

void Session::TakeLine(std::string_view rest_of_line) {
  if (skipping_) {
    skipping_ = false;
  } else if (line_.empty()) {
    HandleLine(rest_of_line);
  } else {
    // Moved out: a long line's memory goes back once it is done.
    server_->ChangePending(-static_cast<int64_t>(Counted(line_)));
    std::string line = std::move(line_);
    line_ = std::string();
    line += rest_of_line;
    HandleLine(line);
  }
}

void Session::HandleLine(std::string_view line) {
  if (!line.empty() && line.back() == '\r') line.remove_suffix(1);
  if (line.find_first_not_of(" \t") == std::string_view::npos) return;
  const auto parsed = ParseRequest(line);
  if (const auto* refusal = std::get_if<RpcRefusal>(&parsed)) {
    Answer(ErrorLine(refusal->id, refusal->error));
  } else {
    HandleRequest(std::get<RpcRequest>(parsed));
  }
}

void Session::HandleRequest(const RpcRequest& request) {
  const MethodResult result = Call(request, *this, *backend_);
  if (!request.has_id) return;
  if (const auto* text = std::get_if<std::string>(&result)) Answer(ResultLine(request.id, *text));
  if (const auto* error = std::get_if<RpcError>(&result)) Answer(ErrorLine(request.id, *error));
}

void Session::Answer(std::string line) {
  outbox_.PushAnswer(std::move(line));
  Write();
}

void Session::Deliver(const Prediction& prediction, PredictionText* text, SteadyClock::time_point now) {
  if (closing_) return;
  for (auto& [number, subscription] : subscriptions_) {
    if (!subscription.Wants(prediction, now)) continue;
    if (!SendNow(text->Line(number))) outbox_.PushPrediction(number, text->members());
  }
}

bool Session::SendNow(const std::string& line) {
  if (writing_ || server_ == nullptr || !outbox_.clear()) return false;
  error_code failed;
  const size_t sent = socket_.send(asio::buffer(line), 0, failed);
  // A connection that is gone is found out by Write(), which closes.
  if (failed) return false;
  if (sent == line.size()) return true;
  writing_buffer_ = line;
  WriteRest(sent);
  return true;
}

void Session::DeliverEvent(const std::shared_ptr<const std::string>& line) {
  if (!closing_ && !subscriptions_.empty()) outbox_.PushEvent(line);
}

void Session::Flush() { Write(); }

void Session::Write() {
  if (writing_ || server_ == nullptr) return;
  if (outbox_.empty()) return CloseIfDone();
  writing_buffer_.clear();
  outbox_.Fill(&writing_buffer_, kWriteBytes);
  // Most lines find room at once: with many clients half the time would go into waiting for what is done already.
  error_code failed;
  size_t sent = socket_.send(asio::buffer(writing_buffer_), 0, failed);
  if (failed && failed != asio::error::would_block && failed != asio::error::try_again) return Close();
  if (failed) sent = 0;
  if (sent == writing_buffer_.size() && outbox_.empty()) {
    if (writing_buffer_.capacity() > kWriteBytes) writing_buffer_ = std::string();
    return CloseIfDone();
  }
  WriteRest(sent);
}

void Session::WriteRest(size_t sent) {
  writing_ = true;
  asio::async_write(socket_, asio::buffer(writing_buffer_) + sent,
                    [self = shared_from_this()](error_code error, size_t) {
                      const std::lock_guard lock(self->lock_);
                      self->writing_ = false;
                      if (self->server_ == nullptr) return;
                      if (error) return self->Close();
                      // A burst's memory goes back once it is over.
                      if (self->outbox_.empty()) self->writing_buffer_ = std::string();
                      self->Write();
                      if (self->server_ != nullptr && !self->reading_) self->Consume();
                    });
}

void Session::CloseIfDone() {
  if (server_ == nullptr || !idle()) return;
  const bool nothing_more = input_ended_ && subscriptions_.empty() && requests_under_way_ == 0 && unread_.empty();
  if (closing_ || nothing_more) Close();
}

void Session::CloseWhenWritten() {
  closing_ = true;
  CloseIfDone();
}

void Session::Close() {
  if (server_ == nullptr) return;
  Server* server = std::exchange(server_, nullptr);
  server->ChangePending(-static_cast<int64_t>(Counted(line_)));
  subscriptions_.clear();
  error_code ignored;
  socket_.close(ignored);
  server->Forget(shared_from_this());
}

void Session::LookAfter(SteadyClock::time_point now) {
  if (server_ == nullptr) return;
  const double limit = backend_->config().sockets.max_line_s;
  if (!line_.empty() && now - line_began_ > std::chrono::duration<double>(limit)) {
    GiveUpLine(
        {rpc::kLineTooLong, StrCat("line too long: without an end for ", limit, " s"), {{"max_line_time_s", limit}}});
  }
  if (server_ == nullptr || !input_ended_) return;
  pollfd state{socket_.native_handle(), 0, 0};
  if (::poll(&state, 1, 0) > 0 && (state.revents & (POLLHUP | POLLERR)) != 0) Close();
}

std::optional<int> Session::Subscribe(SubscriptionSettings settings) {
  if (subscriptions_.size() >= backend_->config().sockets.max_subscriptions) return std::nullopt;
  subscriptions_.emplace(++last_subscription_, Subscription(std::move(settings)));
  return last_subscription_;
}

std::vector<int> Session::Unsubscribe(std::optional<int> subscription) {
  std::vector<int> ended;
  for (const auto& [number, ignored] : subscriptions_) {
    if (!subscription || *subscription == number) ended.push_back(number);
  }
  for (const int number : ended) {
    subscriptions_.erase(number);
    outbox_.RemoveSubscription(number);
  }
  return ended;
}

int64_t Session::TakeClassifyToken() {
  const double rate = backend_->config().sockets.classify_rate_hz;
  constexpr int64_t kNever = 86'400'000;  // a day: `classify` is switched off
  if (rate <= 0) return kNever;
  const auto now = SteadyClock::now();
  tokens_ = std::min(std::max(1.0, rate), tokens_ + rate * std::chrono::duration<double>(now - tokens_at_).count());
  tokens_at_ = now;
  if (tokens_ < 1) return static_cast<int64_t>(std::ceil((1 - tokens_) / rate * 1000));
  tokens_ -= 1;
  return 0;
}

std::optional<Reply> Session::BeginLater(const RpcRequest& request) {
  if (requests_under_way_ >= backend_->config().sockets.max_client_requests) return std::nullopt;
  ++requests_under_way_;
  // Called when this session may be gone; the executor outlives both. The line is made by whoever answers.
  return [weak = weak_from_this(), executor = socket_.get_executor(), id = request.id,
          wanted = request.has_id](MethodResult result) {
    std::string line;
    if (const auto* text = std::get_if<std::string>(&result)) line = ResultLine(id, *text);
    if (const auto* error = std::get_if<RpcError>(&result)) line = ErrorLine(id, *error);
    asio::post(executor, [weak, wanted, line = std::move(line)]() mutable {
      const auto self = weak.lock();
      if (!self) return;
      const std::lock_guard lock(self->lock_);
      if (self->server_ == nullptr) return;
      --self->requests_under_way_;
      if (wanted) self->outbox_.PushAnswer(std::move(line));
      self->Write();
    });
  };
}

bool Session::RunAside(std::function<void()>&& job) { return server_ != nullptr && server_->RunAside(std::move(job)); }

ClientCounts Session::clients() const { return server_ != nullptr ? server_->clients() : ClientCounts{}; }

const LatestPredictions& Session::latest() const {
  static const LatestPredictions none;
  return server_ != nullptr ? server_->latest() : none;
}

}  // namespace glimpse::daemon
