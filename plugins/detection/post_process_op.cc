// SPDX-License-Identifier: Apache-2.0
#include "plugins/detection/post_process_op.h"

#include <algorithm>
#include <vector>

#include "kernels/detection/detection.h"
#include "plugins/detection/flexbuffer_map.h"
#include "plugins/ops/typed_checks.h"

namespace glimpse::detection {
namespace {

using ops::InvalidNode;
using ops::Ok;
using ops::PrepareContext;
using ops::Status;
using ops::Tensor;
using ops::Unsupported;

constexpr const char* kInputs[] = {"input 0 (box encodings)", "input 1 (class predictions)", "input 2 (anchors)"};

// An input and, unless it is float, how its numbers become real: (stored - zero_point) * scale in float.
struct Input {
  glimpse_dtype dtype = GLIMPSE_FLOAT32;
  kernels::PerTensor quantization;
  int64_t count = 0;
  sdk::Scratch<float> real;  // unless it is float

  Status Prepare(PrepareContext& context, uint32_t index) {
    const Tensor tensor = context.input(index);
    if (!tensor.present()) return InvalidNode(kInputs[index], " is missing");
    dtype = tensor.dtype();
    count = tensor.element_count();
    if (dtype == GLIMPSE_FLOAT32) return Ok();
    if (dtype != GLIMPSE_UINT8)
      return Unsupported(kInputs[index], " is ", tensor.Describe(), "; float32 and uint8 are served");
    GLIMPSE_SDK_TRY(ops::RequirePerTensor(tensor, kInputs[index], &quantization));
    return real.Request(context, static_cast<size_t>(count));
  }

  const float* Real(const sdk::InvokeContext& context, uint32_t index) const {
    if (dtype == GLIMPSE_FLOAT32) return context.input<float>(index);
    const auto* stored = context.input<uint8_t>(index);
    float* const values = real.in(context).data();
    for (int64_t i = 0; i < count; ++i) {
      values[i] = static_cast<float>(stored[i] - quantization.zero_point) * quantization.scale;
    }
    return values;
  }
};

// Numbers of the options; the first complaint is kept.
class Options {
 public:
  explicit Options(const FlexbufferMap& map) : map_(map) {}

  bool Has(const char* key) const {
    FlexNumber number;
    return map_.Get(key, &number) != FlexbufferMap::Found::kAbsent;
  }
  float Real(const char* key) { return Get(key).AsFloat(); }
  bool Bool(const char* key) { return Get(key).AsBool(); }
  int32_t Int(const char* key, int32_t min) {
    const auto value = Get(key).AsInt32();
    if (value && *value >= min) return *value;
    if (status_.ok()) status_ = InvalidNode("custom_options: ", key, " must be ", min, " to 2^31 - 1");
    return min;
  }
  const Status& status() const { return status_; }

 private:
  FlexNumber Get(const char* key) {
    FlexNumber number;
    if (map_.Get(key, &number) == FlexbufferMap::Found::kMalformed && status_.ok()) {
      status_ = InvalidNode("custom_options: ", key, " is not a number");
    }
    return number;
  }

  const FlexbufferMap& map_;
  Status status_;
};

class PostProcessOp final : public sdk::Kernel {
 public:
  Status Prepare(PrepareContext& context) override {
    GLIMPSE_SDK_TRY(ops::GetProfile(context, &profile_));
    p_ = {};
    GLIMPSE_SDK_TRY(ReadOptions(context));
    for (uint32_t i = 0; i < 3; ++i) {
      GLIMPSE_SDK_TRY(inputs_[i].Prepare(context, i));
      if (inputs_[i].dtype != GLIMPSE_FLOAT32) GLIMPSE_SDK_TRY(ops::RefuseForMicro(profile_, "quantized inputs"));
    }
    GLIMPSE_SDK_TRY(CheckShapes(context));
    if (inputs_[0].dtype != inputs_[2].dtype) return InvalidNode("box encodings and anchors have different types");
    const int64_t found = int64_t{p_.max_detections} * p_.classes_per_box;
    for (uint32_t i = 0; i < 4; ++i) {
      GLIMPSE_SDK_TRY(ops::RequireType(context.output(i), sdk::Text("output ", i), GLIMPSE_FLOAT32));
    }
    const int64_t boxes[] = {1, found, 4};
    const int64_t one_each[] = {1, found};
    const int64_t one[] = {1};
    GLIMPSE_SDK_TRY(ops::SetShape(context, 0, boxes, sizeof(float)));
    GLIMPSE_SDK_TRY(ops::SetShape(context, 1, one_each, sizeof(float)));
    GLIMPSE_SDK_TRY(ops::SetShape(context, 2, one_each, sizeof(float)));
    GLIMPSE_SDK_TRY(ops::SetShape(context, 3, one, sizeof(float)));
    GLIMPSE_SDK_TRY(RequestScratch(context));
    // Each kept box is compared with all others; sorting is less.
    const auto count = static_cast<uint64_t>(p_.boxes);
    const auto kept = static_cast<uint64_t>(std::min(p_.boxes, p_.max_detections)) + 64;
    return context.ReportWork(0,
                              ops::SaturatedProduct({count, kept, regular_ ? static_cast<uint64_t>(p_.classes) : 1}));
  }

