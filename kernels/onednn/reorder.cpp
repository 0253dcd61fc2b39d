#include "kernels/onednn/reorder.h"

#include <algorithm>
#include <cstring>
#include <numeric>
#include <utility>
#include <vector>

#include "kernels/onednn/describe.h"

namespace flopmeter::onednn {
namespace {

using dnnl::memory;

/// Elements of a block in each dimension: 1 where it is not divided.
memory::dims block_sizes(const Blocking& blocking, std::size_t rank) {
  memory::dims sizes(rank, 1);
  for (std::size_t i = 0; i < blocking.blocks.size(); ++i) {
    sizes[static_cast<std::size_t>(blocking.dimensions[i])] *= blocking.blocks[i];
  }
  return sizes;
}

memory::dim product(const memory::dims& dims) {
  return std::accumulate(dims.begin(), dims.end(), memory::dim{1}, std::multiplies<>());
}

/// The dimensions with the last blocks filled up.
memory::dims filled_up(const memory::desc& desc) {
  memory::dims dims = dims_of(desc);
  const memory::dims sizes = block_sizes(blocking_of(desc), dims.size());
  for (std::size_t i = 0; i < dims.size(); ++i) {
    dims[i] = (dims[i] + sizes[i] - 1) / sizes[i] * sizes[i];
  }
  return dims;
}

memory::desc row_major_of(const memory::desc& desc) {
  const memory::dims dims = dims_of(desc);
  memory::dims strides(dims.size(), 1);
  for (std::size_t i = dims.size(); i-- > 1;) {
    strides[i - 1] = strides[i] * std::max<memory::dim>(dims[i], 1);
  }
  return {dims, type_of(desc), strides};
}

/// Where an element lies, in elements from the beginning.
memory::dim place(const Blocking& blocking, memory::dims index) {
  memory::dim at = 0;
  memory::dim stride = 1;
  for (std::size_t i = blocking.blocks.size(); i-- > 0;) {
    memory::dim& along = index[static_cast<std::size_t>(blocking.dimensions[i])];
    at += along % blocking.blocks[i] * stride;
    along /= blocking.blocks[i];
    stride *= blocking.blocks[i];
  }
  for (std::size_t i = 0; i < index.size(); ++i) {
    at += index[i] * blocking.strides[i];
  }
  return at;
}

/// Of one number type. What fills blocks up becomes 0.
void copy_elements(const memory& from, const memory& to) {
  const memory::desc from_desc = from.get_desc();
  const memory::desc to_desc = to.get_desc();
  const Blocking source = blocking_of(from_desc);
  const Blocking target = blocking_of(to_desc);
  const memory::dims dims = dims_of(from_desc);
  const auto size = memory::data_type_size(type_of(to_desc));
  const auto* read = static_cast<const std::byte*>(from.get_data_handle());
  auto* written = static_cast<std::byte*>(to.get_data_handle());
  std::memset(written, 0, to_desc.get_size());
  memory::dims index(dims.size(), 0);
  for (memory::dim left = product(dims); left > 0; --left) {
    std::memcpy(written + static_cast<std::size_t>(place(target, index)) * size,
                read + static_cast<std::size_t>(place(source, index)) * size, size);
    for (std::size_t i = dims.size(); i-- > 0 && ++index[i] == dims[i];) {
      index[i] = 0;
    }
  }
}

/// Weights of a convolution into blocks of both channels and back, neither of them full.
bool try_ends() {
  const memory::dims dims{17, 17, 3};
  const memory::desc plain(dims, memory::data_type::f32, memory::format_tag::abc);
  const memory::desc blocked(dims, memory::data_type::f32, memory::format_tag::ABc16b16a);
  std::vector<float> given(17 * 17 * 3);
  std::iota(given.begin(), given.end(), 1.0F);
  std::vector<float> back(given.size());
  std::vector<float> values(blocked.get_size() / sizeof(float), -1.0F);  // -1: not written
  memory from(plain, engine(), given.data());
  memory between(blocked, engine(), values.data());
  memory to(plain, engine(), back.data());
  dnnl::stream stream(engine());
  dnnl::reorder(from, between).execute(stream, from, between);
  dnnl::reorder(between, to).execute(stream, between, to);
  stream.wait();
  return back == given && std::ranges::count(values, -1.0F) == 0;
}

bool blocks_have_ends(const memory::desc& desc) {
  return is_blocked(desc) && filled_up(desc) != dims_of(desc);
}

/// Of the elements alone, the last blocks filled up.
std::size_t filled_bytes(const memory::desc& desc) {
  return static_cast<std::size_t>(product(filled_up(desc))) * memory::data_type_size(type_of(desc));
}

std::optional<memory> row_major_beside(const memory& given) {
  const memory::desc desc = given.get_desc();
  return has_ends(desc) && reorders_lose_ends()
             ? std::optional(memory(row_major_of(desc), engine()))
             : std::nullopt;
}

}  // namespace

bool has_ends(const memory::desc& desc) {
  return blocks_have_ends(desc) && desc.get_size() == filled_bytes(desc);
}

void require_reachable(const memory::desc& desc) {
  if (blocks_have_ends(desc) && desc.get_size() > filled_bytes(desc) && reorders_lose_ends()) {
    throw KnownWrong(
        "oneDNN's reorder into this layout, which holds more than the elements, loses the ends of "
        "blocks (seen in 3.7.2)");
  }
}

dnnl::reorder::primitive_desc own_reorder(const memory::desc& from, const memory::desc& to) {
  if ((has_ends(from) || has_ends(to)) && reorders_lose_ends()) {
    throw KnownWrong(
        "oneDNN's reorder between these layouts loses the ends of blocks (seen in 3.7.2)");
  }
  return {engine(), from, engine(), to};
}

bool reorders_lose_ends() {
  static const bool lose = !try_ends();
  return lose;
}

Reorder::Reorder(memory from, memory to, const dnnl::primitive_attr& attributes,
                 std::span<const dnnl_exec_arg_t> further)
    : from_(std::move(from)),
      to_(std::move(to)),
      before_(row_major_beside(from_)),
      behind_(row_major_beside(to_)),
      primitive_(dnnl::reorder::primitive_desc(before_.value_or(from_), behind_.value_or(to_),
                                               attributes)),
      arguments_{{DNNL_ARG_FROM, before_.value_or(from_).get()},
                 {DNNL_ARG_TO, behind_.value_or(to_).get()}} {
  arguments_.insert(arguments_.end(), further.begin(), further.end());
}

void Reorder::operator()(dnnl::stream& stream) const {
  if (before_) {
    copy_elements(from_, *before_);
  }
  dnnl::error::wrap_c_api(
      dnnl_primitive_execute(primitive_.get(), stream.get(), static_cast<int>(arguments_.size()),
                             arguments_.data()),
      "oneDNN could not execute a reorder");
  stream.wait();
  if (behind_) {
    copy_elements(*behind_, to_);
  }
}

}  // namespace flopmeter::onednn
