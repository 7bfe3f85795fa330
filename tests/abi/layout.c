/* SPDX-License-Identifier: Apache-2.0 */
/* Sizes and offsets of every struct that crosses the plugin boundary, on machines with 64-bit and 32-bit pointers. A
 * line that has to change here changes the ABI: plugins/abi/CHANGES.md and the version go with it. Compiles, or does
 * not. */
#include <stddef.h>

#include "glimpse/op_options.h"

/* i386 alone aligns 64-bit numbers inside structs to 4 bytes; glimpsed does not run there. */
#define PIN(what, value64, value32) \
  _Static_assert((what) == (sizeof(void*) == 8 ? (value64) : (value32)), "the layout of the ABI changed: " #what)

PIN(sizeof(glimpse_tensor), 88u, 56u);
PIN(offsetof(glimpse_tensor, struct_size), 0u, 0u);
PIN(offsetof(glimpse_tensor, dtype), 4u, 4u);
PIN(offsetof(glimpse_tensor, flags), 8u, 8u);
PIN(offsetof(glimpse_tensor, rank), 12u, 12u);
PIN(offsetof(glimpse_tensor, dims), 16u, 16u);
PIN(offsetof(glimpse_tensor, data), 24u, 20u);
PIN(offsetof(glimpse_tensor, size_bytes), 32u, 24u);
PIN(offsetof(glimpse_tensor, readable_bytes), 40u, 28u);
PIN(offsetof(glimpse_tensor, scale_count), 48u, 32u);
PIN(offsetof(glimpse_tensor, quant_axis), 52u, 36u);
PIN(offsetof(glimpse_tensor, scales), 56u, 40u);
PIN(offsetof(glimpse_tensor, zero_points), 64u, 44u);
PIN(offsetof(glimpse_tensor, name), 72u, 48u);
PIN(offsetof(glimpse_tensor, index), 80u, 52u);

PIN(sizeof(glimpse_operator), 72u, 52u);
PIN(offsetof(glimpse_operator, struct_size), 0u, 0u);
PIN(offsetof(glimpse_operator, index), 4u, 4u);
PIN(offsetof(glimpse_operator, op), 8u, 8u);
PIN(offsetof(glimpse_operator, version), 16u, 12u);
PIN(offsetof(glimpse_operator, options_size), 20u, 16u);
PIN(offsetof(glimpse_operator, options), 24u, 20u);
PIN(offsetof(glimpse_operator, input_count), 32u, 24u);
PIN(offsetof(glimpse_operator, output_count), 36u, 28u);
PIN(offsetof(glimpse_operator, inputs), 40u, 32u);
PIN(offsetof(glimpse_operator, outputs), 48u, 36u);
PIN(offsetof(glimpse_operator, intermediate_count), 56u, 40u);
PIN(offsetof(glimpse_operator, reserved), 60u, 44u);
PIN(offsetof(glimpse_operator, intermediates), 64u, 48u);

PIN(sizeof(glimpse_node), 24u, 16u);
PIN(offsetof(glimpse_node, struct_size), 0u, 0u);
PIN(offsetof(glimpse_node, operator_count), 4u, 4u);
PIN(offsetof(glimpse_node, operators), 8u, 8u);
PIN(offsetof(glimpse_node, numerics), 16u, 12u);

PIN(sizeof(glimpse_prepare), 88u, 48u);
PIN(offsetof(glimpse_prepare, struct_size), 0u, 0u);
PIN(offsetof(glimpse_prepare, context), 8u, 4u);
PIN(offsetof(glimpse_prepare, set_error), 16u, 8u);
PIN(offsetof(glimpse_prepare, set_output_shape), 24u, 12u);
PIN(offsetof(glimpse_prepare, set_dynamic_output), 32u, 16u);
PIN(offsetof(glimpse_prepare, persistent), 40u, 20u);
PIN(offsetof(glimpse_prepare, scratch), 48u, 24u);
PIN(offsetof(glimpse_prepare, allow_alias), 56u, 28u);
PIN(offsetof(glimpse_prepare, report_work), 64u, 32u);
PIN(offsetof(glimpse_prepare, share), 72u, 36u);
PIN(offsetof(glimpse_prepare, worker_count), 80u, 40u);
PIN(offsetof(glimpse_prepare, reserved), 84u, 44u);

PIN(sizeof(glimpse_invoke), 80u, 48u);
PIN(offsetof(glimpse_invoke, struct_size), 0u, 0u);
PIN(offsetof(glimpse_invoke, input_count), 4u, 4u);
PIN(offsetof(glimpse_invoke, output_count), 8u, 8u);
PIN(offsetof(glimpse_invoke, scratch_count), 12u, 12u);
PIN(offsetof(glimpse_invoke, inputs), 16u, 16u);
PIN(offsetof(glimpse_invoke, outputs), 24u, 20u);
PIN(offsetof(glimpse_invoke, scratch), 32u, 24u);
PIN(offsetof(glimpse_invoke, should_stop), 40u, 28u);
PIN(offsetof(glimpse_invoke, context), 48u, 32u);
PIN(offsetof(glimpse_invoke, set_error), 56u, 36u);
PIN(offsetof(glimpse_invoke, resize_output), 64u, 40u);
PIN(offsetof(glimpse_invoke, parallel), 72u, 44u);

PIN(sizeof(glimpse_kernel), 56u, 28u);
PIN(offsetof(glimpse_kernel, struct_size), 0u, 0u);
PIN(offsetof(glimpse_kernel, plugin_data), 8u, 4u);
PIN(offsetof(glimpse_kernel, prepare), 16u, 8u);
PIN(offsetof(glimpse_kernel, invoke), 24u, 12u);
PIN(offsetof(glimpse_kernel, reset), 32u, 16u);
PIN(offsetof(glimpse_kernel, destroy), 40u, 20u);
PIN(offsetof(glimpse_kernel, get_extension), 48u, 24u);

PIN(sizeof(glimpse_host), 64u, 48u);
PIN(offsetof(glimpse_host, struct_size), 0u, 0u);
PIN(offsetof(glimpse_host, name), 8u, 4u);
PIN(offsetof(glimpse_host, version), 16u, 8u);
PIN(offsetof(glimpse_host, cpu_features), 24u, 16u);
PIN(offsetof(glimpse_host, cpu_part), 40u, 32u);
PIN(offsetof(glimpse_host, l1d_bytes), 48u, 36u);
PIN(offsetof(glimpse_host, l2_bytes), 52u, 40u);
PIN(offsetof(glimpse_host, get_extension), 56u, 44u);

PIN(sizeof(glimpse_op_descriptor), 104u, 96u);
PIN(offsetof(glimpse_op_descriptor, struct_size), 0u, 0u);
PIN(offsetof(glimpse_op_descriptor, flags), 4u, 4u);
PIN(offsetof(glimpse_op_descriptor, ops), 8u, 8u);
PIN(offsetof(glimpse_op_descriptor, op_count), 16u, 12u);
PIN(offsetof(glimpse_op_descriptor, reserved), 20u, 16u);
PIN(offsetof(glimpse_op_descriptor, impl), 24u, 20u);
PIN(offsetof(glimpse_op_descriptor, version), 32u, 24u);
PIN(offsetof(glimpse_op_descriptor, op_version_min), 40u, 28u);
PIN(offsetof(glimpse_op_descriptor, op_version_max), 44u, 32u);
PIN(offsetof(glimpse_op_descriptor, input_min), 48u, 36u);
PIN(offsetof(glimpse_op_descriptor, input_max), 52u, 40u);
PIN(offsetof(glimpse_op_descriptor, output_min), 56u, 44u);
PIN(offsetof(glimpse_op_descriptor, output_max), 60u, 48u);
PIN(offsetof(glimpse_op_descriptor, input_types), 64u, 56u);
PIN(offsetof(glimpse_op_descriptor, numerics), 72u, 64u);
PIN(offsetof(glimpse_op_descriptor, cpu_features), 80u, 72u);
PIN(offsetof(glimpse_op_descriptor, score), 96u, 88u);

PIN(sizeof(glimpse_op_factory), 24u, 16u);
PIN(offsetof(glimpse_op_factory, struct_size), 0u, 0u);
PIN(offsetof(glimpse_op_factory, count), 4u, 4u);
PIN(offsetof(glimpse_op_factory, descriptor), 8u, 8u);
PIN(offsetof(glimpse_op_factory, create), 16u, 12u);

PIN(sizeof(glimpse_op_plugin_entry), 64u, 44u);
PIN(offsetof(glimpse_op_plugin_entry, magic), 0u, 0u);
PIN(offsetof(glimpse_op_plugin_entry, abi_major), 4u, 4u);
PIN(offsetof(glimpse_op_plugin_entry, abi_minor), 8u, 8u);
PIN(offsetof(glimpse_op_plugin_entry, abi_patch), 12u, 12u);
PIN(offsetof(glimpse_op_plugin_entry, struct_size), 16u, 16u);
PIN(offsetof(glimpse_op_plugin_entry, reserved), 20u, 20u);
PIN(offsetof(glimpse_op_plugin_entry, name), 24u, 24u);
PIN(offsetof(glimpse_op_plugin_entry, version), 32u, 28u);
PIN(offsetof(glimpse_op_plugin_entry, init), 40u, 32u);
PIN(offsetof(glimpse_op_plugin_entry, deinit), 48u, 36u);
PIN(offsetof(glimpse_op_plugin_entry, get_factory), 56u, 40u);

PIN(sizeof(glimpse_conv_2d_options), 32u, 32u);
PIN(offsetof(glimpse_conv_2d_options, struct_size), 0u, 0u);
PIN(offsetof(glimpse_conv_2d_options, padding), 4u, 4u);
PIN(offsetof(glimpse_conv_2d_options, stride_height), 8u, 8u);
PIN(offsetof(glimpse_conv_2d_options, stride_width), 12u, 12u);
PIN(offsetof(glimpse_conv_2d_options, dilation_height), 16u, 16u);
PIN(offsetof(glimpse_conv_2d_options, dilation_width), 20u, 20u);
PIN(offsetof(glimpse_conv_2d_options, activation), 24u, 24u);
PIN(offsetof(glimpse_conv_2d_options, quantized_bias_type), 28u, 28u);

PIN(sizeof(glimpse_depthwise_conv_2d_options), 32u, 32u);
PIN(offsetof(glimpse_depthwise_conv_2d_options, struct_size), 0u, 0u);
PIN(offsetof(glimpse_depthwise_conv_2d_options, padding), 4u, 4u);
PIN(offsetof(glimpse_depthwise_conv_2d_options, stride_height), 8u, 8u);
PIN(offsetof(glimpse_depthwise_conv_2d_options, stride_width), 12u, 12u);
PIN(offsetof(glimpse_depthwise_conv_2d_options, dilation_height), 16u, 16u);
PIN(offsetof(glimpse_depthwise_conv_2d_options, dilation_width), 20u, 20u);
PIN(offsetof(glimpse_depthwise_conv_2d_options, depth_multiplier), 24u, 24u);
PIN(offsetof(glimpse_depthwise_conv_2d_options, activation), 28u, 28u);

PIN(sizeof(glimpse_fully_connected_options), 24u, 24u);
PIN(offsetof(glimpse_fully_connected_options, struct_size), 0u, 0u);
PIN(offsetof(glimpse_fully_connected_options, activation), 4u, 4u);
PIN(offsetof(glimpse_fully_connected_options, weights_format), 8u, 8u);
PIN(offsetof(glimpse_fully_connected_options, keep_num_dims), 12u, 12u);
PIN(offsetof(glimpse_fully_connected_options, asymmetric_quantize_inputs), 16u, 16u);
PIN(offsetof(glimpse_fully_connected_options, quantized_bias_type), 20u, 20u);

PIN(sizeof(glimpse_pool_2d_options), 28u, 28u);
PIN(offsetof(glimpse_pool_2d_options, struct_size), 0u, 0u);
PIN(offsetof(glimpse_pool_2d_options, padding), 4u, 4u);
PIN(offsetof(glimpse_pool_2d_options, stride_height), 8u, 8u);
PIN(offsetof(glimpse_pool_2d_options, stride_width), 12u, 12u);
PIN(offsetof(glimpse_pool_2d_options, filter_height), 16u, 16u);
PIN(offsetof(glimpse_pool_2d_options, filter_width), 20u, 20u);
PIN(offsetof(glimpse_pool_2d_options, activation), 24u, 24u);

PIN(sizeof(glimpse_elementwise_options), 12u, 12u);
PIN(offsetof(glimpse_elementwise_options, struct_size), 0u, 0u);
PIN(offsetof(glimpse_elementwise_options, activation), 4u, 4u);
PIN(offsetof(glimpse_elementwise_options, pot_scale_int16), 8u, 8u);

PIN(sizeof(glimpse_concatenation_options), 12u, 12u);
PIN(offsetof(glimpse_concatenation_options, struct_size), 0u, 0u);
PIN(offsetof(glimpse_concatenation_options, axis), 4u, 4u);
PIN(offsetof(glimpse_concatenation_options, activation), 8u, 8u);

PIN(sizeof(glimpse_reducer_options), 8u, 8u);
PIN(offsetof(glimpse_reducer_options, struct_size), 0u, 0u);
PIN(offsetof(glimpse_reducer_options, keep_dims), 4u, 4u);

PIN(sizeof(glimpse_reshape_options), 44u, 44u);
PIN(offsetof(glimpse_reshape_options, struct_size), 0u, 0u);
PIN(offsetof(glimpse_reshape_options, new_rank), 4u, 4u);
PIN(offsetof(glimpse_reshape_options, has_new_shape), 8u, 8u);
PIN(offsetof(glimpse_reshape_options, new_shape), 12u, 12u);

PIN(sizeof(glimpse_softmax_options), 8u, 8u);
PIN(offsetof(glimpse_softmax_options, struct_size), 0u, 0u);
PIN(offsetof(glimpse_softmax_options, beta), 4u, 4u);

PIN(sizeof(glimpse_shape_options), 8u, 8u);
PIN(offsetof(glimpse_shape_options, struct_size), 0u, 0u);
PIN(offsetof(glimpse_shape_options, out_type), 4u, 4u);

PIN(sizeof(glimpse_strided_slice_options), 28u, 28u);
PIN(offsetof(glimpse_strided_slice_options, struct_size), 0u, 0u);
PIN(offsetof(glimpse_strided_slice_options, begin_mask), 4u, 4u);
PIN(offsetof(glimpse_strided_slice_options, end_mask), 8u, 8u);
PIN(offsetof(glimpse_strided_slice_options, ellipsis_mask), 12u, 12u);
PIN(offsetof(glimpse_strided_slice_options, new_axis_mask), 16u, 16u);
PIN(offsetof(glimpse_strided_slice_options, shrink_axis_mask), 20u, 20u);
PIN(offsetof(glimpse_strided_slice_options, offset), 24u, 24u);

PIN(sizeof(glimpse_pack_options), 12u, 12u);
PIN(offsetof(glimpse_pack_options, struct_size), 0u, 0u);
PIN(offsetof(glimpse_pack_options, values_count), 4u, 4u);
PIN(offsetof(glimpse_pack_options, axis), 8u, 8u);

PIN(sizeof(glimpse_leaky_relu_options), 8u, 8u);
PIN(offsetof(glimpse_leaky_relu_options, struct_size), 0u, 0u);
PIN(offsetof(glimpse_leaky_relu_options, alpha), 4u, 4u);

PIN(sizeof(glimpse_transpose_conv_options), 24u, 24u);
PIN(offsetof(glimpse_transpose_conv_options, struct_size), 0u, 0u);
PIN(offsetof(glimpse_transpose_conv_options, padding), 4u, 4u);
PIN(offsetof(glimpse_transpose_conv_options, stride_height), 8u, 8u);
PIN(offsetof(glimpse_transpose_conv_options, stride_width), 12u, 12u);
PIN(offsetof(glimpse_transpose_conv_options, activation), 16u, 16u);
PIN(offsetof(glimpse_transpose_conv_options, quantized_bias_type), 20u, 20u);

PIN(sizeof(glimpse_batch_matmul_options), 16u, 16u);
PIN(offsetof(glimpse_batch_matmul_options, struct_size), 0u, 0u);
PIN(offsetof(glimpse_batch_matmul_options, adj_x), 4u, 4u);
PIN(offsetof(glimpse_batch_matmul_options, adj_y), 8u, 8u);
PIN(offsetof(glimpse_batch_matmul_options, asymmetric_quantize_inputs), 12u, 12u);

PIN(sizeof(glimpse_l2_normalization_options), 8u, 8u);
PIN(offsetof(glimpse_l2_normalization_options, struct_size), 0u, 0u);
PIN(offsetof(glimpse_l2_normalization_options, activation), 4u, 4u);

PIN(sizeof(glimpse_gelu_options), 8u, 8u);
PIN(offsetof(glimpse_gelu_options, struct_size), 0u, 0u);
PIN(offsetof(glimpse_gelu_options, approximate), 4u, 4u);

PIN(sizeof(glimpse_resize_options), 12u, 12u);
PIN(offsetof(glimpse_resize_options, struct_size), 0u, 0u);
PIN(offsetof(glimpse_resize_options, align_corners), 4u, 4u);
PIN(offsetof(glimpse_resize_options, half_pixel_centers), 8u, 8u);

PIN(sizeof(glimpse_block_size_options), 8u, 8u);
PIN(offsetof(glimpse_block_size_options, struct_size), 0u, 0u);
PIN(offsetof(glimpse_block_size_options, block_size), 4u, 4u);

PIN(sizeof(glimpse_gather_options), 12u, 12u);
PIN(offsetof(glimpse_gather_options, struct_size), 0u, 0u);
PIN(offsetof(glimpse_gather_options, axis), 4u, 4u);
PIN(offsetof(glimpse_gather_options, batch_dims), 8u, 8u);

PIN(sizeof(glimpse_squeeze_options), 40u, 40u);
PIN(offsetof(glimpse_squeeze_options, struct_size), 0u, 0u);
PIN(offsetof(glimpse_squeeze_options, dim_count), 4u, 4u);
PIN(offsetof(glimpse_squeeze_options, dims), 8u, 8u);

PIN(sizeof(glimpse_split_options), 8u, 8u);
PIN(offsetof(glimpse_split_options, struct_size), 0u, 0u);
PIN(offsetof(glimpse_split_options, split_count), 4u, 4u);

PIN(sizeof(glimpse_unpack_options), 12u, 12u);
PIN(offsetof(glimpse_unpack_options, struct_size), 0u, 0u);
PIN(offsetof(glimpse_unpack_options, value_count), 4u, 4u);
PIN(offsetof(glimpse_unpack_options, axis), 8u, 8u);

PIN(sizeof(glimpse_cast_options), 12u, 12u);
PIN(offsetof(glimpse_cast_options, struct_size), 0u, 0u);
PIN(offsetof(glimpse_cast_options, input_type), 4u, 4u);
PIN(offsetof(glimpse_cast_options, output_type), 8u, 8u);

PIN(sizeof(glimpse_arg_min_max_options), 8u, 8u);
PIN(offsetof(glimpse_arg_min_max_options, struct_size), 0u, 0u);
PIN(offsetof(glimpse_arg_min_max_options, output_type), 4u, 4u);

PIN(sizeof(glimpse_mirror_pad_options), 8u, 8u);
PIN(offsetof(glimpse_mirror_pad_options, struct_size), 0u, 0u);
PIN(offsetof(glimpse_mirror_pad_options, mode), 4u, 4u);

PIN(sizeof(glimpse_cumsum_options), 12u, 12u);
PIN(offsetof(glimpse_cumsum_options, struct_size), 0u, 0u);
PIN(offsetof(glimpse_cumsum_options, exclusive), 4u, 4u);
PIN(offsetof(glimpse_cumsum_options, reverse), 8u, 8u);

PIN(sizeof(glimpse_one_hot_options), 8u, 8u);
PIN(offsetof(glimpse_one_hot_options, struct_size), 0u, 0u);
PIN(offsetof(glimpse_one_hot_options, axis), 4u, 4u);

PIN(sizeof(glimpse_reverse_sequence_options), 12u, 12u);
PIN(offsetof(glimpse_reverse_sequence_options, struct_size), 0u, 0u);
PIN(offsetof(glimpse_reverse_sequence_options, sequence_axis), 4u, 4u);
PIN(offsetof(glimpse_reverse_sequence_options, batch_axis), 8u, 8u);

PIN(sizeof(glimpse_svdf_options), 16u, 16u);
PIN(offsetof(glimpse_svdf_options, struct_size), 0u, 0u);
PIN(offsetof(glimpse_svdf_options, rank), 4u, 4u);
PIN(offsetof(glimpse_svdf_options, activation), 8u, 8u);
PIN(offsetof(glimpse_svdf_options, asymmetric_quantize_inputs), 12u, 12u);

PIN(sizeof(glimpse_lstm_options), 24u, 24u);
PIN(offsetof(glimpse_lstm_options, struct_size), 0u, 0u);
PIN(offsetof(glimpse_lstm_options, activation), 4u, 4u);
PIN(offsetof(glimpse_lstm_options, cell_clip), 8u, 8u);
PIN(offsetof(glimpse_lstm_options, projection_clip), 12u, 12u);
PIN(offsetof(glimpse_lstm_options, kernel_type), 16u, 16u);
PIN(offsetof(glimpse_lstm_options, asymmetric_quantize_inputs), 20u, 20u);

PIN(sizeof(glimpse_sequence_lstm_options), 28u, 28u);
PIN(offsetof(glimpse_sequence_lstm_options, struct_size), 0u, 0u);
PIN(offsetof(glimpse_sequence_lstm_options, activation), 4u, 4u);
PIN(offsetof(glimpse_sequence_lstm_options, cell_clip), 8u, 8u);
PIN(offsetof(glimpse_sequence_lstm_options, projection_clip), 12u, 12u);
PIN(offsetof(glimpse_sequence_lstm_options, time_major), 16u, 16u);
PIN(offsetof(glimpse_sequence_lstm_options, asymmetric_quantize_inputs), 20u, 20u);
PIN(offsetof(glimpse_sequence_lstm_options, diagonal_recurrent_tensors), 24u, 24u);

/* Numbers that plugins were compiled with. */
PIN(GLIMPSE_OP_PLUGIN_MAGIC, 0x504F4C47u, 0x504F4C47u);
PIN(GLIMPSE_ALIGN, 64u, 64u);
PIN(GLIMPSE_TAIL_BYTES, 64u, 64u);
PIN(GLIMPSE_MAX_RANK, 8u, 8u);
PIN(GLIMPSE_OK, 0, 0);
PIN(GLIMPSE_UNSUPPORTED, 1, 1);
PIN(GLIMPSE_INVALID_NODE, 2, 2);
PIN(GLIMPSE_NO_MEMORY, 3, 3);
PIN(GLIMPSE_CANCELLED, 4, 4);
PIN(GLIMPSE_INTERNAL, 5, 5);
