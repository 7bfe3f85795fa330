/* SPDX-License-Identifier: Apache-2.0 */
/**
 * Options of operators as the host hands them to kernels (glimpse_operator.options): one sized struct an operator, decoded
 * from the model's options table and range-checked by the host. An operator that is not listed here has none.
 * Enumerations are numbered as in the .tflite schema.
 */
#ifndef GLIMPSE_OP_OPTIONS_H_
#define GLIMPSE_OP_OPTIONS_H_

#include <stdint.h>

#include "glimpse/op_abi.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef uint32_t glimpse_padding;
enum { GLIMPSE_PADDING_SAME = 0, GLIMPSE_PADDING_VALID = 1 };

typedef uint32_t glimpse_activation;
enum {
  GLIMPSE_ACT_NONE = 0,
  GLIMPSE_ACT_RELU = 1,
  GLIMPSE_ACT_RELU_N1_TO_1 = 2,
  GLIMPSE_ACT_RELU6 = 3,
  GLIMPSE_ACT_TANH = 4,
  GLIMPSE_ACT_SIGN_BIT = 5
};

/** CONV_2D. Strides and dilations are >= 1. */
typedef struct glimpse_conv_2d_options {
  uint32_t struct_size;
  glimpse_padding padding;
  int32_t stride_height, stride_width;
  int32_t dilation_height, dilation_width;
  glimpse_activation activation;
  glimpse_dtype quantized_bias_type; /**< GLIMPSE_FLOAT32, which is 0: not said */
} glimpse_conv_2d_options;

/** DEPTHWISE_CONV_2D. depth_multiplier is the file's claim (0 when absent): the channel counts have the last word. */
typedef struct glimpse_depthwise_conv_2d_options {
  uint32_t struct_size;
  glimpse_padding padding;
  int32_t stride_height, stride_width;
  int32_t dilation_height, dilation_width;
  int32_t depth_multiplier;
  glimpse_activation activation;
} glimpse_depthwise_conv_2d_options;

/** FULLY_CONNECTED. weights_format: 0 default, 1 shuffled 4x16 int8. */
typedef struct glimpse_fully_connected_options {
  uint32_t struct_size;
  glimpse_activation activation;
  uint32_t weights_format;
  uint32_t keep_num_dims;              /**< 0 or 1 */
  uint32_t asymmetric_quantize_inputs; /**< 0 or 1; belongs to float activations with integer weights */
  glimpse_dtype quantized_bias_type;   /**< as in CONV_2D */
} glimpse_fully_connected_options;

/** MAX_POOL_2D, AVERAGE_POOL_2D. Strides and filter sizes are >= 1. */
typedef struct glimpse_pool_2d_options {
  uint32_t struct_size;
  glimpse_padding padding;
  int32_t stride_height, stride_width;
  int32_t filter_height, filter_width;
  glimpse_activation activation;
} glimpse_pool_2d_options;

/** ADD, SUB, MUL, DIV. pot_scale_int16 belongs to the int16 forms of ADD and SUB. */
typedef struct glimpse_elementwise_options {
  uint32_t struct_size;
  glimpse_activation activation;
  uint32_t pot_scale_int16; /**< 0 or 1 */
} glimpse_elementwise_options;

/** CONCATENATION. axis may be negative (counted from the end). */
typedef struct glimpse_concatenation_options {
  uint32_t struct_size;
  int32_t axis;
  glimpse_activation activation;
} glimpse_concatenation_options;

/** MEAN, SUM, REDUCE_MAX, REDUCE_MIN, REDUCE_PROD, REDUCE_ALL, REDUCE_ANY. */
typedef struct glimpse_reducer_options {
  uint32_t struct_size;
  uint32_t keep_dims; /**< 0 or 1 */
} glimpse_reducer_options;

/** RESHAPE. The shape tensor (second input), when there is one, goes before new_shape. -1 stands for "what is left". */
typedef struct glimpse_reshape_options {
  uint32_t struct_size;
  uint32_t new_rank;                   /**< 0 to GLIMPSE_MAX_RANK */
  uint32_t has_new_shape;              /**< 0: the model gives none */
  int32_t new_shape[GLIMPSE_MAX_RANK]; /**< the first new_rank are valid */
} glimpse_reshape_options;

/** SOFTMAX. */
typedef struct glimpse_softmax_options {
  uint32_t struct_size;
  float beta; /**< finite */
} glimpse_softmax_options;

/** SHAPE. out_type is GLIMPSE_INT32 or GLIMPSE_INT64. */
typedef struct glimpse_shape_options {
  uint32_t struct_size;
  glimpse_dtype out_type;
} glimpse_shape_options;

/** STRIDED_SLICE. Bit i of each mask belongs to entry i of begin, end and strides. */
typedef struct glimpse_strided_slice_options {
  uint32_t struct_size;
  uint32_t begin_mask, end_mask, ellipsis_mask, new_axis_mask, shrink_axis_mask;
  uint32_t offset; /**< 1: end is an offset from begin */
} glimpse_strided_slice_options;

/** PACK. axis may be negative. */
typedef struct glimpse_pack_options {
  uint32_t struct_size;
  int32_t values_count;
  int32_t axis;
} glimpse_pack_options;

/** LEAKY_RELU. */
typedef struct glimpse_leaky_relu_options {
  uint32_t struct_size;
  float alpha; /**< finite */
} glimpse_leaky_relu_options;

