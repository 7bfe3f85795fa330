// SPDX-License-Identifier: Apache-2.0
// What Prepare and Invoke answer: a glimpse_status and, when it is not GLIMPSE_OK, one line for people.
#pragma once

#include <memory>
#include <sstream>
#include <string>
#include <utility>

#include "glimpse/op_abi.h"

namespace glimpse::sdk {

// Success, or a code with a message. A success holds no memory. The message says which field is wrong, what it is and
// what would be accepted; the host puts the operator's name before it. Thread-compatible.
class [[nodiscard]] Status {
 public:
  Status() = default;
  // A success when `code` is GLIMPSE_OK, whatever the message.
  Status(glimpse_status code, std::string message) {
    if (code != GLIMPSE_OK) failure_ = std::make_shared<const Failure>(Failure{code, std::move(message)});
  }

  bool ok() const { return failure_ == nullptr; }
  glimpse_status code() const { return ok() ? GLIMPSE_OK : failure_->code; }
  // "" of a success.
  const std::string& message() const {
    static const std::string none;
    return ok() ? none : failure_->message;
  }

 private:
  struct Failure {
    glimpse_status code;
    std::string message;
  };
  std::shared_ptr<const Failure> failure_;
};

inline Status Ok() { return {}; }

// The pieces written one after the other: Text("stride is ", 3).
template <typename... Pieces>
std::string Text(const Pieces&... pieces) {
  std::ostringstream out;
  (out << ... << pieces);
  return out.str();
}

// A sound node that this kernel does not serve; the host tries the next one.
template <typename... Pieces>
Status Unsupported(const Pieces&... pieces) {
  return {GLIMPSE_UNSUPPORTED, Text(pieces...)};
}

// The node breaks the operator's definition: no kernel could serve it.
template <typename... Pieces>
Status InvalidNode(const Pieces&... pieces) {
  return {GLIMPSE_INVALID_NODE, Text(pieces...)};
}

// A defect of the plugin itself.
template <typename... Pieces>
Status Internal(const Pieces&... pieces) {
  return {GLIMPSE_INTERNAL, Text(pieces...)};
}

}  // namespace glimpse::sdk

// Evaluates an expression of type Status and returns it from the enclosing function unless it is a success.
#define GLIMPSE_SDK_TRY(expression)                                                           \
  do {                                                                                        \
    if (::glimpse::sdk::Status glimpse_sdk_status = (expression); !glimpse_sdk_status.ok()) { \
      return glimpse_sdk_status;                                                              \
    }                                                                                         \
  } while (false)
