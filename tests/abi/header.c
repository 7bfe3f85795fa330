/* SPDX-License-Identifier: Apache-2.0 */
/* Compiled as C11, C17, C++17 and C++20 with every warning an error: a plugin may be written in any of them. */
#include "glimpse/cpu_features.h"
#include "glimpse/op_abi.h"
#include "glimpse/op_options.h"

extern const glimpse_op_plugin_entry* glimpse_header_test(uint64_t* features, glimpse_conv_2d_options* options);
const glimpse_op_plugin_entry* glimpse_header_test(uint64_t* features, glimpse_conv_2d_options* options) {
  static const glimpse_op_plugin_entry kEntry = {GLIMPSE_OP_PLUGIN_MAGIC,
                                                 GLIMPSE_ABI_MAJOR,
                                                 GLIMPSE_ABI_MINOR,
                                                 GLIMPSE_ABI_PATCH,
                                                 (uint32_t)sizeof(glimpse_op_plugin_entry),
                                                 0u,
                                                 "header",
                                                 "1.0",
                                                 0,
                                                 0,
                                                 0};
  *features = GLIMPSE_CPU_AVX2 | GLIMPSE_CPU_DOTPROD | GLIMPSE_DTYPE_BIT(GLIMPSE_INT8);
  options->padding = GLIMPSE_PADDING_SAME;
  options->activation = GLIMPSE_ACT_RELU6;
  return &kEntry;
}
