// SPDX-License-Identifier: Apache-2.0
// Result<T>: a value or an Error, with std::expected's member names.
#pragma once

#include <cassert>
#include <memory>
#include <string>
#include <utility>
#include <variant>

namespace glimpse {

// What went wrong, as coarse as a caller can act on. The exit status of the programs follows from it
// (see ExitStatus in base/exit_status.h), so the set is small and pinned by tests.
enum class ErrorCode {
  kInvalidArgument,  // the caller's input (an array, a picture, a request) does not fit
  kInvalidConfig,    // a configuration file, or a key in it
  kInvalidModel,     // a model file that breaks its own format
  kUnsupported,      // a sound model that needs an operator, type or version nobody here has
  kIo,               // the operating system said no
  kPlugin,           // a shared object was refused
  kExhausted,        // a limit was reached
  kInternal,         // our own fault
};

// One failure. `message` is a single line without a trailing full stop that names the file, the place
// and the remedy; the program's name is put before it where it is printed.
struct Error {
  ErrorCode code = ErrorCode::kInternal;
  std::string message;
};

// Wraps an Error so that `return Unexpected(...)` converts to any Result<T>.
class Unexpected {
 public:
  explicit Unexpected(Error error) : error_(std::move(error)) {}
  Unexpected(ErrorCode code, std::string message) : error_{code, std::move(message)} {}
  Error& error() { return error_; }

 private:
  Error error_;
};

// Holds a T, or the Error that kept it from being made. Not thread-safe, like any value.
template <typename T>
class [[nodiscard]] Result {
 public:
  Result(T value) : state_(std::in_place_index<0>, std::move(value)) {}  // NOLINT: implicit on purpose
  // NOLINTNEXTLINE(google-explicit-constructor): implicit on purpose
  Result(Unexpected failure) : state_(std::in_place_index<1>, std::move(failure.error())) {}

  bool has_value() const { return state_.index() == 0; }
  explicit operator bool() const { return has_value(); }

  // REQUIRES: has_value().
  T& value() & {
    assert(has_value());
    return *std::get_if<0>(&state_);
  }
  const T& value() const& {
    assert(has_value());
    return *std::get_if<0>(&state_);
  }
  T&& value() && {
    assert(has_value());
    return std::move(*std::get_if<0>(&state_));
  }
  T& operator*() & { return value(); }
  const T& operator*() const& { return value(); }
  T&& operator*() && { return std::move(*this).value(); }
  T* operator->() { return &value(); }
  const T* operator->() const { return &value(); }

  // REQUIRES: !has_value().
  const Error& error() const& {
    assert(!has_value());
    return *std::get_if<1>(&state_);
  }
  Error&& error() && {
    assert(!has_value());
    return std::move(*std::get_if<1>(&state_));
  }

 private:
  std::variant<T, Error> state_;
};

// Success without a value, or an Error. A success is a null pointer: it is what every operator of every inference
// returns.
template <>
class [[nodiscard]] Result<void> {
 public:
  Result() = default;
  // NOLINTNEXTLINE(google-explicit-constructor): implicit on purpose
  Result(Unexpected failure) : error_(std::make_unique<Error>(std::move(failure.error()))) {}
  Result(Result&&) = default;
  Result& operator=(Result&&) = default;
  Result(const Result& other) : error_(other.error_ ? std::make_unique<Error>(*other.error_) : nullptr) {}
  Result& operator=(const Result& other) {
    if (this != &other) *this = Result(other);
    return *this;
  }
  ~Result() = default;

  bool has_value() const { return error_ == nullptr; }
  explicit operator bool() const { return has_value(); }
  // REQUIRES of both: !has_value().
  const Error& error() const& {
    assert(error_);
    return *error_;
  }
  Error&& error() && {
    assert(error_);
    return std::move(*error_);
  }

 private:
  std::unique_ptr<Error> error_;
};

}  // namespace glimpse

#define GLIMPSE_CONCAT_(a, b) a##b
#define GLIMPSE_CONCAT(a, b) GLIMPSE_CONCAT_(a, b)

// Returns the error of `expr` (a Result of any type) from the enclosing function, if it failed.
#define GLIMPSE_RETURN_IF_ERROR(expr)                                   \
  do {                                                                  \
    if (auto glimpse_result_ = (expr); !glimpse_result_)                \
      return ::glimpse::Unexpected(std::move(glimpse_result_).error()); \
  } while (false)

// `GLIMPSE_ASSIGN_OR_RETURN(auto x, F());` declares x from F()'s value, or returns its error.
#define GLIMPSE_ASSIGN_OR_RETURN(decl, expr) \
  GLIMPSE_ASSIGN_OR_RETURN_(GLIMPSE_CONCAT(glimpse_result_, __LINE__), decl, expr)
#define GLIMPSE_ASSIGN_OR_RETURN_(tmp, decl, expr)                \
  auto tmp = (expr);                                              \
  if (!tmp) return ::glimpse::Unexpected(std::move(tmp).error()); \
  decl = std::move(tmp).value()
