// SPDX-License-Identifier: Apache-2.0
#include "config/fields.h"

#include <charconv>
#include <cmath>
#include <optional>

#include "base/strings.h"

namespace glimpse::config {
namespace {

const char* KindName(const Node& node) {
  switch (node.kind) {
    case Node::Kind::kNull:
      return "nothing";
    case Node::Kind::kScalar:
      return "a single value";
    case Node::Kind::kSequence:
      return "a list";
    case Node::Kind::kMap:
      return "a map";
  }
  return "unknown";
}

Unexpected WrongType(const Node& node, const std::string& key, const std::string& wanted) {
  const std::string got =
      node.kind == Node::Kind::kScalar ? StrCat("'", Printable(node.scalar, 60), "'") : KindName(node);
  return ConfigError(node.place, StrCat("'", key, "' must be ", wanted, ", not ", got));
}

template <typename T>
std::optional<T> ParseNumber(std::string_view text) {
  if (!text.empty() && text.front() == '+') text.remove_prefix(1);
  T value{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

}  // namespace

std::string Suggestion(const std::string& word, const std::vector<std::string>& candidates) {
  const std::string nearest = NearestWord(word, candidates);
  if (!nearest.empty()) return StrCat("; did you mean '", nearest, "'?");
  return candidates.empty() ? "" : StrCat("; known are ", StrJoin(candidates, ", "));
}

Result<void> ReadMap(const Node& node, const std::string& what, const std::vector<Field>& fields) {
  if (node.kind == Node::Kind::kNull) return {};
  if (node.kind != Node::Kind::kMap) return WrongType(node, what, "a map of keys");
  for (const Entry& entry : node.entries) {
    const Field* known = nullptr;
    std::vector<std::string> keys;
    for (const Field& field : fields) {
      keys.push_back(field.key);
      if (field.key == entry.key) known = &field;
    }
    if (known == nullptr) {
      return ConfigError(entry.place,
                         StrCat("unknown key '", Printable(entry.key, 60), "' in ", what, Suggestion(entry.key, keys)));
    }
    GLIMPSE_RETURN_IF_ERROR(known->read(entry.value));
  }
  return {};
}

Result<std::string> ReadText(const Node& node, const std::string& key) {
  if (node.kind != Node::Kind::kScalar) return WrongType(node, key, "a single value");
  if (node.scalar.empty()) return ConfigError(node.place, StrCat("'", key, "' is empty"));
  return node.scalar;
}

Result<void> CheckName(const std::string& name, const Place& place, const std::string& what) {
  bool good = !name.empty() && name.size() <= 64;
  for (const char c : name) {
    good = good && ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-');
  }
  if (good) return {};
  return ConfigError(
      place, StrCat("the name '", Printable(name, 70), "' of ", what, " must be 1 to 64 letters, digits, '_' or '-'"));
}

Result<bool> ReadBool(const Node& node, const std::string& key) {
  if (node.kind == Node::Kind::kScalar && node.plain && node.scalar == "true") return true;
  if (node.kind == Node::Kind::kScalar && node.plain && node.scalar == "false") return false;
  return WrongType(node, key, "true or false");
}

Result<int64_t> ReadInteger(const Node& node, const std::string& key, int64_t min, int64_t max) {
  const std::string wanted = StrCat("a whole number from ", min, " to ", max);
  if (node.kind != Node::Kind::kScalar || !node.plain) return WrongType(node, key, wanted);
  const auto value = ParseNumber<int64_t>(node.scalar);
  if (!value || *value < min || *value > max) return WrongType(node, key, wanted);
  return *value;
}

Result<double> ReadNumber(const Node& node, const std::string& key, double min, double max) {
  const std::string wanted = StrCat("a number from ", min, " to ", max);
  if (node.kind != Node::Kind::kScalar || !node.plain) return WrongType(node, key, wanted);
  const auto value = ParseNumber<double>(node.scalar);
  if (!value || !std::isfinite(*value) || *value < min || *value > max) return WrongType(node, key, wanted);
  return *value;
}

Field IntegerField(const std::string& key, uint32_t* target, int64_t min, int64_t max) {
  return {key, [=](const Node& node) -> Result<void> {
            GLIMPSE_ASSIGN_OR_RETURN(const int64_t value, ReadInteger(node, key, min, max));
            *target = static_cast<uint32_t>(value);
            return {};
          }};
}

Result<double> ReadDuration(const Node& node, const std::string& key, double min_s, double max_s) {
  const std::string wanted = StrCat("a time from ", min_s, "s to ", max_s, "s, such as 500ms, 10s, 2min or 1h");
  if (node.kind != Node::Kind::kScalar || !node.plain) return WrongType(node, key, wanted);
  static constexpr std::pair<std::string_view, double> kUnits[] = {{"ms", 1e-3}, {"min", 60}, {"s", 1}, {"h", 3600}};
  std::string_view text = node.scalar;
  double factor = 1;
  for (const auto& [suffix, seconds] : kUnits) {
    if (text.size() > suffix.size() && text.ends_with(suffix)) {
      text.remove_suffix(suffix.size());
      factor = seconds;
      break;
    }
  }
  const auto value = ParseNumber<double>(text);
  if (!value || !std::isfinite(*value) || *value * factor < min_s || *value * factor > max_s) {
    return WrongType(node, key, wanted);
  }
  return *value * factor;
}

Result<size_t> ReadWord(const Node& node, const std::string& key, const std::vector<std::string>& words) {
  if (node.kind != Node::Kind::kScalar) return WrongType(node, key, StrCat("one of ", StrJoin(words, ", ")));
  for (size_t i = 0; i < words.size(); ++i) {
    if (words[i] == node.scalar) return i;
  }
  return ConfigError(
      node.place, StrCat("'", key, "' cannot be '", Printable(node.scalar, 60), "'", Suggestion(node.scalar, words)));
}

Result<const std::vector<Node>*> ReadList(const Node& node, const std::string& key) {
  if (node.kind != Node::Kind::kSequence) return WrongType(node, key, "a list");
  return &node.items;
}

}  // namespace glimpse::config
