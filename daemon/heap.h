// SPDX-License-Identifier: Apache-2.0
// How the daemon holds its heap: little of it is used after a start or a reload, so what is free goes back.
#pragma once

namespace glimpse::daemon {

// Few arenas: the threads allocate too seldom to need one each. To be called before there are threads.
void KeepHeapSmall();

// Gives free memory back to the system: reading a configuration and models takes more than serving them. Thread-safe.
void ReturnFreeHeap();

}  // namespace glimpse::daemon
