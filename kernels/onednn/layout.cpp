#include "kernels/onednn/layout.h"

#include <fmt/format.h>
#include <omp.h>

#include <array>
#include <span>

#include "kernels/onednn/describe.h"
#include "kernels/onednn/prepare.h"
#include "kernels/onednn/reorder.h"
#include "kernels/onednn/scales.h"

namespace flopmeter::onednn {
namespace {

using dnnl::memory;

/// A reorder with its memory, from codes in steps of `from_step` to those in steps of `to_step`; 1 of real numbers.
std::function<void()> reorder(const memory::desc& from_desc, void* from,
                              const memory::desc& to_desc, void* to, int threads,
                              float from_step = 1, float to_step = 1) {
  const float step = to_step / from_step;
  omp_set_num_threads(threads);
  const memory source(from_desc, engine(), from);
  const memory target(to_desc, engine(), to);
  memory scale(onednn::plain({1}), engine());
  *static_cast<float*>(scale.get_data_handle()) = step;
  const std::array further{dnnl_exec_arg_t{reorder_scale, scale.get()}};
  const bool scaled = step != 1 && reorder_takes_scale;
  const Reorder bring(source, target, step == 1 ? dnnl::primitive_attr() : scaled_reorder(1 / step),
                      std::span(further).first(scaled ? 1 : 0));
  return [bring, stream = dnnl::stream(engine()), scale, threads]() mutable {
    omp_set_num_threads(threads);
    bring(stream);
  };
}

bool is_integer(const memory::desc& desc) {
  return type_of(desc) == memory::data_type::u8 || type_of(desc) == memory::data_type::s8;
}

/// Row-major, so that other dimensions of as many elements mean the same numbers.
bool is_row_major(const memory::desc& plain_desc) {
  return plain_desc == onednn::plain(dims_of(plain_desc));
}

const TensorLayout& of_onednn(const Layout& layout) {
  return static_cast<const TensorLayout&>(layout);  // all layouts of a network are of one backend
}

}  // namespace

std::string TensorLayout::name() const {
  return is_real() ? layout_name(made_)
                   : fmt::format("{} {} in steps of {:.3g}", layout_name(made_),
                                 type_of(made_) == memory::data_type::u8 ? "u8" : "s8", step_);
}

bool TensorLayout::is_real() const { return !is_integer(made_); }

std::optional<memory::desc> TensorLayout::with_dims(const memory::dims& dims) const {
  if (!is_row_major(plain_)) {
    return std::nullopt;
  }
  return dims == dims_of(made_) ? std::optional(made_) : reshaped(made_, dims);
}

std::optional<memory::desc> TensorLayout::seen_as(const TensorLayout& other) const {
  if (is_plain()) {
    return other.plain_;
  }
  if (plain_ == other.plain_) {
    return made_;
  }
  return is_row_major(other.plain_) ? with_dims(dims_of(other.plain_)) : std::nullopt;
}

bool TensorLayout::same_as(const Layout& other) const {
  const auto seen = seen_as(of_onednn(other));
  return seen && *seen == of_onednn(other).made_ && step_ == of_onednn(other).step_;
}

std::shared_ptr<const Layout> TensorLayout::as_plain() const {
  return std::make_shared<TensorLayout>(plain_, plain_);
}

std::shared_ptr<const Layout> TensorLayout::with_codes(const Codes& codes) const {
  return std::make_shared<TensorLayout>(of_type(made_, type_of_codes(codes.is_signed)), plain_,
                                        codes.step);
}

/// Where neither has the other's dimensions, by way of the plain layout.
std::function<void()> TensorLayout::converter(const Layout* other, void* from, void* to,
                                              int threads) const {
  if (other == nullptr) {
    return reorder(made_, from, plain_, to, threads, step_);
  }
  const TensorLayout& wanted = of_onednn(*other);
  if (const auto seen = seen_as(wanted)) {
    return reorder(*seen, from, wanted.made_, to, threads, step_, wanted.step_);
  }
  const memory between(plain_, engine());
  return [first = reorder(made_, from, plain_, between.get_data_handle(), threads, step_),
          second = reorder(wanted.plain_, between.get_data_handle(), wanted.made_, to, threads, 1,
                           wanted.step_),
          between] {
    first();
    second();
  };
}

std::function<void()> TensorLayout::converter_from_plain(void* from, void* to, int threads) const {
  return reorder(plain_, from, made_, to, threads, 1, step_);
}

}  // namespace flopmeter::onednn
