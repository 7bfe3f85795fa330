// SPDX-License-Identifier: Apache-2.0
// A shared object for LD_PRELOAD: every program that asks the CPU what it can do is told of a lesser one.
//
//     GLIMPSE_CPUID_LEVEL=avx2 LD_PRELOAD=build/release/bench/cpuid_mask.so PROGRAM
//
// Runtimes choose their kernels by the CPUID instruction, so this is how one machine with AVX-512 measures what all of
// them do on an AVX2 machine without VNNI. It needs no cooperation: on Linux, arch_prctl(ARCH_SET_CPUID, 0) makes CPUID
// fault in user space where CPU and hypervisor offer that ("cpuid_fault" in /proc/cpuinfo). The SIGSEGV handler below
// runs the instruction on the program's behalf, takes feature bits out of the answer, and passes every other SIGSEGV on
// to whoever asked for it.
//
// Threads and forked children inherit the fault, execve ends it; LD_PRELOAD then brings this constructor into the new
// program too. Not masked: what ran before the constructor (the dynamic linker and glibc's choice of memcpy), programs
// that are linked statically or set-user-ID, system calls made without libc that block SIGSEGV, and XGETBV, which still
// shows AVX-512 state as enabled: nobody may use that without the CPUID bits. Instructions themselves still work; only
// their announcement is gone.
//
// Exits with status 125 and a line on stderr when the level is unknown or the CPU cannot do it: a figure that was
// measured unmasked by mistake must not exist.
#define _GNU_SOURCE
#include <asm/prctl.h>
#include <dlfcn.h>
#include <errno.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <ucontext.h>
#include <unistd.h>

#define BIT(n) (UINT32_C(1) << (n))
#define EXPORT __attribute__((visibility("default")))

enum { kRefused = 125 };

typedef struct Registers {
  uint32_t eax, ebx, ecx, edx;
} Registers;

// Bits that are taken out of one leaf of CPUID. Intel SDM volume 2A, "CPUID - CPU Identification".
typedef struct Mask {
  uint32_t leaf, subleaf;
  Registers clear;
} Mask;

// AVX-512 in all its parts, AMX, AVX10, and GFNI, which came with AVX-512 and of which XNNPACK has kernels.
static const Mask kWide[] = {
    {0x7,
     0,
     {0, BIT(16) | BIT(17) | BIT(21) | BIT(26) | BIT(27) | BIT(28) | BIT(30) | BIT(31),
      BIT(1) | BIT(6) | BIT(8) | BIT(11) | BIT(12) | BIT(14),
      BIT(2) | BIT(3) | BIT(8) | BIT(22) | BIT(23) | BIT(24) | BIT(25)}},
    {0x7, 1, {BIT(5) | BIT(21), 0, 0, BIT(8) | BIT(19)}},
    {0xd, 0, {BIT(5) | BIT(6) | BIT(7) | BIT(17) | BIT(18), 0, 0, 0}},
    {0x1d, 0, {UINT32_MAX, UINT32_MAX, UINT32_MAX, UINT32_MAX}},
    {0x1d, 1, {UINT32_MAX, UINT32_MAX, UINT32_MAX, UINT32_MAX}},
    {0x1e, 0, {UINT32_MAX, UINT32_MAX, UINT32_MAX, UINT32_MAX}},
    {0x24, 0, {UINT32_MAX, UINT32_MAX, UINT32_MAX, UINT32_MAX}},
};

// What AVX2's own encoding gained later: AVX-VNNI, AVX-IFMA, AVX-VNNI-INT8, AVX-NE-CONVERT, AVX-VNNI-INT16.
static const Mask kLateAvx[] = {{0x7, 1, {BIT(4) | BIT(23), 0, 0, BIT(4) | BIT(5) | BIT(10)}}};

static int masks_late_avx;
static struct sigaction program_action;  // what the program wants done with SIGSEGV

static void ClearBits(const Mask* masks, size_t count, uint32_t leaf, uint32_t subleaf, Registers* value) {
  for (size_t i = 0; i < count; ++i) {
    if (masks[i].leaf != leaf || masks[i].subleaf != subleaf) continue;
    value->eax &= ~masks[i].clear.eax;
    value->ebx &= ~masks[i].clear.ebx;
    value->ecx &= ~masks[i].clear.ecx;
    value->edx &= ~masks[i].clear.edx;
  }
}

// Of the calling thread. Direct, since the handler may run where errno and libc's locks are in use.
static int LetCpuid(unsigned long allowed) {
  long result;
  __asm__ volatile("syscall"
                   : "=a"(result)
                   : "0"((long)SYS_arch_prctl), "D"((long)ARCH_SET_CPUID), "S"(allowed)
                   : "rcx", "r11", "memory");
  return (int)result;
}

