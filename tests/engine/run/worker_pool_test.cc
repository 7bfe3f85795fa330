// SPDX-License-Identifier: Apache-2.0
#include "engine/run/worker_pool.h"

#include <array>
#include <atomic>
#include <chrono>
#include <thread>
#include <vector>

#include "tests/engine/run/run_support.h"

namespace glimpse::testkit {
namespace {

// Counts what a task is called for.
struct Tally {
  explicit Tally(uint32_t items) : done(items) {}

  static void Task(void* data, uint32_t item, uint32_t worker) {
    auto& self = *static_cast<Tally*>(data);
    if (worker >= WorkerPool::kMostWorkers || self.busy[worker].exchange(true)) {
      self.overlaps = true;
      return;
    }
    ++self.done[item];
    if (self.pause.count() > 0) std::this_thread::sleep_for(self.pause);
    ++self.by_worker[worker];
    self.busy[worker] = false;
  }

  // Every item once, by workers of the pool.
  void Expect(uint32_t workers) const {
    EXPECT_FALSE(overlaps) << "two calls with one number at a time";
    for (size_t i = 0; i < done.size(); ++i) EXPECT_EQ(done[i], 1) << "item " << i;
    for (size_t i = workers; i < by_worker.size(); ++i) EXPECT_EQ(by_worker[i], 0) << "worker " << i;
  }

  std::chrono::microseconds pause{0};
  std::vector<std::atomic<int>> done;
  std::array<std::atomic<bool>, WorkerPool::kMostWorkers> busy{};
  std::array<std::atomic<int>, WorkerPool::kMostWorkers> by_worker{};
  std::atomic<bool> overlaps = false;
};

std::shared_ptr<WorkerPool> Pool(uint32_t workers) {
  auto pool = WorkerPool::Create(workers);
  if (!pool) std::abort();
  return *pool;
}

TEST(WorkerPool, DoesEveryItemOnce) {
  for (const uint32_t workers : {2U, 3U, 8U}) {
    const auto pool = Pool(workers);
    EXPECT_EQ(pool->worker_count(), workers);
    for (int round = 0; round < 300; ++round) {
      for (const uint32_t items : {0U, 1U, 2U, 7U, 50U}) {
        Tally tally(items);
        pool->Run(items, Tally::Task, &tally);
        tally.Expect(workers);
      }
    }
  }
}

TEST(WorkerPool, ThreadsThatSleepComeBack) {
  const auto pool = Pool(3);
  for (int round = 0; round < 20; ++round) {
    std::this_thread::sleep_for(std::chrono::milliseconds(2));  // longer than they look for work
    Tally tally(12);
    tally.pause = std::chrono::milliseconds(1);
    pool->Run(12, Tally::Task, &tally);
    tally.Expect(3);
    EXPECT_LT(tally.by_worker[0], 12) << "round " << round << ": the others did nothing";
  }
}

TEST(WorkerPool, ServesSeveralCallers) {
  const auto pool = Pool(4);
  std::vector<std::jthread> callers;
  for (int caller = 0; caller < 3; ++caller) {
    callers.emplace_back([&] {
      for (int round = 0; round < 500; ++round) {
        Tally tally(9);
        pool->Run(9, Tally::Task, &tally);
        tally.Expect(4);
      }
    });
  }
}

TEST(WorkerPool, OneForTheProcess) {
  EXPECT_EQ(*WorkerPool::OfProcess(1), nullptr);
  const auto one = *WorkerPool::OfProcess(3);
  EXPECT_EQ(*WorkerPool::OfProcess(3), one);
  EXPECT_NE(*WorkerPool::OfProcess(2), one);
  EXPECT_EQ(one->worker_count(), 3);
}

// What kernels are offered: nothing without a pool, and all of its workers with one.
TEST(WorkerPool, KernelsDivideTheirWork) {
  uint32_t offered = 99;
  bool divided = false;
  FakeKernel kernel = Elementwise("tflite.ADD", [](int32_t a, int32_t b) { return a + b; });
  kernel.prepare = [&](const glimpse_node& node, const glimpse_prepare& prepare) {
    offered = prepare.worker_count;
    return ShapeOfFirstInput(node, prepare);
  };
  kernel.invoke = [&](const glimpse_invoke& io) {
    divided = io.parallel != nullptr;
    const auto add = [](void* data, uint32_t item, uint32_t) {
      const auto& of = *static_cast<const glimpse_invoke*>(data);
      static_cast<int32_t*>(of.outputs[0])[item] =
          static_cast<const int32_t*>(of.inputs[0])[item] + static_cast<const int32_t*>(of.inputs[1])[item];
    };
    auto* const self = const_cast<glimpse_invoke*>(&io);
    if (divided) {
      io.parallel(io.context, 4, add, self);
    } else {
      for (uint32_t i = 0; i < 4; ++i) add(self, i, 0);
    }
    return glimpse_status{GLIMPSE_OK};
  };
  ModelBuilder builder;
  const int a = builder.Input({.name = "a", .type = kInt, .shape = {4}});
  const int b = builder.Input({.name = "b", .type = kInt, .shape = {4}});
  const int sum = builder.Tensor({.name = "sum", .type = kInt, .shape = {4}});
  builder.Operator(wire::BuiltinOperator::ADD, {a, b}, {sum});
  builder.Output(sum);
  const auto plugins = std::make_shared<FakePluginHost>();
  plugins->Add("plain", {kernel});
  for (const uint32_t workers : {1U, 3U}) {
    InterpreterOptions options;
    options.workers = *WorkerPool::OfProcess(workers);
    const auto run = Create(builder, plugins, options);
    Write(run->inputs()[0], {1, 2, 3, 4});
    Write(run->inputs()[1], {10, 20, 30, 40});
    ASSERT_TRUE(run->Invoke());
    EXPECT_EQ(Read(run->outputs()[0]), (std::vector<int32_t>{11, 22, 33, 44}));
    EXPECT_EQ(offered, workers);
    EXPECT_EQ(divided, workers > 1);
  }
}

}  // namespace
}  // namespace glimpse::testkit
