// SPDX-License-Identifier: Apache-2.0
#include "daemon/server/evidence_text.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <nlohmann/json.hpp>
#include <numeric>
#include <span>

#include "base/strings.h"
#include "daemon/decide.h"
#include "daemon/messages.h"
#include "media/convert.h"
#include "media/image.h"
#include "media/picture.h"
#include "wire/base64.h"
#include "wire/npy_header.h"

namespace glimpse::daemon {
namespace {

using OrderedJson = nlohmann::ordered_json;

constexpr size_t kRanked = 5;

// Members may hold names of files, which are any bytes.
std::string Dump(const OrderedJson& value) { return value.dump(-1, ' ', false, OrderedJson::error_handler_t::replace); }

OrderedJson PredictionJson(const Prediction& prediction) {
  return OrderedJson::parse(PredictionMembers(prediction) + "}");
}

std::string Npy(const TensorFacts& facts, std::span<const std::byte> content) {
  const std::string header = wire::FormatNpyHeader(facts.type, facts.shape);
  std::vector<std::byte> file(header.size() + content.size());
  std::memcpy(file.data(), header.data(), header.size());
  std::memcpy(file.data() + header.size(), content.data(), content.size());
  return wire::EncodeBase64(file);
}

// What an element looks like: int8 and uint8 from black, their smallest value, to white, their largest; float32
// stretched from the tensor's own smallest value to its largest.
std::vector<uint8_t> Brightness(DType type, std::span<const std::byte> content) {
  std::vector<uint8_t> pixels;
  if (type != DType::kFloat32) {
    const int offset = type == DType::kInt8 ? 128 : 0;
    for (const std::byte each : content) pixels.push_back(static_cast<uint8_t>(std::to_integer<int>(each) + offset));
    return pixels;
  }
  std::vector<float> values(content.size() / sizeof(float));
  std::memcpy(values.data(), content.data(), values.size() * sizeof(float));
  const auto [low, high] = std::minmax_element(values.begin(), values.end());
  const double span = values.empty() ? 0 : double{*high} - double{*low};
  for (const float value : values) {
    pixels.push_back(span > 0 ? static_cast<uint8_t>(std::lround((double{value} - double{*low}) / span * 255)) : 0);
  }
  return pixels;
}

// The input tensor as a picture. Its shape is one that classifier::PictureInputOf() takes.
Result<std::string> InputPng(const TensorFacts& facts, std::span<const std::byte> content) {
  std::vector<uint8_t> pixels = Brightness(facts.type, content);
  const auto& shape = facts.shape;
  int width = 0, height = 0, channels = 1;
  if (shape.size() >= 3) {
    height = static_cast<int>(shape[1]);
    width = static_cast<int>(shape[2]);
    channels = shape.size() > 3 ? static_cast<int>(shape[3]) : 1;
  } else {
    width = height = static_cast<int>(std::lround(std::sqrt(static_cast<double>(pixels.size()))));
  }
  const auto format = channels == 3 ? media::PixelFormat::kRgb24 : media::PixelFormat::kGrey8;
  if (pixels.size() != media::RowBytes(format, 0, width) * static_cast<size_t>(height)) {
    return Unexpected(ErrorCode::kInternal, "the input tensor is no picture");
  }
  GLIMPSE_ASSIGN_OR_RETURN(const auto png,
                           media::EncodePng(media::MakeFrame(format, width, height, std::move(pixels))));
  return wire::EncodeBase64(png);
}

OrderedJson FactsJson(const TensorFacts& facts) {
  OrderedJson json{{"name", facts.name}, {"type", DTypeName(facts.type)}, {"shape", facts.shape}};
  if (facts.quantized) {
    json["scale"] = facts.scale;
    json["zero_point"] = facts.zero_point;
  }
  return json;
}

Result<OrderedJson> InputJson(const TensorFacts& facts, const RegionEvidence& region) {
  OrderedJson json = FactsJson(facts);
  json["npy"] = Npy(facts, region.input);
  GLIMPSE_ASSIGN_OR_RETURN(json["png"], InputPng(facts, region.input));
  return json;
}

OrderedJson RankingJson(const Prediction& prediction) {
  std::vector<size_t> order(prediction.scores.size());
  std::iota(order.begin(), order.end(), size_t{0});
  std::stable_sort(order.begin(), order.end(),
                   [&](size_t a, size_t b) { return prediction.scores[a] > prediction.scores[b]; });
  OrderedJson ranking = OrderedJson::array();
  for (size_t i = 0; i < std::min(order.size(), kRanked); ++i) {
    ranking.push_back({{"index", order[i]},
                       {"label", prediction.pipeline->labels[order[i]]},
                       {"score", prediction.scores[order[i]]}});
  }
  return ranking;
}

OrderedJson ReportJson(const RegionEvidence& evidence) {
  const media::PreprocessReport& report = evidence.report;
  OrderedJson json{{"inverted", report.inverted},
                   {"blank", report.blank},
                   {"contrast", report.contrast},
                   {"noise", report.noise},
                   {"centred", report.centred}};
  if (report.centred) json["ink"] = {report.ink_x, report.ink_y, report.ink_width, report.ink_height};
  if (evidence.edge_width) json["edge_width"] = *evidence.edge_width;
  return json;
}

}  // namespace

Result<std::string> WhyText(const EvidenceStore& store, const FrameEvidence& evidence, const std::string& name,
                            const config::Decide& decide) {
  const auto region = std::find_if(evidence.regions.begin(), evidence.regions.end(),
                                   [&](const RegionEvidence& each) { return each.prediction.region == name; });
  if (region == evidence.regions.end()) return Unexpected(ErrorCode::kInternal, StrCat("no region '", name, "' kept"));
  const Prediction& prediction = region->prediction;
  GLIMPSE_ASSIGN_OR_RETURN(OrderedJson input, InputJson(store.input(), *region));
  OrderedJson output = FactsJson(store.output());
  output["npy"] = Npy(store.output(), region->output);
  const auto range = store.range();
  return Dump({{"prediction", PredictionJson(prediction)},
               {"margin", FindBest(prediction.scores).margin},
               {"ranking", RankingJson(prediction)},
               {"decide", {{"margin", decide.margin}, {"vote", decide.vote}, {"blur_px", decide.blur_px}}},
               {"preprocess", ReportJson(*region)},
               {"input", std::move(input)},
               {"output", std::move(output)},
               {"kept", {{"first", range ? range->first : 0}, {"last", range ? range->last : 0}}}});
}

Result<std::string> SnapshotText(const EvidenceStore& store, const FrameEvidence& evidence, const media::Frame& picture,
                                 const std::string& camera, const std::vector<config::Region>& rectangles) {
  media::Image image;
  const media::Rect whole{0, 0, picture.width, picture.height};
  if (picture.format == media::PixelFormat::kGrey8) {
    media::ToGrey(picture, whole, image);
  } else {
    media::ToRgb(picture, whole, image);
  }
  GLIMPSE_ASSIGN_OR_RETURN(const auto png, media::EncodePng(media::ToFrame(image)));
  OrderedJson regions = OrderedJson::array();
  for (const RegionEvidence& region : evidence.regions) {
    const std::string& name = region.prediction.region;
    OrderedJson rectangle{0, 0, picture.width, picture.height};
    for (const config::Region& each : rectangles) {
      if (each.name == name) rectangle = {each.x, each.y, each.width, each.height};
    }
    GLIMPSE_ASSIGN_OR_RETURN(OrderedJson input, InputJson(store.input(), region));
    regions.push_back({{"region", name},
                       {"rectangle", rectangle},
                       {"prediction", PredictionJson(region.prediction)},
                       {"input", std::move(input)}});
  }
  return Dump({{"pipeline", evidence.regions.at(0).prediction.pipeline->name},
               {"camera", camera},
               {"frame", evidence.frame},
               {"time", FormatTime(evidence.time)},
               {"origin", evidence.origin},
               {"width", picture.width},
               {"height", picture.height},
               {"format", media::PixelFormatName(picture.format)},
               {"png", wire::EncodeBase64(png)},
               {"regions", std::move(regions)}});
}

}  // namespace glimpse::daemon
