/* SPDX-License-Identifier: Apache-2.0 */
/* A plugin that exports too much: exports.py has to say so. */
#include "glimpse/op_abi.h"
extern const glimpse_op_plugin_entry glimpse_op_plugin;
const glimpse_op_plugin_entry glimpse_op_plugin = {0};
int glimpse_two_exports(void);
int glimpse_two_exports(void) { return 2; }
