/* SPDX-License-Identifier: Apache-2.0 */
/** Bits of glimpse_host.cpu_features[0]; one numbering for all architectures. Bits are never reused. */
#ifndef GLIMPSE_CPU_FEATURES_H_
#define GLIMPSE_CPU_FEATURES_H_

#include <stdint.h>

/* x86-64 */
#define GLIMPSE_CPU_SSE4_1 (UINT64_C(1) << 0)
#define GLIMPSE_CPU_AVX2 (UINT64_C(1) << 1)
#define GLIMPSE_CPU_FMA (UINT64_C(1) << 2)
#define GLIMPSE_CPU_AVX_VNNI (UINT64_C(1) << 3)
/** AVX-512 F, BW, VL and VNNI together. */
#define GLIMPSE_CPU_AVX512_VNNI (UINT64_C(1) << 4)
/* arm */
#define GLIMPSE_CPU_NEON (UINT64_C(1) << 16)
#define GLIMPSE_CPU_DOTPROD (UINT64_C(1) << 17)
#define GLIMPSE_CPU_I8MM (UINT64_C(1) << 18)

#endif /* GLIMPSE_CPU_FEATURES_H_ */
