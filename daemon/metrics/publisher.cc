// SPDX-License-Identifier: Apache-2.0
#include "daemon/metrics/publisher.h"

#include <sys/stat.h>
#include <unistd.h>

#include <boost/asio/generic/stream_protocol.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/beast/core/basic_stream.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/empty_body.hpp>
#include <boost/beast/http/message.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/string_body.hpp>
#include <boost/beast/http/write.hpp>
#include <cerrno>
#include <cstdio>
#include <optional>
#include <span>

#include "base/file.h"
#include "base/log.h"
#include "base/strings.h"
#include "daemon/metrics/exposition.h"
#include "daemon/server/listening_socket.h"
#include "daemon/side_thread.h"

namespace glimpse::daemon {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = beast::http;
using boost::system::error_code;
using AnyStream = asio::generic::stream_protocol;

constexpr size_t kMaxConnections = 16;
constexpr uint32_t kMaxHeaderBytes = 8192;
constexpr std::chrono::seconds kTimeout(10);
constexpr std::chrono::milliseconds kAcceptPause(200);

// One connection: requests one after the other until the client goes or does nothing for a while.
class Scrape : public std::enable_shared_from_this<Scrape> {
 public:
  Scrape(AnyStream::socket socket, const MetricsPublisher::Render& render, std::shared_ptr<size_t> connections)
      : stream_(std::move(socket)), render_(render), connections_(std::move(connections)) {
    ++*connections_;
  }
  ~Scrape() { --*connections_; }
  Scrape(const Scrape&) = delete;
  Scrape& operator=(const Scrape&) = delete;

  void Read() {
    parser_.emplace();
    parser_->header_limit(kMaxHeaderBytes);
    parser_->body_limit(0);
    stream_.expires_after(kTimeout);
    http::async_read(stream_, buffer_, *parser_, [self = shared_from_this()](error_code error, size_t) {
      if (!error) return self->Answer(self->parser_->get());
      if (error == http::error::end_of_stream || error == beast::error::timeout || !self->parser_->got_some()) return;
      self->Refuse(http::status::bad_request, "this is no request that a scraper makes\n");
    });
  }

 private:
  void Answer(const http::request<http::empty_body>& request) {
    const bool head = request.method() == http::verb::head;
    keep_ = request.keep_alive();
    version_ = request.version();
    if (!head && request.method() != http::verb::get) return Refuse(http::status::method_not_allowed, "GET only\n");
    const auto target = request.target();
    if (target.substr(0, target.find('?')) != "/metrics") return Refuse(http::status::not_found, "see /metrics\n");
    Write(http::status::ok, render_(), kExpositionType, head);
  }
  void Refuse(http::status status, const std::string& text) {
    keep_ = false;
    Write(status, text, "text/plain; charset=utf-8", false);
  }
  void Write(http::status status, std::string text, const char* type, bool head) {
    response_ = {status, version_};
    response_.set(http::field::content_type, type);
    response_.keep_alive(keep_);
    response_.content_length(text.size());
    if (!head) response_.body() = std::move(text);
    stream_.expires_after(kTimeout);
    http::async_write(stream_, response_, [self = shared_from_this()](error_code error, size_t) {
      if (!error && self->keep_) self->Read();
    });
  }

  beast::basic_stream<AnyStream> stream_;
  const MetricsPublisher::Render& render_;
  std::shared_ptr<size_t> connections_;
  beast::flat_buffer buffer_{kMaxHeaderBytes};
  std::optional<http::request_parser<http::empty_body>> parser_;
  http::response<http::string_body> response_;
  unsigned version_ = 11;
  bool keep_ = false;
};

class Publisher : public MetricsPublisher {
 public:
  Publisher(asio::io_context& io, Render render) : io_(io), render_(std::move(render)), timer_(io) {}
  ~Publisher() override {
    timer_.cancel();
    writer_.Stop();
    if (!textfile_.empty()) ::unlink(textfile_.c_str());
  }

  Result<void> ListenUnix(const config::Socket& socket, std::vector<std::string>* notes) {
    GLIMPSE_ASSIGN_OR_RETURN(auto made, ListeningSocket::Make(socket, notes));
    unix_file_.emplace(std::move(made));
    unix_.emplace(io_, asio::local::stream_protocol(), unix_file_->TakeFd().release());
    Accept(*unix_);
    return {};
  }

