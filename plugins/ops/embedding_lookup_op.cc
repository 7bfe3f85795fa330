// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cmath>
#include <cstring>
#include <vector>

#include "kernels/embedding_lookup/embedding_lookup.h"
#include "plugins/ops/checks.h"
#include "plugins/ops/ops.h"

namespace glimpse::ops {
namespace {

class EmbeddingLookupOp final : public sdk::Kernel {
 public:
  Status Prepare(PrepareContext& context) override {
    const Tensor lookup = context.input(0);
    const Tensor table = context.input(1);
    const Tensor output = context.output(0);
    GLIMPSE_SDK_TRY(RequireType(lookup, "input 0 (indices)", GLIMPSE_INT32));
    GLIMPSE_SDK_TRY(RequireRank(lookup, "input 0 (indices)", 1, 1));
    if (!table.present() || !output.present()) return InvalidNode("input 1 (table) or the output is missing");
    GLIMPSE_SDK_TRY(RequireRank(table, "input 1 (table)", 2, GLIMPSE_MAX_RANK));
    kernels::Profile profile;
    GLIMPSE_SDK_TRY(GetProfile(context, &profile));
    rows_ = table.dim(0);
    count_ = lookup.dim(0);
    p_ = {};
    for (uint32_t i = 1; i < table.rank(); ++i) p_.depth *= table.dim(i);
    table_type_ = table.dtype();
    copies_ = table_type_ == output.dtype();
    if (profile == kernels::Profile::kTfliteMicro) GLIMPSE_SDK_TRY(RequireMicro(table));
    if (copies_) {
      element_bytes_ = sdk::DtypeBytes(table_type_);
      if (element_bytes_ == 0) return Unsupported("input 1 is ", table.Describe(), "; such rows are not copied");
      if (table.scale_count() > 1) return InvalidNode("input 1 (table) has several scales; a copy takes one at most");
    } else {
      GLIMPSE_SDK_TRY(SetScales(context, table, output));
    }
    std::vector<int64_t> dims(table.dims().begin(), table.dims().end());
    dims[0] = count_;
    GLIMPSE_SDK_TRY(SetShape(context, 0, dims, copies_ ? element_bytes_ : sizeof(float)));
    return context.ReportWork(0, static_cast<uint64_t>(count_) * static_cast<uint64_t>(std::max<int64_t>(p_.depth, 1)));
  }

  Status Invoke(const sdk::InvokeContext& context) override {
    const auto* indices = context.input<int32_t>(0);
    for (int64_t i = 0; i < count_; ++i) {
      const int32_t index = indices[i];
      if (index < 0 || index >= rows_) {
        return InvalidNode("index ", index, " in input 0 lies outside of the table's ", rows_, " rows");
      }
      if (copies_) {
        const size_t bytes = static_cast<size_t>(p_.depth) * element_bytes_;
        if (bytes == 0) continue;
        std::memcpy(context.output<uint8_t>(0) + static_cast<size_t>(i) * bytes,
                    context.input<uint8_t>(1) + static_cast<size_t>(index) * bytes, bytes);
      } else if (table_type_ == GLIMPSE_INT4) {
        kernels::EmbeddingRowS4Ref(p_, context.input<uint8_t>(1), index, context.output<float>(0) + i * p_.depth);
      } else {
        kernels::EmbeddingRowS8Ref(p_, context.input<int8_t>(1), index, context.output<float>(0) + i * p_.depth);
      }
    }
    return Ok();
  }

 private:
  static Status RequireMicro(const Tensor& table) {
    if (table.dtype() != GLIMPSE_INT8 && table.dtype() != GLIMPSE_FLOAT32) {
      return Unsupported("input 1 is ", table.Describe(), "; TFLite Micro takes int8 and float32");
    }
    if (table.scale_count() > 1) return Unsupported("input 1 has several scales; TFLite Micro takes one");
    return Ok();
  }

  // A table of integers that becomes floats: symmetric, with one scale or one a row.
  Status SetScales(PrepareContext& context, const Tensor& table, const Tensor& output) {
    GLIMPSE_SDK_TRY(RequireType(output, "output 0", GLIMPSE_FLOAT32));
    if (table_type_ != GLIMPSE_INT8 && table_type_ != GLIMPSE_UINT8 && table_type_ != GLIMPSE_INT4) {
      return Unsupported("input 1 is ", table.Describe(), "; int8, uint8 and int4 become float32");
    }
    const uint32_t count = table.scale_count();
    if (count == 0) return InvalidNode("input 1 (table) is ", table.Describe(), " without scale");
    if (count != 1 && (table.quant_axis() != 0 || count != static_cast<uint32_t>(rows_))) {
      return InvalidNode("input 1 (table) has ", count, " scales along dimension ", table.quant_axis(),
                         "; it must have 1, or ", rows_, " along dimension 0");
    }
    GLIMPSE_SDK_TRY(scales_.Allocate(context, count));
    for (uint32_t i = 0; i < count; ++i) {
      scales_[i] = table.scales()[i];
      if (!(scales_[i] > 0) || !std::isfinite(scales_[i])) {
        return InvalidNode("input 1 (table): scale ", i, " is ", scales_[i], "; it must be positive");
      }
      if (table.zero_points()[i] != 0) {
        return InvalidNode("input 1 (table): zero point ", i, " is ", table.zero_points()[i], "; it must be 0");
      }
    }
    p_.scales = scales_.data();
    p_.per_row = count > 1;
    return Ok();
  }

  kernels::EmbeddingParams p_;
  int64_t rows_ = 0;
  int64_t count_ = 0;
  glimpse_dtype table_type_ = GLIMPSE_FLOAT32;
  bool copies_ = true;
  size_t element_bytes_ = 1;
  sdk::Persistent<float> scales_;
};

}  // namespace

std::unique_ptr<sdk::Kernel> MakeEmbeddingLookup() { return std::make_unique<EmbeddingLookupOp>(); }

}  // namespace glimpse::ops
