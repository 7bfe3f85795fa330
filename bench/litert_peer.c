// SPDX-License-Identifier: Apache-2.0
// Times LiteRT through its C API, without a Python interpreter between it and the clock.
//
//     litert_peer LIBRARY MODEL delegate|builtin [load|THREADS]
//
// LIBRARY is libLiteRt.so of the ai-edge-litert wheel; `delegate` runs XNNPACK, `builtin` LiteRT's own optimised
// kernels, on one thread or THREADS. Reads a line with a number of seconds, invokes the model on one input of noise for
// that long, answers with a line {"runs", "min_us", "p50_us", "p90_us"}, and so on until the input ends. With `load` it
// times what a program does that runs a model once, prints {"load_ms", "first_invoke_ms", "resident_kib", "peak_kib"}
// and ends; load_ms begins before the library is opened.
//
// The wheel carries no headers, so the functions used are declared here, after LiteRT 2.3's litert/c/*.h. They are
// looked up by name and each call's status is checked, but a release that changes a signature under its old name would
// not be noticed. Status: 0; 2 with a line on stderr when a name is missing or a call fails.
#define _POSIX_C_SOURCE 200809L
#include <dlfcn.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { kFailed = 2, kCpu = 1, kLockRead = 0, kLockWrite = 1, kMaxTensors = 8, kMaxRank = 8, kWarmUp = 3, kFewest = 10 };
#define MAX_RUNS ((size_t)1 << 20)

typedef void* Handle;

typedef struct TensorType {
  int element_type;
  struct {
    unsigned rank : 7, has_strides : 1;
    int32_t dimensions[kMaxRank];
    uint32_t strides[kMaxRank];
  } layout;
} TensorType;

// The functions of the library, by their names without "LiteRt".
static struct {
  int (*CreateEnvironment)(int, const void*, Handle*);
  int (*CreateModelFromFile)(Handle, const char*, Handle*);
  int (*CreateOptions)(Handle*);
  int (*SetOptionsHardwareAccelerators)(Handle, int);
  int (*CreateOpaqueOptions)(const char*, void*, void (*)(void*), Handle*);
  int (*AddOpaqueOptions)(Handle, Handle);
  int (*CreateCompiledModel)(Handle, Handle, Handle, Handle*);
  int (*GetModelSubgraph)(Handle, size_t, Handle*);
  int (*GetNumSubgraphInputs)(Handle, size_t*);
  int (*GetNumSubgraphOutputs)(Handle, size_t*);
  int (*GetSubgraphInput)(Handle, size_t, Handle*);
  int (*GetSubgraphOutput)(Handle, size_t, Handle*);
  int (*GetRankedTensorType)(Handle, TensorType*);
  int (*GetCompiledModelInputBufferRequirements)(Handle, size_t, size_t, Handle*);
  int (*GetCompiledModelOutputBufferRequirements)(Handle, size_t, size_t, Handle*);
  int (*CreateManagedTensorBufferFromRequirements)(Handle, const TensorType*, Handle, Handle*);
  int (*LockTensorBuffer)(Handle, void**, int);
  int (*UnlockTensorBuffer)(Handle);
  int (*GetTensorBufferPackedSize)(Handle, size_t*);
  int (*RunCompiledModel)(Handle, size_t, size_t, Handle*, size_t, Handle*);
} litert;

typedef struct Session {
  Handle environment, compiled;
  size_t input_count, output_count;
  Handle inputs[kMaxTensors], outputs[kMaxTensors];
} Session;

static void Fail(const char* what, const char* detail) {
  fprintf(stderr, "litert_peer: %s: %s\n", what, detail);
  exit(kFailed);
}

static void Check(int status, const char* call) {
  char text[32];
  snprintf(text, sizeof(text), "status %d", status);
  if (status != 0) Fail(call, text);
}
#define CHECK(call) Check(litert.call, #call)

static void Find(void* library, const char* name, void* function) {
  char full[96];
  snprintf(full, sizeof(full), "LiteRt%s", name);
  void* symbol = dlsym(library, full);
  if (symbol == NULL) Fail(full, "not in this library");
  memcpy(function, &symbol, sizeof(symbol));
}
#define FIND(name) Find(library, #name, &litert.name)

static void OpenLibrary(const char* path) {
  void* library = dlopen(path, RTLD_NOW);
  if (library == NULL) Fail(path, dlerror());
  FIND(CreateEnvironment);
  FIND(CreateModelFromFile);
  FIND(CreateOptions);
  FIND(SetOptionsHardwareAccelerators);
  FIND(CreateOpaqueOptions);
  FIND(AddOpaqueOptions);
  FIND(CreateCompiledModel);
  FIND(GetModelSubgraph);
  FIND(GetNumSubgraphInputs);
  FIND(GetNumSubgraphOutputs);
  FIND(GetSubgraphInput);
  FIND(GetSubgraphOutput);
  FIND(GetRankedTensorType);
  FIND(GetCompiledModelInputBufferRequirements);
  FIND(GetCompiledModelOutputBufferRequirements);
  FIND(CreateManagedTensorBufferFromRequirements);
  FIND(LockTensorBuffer);
  FIND(UnlockTensorBuffer);
  FIND(GetTensorBufferPackedSize);
  FIND(RunCompiledModel);
}

static Handle MakeBuffer(const Session* session, Handle tensor, Handle requirements) {
  TensorType type;
  Handle buffer;
  CHECK(GetRankedTensorType(tensor, &type));
  for (unsigned i = 0; i < type.layout.rank; ++i) {
    if (type.layout.dimensions[i] < 0) type.layout.dimensions[i] = 1;
  }
  CHECK(CreateManagedTensorBufferFromRequirements(session->environment, &type, requirements, &buffer));
  return buffer;
}

