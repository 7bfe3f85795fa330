// SPDX-License-Identifier: Apache-2.0
#include "daemon/heap.h"

#include <malloc.h>

namespace glimpse::daemon {

#ifdef __GLIBC__
void KeepHeapSmall() { ::mallopt(M_ARENA_MAX, 1); }
void ReturnFreeHeap() { ::malloc_trim(0); }
#else
void KeepHeapSmall() {}
void ReturnFreeHeap() {}
#endif

}  // namespace glimpse::daemon
