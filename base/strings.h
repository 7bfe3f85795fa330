// SPDX-License-Identifier: Apache-2.0
// Small string helpers that C++20 lacks on GCC 12 (no std::format there).
#pragma once

#include <sstream>
#include <string>
#include <string_view>
#include <vector>

namespace glimpse {

// Concatenates anything that streams: StrCat("tensor ", 3, " has rank ", rank).
template <typename... Parts>
std::string StrCat(const Parts&... parts) {
  std::ostringstream out;
  (out << ... << parts);
  return std::move(out).str();
}

// "a, b, c"; `separator` goes between the elements. Elements are anything that streams.
template <typename Range>
std::string StrJoin(const Range& range, std::string_view separator) {
  std::ostringstream out;
  std::string_view before;
  for (const auto& element : range) {
    out << before << element;
    before = separator;
  }
  return std::move(out).str();
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