static Registers MaskedCpuid(uint32_t leaf, uint32_t subleaf) {
  Registers value;
  LetCpuid(1);
  __asm__ volatile("cpuid"
                   : "=a"(value.eax), "=b"(value.ebx), "=c"(value.ecx), "=d"(value.edx)
                   : "0"(leaf), "2"(subleaf));
  LetCpuid(0);
  ClearBits(kWide, sizeof(kWide) / sizeof(kWide[0]), leaf, subleaf, &value);
  if (masks_late_avx) ClearBits(kLateAvx, sizeof(kLateAvx) / sizeof(kLateAvx[0]), leaf, subleaf, &value);
  return value;
}

// The function of this name that the program would have called without us.
static void FindNext(const char* name, void* function) {
  void* symbol = dlsym(RTLD_NEXT, name);
  memcpy(function, &symbol, sizeof(symbol));
}

// Found by the constructor: the handler must not look for it.
static int (*RealSigaction)(int, const struct sigaction*, struct sigaction*);

static void PassOn(int number, siginfo_t* info, void* context) {
  if ((program_action.sa_flags & SA_SIGINFO) != 0) {
    program_action.sa_sigaction(number, info, context);
  } else if (program_action.sa_handler == SIG_DFL || program_action.sa_handler == SIG_IGN) {
    // A fault cannot be ignored: the instruction runs again without us and ends the program as if we had not been
    // there.
    const struct sigaction end = {.sa_handler = SIG_DFL};
    RealSigaction(SIGSEGV, &end, NULL);
    if (info->si_code <= 0)
      syscall(SYS_tgkill, getpid(), syscall(SYS_gettid), SIGSEGV);  // sent by somebody: no instruction
  } else {
    program_action.sa_handler(number);
  }
}

static void OnFault(int number, siginfo_t* info, void* context) {
  greg_t* registers = ((ucontext_t*)context)->uc_mcontext.gregs;
  // A general-protection fault, which the kernel reports so; the address is then that of an instruction that can be
  // read.
  const uint8_t* instruction = (const uint8_t*)(uintptr_t)registers[REG_RIP];
  if (info->si_code != SI_KERNEL || instruction[0] != 0x0f || instruction[1] != 0xa2) {
    PassOn(number, info, context);
    return;
  }
  const Registers value = MaskedCpuid((uint32_t)registers[REG_RAX], (uint32_t)registers[REG_RCX]);
  registers[REG_RAX] = value.eax;
  registers[REG_RBX] = value.ebx;
  registers[REG_RCX] = value.ecx;
  registers[REG_RDX] = value.edx;
  registers[REG_RIP] += 2;
}

// The program's handlers of SIGSEGV are kept behind ours.
EXPORT int sigaction(int number, const struct sigaction* action, struct sigaction* old) {
  if (number != SIGSEGV) {
    if (RealSigaction == NULL) FindNext("sigaction", &RealSigaction);
    return RealSigaction(number, action, old);
  }
  if (old != NULL) *old = program_action;
  if (action != NULL) program_action = *action;
  return 0;
}

EXPORT sighandler_t signal(int number, sighandler_t handler) {
  struct sigaction action = {.sa_handler = handler, .sa_flags = SA_RESTART};
  struct sigaction old;
  sigemptyset(&action.sa_mask);
  return sigaction(number, &action, &old) == 0 ? old.sa_handler : SIG_ERR;
}

// A blocked SIGSEGV would turn the next CPUID into the program's end.
static int ChangeMask(const char* name, int how, const sigset_t* set, sigset_t* old) {
  int (*next)(int, const sigset_t*, sigset_t*);
  FindNext(name, &next);
  sigset_t without;
  if (set != NULL && how != SIG_UNBLOCK) {
    without = *set;
    sigdelset(&without, SIGSEGV);
    set = &without;
  }
  return next(how, set, old);
}

EXPORT int sigprocmask(int how, const sigset_t* set, sigset_t* old) { return ChangeMask("sigprocmask", how, set, old); }

EXPORT int pthread_sigmask(int how, const sigset_t* set, sigset_t* old) {
  return ChangeMask("pthread_sigmask", how, set, old);
}

static void Refuse(const char* what) {
  fprintf(stderr, "cpuid_mask: %s\n", what);
  _exit(kRefused);
}

__attribute__((constructor(101))) static void MaskCpuid(void) {
  const char* level = getenv("GLIMPSE_CPUID_LEVEL");
  if (level == NULL || (strcmp(level, "avx2") != 0 && strcmp(level, "avxvnni") != 0)) {
    Refuse("GLIMPSE_CPUID_LEVEL must be avx2 or avxvnni");
  }
  masks_late_avx = strcmp(level, "avx2") == 0;
  FindNext("sigaction", &RealSigaction);
  const struct sigaction action = {.sa_sigaction = OnFault, .sa_flags = SA_SIGINFO | SA_ONSTACK | SA_NODEFER};
  if (RealSigaction(SIGSEGV, &action, &program_action) != 0) Refuse(strerror(errno));
  if (LetCpuid(0) != 0)
    Refuse("this CPU, hypervisor or kernel offers no CPUID faulting (cpuid_fault in /proc/cpuinfo)");
}
