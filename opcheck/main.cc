// SPDX-License-Identifier: Apache-2.0
// The program glimpse-op-check.
#include "opcheck/program.h"

int main(int argc, char** argv) { return glimpse::opcheck::Main(argc, argv); }
