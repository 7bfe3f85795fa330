// SPDX-License-Identifier: Apache-2.0
// Rows of a convolution computed apart (row_slices.h) are the rows of the whole, whatever rows they are, by the kernels
// of each instruction set.
#include "kernels/row_slices.h"

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <initializer_list>
#include <memory>
#include <string>
#include <vector>

#include "tests/kernels/support/instruction_sets.h"
#include "tests/kernels/support/random_nodes.h"

namespace glimpse::testkit {
namespace {

using kernels::Conv2DParams;
using kernels::DepthwiseConv2DParams;
using kernels::OutputScale;
using kernels::WindowAxis;

// Ends where its content does, but for the bytes that the ABI allows to read.
using Memory = std::unique_ptr<void, void (*)(void*)>;
Memory Allocate(size_t bytes) { return {std::aligned_alloc(64, (bytes + 127) / 64 * 64), std::free}; }

class RowSlices : public OnInstructionSet {
 protected:
  int32_t OneOf(std::initializer_list<int32_t> values) {
    return values.begin()[random_.Int(0, static_cast<int32_t>(values.size()) - 1)];
  }
  std::vector<int32_t> Biases(int32_t count) {
    std::vector<int32_t> biases(static_cast<size_t>(count));
    for (int32_t& bias : biases) bias = random_.Int(-2000, 2000);
    return biases;
  }

  // As TFLite computes sizes and padding.
  static WindowAxis Axis(int32_t input, int32_t filter, int32_t stride, int32_t dilation, bool same) {
    WindowAxis axis;
    axis.input = input;
    axis.filter = filter;
    axis.stride = stride;
    axis.dilation = dilation;
    const int32_t reach = (filter - 1) * dilation + 1;
    axis.output = same ? (input + stride - 1) / stride : (input - reach + stride) / stride;
    const int32_t padding = (axis.output - 1) * stride + reach - input;
    axis.pad_before = same && padding > 0 ? padding / 2 : 0;
    return axis;
  }

  kernels::LinearParams Linear(int32_t outputs) {
    scales_.clear();
    const bool some_known = random_.Int(0, 5) == 0;  // channels that give one byte for every input
    for (int32_t o = 0; o < outputs; ++o) {
      const double real = some_known && random_.Int(0, 1) != 0 ? 1e-9 : 0.0005 * random_.Int(1, 20);
      scales_.push_back(
          {kernels::Rounding::kDouble, real, kernels::QuantizeMultiplier(real), static_cast<float>(real)});
    }
    return {random_.Int(-128, 127), 0, random_.Int(-128, 127), -128, 127, scales_.data()};
  }

  // The whole by run(params, input, output, scratch_bytes), and then rows of it apart, cut anywhere.
  template <typename Params, typename Run>
  void ExpectSameRows(const Params& whole, int32_t rows, size_t row_bytes, const std::vector<int8_t>& input, Run run) {
    const size_t bytes = static_cast<size_t>(rows) * row_bytes;
    std::vector<int8_t> expected(bytes, 11);
    run(whole, input.data(), expected.data());
    std::vector<int8_t> made(bytes, 22);
    std::string cuts;
    for (int32_t first = 0; first < rows;) {
      const int32_t count = random_.Int(1, std::max(1, std::min(rows - first, OneOf({1, 3, 8, 40}))));
      const auto slice = kernels::SliceRows(whole, first, count);
      EXPECT_EQ(slice.output_offset, static_cast<size_t>(first) * row_bytes);
      run(slice.params, input.data() + slice.input_offset, made.data() + slice.output_offset);
      first += count;
      cuts += " " + std::to_string(first);
    }
    EXPECT_EQ(made, expected) << "rows cut at" << cuts;
  }

