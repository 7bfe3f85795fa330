/* SPDX-License-Identifier: Apache-2.0 */
/* The entry is filled at run time, so the file does not hold it. */
#include "glimpse/op_abi.h"
__attribute__((visibility("default"))) glimpse_op_plugin_entry glimpse_op_plugin;
__attribute__((constructor)) static void Fill(void) { glimpse_op_plugin.magic = GLIMPSE_OP_PLUGIN_MAGIC; }
