// SPDX-License-Identifier: Apache-2.0
#include "daemon/metrics/exposition.h"

#include <charconv>

#include "base/strings.h"

namespace glimpse::daemon {
namespace {

// The shortest text that reads back as the same number.
std::string NumberText(double value) {
  char text[32];
  const auto [end, error] = std::to_chars(text, text + sizeof(text), value);
  return {text, end};
}

std::string EscapeLabel(std::string_view value) {
  std::string text;
  for (const char c : value) {
    if (c == '\\' || c == '"') text += '\\';
    if (c == '\n') {
      text += "\\n";
    } else {
      text += c;
    }
  }
  return text;
}

}  // namespace

void Exposition::Family(std::string_view name, std::string_view type, std::string_view help) {
  name_ = name;
  text_ += StrCat("# HELP ", name, " ", help, "\n# TYPE ", name, " ", type, "\n");
}

void Exposition::Line(std::string_view suffix, const MetricLabels& labels, double value) {
  text_ += name_;
  text_ += suffix;
  char before = '{';
  for (const auto& [label, content] : labels) {
    text_ += StrCat(before, label, "=\"", EscapeLabel(content), "\"");
    before = ',';
  }
  if (!labels.empty()) text_ += '}';
  text_ += ' ';
  text_ += NumberText(value);
  text_ += '\n';
}

void Exposition::Sample(const MetricLabels& labels, double value) { Line("", labels, value); }

void Exposition::Add(const MetricLabels& labels, const Histogram& histogram) {
  uint64_t count = 0;
  for (size_t i = 0; i < histogram.counts.size(); ++i) {
    count += histogram.counts[i];
    MetricLabels with_bound = labels;
    with_bound.emplace_back("le", i < Histogram::kBounds.size() ? StrCat(Histogram::kBounds[i]) : "+Inf");
    Line("_bucket", with_bound, static_cast<double>(count));
  }
  Add(labels, histogram.sum, count);
}

void Exposition::Add(const MetricLabels& labels, double sum, uint64_t count) {
  Line("_sum", labels, sum);
  Line("_count", labels, static_cast<double>(count));
}

}  // namespace glimpse::daemon