  Status Invoke(const sdk::InvokeContext& context) override {
    const kernels::DetectionScratch scratch{decoded_.in(context).data(), class_scores_.in(context).data(),
                                            order_.in(context).data(),   selected_.in(context).data(),
                                            dropped_.in(context).data(), class_order_.in(context).data(),
                                            best_.in(context).data(),    merged_.in(context).data()};
    const kernels::Detections out{context.output<kernels::DetectionBox>(0), context.output<float>(1),
                                  context.output<float>(2), context.output<float>(3)};
    if (!kernels::DecodeBoxesRef(p_, inputs_[0].Real(context, 0), inputs_[2].Real(context, 2), scratch.decoded)) {
      return InvalidNode("a box has its upper edge below the lower one, or its left edge right of the right one");
    }
    (regular_ ? kernels::DetectRegularRef : kernels::DetectFastRef)(p_, inputs_[1].Real(context, 1), scratch, out);
    return Ok();
  }

 private:
  Status ReadOptions(const PrepareContext& context) {
    const auto map = FlexbufferMap::Read(context.op().custom_options());
    if (!map) return InvalidNode("custom_options are no FlexBuffers map");
    Options options(*map);
    p_.max_detections = options.Int("max_detections", 0);
    p_.classes_per_box = options.Int("max_classes_per_detection", 0);
    if (options.Has("detections_per_class")) p_.detections_per_class = options.Int("detections_per_class", 0);
    regular_ = options.Has("use_regular_nms") && options.Bool("use_regular_nms");
    p_.score_threshold = options.Real("nms_score_threshold");
    p_.overlap_threshold = options.Real("nms_iou_threshold");
    p_.classes = options.Int("num_classes", 1);
    p_.y_scale = options.Real("y_scale");
    p_.x_scale = options.Real("x_scale");
    p_.h_scale = options.Real("h_scale");
    p_.w_scale = options.Real("w_scale");
    GLIMPSE_SDK_TRY(options.status());
    if (!(p_.overlap_threshold > 0 && p_.overlap_threshold <= 1)) {
      return InvalidNode("custom_options: nms_iou_threshold is ", p_.overlap_threshold, "; it must be in (0, 1]");
    }
    if (regular_ && std::min(p_.detections_per_class, p_.max_detections) < 1) {
      return InvalidNode("custom_options: detections_per_class and max_detections must be at least 1");
    }
    if (profile_ == kernels::Profile::kTfliteMicro && !regular_ && std::min(p_.classes_per_box, p_.classes) > 1) {
      return Unsupported("TFLite Micro writes several classes of a detection to places of others");
    }
    if (p_.classes_per_box < 1) return InvalidNode("custom_options: max_classes_per_detection must be at least 1");
    return Ok();
  }

  Status CheckShapes(const PrepareContext& context) {
    const Tensor encodings = context.input(0);
    const Tensor scores = context.input(1);
    const Tensor anchors = context.input(2);
    GLIMPSE_SDK_TRY(ops::RequireRank(encodings, kInputs[0], 3, 3));
    GLIMPSE_SDK_TRY(ops::RequireRank(scores, kInputs[1], 3, 3));
    GLIMPSE_SDK_TRY(ops::RequireRank(anchors, kInputs[2], 2, 2));
    p_.boxes = encodings.dim(1);
    p_.encoding_length = encodings.dim(2);
    p_.scores_per_box = scores.dim(2);
    if (encodings.dim(0) != 1 || p_.encoding_length < 4) {
      return InvalidNode(kInputs[0], " is ", encodings.Describe(), "; it must be [1, boxes, 4 or more]");
    }
    if (scores.dim(0) != 1 || scores.dim(1) != p_.boxes || p_.scores_per_box < p_.classes ||
        p_.scores_per_box > int64_t{p_.classes} + 1) {
      return InvalidNode(kInputs[1], " is ", scores.Describe(), "; it must be [1, ", p_.boxes, ", ", p_.classes,
                         " or one more]");
    }
    if (anchors.dim(0) != p_.boxes || anchors.dim(1) != 4) {
      return InvalidNode(kInputs[2], " is ", anchors.Describe(), "; it must be [", p_.boxes, ", 4]");
    }
    return Ok();
  }

  Status RequestScratch(PrepareContext& context) {
    const auto boxes = static_cast<size_t>(p_.boxes);
    const size_t best = regular_ ? 2 * static_cast<size_t>(p_.max_detections) : 0;
    GLIMPSE_SDK_TRY(decoded_.Request(context, boxes));
    GLIMPSE_SDK_TRY(class_scores_.Request(context, boxes));
    GLIMPSE_SDK_TRY(order_.Request(context, boxes));
    GLIMPSE_SDK_TRY(selected_.Request(context, boxes));
    GLIMPSE_SDK_TRY(dropped_.Request(context, boxes));
    GLIMPSE_SDK_TRY(class_order_.Request(context, static_cast<size_t>(p_.classes)));
    GLIMPSE_SDK_TRY(best_.Request(context, best));
    return merged_.Request(context, best);
  }

  kernels::Profile profile_ = kernels::Profile::kLitertReference;
  bool regular_ = false;
  kernels::DetectionParams p_;
  Input inputs_[3];
  sdk::Scratch<kernels::DetectionBox> decoded_;
  sdk::Scratch<float> class_scores_;
  sdk::Scratch<int32_t> order_;
  sdk::Scratch<int32_t> selected_;
  sdk::Scratch<uint8_t> dropped_;
  sdk::Scratch<int32_t> class_order_;
  sdk::Scratch<kernels::ScoredBox> best_;
  sdk::Scratch<kernels::ScoredBox> merged_;
};

}  // namespace

std::unique_ptr<sdk::Kernel> MakePostProcess() { return std::make_unique<PostProcessOp>(); }

}  // namespace glimpse::detection
