// SPDX-License-Identifier: Apache-2.0
// The program `glimpse`.
#include "cli/command.h"

int main(int argc, char** argv) { return glimpse::cli::Main(argc, argv); }