/** TRANSPOSE_CONV. Strides are >= 1. */
typedef struct glimpse_transpose_conv_options {
  uint32_t struct_size;
  glimpse_padding padding;
  int32_t stride_height, stride_width;
  glimpse_activation activation;
  glimpse_dtype quantized_bias_type; /**< as in CONV_2D */
} glimpse_transpose_conv_options;

/** BATCH_MATMUL. adj: the last two dimensions are swapped. */
typedef struct glimpse_batch_matmul_options {
  uint32_t struct_size;
  uint32_t adj_x, adj_y;                /**< 0 or 1 */
  uint32_t asymmetric_quantize_inputs; /**< 0 or 1 */
} glimpse_batch_matmul_options;

/** L2_NORMALIZATION. */
typedef struct glimpse_l2_normalization_options {
  uint32_t struct_size;
  glimpse_activation activation;
} glimpse_l2_normalization_options;

/** GELU. */
typedef struct glimpse_gelu_options {
  uint32_t struct_size;
  uint32_t approximate; /**< 1: the formula with tanh */
} glimpse_gelu_options;

/** RESIZE_BILINEAR, RESIZE_NEAREST_NEIGHBOR. */
typedef struct glimpse_resize_options {
  uint32_t struct_size;
  uint32_t align_corners, half_pixel_centers; /**< 0 or 1 */
} glimpse_resize_options;

/** SPACE_TO_DEPTH, DEPTH_TO_SPACE. */
typedef struct glimpse_block_size_options {
  uint32_t struct_size;
  int32_t block_size; /**< >= 1 */
} glimpse_block_size_options;

/** GATHER. Both may be negative. */
typedef struct glimpse_gather_options {
  uint32_t struct_size;
  int32_t axis;
  int32_t batch_dims;
} glimpse_gather_options;

/** SQUEEZE. Dimensions may be negative; none: all of size 1. */
typedef struct glimpse_squeeze_options {
  uint32_t struct_size;
  uint32_t dim_count;                  /**< 0 to GLIMPSE_MAX_RANK */
  int32_t dims[GLIMPSE_MAX_RANK]; /**< the first dim_count are valid */
} glimpse_squeeze_options;

/** SPLIT, SPLIT_V. */
typedef struct glimpse_split_options {
  uint32_t struct_size;
  int32_t split_count; /**< the file's claim, >= 0: the outputs have the last word */
} glimpse_split_options;

/** UNPACK. axis may be negative. */
typedef struct glimpse_unpack_options {
  uint32_t struct_size;
  int32_t value_count; /**< the file's claim, >= 0 */
  int32_t axis;
} glimpse_unpack_options;

/** CAST. The file's claims, numbered as in the schema: the tensors have the last word. */
typedef struct glimpse_cast_options {
  uint32_t struct_size;
  glimpse_dtype input_type, output_type;
} glimpse_cast_options;

/** ARG_MAX, ARG_MIN. */
typedef struct glimpse_arg_min_max_options {
  uint32_t struct_size;
  glimpse_dtype output_type; /**< GLIMPSE_INT32 or GLIMPSE_INT64 */
} glimpse_arg_min_max_options;

/** MIRROR_PAD. */
typedef struct glimpse_mirror_pad_options {
  uint32_t struct_size;
  uint32_t mode; /**< 0 reflect (the edge once), 1 symmetric (the edge twice) */
} glimpse_mirror_pad_options;

/** CUMSUM. */
typedef struct glimpse_cumsum_options {
  uint32_t struct_size;
  uint32_t exclusive, reverse; /**< 0 or 1 */
} glimpse_cumsum_options;

/** ONE_HOT. axis may be negative: -1 is the last of the output. */
typedef struct glimpse_one_hot_options {
  uint32_t struct_size;
  int32_t axis;
} glimpse_one_hot_options;

/** REVERSE_SEQUENCE. */
typedef struct glimpse_reverse_sequence_options {
  uint32_t struct_size;
  int32_t sequence_axis, batch_axis;
} glimpse_reverse_sequence_options;

/** SVDF. */
typedef struct glimpse_svdf_options {
  uint32_t struct_size;
  int32_t rank; /**< >= 1 */
  glimpse_activation activation;
  uint32_t asymmetric_quantize_inputs; /**< 0 or 1 */
} glimpse_svdf_options;

/** LSTM. Clips are 0 (none) or positive. */
typedef struct glimpse_lstm_options {
  uint32_t struct_size;
  glimpse_activation activation;
  float cell_clip, projection_clip;
  uint32_t kernel_type; /**< 0 full (up to 24 inputs), 1 basic (5 inputs, uint8) */
  uint32_t asymmetric_quantize_inputs; /**< 0 or 1 */
} glimpse_lstm_options;

/** UNIDIRECTIONAL_SEQUENCE_LSTM. Clips as above. */
typedef struct glimpse_sequence_lstm_options {
  uint32_t struct_size;
  glimpse_activation activation;
  float cell_clip, projection_clip;
  uint32_t time_major;                 /**< 1: [time, batch, ...], 0: [batch, time, ...] */
  uint32_t asymmetric_quantize_inputs; /**< 0 or 1 */
  uint32_t diagonal_recurrent_tensors; /**< 0 or 1 */
} glimpse_sequence_lstm_options;

#ifdef __cplusplus
}
#endif

#endif /* GLIMPSE_OP_OPTIONS_H_ */
