// SPDX-License-Identifier: Apache-2.0
// Small string helpers that C++20 lacks on GCC 12 (no std::format there).
#pragma once

#include <charconv>
#include <concepts>
#include <sstream>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

namespace glimpse {

// Appends what `out << part` would write. A stream is made only for what is neither text nor an integer: to make one
// takes longer than all else.
template <typename Part>
void StrAppend(std::string* out, const Part& part) {
  if constexpr (std::is_convertible_v<const Part&, std::string_view>) {
    out->append(std::string_view(part));
  } else if constexpr (std::is_same_v<Part, char> || std::is_same_v<Part, signed char> ||
                       std::is_same_v<Part, unsigned char>) {
    out->push_back(static_cast<char>(part));
  } else if constexpr (std::is_same_v<Part, bool>) {
    out->push_back(part ? '1' : '0');
  } else if constexpr (std::integral<Part>) {
    char digits[24];
    out->append(digits, std::to_chars(digits, digits + sizeof(digits), part).ptr);
  } else {
    std::ostringstream stream;
    stream << part;
    out->append(std::move(stream).str());
  }
}

// Concatenates anything that streams: StrCat("tensor ", 3, " has rank ", rank).
template <typename... Parts>
std::string StrCat(const Parts&... parts) {
  std::string out;
  (StrAppend(&out, parts), ...);
  return out;
}

// "a, b, c"; `separator` goes between the elements. Elements are anything that streams.
template <typename Range>
std::string StrJoin(const Range& range, std::string_view separator) {
  std::string out;
  std::string_view before;
  for (const auto& element : range) {
    out.append(before);
    StrAppend(&out, element);
    before = separator;
  }
  return out;
}

// Splits at every `separator`; empty parts are kept, so "a,,b" gives three. "" gives one empty part.
std::vector<std::string> StrSplit(std::string_view text, char separator);

// The member of `candidates` with the smallest edit distance to `word`, or "" when none is near enough to be
// what a person meant (distance above a third of the word's length, at least 1 and at most 4).
std::string NearestWord(std::string_view word, const std::vector<std::string>& candidates);

// `text` with every byte outside printable ASCII as \xNN, cut at
// `max_bytes` with "..." after it: names from hostile files are printed through this.
std::string Printable(std::string_view text, size_t max_bytes = 200);

}  // namespace glimpse
