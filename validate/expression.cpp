#include "validate/expression.h"

#include <muParser.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <mutex>

#include "kernels/bad_input.h"
#include "kernels/families/conv/axis.h"
#include "validate/avx2_sgemm.h"

namespace flopmeter {
namespace {

// The largest integer below which a double holds every integer.
constexpr double exact_limit = 9007199254740992.0;

std::string known_names(const Scope& scope) {
  std::string names;
  for (const auto& [name, value] : scope) {
    names += (names.empty() ? "" : ", ") + name;
  }
  return names;
}

// Symbols are 1 when a formula is read, so that arguments may be anything.
mu::value_type ones_of(mu::value_type x) {
  const bool whole = x >= 0 && x <= exact_limit;
  return whole ? std::popcount(static_cast<std::uint64_t>(x)) : std::nan("");
}
mu::value_type floor_of(mu::value_type x) { return std::floor(x); }
mu::value_type ceil_of(mu::value_type x) { return std::ceil(x); }
mu::value_type trunc_of(mu::value_type x) { return std::trunc(x); }
mu::value_type up_of(mu::value_type x, mu::value_type step) { return std::ceil(x / step) * step; }
mu::value_type taps_of(mu::value_type in, mu::value_type out, mu::value_type kernel,
                       mu::value_type stride, mu::value_type pad) {
  const auto whole = [](mu::value_type x) { return static_cast<std::int64_t>(x); };
  const conv::Axis axis{whole(in), whole(out), whole(kernel), whole(stride), whole(pad), 0};
  return static_cast<mu::value_type>(axis.coverage().taps);
}

template <std::int64_t avx2_sgemm::Counts::*part>
mu::value_type sgemm_of(mu::value_type transposed_a, mu::value_type transposed_b, mu::value_type m,
                        mu::value_type n, mu::value_type k, mu::value_type strided,
                        mu::value_type never_packed) {
  // As with ones: symbols may be anything when a formula is read.
  const auto counted = [](mu::value_type x) { return x >= 1 && x <= exact_limit; };
  if (!counted(m) || !counted(n) || !counted(k)) {
    return 0;
  }
  const auto size = [](mu::value_type x) { return static_cast<std::int64_t>(x); };
  const avx2_sgemm::Counts counts =
      avx2_sgemm::counts({transposed_a != 0, transposed_b != 0, size(m), size(n), size(k),
                          strided != 0, never_packed != 0});
  return static_cast<mu::value_type>(counts.*part);
}

}  // namespace

// muParser keeps the variables' values and its stack in the parser: one evaluation at a time.
struct Expression::Compiled {
  // Deleted by its library, which is loaded when the first is made.
  std::unique_ptr<mu::ParserBase> parser{new mu::Parser};
  std::vector<double> values;  // never resized after the parser was told where they are
  std::mutex in_use;

  double evaluate(const std::vector<double>& of_symbols) {
    const std::lock_guard lock(in_use);
    std::ranges::copy(of_symbols, values.begin());
    return parser->Eval();
  }
};

Expression::Expression(std::string_view text)
    : text_(text), compiled_(std::make_unique<Compiled>()) {
  mu::ParserBase& parser = *compiled_->parser;
  try {
    parser.DefineFun("ones", ones_of);
    parser.DefineFun("floor", floor_of);
    parser.DefineFun("ceil", ceil_of);
    parser.DefineFun("trunc", trunc_of);
    parser.DefineFun("up", up_of);
    parser.DefineFun("taps", taps_of);
    parser.DefineFun("sgemm", sgemm_of<&avx2_sgemm::Counts::products>);
    parser.DefineFun("sgemm_apart", sgemm_of<&avx2_sgemm::Counts::apart>);
    parser.DefineFun("sgemm_scalings", sgemm_of<&avx2_sgemm::Counts::scalings>);
    parser.SetExpr(text_);
    for (const auto& [name, unbound] : parser.GetUsedVar()) {
      symbols_.push_back(name);
    }
    compiled_->values.assign(symbols_.size(), 1.0);
    for (std::size_t i = 0; i < symbols_.size(); ++i) {
      parser.DefineVar(symbols_[i], &compiled_->values[i]);
    }
    // muParser finds most errors at the first evaluation.
    parser.Eval();
  } catch (const mu::Parser::exception_type& error) {
    bad_input("formula '{}': {}", text_, error.GetMsg());
  }
  if (parser.GetNumResults() != 1) {
    bad_input("formula '{}': a comma separates two formulas, write one", text_);
  }
}

Expression::~Expression() = default;
Expression::Expression(Expression&&) noexcept = default;
Expression& Expression::operator=(Expression&&) noexcept = default;

bool Expression::known_in(const Scope& scope) const {
  return std::ranges::all_of(symbols_, [&](const std::string& s) { return scope.contains(s); });
}

double Expression::evaluate(const Scope& scope) const {
  std::vector<double> values;
  for (const std::string& symbol : symbols_) {
    const auto found = scope.find(symbol);
    if (found == scope.end()) {
      bad_input("formula '{}': unknown symbol '{}': known are {}", text_, symbol,
                known_names(scope));
    }
    values.push_back(found->second);
  }
  double value = 0;
  try {
    value = compiled_->evaluate(values);
  } catch (const mu::Parser::exception_type& error) {
    bad_input("formula '{}': {}", text_, error.GetMsg());
  }
  if (std::isfinite(value) && std::abs(value) > exact_limit) {
    bad_input("formula '{}' gives {:g}: beyond 2^53, where doubles leave out integers", text_,
              value);
  }
  return value;
}

double exact_double(std::string_view name, std::int64_t value) {
  const auto converted = static_cast<double>(value);
  if (std::abs(converted) > exact_limit) {
    bad_input("{} is {}: beyond 2^53, where doubles leave out integers", name, value);
  }
  return converted;
}

}  // namespace flopmeter