static void MakeBuffers(Session* session, Handle subgraph) {
  Handle tensor, requirements;
  for (size_t i = 0; i < session->input_count; ++i) {
    CHECK(GetSubgraphInput(subgraph, i, &tensor));
    CHECK(GetCompiledModelInputBufferRequirements(session->compiled, 0, i, &requirements));
    session->inputs[i] = MakeBuffer(session, tensor, requirements);
  }
  for (size_t i = 0; i < session->output_count; ++i) {
    CHECK(GetSubgraphOutput(subgraph, i, &tensor));
    CHECK(GetCompiledModelOutputBufferRequirements(session->compiled, 0, i, &requirements));
    session->outputs[i] = MakeBuffer(session, tensor, requirements);
  }
}

// `session` has an environment.
static void Open(Session* session, const char* path, const char* mode, int threads) {
  Handle model, options, xnnpack, subgraph;
  CHECK(CreateModelFromFile(session->environment, path, &model));
  CHECK(CreateOptions(&options));
  CHECK(SetOptionsHardwareAccelerators(options, kCpu));
  char* text = malloc(64);  // the library frees it
  if (text == NULL) Fail(path, "no memory");
  snprintf(text, 64, "kernel_mode = \"%s\"\nnum_threads = %d\n", mode, threads);
  CHECK(CreateOpaqueOptions("xnnpack", text, free, &xnnpack));
  CHECK(AddOpaqueOptions(options, xnnpack));
  CHECK(CreateCompiledModel(session->environment, model, options, &session->compiled));
  CHECK(GetModelSubgraph(model, 0, &subgraph));
  CHECK(GetNumSubgraphInputs(subgraph, &session->input_count));
  CHECK(GetNumSubgraphOutputs(subgraph, &session->output_count));
  if (session->input_count > kMaxTensors || session->output_count > kMaxTensors)
    Fail(path, "more than 8 inputs or outputs");
  MakeBuffers(session, subgraph);
}

// Bytes of a fixed sequence (xorshift, Marsaglia 2003): for models of integers.
static void FillInputs(const Session* session) {
  uint64_t state = 0x9e3779b97f4a7c15;
  for (size_t i = 0; i < session->input_count; ++i) {
    size_t size;
    void* data;
    CHECK(GetTensorBufferPackedSize(session->inputs[i], &size));
    CHECK(LockTensorBuffer(session->inputs[i], &data, kLockWrite));
    for (size_t k = 0; k < size; ++k) {
      state ^= state << 13;
      state ^= state >> 7;
      state ^= state << 17;
      ((uint8_t*)data)[k] = (uint8_t)(state >> 32);
    }
    CHECK(UnlockTensorBuffer(session->inputs[i]));
  }
}

static uint64_t Now(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return (uint64_t)time.tv_sec * 1000000000u + (uint64_t)time.tv_nsec;
}

static void Invoke(Session* session) {
  CHECK(RunCompiledModel(session->compiled, 0, session->input_count, session->inputs, session->output_count,
                         session->outputs));
}

static int Ascending(const void* a, const void* b) {
  const float x = *(const float*)a, y = *(const float*)b;
  return (x > y) - (x < y);
}

static void Measure(Session* session, double seconds, float* times) {
  for (int i = 0; i < kWarmUp; ++i) Invoke(session);
  const uint64_t end = Now() + (uint64_t)(seconds * 1e9);
  size_t runs = 0;
  while ((runs < kFewest || Now() < end) && runs < MAX_RUNS) {
    const uint64_t start = Now();
    Invoke(session);
    times[runs++] = (float)(Now() - start) / 1e3f;
  }
  qsort(times, runs, sizeof(times[0]), Ascending);
  printf("{\"runs\": %zu, \"min_us\": %.3f, \"p50_us\": %.3f, \"p90_us\": %.3f}\n", runs, times[0], times[runs / 2],
         times[runs * 9 / 10]);
  fflush(stdout);
}

static int LoadOnce(const char* library, const char* model, const char* mode) {
  const uint64_t start = Now();
  OpenLibrary(library);
  Session session;
  memset(&session, 0, sizeof(session));
  CHECK(CreateEnvironment(0, NULL, &session.environment));
  const uint64_t opened = Now();
  Open(&session, model, mode, 1);
  const uint64_t loaded = Now();
  FillInputs(&session);
  const uint64_t ready = Now();
  Invoke(&session);
  const uint64_t done = Now();
  printf("{\"library_ms\": %.3f, \"load_ms\": %.3f, \"first_invoke_ms\": %.3f}\n", (double)(opened - start) / 1e6,
         (double)(loaded - opened) / 1e6, (double)(done - ready) / 1e6);
  return 0;
}

int main(int argc, char** argv) {
  const int load = argc > 4 && strcmp(argv[4], "load") == 0;
  const int threads = argc > 4 ? atoi(argv[4]) : 1;
  if (argc < 4 || (strcmp(argv[3], "delegate") != 0 && strcmp(argv[3], "builtin") != 0) || (!load && threads < 1)) {
    fprintf(stderr, "usage: litert_peer LIBRARY MODEL delegate|builtin [load|THREADS]\n");
    return kFailed;
  }
  if (load) return LoadOnce(argv[1], argv[2], argv[3]);
  OpenLibrary(argv[1]);
  Session session;
  memset(&session, 0, sizeof(session));
  CHECK(CreateEnvironment(0, NULL, &session.environment));
  Open(&session, argv[2], argv[3], threads);
  FillInputs(&session);
  float* times = malloc(MAX_RUNS * sizeof(float));
  if (times == NULL) Fail(argv[2], "no memory");
  char line[64];
  while (fgets(line, sizeof(line), stdin) != NULL) Measure(&session, strtod(line, NULL), times);
  free(times);
  return 0;
}
