// SPDX-License-Identifier: Apache-2.0
// Every rule about tensors and buffers that a file can break, and what is said about it. Tensors of TinyCnn: 0 image, 1
// conv/filter, 2 conv/bias, 3 conv, 4 pool, 5 flat/shape, 6 flat, 7 dense/weights, 8 dense, 9 scores.
#include <cmath>
#include <limits>

#include "tests/engine/model/rule_test.h"

namespace glimpse {
namespace {

using testkit::ModelBuilder;
using testkit::TinyCnn;

TEST(TensorRules, ABufferIndexMustExist) {
  ModelBuilder b = TinyCnn();
  b.tensor(3).buffer = 41;
  ExpectInvalid(b, "tensors[3].buffer is 41, the file has 6 buffers");
}

TEST(TensorRules, ThePlaceNamesTheSubgraphWhenThereAreSeveral) {
  ModelBuilder b = testkit::TinyCustom();
  b.raw().subgraphs[1]->tensors[0]->buffer = 9;
  ExpectInvalid(b, "subgraphs[1].tensors[0].buffer is 9, the file has 1 buffers");
}

TEST(TensorRules, BufferZeroMustBeEmptyWhereItIsUsed) {
  ModelBuilder b = TinyCnn();
  b.raw().buffers[0]->data = {1, 2, 3};
  ExpectInvalid(b, "tensors[0].buffer is 0, which must be empty and has 3 bytes");
}

TEST(TensorRules, AFileHasBuffers) {
  ModelBuilder b = TinyCnn();
  b.raw().buffers.clear();
  ExpectInvalid(b, "buffers is empty, a model has at least one buffer");
}

TEST(TensorRules, AConstantHasAsManyBytesAsItsShapeSays) {
  for (const size_t bytes : {1u, 17u, 19u}) {
    ModelBuilder b = TinyCnn();
    b.raw().buffers[b.tensor(1).buffer]->data.resize(bytes);
    ExpectInvalid(b,
                  "tensors[1] (conv/filter) is int8 [2, 3, 3, 1], 18 bytes, its buffer 1 has " + std::to_string(bytes));
  }
}

TEST(TensorRules, Int4TakesHalfAByteAnElement) {
  ModelBuilder b;
  const int x = b.Input({.name = "x", .shape = {1}});
  const int c = b.ConstantBytes({.name = "c", .type = DType::kInt4, .shape = {3}, .scales = {1.0f}}, {0x21, 0x03});
  b.CustomOperator("Any", {x, c}, {b.Tensor({.name = "y", .shape = {1}})});
  EXPECT_EQ(b.Model()->main().tensors[1].size_bytes, 2u);
  b.tensor(c).shape = {5};
  ExpectInvalid(b, "tensors[1] (c) is int4 [5], 3 bytes, its buffer 1 has 2");
}

TEST(TensorRules, DimensionsAreNotNegativeButMinusOneReadsAsOne) {
  ModelBuilder b = TinyCnn();
  b.tensor(0).shape = {-1, 6, 6, 1};
  EXPECT_EQ(b.Model()->main().tensors[0].shape[0], 1);
  b.tensor(0).shape = {1, -2, 6, 1};
  ExpectInvalid(b, "tensors[0].shape[1] is -2, it must be 0 or more, or -1 for dynamic");
}

TEST(TensorRules, ElementsMustBeCountable) {
  ModelBuilder b = TinyCnn();
  b.tensor(3).shape = {2147483647, 2147483647, 2147483647, 2147483647};
  ExpectInvalid(
      b, "tensors[3].shape is [2147483647, 2147483647, 2147483647, 2147483647], more elements than can be counted");
  // A zero does not excuse the rest: kernels multiply parts of a shape.
  b.tensor(3).shape = {2147483647, 2147483647, 2147483647, 2147483647, 0};
  ExpectInvalid(
      b, "tensors[3].shape is [2147483647, 2147483647, 2147483647, 2147483647, 0], more elements than can be counted");
}

TEST(TensorRules, RankHasALimit) {
  ModelBuilder b = TinyCnn();
  b.tensor(3).shape.assign(9, 1);
  ExpectUnsupported(b, "not supported: tensors[3] (conv) has 9 dimensions, more than 8");
  b.tensor(3).shape.assign(65, 1);
  ExpectInvalid(b, "tensors[3].shape has 65 dimensions, at most 64");
}

TEST(TensorRules, ASignatureHasTheShapesRank) {
  ModelBuilder b = TinyCnn();
  b.tensor(0).shape_signature = {-1, 6, 6};
  ExpectInvalid(b, "tensors[0].shape_signature has 3 dimensions, shape has 4");
  b.tensor(0).shape_signature = {-1, 6, -7, 1};
  ExpectInvalid(b, "tensors[0].shape_signature[2] is -7, it must be 0 or more, or -1 for dynamic");
  b.tensor(0).shape_signature = {-1, 6, 6, 1};
  EXPECT_EQ(b.Model()->main().tensors[0].shape_signature, (std::vector<int32_t>{-1, 6, 6, 1}));
}

TEST(TensorRules, DataBehindTheFlatbufferLiesInTheFile) {
  ModelBuilder b = TinyCnn();
  b.raw().buffers[1]->data.clear();
  b.raw().buffers[1]->offset = 64;
  b.raw().buffers[1]->size = 1'000'000;
  const std::string file_bytes = std::to_string(b.Build().size());
  ExpectInvalid(b, "buffers[1] is 1000000 bytes at offset 64, the file has " + file_bytes + " bytes");
  b.raw().buffers[1]->size = std::numeric_limits<uint64_t>::max();
  ExpectInvalid(b, "buffers[1] is 18446744073709551615 bytes at offset 64, the file has " + file_bytes + " bytes");
}

TEST(TensorRules, TypesThatCannotBeComputedWithAreAllListed) {
  ModelBuilder b = TinyCnn();
  b.tensor(3).type = wire::TensorType::STRING;
  b.tensor(4).type = wire::TensorType::COMPLEX64;
  b.tensor(6).type = static_cast<wire::TensorType>(99);
  ExpectUnsupported(
      b,
      "not supported: tensors[3] (conv) has type string; tensors[4] (pool) has type complex64; tensors[6] "
      "(flat) has type number 99");
}

TEST(TensorRules, TypesMatterOnlyWhereTheyAreUsed) {
  ModelBuilder b = TinyCnn();
  const int unused = b.Tensor({.name = "unused", .shape = {3}});
  b.tensor(unused).type = wire::TensorType::STRING;
  ExpectAccepted(b);
  EXPECT_EQ(DTypeName(b.Model()->main().tensors.back().type), "string");
  ExpectAccepted(testkit::TinyCustom());  // its second subgraph has a string
  b.Output(unused);
  ExpectInvalid(b, "outputs[1] is 10, and nothing produces tensors[10] (unused)");
  b.graph().outputs.pop_back();
  b.graph().inputs.push_back(unused);
  ExpectUnsupported(b, "not supported: tensors[10] (unused) has type string");
}

TEST(TensorRules, SparseAndExternalConstantsAreUnsupported) {
  ModelBuilder b = TinyCnn();
  b.tensor(1).sparsity = std::make_unique<wire::SparsityParametersT>();
  b.tensor(7).external_buffer = 3;
  ExpectUnsupported(b,
                    "not supported: tensors[1] (conv/filter) is sparse; tensors[7] (dense/weights) has its content in "
                    "another file");
}

TEST(TensorRules, AVariableHasNoContentInTheFile) {
  ModelBuilder b = TinyCnn();
  b.tensor(1).is_variable = true;
  ExpectUnsupported(b, "not supported: tensors[1] (conv/filter) is a variable with initial content");
}

TEST(TensorRules, NamesFromTheFileArePrintedWithoutControlBytes) {
  ModelBuilder b = TinyCnn();
  b.tensor(3).name = "a\nb\x1b[2J";
  b.tensor(3).type = wire::TensorType::VARIANT;
  ExpectUnsupported(b, "not supported: tensors[3] (a\\x0ab\\x1b[2J) has type variant");
}

// ---- quantization ----

TEST(QuantizationRules, ThereAreAsManyZeroPointsAsScales) {
  ModelBuilder b = TinyCnn();
  b.tensor(1).quantization->zero_point = {0};
  ExpectInvalid(b, "tensors[1].quantization.zero_point has 1 values, scale has 2");
  b.tensor(1).quantization->zero_point.clear();
  ExpectInvalid(b, "tensors[1].quantization.zero_point has 0 values, scale has 2");
}

TEST(QuantizationRules, ThereAreAsManyScalesAsEntriesOfTheQuantizedDimension) {
  ModelBuilder b = TinyCnn();
  b.tensor(1).quantization->quantized_dimension = 1;
  ExpectInvalid(b, "tensors[1].quantization.scale has 2 values, dimension 1 has 3 entries");
}

TEST(QuantizationRules, TheQuantizedDimensionExistsEvenForOneScale) {
  ModelBuilder b = TinyCnn();
  b.tensor(2).quantization->quantized_dimension = 3;
  ExpectInvalid(b, "tensors[2] (conv/bias).quantization.quantized_dimension is 3, the tensor has 1 dimension");
  b.tensor(2).quantization->quantized_dimension = -1;
  ExpectInvalid(b, "tensors[2] (conv/bias).quantization.quantized_dimension is -1, the tensor has 1 dimension");
  b = TinyCnn();
  b.tensor(9).quantization->quantized_dimension = 2;
  ExpectInvalid(b, "tensors[9] (scores).quantization.quantized_dimension is 2, the tensor has 2 dimensions");
}

TEST(QuantizationRules, AScalarHasOneScale) {
  ModelBuilder b = TinyCnn();
  b.tensor(9).shape.clear();
  ExpectAccepted(b);  // the kernels judge whether a scalar makes sense there
  b.tensor(9).quantization->scale = {1.0f, 2.0f};
  b.tensor(9).quantization->zero_point = {0, 0};
  ExpectInvalid(b, "tensors[9].quantization.scale has 2 values for a scalar");
}

TEST(QuantizationRules, ScalesArePositiveAndFinite) {
  const auto refused = [](float scale, const std::string& text) {
    ModelBuilder b = TinyCnn();
    b.tensor(1).quantization->scale[1] = scale;
    ExpectInvalid(b, "tensors[1] (conv/filter).quantization.scale[1] is " + text + ", it must be positive and finite");
  };
  refused(0.0f, "0");
  refused(-0.5f, "-0.5");
  refused(std::numeric_limits<float>::infinity(), "inf");
  refused(std::nanf(""), "nan");
}

TEST(QuantizationRules, ZeroPointsFitTheType) {
  ModelBuilder b = TinyCnn();
  b.tensor(0).quantization->zero_point = {128};
  ExpectInvalid(b, "tensors[0] (image).quantization.zero_point[0] is 128, outside of int8");
  b.tensor(0).quantization->zero_point = {-129};
  ExpectInvalid(b, "tensors[0] (image).quantization.zero_point[0] is -129, outside of int8");
  b.tensor(0).quantization->zero_point = {127};
  ExpectAccepted(b);
}

TEST(QuantizationRules, FloatTensorsKeepNoScales) {
  ModelBuilder b = TinyCnn();
  b.tensor(0).type = wire::TensorType::FLOAT32;
  b.tensor(0).quantization->zero_point = {1000};
  EXPECT_TRUE(b.Model()->main().tensors[0].quantization.scales.empty());
}

TEST(QuantizationRules, RangesWithoutScalesAreNoQuantization) {
  ModelBuilder b = TinyCnn();
  b.tensor(0).quantization->scale.clear();
  b.tensor(0).quantization->zero_point.clear();
  b.tensor(0).quantization->min = {-1.0f};
  b.tensor(0).quantization->quantized_dimension = 77;
  EXPECT_TRUE(b.Model()->main().tensors[0].quantization.scales.empty());
}

TEST(QuantizationRules, OtherKindsAreUnsupportedAndTheirIndicesChecked) {
  ModelBuilder b = TinyCnn();
  wire::BlockwiseQuantizationT blocks;
  blocks.scales = 10;
  b.tensor(1).quantization->details.Set(blocks);
  ExpectInvalid(b, "tensors[1].quantization.details.scales is 10, there are 10 tensors");
  blocks.scales = 2;
  blocks.zero_points = -2;
  b.tensor(1).quantization->details.Set(blocks);
  ExpectInvalid(b, "tensors[1].quantization.details.zero_points is -2, there are 10 tensors");
  blocks.zero_points = -1;
  b.tensor(1).quantization->details.Set(blocks);
  ExpectUnsupported(b, "not supported: tensors[1] (conv/filter) has blockwise quantization");
  wire::MultiAxisQuantizationT axes;
  axes.scales = -1;
  b.tensor(1).quantization->details.Set(axes);
  ExpectInvalid(b, "tensors[1].quantization.details.scales is -1, there are 10 tensors");
  axes.scales = 2;
  b.tensor(1).quantization->details.Set(axes);
  ExpectUnsupported(b, "not supported: tensors[1] (conv/filter) has multi-axis quantization");
  b.tensor(1).quantization->details.Set(wire::CustomQuantizationT());
  ExpectUnsupported(b, "not supported: tensors[1] (conv/filter) has custom quantization");
}

}  // namespace
}  // namespace glimpse
