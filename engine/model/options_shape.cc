// SPDX-License-Identifier: Apache-2.0
// Options of operators that move data.
#include "engine/model/options_fields.h"

namespace glimpse::options {

Result<Bytes> Concatenation(const wire::Operator& op) {
  const auto in = FieldsOf<wire::ConcatenationOptionsT>(op.builtin_options_as_ConcatenationOptions());
  FieldCheck check;
  glimpse_concatenation_options out{};
  out.axis = in.axis;
  out.activation = check.Activation(in.fused_activation_function);
  return check.Finish(out);
}

Result<Bytes> Reshape(const wire::Operator& op) {
  const auto* in = op.builtin_options_as_ReshapeOptions();
  const auto* shape = in == nullptr ? nullptr : in->new_shape();
  FieldCheck check;
  glimpse_reshape_options out{};
  if (shape != nullptr) {
    if (shape->size() > GLIMPSE_MAX_RANK) {
      return Unexpected(ErrorCode::kUnsupported, StrCat("builtin_options.new_shape has ", shape->size(),
                                                        " dimensions, at most ", GLIMPSE_MAX_RANK, " are supported"));
    }
    out.has_new_shape = 1;
    out.new_rank = shape->size();
    for (uint32_t d = 0; d < shape->size(); ++d) {
      out.new_shape[d] = check.AtLeast("new_shape", shape->Get(d), -1);
    }
  }
  return check.Finish(out);
}

Result<Bytes> Shape(const wire::Operator& op) {
  const auto in = FieldsOf<wire::ShapeOptionsT>(op.builtin_options_as_ShapeOptions());
  FieldCheck check;
  glimpse_shape_options out{};
  out.out_type = check.IndexType("out_type", in.out_type, GLIMPSE_INT32);
  return check.Finish(out);
}

Result<Bytes> StridedSlice(const wire::Operator& op) {
  const auto in = FieldsOf<wire::StridedSliceOptionsT>(op.builtin_options_as_StridedSliceOptions());
  glimpse_strided_slice_options out{};
  out.begin_mask = static_cast<uint32_t>(in.begin_mask);
  out.end_mask = static_cast<uint32_t>(in.end_mask);
  out.ellipsis_mask = static_cast<uint32_t>(in.ellipsis_mask);
  out.new_axis_mask = static_cast<uint32_t>(in.new_axis_mask);
  out.shrink_axis_mask = static_cast<uint32_t>(in.shrink_axis_mask);
  out.offset = in.offset ? 1 : 0;
  return FieldCheck().Finish(out);
}

Result<Bytes> Pack(const wire::Operator& op) {
  const auto in = FieldsOf<wire::PackOptionsT>(op.builtin_options_as_PackOptions());
  FieldCheck check;
  glimpse_pack_options out{};
  out.values_count = check.AtLeast("values_count", in.values_count, 1);
  out.axis = in.axis;
  return check.Finish(out);
}

Result<Bytes> SpaceToDepth(const wire::Operator& op) {
  const auto in = FieldsOf<wire::SpaceToDepthOptionsT>(op.builtin_options_as_SpaceToDepthOptions());
  FieldCheck check;
  glimpse_block_size_options out{};
  out.block_size = check.AtLeast("block_size", in.block_size, 1);
  return check.Finish(out);
}

Result<Bytes> DepthToSpace(const wire::Operator& op) {
  const auto in = FieldsOf<wire::DepthToSpaceOptionsT>(op.builtin_options_as_DepthToSpaceOptions());
  FieldCheck check;
  glimpse_block_size_options out{};
  out.block_size = check.AtLeast("block_size", in.block_size, 1);
  return check.Finish(out);
}

Result<Bytes> Gather(const wire::Operator& op) {
  const auto in = FieldsOf<wire::GatherOptionsT>(op.builtin_options_as_GatherOptions());
  glimpse_gather_options out{};
  out.axis = in.axis;
  out.batch_dims = in.batch_dims;
  return FieldCheck().Finish(out);
}

Result<Bytes> Squeeze(const wire::Operator& op) {
  const auto* in = op.builtin_options_as_SqueezeOptions();
  const auto* dims = in == nullptr ? nullptr : in->squeeze_dims();
  glimpse_squeeze_options out{};
  if (dims != nullptr) {
    if (dims->size() > GLIMPSE_MAX_RANK) {
      return Unexpected(ErrorCode::kInvalidModel, StrCat("builtin_options.squeeze_dims has ", dims->size(),
                                                         " dimensions, a tensor has at most ", GLIMPSE_MAX_RANK));
    }
    out.dim_count = dims->size();
    for (uint32_t d = 0; d < dims->size(); ++d) out.dims[d] = dims->Get(d);
  }
  return FieldCheck().Finish(out);
}

Result<Bytes> Split(const wire::Operator& op) {
  const auto in = FieldsOf<wire::SplitOptionsT>(op.builtin_options_as_SplitOptions());
  FieldCheck check;
  glimpse_split_options out{};
  out.split_count = check.AtLeast("num_splits", in.num_splits, 0);
  return check.Finish(out);
}

Result<Bytes> SplitV(const wire::Operator& op) {
  const auto in = FieldsOf<wire::SplitVOptionsT>(op.builtin_options_as_SplitVOptions());
  FieldCheck check;
  glimpse_split_options out{};
  out.split_count = check.AtLeast("num_splits", in.num_splits, 0);
  return check.Finish(out);
}

Result<Bytes> Unpack(const wire::Operator& op) {
  const auto in = FieldsOf<wire::UnpackOptionsT>(op.builtin_options_as_UnpackOptions());
  FieldCheck check;
  glimpse_unpack_options out{};
  out.value_count = check.AtLeast("num", in.num, 0);
  out.axis = in.axis;
  return check.Finish(out);
}

Result<Bytes> MirrorPad(const wire::Operator& op) {
  const auto in = FieldsOf<wire::MirrorPadOptionsT>(op.builtin_options_as_MirrorPadOptions());
  FieldCheck check;
  glimpse_mirror_pad_options out{};
  out.mode = check.UpTo("mode", in.mode, wire::MirrorPadMode::MAX);
  return check.Finish(out);
}

Result<Bytes> OneHot(const wire::Operator& op) {
  const auto in = FieldsOf<wire::OneHotOptionsT>(op.builtin_options_as_OneHotOptions());
  glimpse_one_hot_options out{};
  out.axis = in.axis;
  return FieldCheck().Finish(out);
}

Result<Bytes> ReverseSequence(const wire::Operator& op) {
  const auto in = FieldsOf<wire::ReverseSequenceOptionsT>(op.builtin_options_as_ReverseSequenceOptions());
  glimpse_reverse_sequence_options out{};
  out.sequence_axis = in.seq_dim;
  out.batch_axis = in.batch_dim;
  return FieldCheck().Finish(out);
}

}  // namespace glimpse::options