  Random random_{1};
  std::vector<OutputScale> scales_;
};

TEST_P(RowSlices, OfConvolutionsAreThoseOfTheWhole) {
  const kernels::PackedConv2DS8& conv = *GetParam().conv;
  int served = 0;
  int pooled = 0;
  for (int number = 0; number < 1500; ++number) {
    Conv2DParams p;
    const int32_t filter = OneOf({1, 1, 3, 3, 3, 2, 5, 7});
    const int32_t stride = OneOf({1, 1, 1, 2, 3});
    const int32_t dilation = filter > 1 ? OneOf({1, 1, 1, 2}) : 1;
    const int32_t reach = (filter - 1) * dilation + 1;
    const bool same = random_.Int(0, 1) != 0;
    // First layers, whose form depends on how large the image is.
    const bool is_first = random_.Int(0, 11) == 0;
    p.height = Axis(reach + (is_first ? random_.Int(60, 110) : random_.Int(0, 40)), filter, stride, dilation, same);
    p.width = Axis(reach + (is_first ? random_.Int(60, 100) : random_.Int(0, 20)), filter, stride, dilation, same);
    p.input_depth = is_first ? 1 : OneOf({1, 2, 3, 8, 16, 32, 48});
    p.output_depth = is_first ? OneOf({32, 48, 64}) : OneOf({1, 7, 8, 16, 17, 24, 32, 64});
    if (random_.Int(0, 3) == 0 && p.height.output > 1 && p.width.output > 1) {
      const int32_t size = OneOf({2, 2, 2, 4, 3});
      const bool pool_same = random_.Int(0, 1) != 0 || p.height.output < size || p.width.output < size;
      p.pool = {Axis(p.height.output, size, size, 1, pool_same), Axis(p.width.output, size, size, 1, pool_same)};
      p.pool->height.pad_before = p.pool->width.pad_before = 0;
    }
    p.linear = Linear(p.output_depth);
    const std::vector<int8_t> weights = random_.Bytes(int64_t{p.output_depth} * filter * filter * p.input_depth);
    kernels::FilterView view;
    view.data = weights.data();
    view.column = p.input_depth;
    view.row = view.column * filter;
    view.output = view.row * filter;
    const size_t bytes = conv.packed_bytes(p, view);
    if (bytes == 0) continue;
    ++served;
    pooled += p.pool ? 1 : 0;
    const Memory packed = Allocate(bytes);
    std::memset(packed.get(), 0, bytes);
    conv.pack(p, view, Biases(p.output_depth).data(), packed.get());
    SCOPED_TRACE(testing::Message() << "number " << number << ": " << p.height.input << "x" << p.width.input << "x"
                                    << p.input_depth << " filter " << filter << " stride " << stride << " dilation "
                                    << dilation << " outputs " << p.output_depth << (p.pool ? " pooled" : ""));
    std::vector<int8_t> input = random_.Bytes(int64_t{p.height.input} * p.width.input * p.input_depth + 64);
    const kernels::OutputExtent outputs = kernels::OutputsOf(p);
    const size_t row = static_cast<size_t>(outputs.columns) * static_cast<size_t>(p.output_depth);
    ExpectSameRows(p, outputs.rows, row, input, [&](Conv2DParams part, const int8_t* from, int8_t* to) {
      part.linear.scales = nullptr;
      const Memory scratch = Allocate(conv.scratch_bytes(part, packed.get()));
      conv.run(part, packed.get(), from, scratch.get(), to);
    });
    if (HasFailure()) return;
  }
  EXPECT_GT(served, 1000);
  EXPECT_GT(pooled, 50);
}

TEST_P(RowSlices, OfDepthwiseConvolutionsAreThoseOfTheWhole) {
  const kernels::PackedDepthwiseS8& depthwise = *GetParam().depthwise;
  int served = 0;
  for (int number = 0; number < 800; ++number) {
    DepthwiseConv2DParams p;
    const int32_t filter = OneOf({3, 3, 3, 1, 2, 5});
    const int32_t stride = OneOf({1, 1, 2, 3});
    const int32_t dilation = filter > 1 ? OneOf({1, 1, 1, 2}) : 1;
    const int32_t reach = (filter - 1) * dilation + 1;
    const bool same = random_.Int(0, 1) != 0;
    p.height = Axis(reach + random_.Int(0, 40), filter, stride, dilation, same);
    p.width = Axis(reach + random_.Int(0, 20), filter, stride, dilation, same);
    p.input_depth = OneOf({1, 3, 8, 16, 24, 40, 64});
    p.linear = Linear(p.input_depth);
    const size_t bytes = depthwise.packed_bytes(p);
    if (bytes == 0) continue;
    ++served;
    const std::vector<int8_t> weights = random_.Bytes(int64_t{filter} * filter * p.input_depth);
    const Memory packed = Allocate(bytes);
    std::memset(packed.get(), 0, bytes);
    depthwise.pack(p, weights.data(), Biases(p.input_depth).data(), packed.get());
    SCOPED_TRACE(testing::Message() << "number " << number << ": " << p.height.input << "x" << p.width.input << "x"
                                    << p.input_depth << " filter " << filter << " stride " << stride << " dilation "
                                    << dilation);
    std::vector<int8_t> input = random_.Bytes(int64_t{p.height.input} * p.width.input * p.input_depth + 64);
    const size_t row = static_cast<size_t>(p.width.output) * static_cast<size_t>(p.input_depth);
    ExpectSameRows(p, p.height.output, row, input,
                   [&](const DepthwiseConv2DParams& part, const int8_t* from, int8_t* to) {
                     const Memory scratch = Allocate(depthwise.scratch_bytes(part));
                     depthwise.run(part, packed.get(), from, scratch.get(), to);
                   });
    if (HasFailure()) return;
  }
  EXPECT_GT(served, 500);
}

INSTANTIATE_TEST_SUITE_P(InstructionSets, RowSlices, testing::ValuesIn(InstructionSets()), InstructionSetName);

}  // namespace
}  // namespace glimpse::testkit
