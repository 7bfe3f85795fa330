// SPDX-License-Identifier: Apache-2.0
#include "engine/model/limits.h"

#include <charconv>
#include <cmath>
#include <utility>
#include <variant>
#include <vector>

#include "base/strings.h"

namespace glimpse {
namespace {

// Where a limit of that name is kept.
using Field = std::variant<uint64_t*, double*>;

std::vector<std::pair<std::string, Field>> Fields(Limits* limits) {
  return {{"file-bytes", &limits->file_bytes},
          {"tensors", &limits->tensors},
          {"operators", &limits->operators},
          {"tensor-bytes", &limits->tensor_bytes},
          {"memory-bytes", &limits->arena_bytes},
          {"work", &limits->work},
          {"loop-iterations", &limits->loop_iterations},
          {"seconds", &limits->seconds}};
}

template <typename T>
bool ReadNumber(std::string_view text, T* number) {
  T value{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size() || text.empty()) return false;
  if constexpr (std::is_same_v<T, double>) {
    if (!std::isfinite(value) || value < 0) return false;
  }
  *number = value;
  return true;
}

}  // namespace

Result<void> SetLimit(std::string_view text, Limits* limits) {
  const size_t equals = text.find('=');
  const std::string name(text.substr(0, equals));
  std::vector<std::string> names;
  for (auto& [known, field] : Fields(limits)) {
    names.push_back(known);
    if (known != name) continue;
    const std::string_view number = equals == std::string_view::npos ? std::string_view() : text.substr(equals + 1);
    if (std::visit([&](auto* place) { return ReadNumber(number, place); }, field)) return {};
    return Unexpected(ErrorCode::kInvalidArgument, StrCat("limit ", name, ": '", Printable(std::string(number)),
                                                          "' is no number of it; write ", name, "=NUMBER"));
  }
  const std::string nearest = NearestWord(name, names);
  return Unexpected(ErrorCode::kInvalidArgument, StrCat("there is no limit '", Printable(name), "'",
                                                        nearest.empty() ? "" : StrCat(", did you mean '", nearest, "'"),
                                                        "; limits: ", StrJoin(names, ", ")));
}

}  // namespace glimpse