  Result<void> ListenTcp(const std::string& address, uint16_t port) {
    error_code error;
    const asio::ip::tcp::endpoint endpoint(asio::ip::make_address(address, error), port);
    tcp_.emplace(io_);
    if (!error) tcp_->open(endpoint.protocol(), error);
    if (!error) tcp_->set_option(asio::socket_base::reuse_address(true), error);
    if (!error) tcp_->bind(endpoint, error);
    if (!error) tcp_->listen(asio::socket_base::max_listen_connections, error);
    if (error)
      return Unexpected(ErrorCode::kIo, StrCat("cannot listen on ", address, " port ", port, ": ", error.message()));
    Accept(*tcp_);
    return {};
  }

  Result<void> StartTextfile(const std::string& path, double interval_s) {
    interval_ =
        std::chrono::duration_cast<std::chrono::steady_clock::duration>(std::chrono::duration<double>(interval_s));
    GLIMPSE_RETURN_IF_ERROR(WriteTextfile(path, render_()));
    textfile_ = path;
    WaitForNextWrite();
    return {};
  }

 private:
  template <typename Acceptor>
  void Accept(Acceptor& acceptor) {
    acceptor.async_accept([this, &acceptor](error_code error, typename Acceptor::protocol_type::socket socket) {
      if (error == asio::error::operation_aborted) return;
      if (!error && *connections_ < kMaxConnections) {
        std::make_shared<Scrape>(AnyStream::socket(std::move(socket)), render_, connections_)->Read();
      }
      if (!error) return Accept(acceptor);
      // Out of descriptors, for instance: trying again at once would spin.
      auto pause = std::make_shared<asio::steady_timer>(io_, kAcceptPause);
      pause->async_wait([this, &acceptor, pause](error_code stopped) {
        if (!stopped) Accept(acceptor);
      });
    });
  }

  // Readable by node_exporter's user, whatever our umask is; never seen half.
  static Result<void> WriteTextfile(const std::string& path, const std::string& text) {
    const std::string fresh = path + ".new";
    GLIMPSE_RETURN_IF_ERROR(WriteFile(fresh, std::as_bytes(std::span(text))));
    if (::chmod(fresh.c_str(), 0644) != 0 || std::rename(fresh.c_str(), path.c_str()) != 0) {
      Error error = ErrnoError("cannot write", path);
      ::unlink(fresh.c_str());
      return Unexpected(std::move(error));
    }
    return {};
  }

  void WaitForNextWrite() {
    timer_.expires_after(interval_);
    timer_.async_wait([this](error_code error) {
      if (error) return;
      // A disk that hangs makes later writes wait their turn, then be left out.
      (void)writer_.TryRun([path = textfile_, text = render_()] {
        if (const auto written = WriteTextfile(path, text); !written) Log(LogLevel::kWarning, written.error().message);
      });
      WaitForNextWrite();
    });
  }

  asio::io_context& io_;
  const Render render_;
  std::shared_ptr<size_t> connections_ = std::make_shared<size_t>(0);
  std::optional<ListeningSocket> unix_file_;
  std::optional<asio::local::stream_protocol::acceptor> unix_;
  std::optional<asio::ip::tcp::acceptor> tcp_;
  asio::steady_timer timer_;
  std::string textfile_;
  std::chrono::steady_clock::duration interval_{};
  SideThread writer_{1};
};

Unexpected AtKey(const config::Config& config, const char* key, const Error& error) {
  return Unexpected(error.code, StrCat(config.PlaceOf(key), ": ", error.message));
}

}  // namespace

Result<std::unique_ptr<MetricsPublisher>> MetricsPublisher::Open(asio::io_context& io, const config::Config& config,
                                                                 Render render, std::vector<std::string>* notes) {
  const config::Metrics& metrics = config.metrics;
  auto publisher = std::make_unique<Publisher>(io, std::move(render));
  if (!metrics.socket.path.empty()) {
    if (const auto open = publisher->ListenUnix(metrics.socket, notes); !open) {
      return AtKey(config, "metrics.socket", open.error());
    }
  }
  if (metrics.port != 0) {
    if (const auto open = publisher->ListenTcp(metrics.address, metrics.port); !open) {
      return AtKey(config, "metrics.http", open.error());
    }
  }
  if (!metrics.textfile.empty()) {
    if (const auto open = publisher->StartTextfile(metrics.textfile, metrics.interval_s); !open) {
      return AtKey(config, "metrics.textfile", open.error());
    }
  }
  return std::unique_ptr<MetricsPublisher>(std::move(publisher));
}

}  // namespace glimpse::daemon
