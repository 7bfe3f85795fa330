/* SPDX-License-Identifier: Apache-2.0 */
/* The exported symbol is a function. */
__attribute__((visibility("default"))) int glimpse_op_plugin(void);
int glimpse_op_plugin(void) { return 1; }
