/* SPDX-License-Identifier: Apache-2.0 */
/* A library that is no plugin. */
__attribute__((visibility("default"))) int glimpse_op_plugins(void);
int glimpse_op_plugins(void) { return 1; }
