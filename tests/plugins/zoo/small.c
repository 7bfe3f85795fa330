/* SPDX-License-Identifier: Apache-2.0 */
/* The exported symbol is too small to be an entry. */
#include "glimpse/op_abi.h"
__attribute__((visibility("default"))) extern const uint32_t glimpse_op_plugin[5];
const uint32_t glimpse_op_plugin[5] = {GLIMPSE_OP_PLUGIN_MAGIC, GLIMPSE_ABI_MAJOR, GLIMPSE_ABI_MINOR, 0, 64};
