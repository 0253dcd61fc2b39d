// An ONNX model as its file has it: messages by their names in onnx.proto, strings and data as views of
// the mapped file. Nothing is interpreted here.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>
#include <vector>

namespace flopmeter::onnx {

/// TensorProto.DataType; further ones are kept as their number.
enum class Elem : std::int32_t {
  undefined = 0,
  f32 = 1,
  u8 = 2,
  s8 = 3,
  u16 = 4,
  s16 = 5,
  s32 = 6,
  s64 = 7,
  string = 8,
  boolean = 9,
  f16 = 10,
  f64 = 11,
  u32 = 12,
  u64 = 13,
  complex64 = 14,
  complex128 = 15,
  bf16 = 16,
  f8e4m3fn = 17,
  f8e4m3fnuz = 18,
  f8e5m2 = 19,
  f8e5m2fnuz = 20,
  u4 = 21,
  s4 = 22,
  f4e2m1 = 23,
  f8e8m0 = 24,
  u2 = 25,
  s2 = 26,
};

/// "float32", "int64"; "type 99" where ONNX has no such type.
std::string_view to_string(Elem);
/// Bits of one element, 0 for strings and unknown types.
int bits_of(Elem);
bool is_integer(Elem);
/// The least and the largest number of an integer type; nothing of others.
struct IntegerRange {
  double low, high;
};
IntegerRange range_of(Elem);
/// Whether integers of `from` are others in `to`, which does not have them: what lies 2^bits apart is the same there.
/// Types of 32 bits with a sign and of 64 are taken to have them all: networks hold none of 2^24 and more.
bool wraps(Elem from, Elem to);
bool is_float(Elem);

struct TensorProto {
  std::string_view name;
  Elem elem = Elem::undefined;
  std::vector<std::int64_t> dims;
  std::string_view raw;      // raw_data
  std::string_view message;  // for the typed data fields, read when they are wanted
  bool has_raw = false;
  bool external = false;      // data lies in another file
  std::string_view location;  // ... of this path
  std::int64_t offset = 0;
  bool sparse = false;      // of a SparseTensorProto: dims are the dense ones, no data
  std::int64_t stored = 0;  // ... and this many elements are stored
};

struct DimProto {
  std::optional<std::int64_t> value;
  std::string_view param;
};

struct ValueInfo {
  std::string_view name;
  Elem elem = Elem::undefined;
  std::optional<std::vector<DimProto>> dims;
  bool tensor = true;  // else a sequence, map or optional
};

struct GraphProto;

/// An attribute of a node. Values but graphs stay in the file's bytes, which were checked when its node was
/// read, until they are asked for: a large network has a hundred thousand attributes, most of them small
/// and read once.
struct AttributeProto {
  std::string_view name;
  std::string_view message;
  int type = 0;
  std::shared_ptr<GraphProto> graph;

  std::string_view ref() const;  // of a function's body: the name of the function's attribute
  double real() const;
  std::int64_t integer() const;
  std::string_view text() const;
  std::optional<TensorProto> tensor() const;
  std::vector<double> reals() const;
  std::vector<std::int64_t> integers() const;
  std::vector<std::string_view> texts() const;
};

struct NodeProto {
  std::string_view name, op, domain, overload;
  std::vector<std::string_view> inputs, outputs;
  std::vector<AttributeProto> attributes;
  std::vector<std::string_view>
      scopes;  // metadata: module path of torch's exporter, outermost first
};

struct GraphProto {
  std::string_view name;
  std::vector<NodeProto> nodes;
  std::vector<TensorProto> initializers;
  std::vector<ValueInfo> inputs, outputs, value_infos;
};

struct OpsetProto {
  std::string_view domain;
  std::int64_t version = 0;
};

struct FunctionProto {
  std::string_view name, domain, overload;
  std::vector<std::string_view> inputs, outputs, attributes;
  std::vector<AttributeProto> defaults;
  std::vector<NodeProto> nodes;
  std::vector<OpsetProto> opsets;
};

struct ModelProto {
  std::int64_t ir_version = 0;
  std::string_view producer, producer_version;
  std::vector<OpsetProto> opsets;
  GraphProto graph;
  std::vector<FunctionProto> functions;
};

/// What a file may hold at the most: far above any network, far below what exhausts a machine.
inline constexpr std::size_t max_nodes = 2'000'000;
inline constexpr std::size_t max_rank = 64;
inline constexpr std::size_t max_name = 65'536;
inline constexpr int max_depth = 32;  // of graphs within graphs

/// Reads a model; views stay valid as long as `bytes`. Throws BadInput with the byte's offset or the
/// node's name.
ModelProto read_model(std::string_view bytes);

/// A tensor by itself, as operator tests store their data.
TensorProto read_tensor_file(std::string_view bytes);

}  // namespace flopmeter::onnx
