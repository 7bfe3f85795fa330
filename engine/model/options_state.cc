// SPDX-License-Identifier: Apache-2.0
// Options of operators that keep state.
#include "engine/model/options_fields.h"

namespace glimpse::options {

Result<Bytes> Svdf(const wire::Operator& op) {
  const auto in = FieldsOf<wire::SVDFOptionsT>(op.builtin_options_as_SVDFOptions());
  FieldCheck check;
  glimpse_svdf_options out{};
  out.rank = check.AtLeast("rank", in.rank, 1);
  out.activation = check.Activation(in.fused_activation_function);
  out.asymmetric_quantize_inputs = in.asymmetric_quantize_inputs ? 1 : 0;
  return check.Finish(out);
}

Result<Bytes> Lstm(const wire::Operator& op) {
  const auto in = FieldsOf<wire::LSTMOptionsT>(op.builtin_options_as_LSTMOptions());
  FieldCheck check;
  glimpse_lstm_options out{};
  out.activation = check.Activation(in.fused_activation_function);
  out.cell_clip = check.Clip("cell_clip", in.cell_clip);
  out.projection_clip = check.Clip("proj_clip", in.proj_clip);
  out.kernel_type = check.UpTo("kernel_type", in.kernel_type, wire::LSTMKernelType::MAX);
  out.asymmetric_quantize_inputs = in.asymmetric_quantize_inputs ? 1 : 0;
  return check.Finish(out);
}

Result<Bytes> SequenceLstm(const wire::Operator& op) {
  const auto in =
      FieldsOf<wire::UnidirectionalSequenceLSTMOptionsT>(op.builtin_options_as_UnidirectionalSequenceLSTMOptions());
  FieldCheck check;
  glimpse_sequence_lstm_options out{};
  out.activation = check.Activation(in.fused_activation_function);
  out.cell_clip = check.Clip("cell_clip", in.cell_clip);
  out.projection_clip = check.Clip("proj_clip", in.proj_clip);
  out.time_major = in.time_major ? 1 : 0;
  out.asymmetric_quantize_inputs = in.asymmetric_quantize_inputs ? 1 : 0;
  out.diagonal_recurrent_tensors = in.diagonal_recurrent_tensors ? 1 : 0;
  return check.Finish(out);
}

}  // namespace glimpse::options
