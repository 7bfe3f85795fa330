// SPDX-License-Identifier: Apache-2.0
#include "classifier/labels.h"

#include <string_view>

#include "base/file.h"
#include "base/strings.h"
#include "engine/model/metadata.h"

namespace glimpse::classifier {
namespace {

constexpr size_t kMaxBytes = 1u << 20;
constexpr size_t kMaxLabel = 256;

std::string_view Trim(std::string_view text) {
  const size_t first = text.find_first_not_of(" \t\r");
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(" \t\r") - first + 1);
}

// Bytes that the UTF-8 sequence at the start of `text` takes; 0 when it is none: cut off, too long for its value, a
// surrogate, or above U+10FFFF.
size_t SequenceLength(std::string_view text) {
  const auto byte = [&text](size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned first = byte(0);
  if (first < 0x80) return 1;
  const size_t length = first >= 0xF0 ? 4 : first >= 0xE0 ? 3 : 2;
  if (first < 0xC2 || first > 0xF4 || text.size() < length) return 0;
  for (size_t i = 1; i < length; ++i) {
    if ((byte(i) & 0xC0) != 0x80) return 0;
  }
  const unsigned second = byte(1);
  if ((first == 0xE0 && second < 0xA0) || (first == 0xED && second > 0x9F) || (first == 0xF0 && second < 0x90) ||
      (first == 0xF4 && second > 0x8F)) {
    return 0;
  }
  return length;
}

// Labels go into JSON and onto terminals: UTF-8 without control characters.
bool IsLabel(std::string_view label) {
  if (label.size() > kMaxLabel) return false;
  while (!label.empty()) {
    const size_t length = SequenceLength(label);
    if (length == 0 || static_cast<unsigned char>(label[0]) < 0x20) return false;
    label.remove_prefix(length);
  }
  return true;
}

Result<std::vector<std::string>> ParseLabels(std::span<const std::byte> text, const std::string& file, ErrorCode code) {
  std::vector<std::string> labels;
  for (const std::string& line : StrSplit({reinterpret_cast<const char*>(text.data()), text.size()}, '\n')) {
    labels.emplace_back(Trim(line));
    if (IsLabel(labels.back())) continue;
    return Unexpected(
        code, StrCat(file, ":", labels.size(), ": a label must be UTF-8 text of at most ", kMaxLabel, " bytes"));
  }
  while (!labels.empty() && labels.back().empty()) labels.pop_back();
  for (size_t i = 0; i < labels.size(); ++i) {
    if (labels[i].empty()) return Unexpected(code, StrCat(file, ":", i + 1, ": is empty; each class needs a label"));
  }
  return labels;
}

Result<Labels> OfFile(const std::string& path, size_t classes) {
  GLIMPSE_ASSIGN_OR_RETURN(const auto bytes, ReadFile(path, kMaxBytes));
  GLIMPSE_ASSIGN_OR_RETURN(auto names, ParseLabels(bytes, path, ErrorCode::kInvalidConfig));
  if (names.size() != classes) {
    return Unexpected(ErrorCode::kInvalidConfig,
                      StrCat(path, " has ", names.size(), " labels, the model tells ", classes, " classes apart"));
  }
  return Labels{std::move(names), LabelSource::kFile, path};
}

// The first file of axis labels counts; further ones are translations.
std::string PackedName(const ModelMetadata& metadata) {
  if (metadata.outputs.empty()) return "";
  for (const AssociatedFile& file : metadata.outputs[0].files) {
    if (file.axis_labels) return file.name;
  }
  return "";
}

}  // namespace

const char* LabelSourceName(LabelSource source) {
  return source == LabelSource::kFile ? "file" : source == LabelSource::kModel ? "model" : "numbers";
}

Result<Labels> FindLabels(const std::string& path, const Model& model, size_t classes) {
  if (!path.empty()) return OfFile(path, classes);
  GLIMPSE_ASSIGN_OR_RETURN(const auto metadata, ReadMetadata(model));
  const std::string packed = metadata ? PackedName(*metadata) : "";
  if (packed.empty()) {
    Labels numbers;
    for (size_t i = 0; i < classes; ++i) numbers.names.push_back(StrCat(i));
    return numbers;
  }
  GLIMPSE_ASSIGN_OR_RETURN(const auto bytes, ReadAssociatedFile(model, packed, kMaxBytes));
  const std::string place = StrCat(Printable(model.path()), ": its packed file '", Printable(packed, 100), "'");
  GLIMPSE_ASSIGN_OR_RETURN(auto names, ParseLabels(bytes, place, ErrorCode::kInvalidModel));
  if (names.size() != classes) {
    return Unexpected(ErrorCode::kInvalidModel, StrCat(place, " has ", names.size(), " labels, the model tells ",
                                                       classes, " classes apart; name a file of labels of your own"));
  }
  return Labels{std::move(names), LabelSource::kModel, packed};
}

}  // namespace glimpse::classifier
