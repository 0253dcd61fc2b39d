#include "validate/claims/bound_formula.h"

#include <algorithm>
#include <array>

#include "kernels/bad_input.h"

namespace flopmeter::claims {
namespace {

constexpr auto measured_names = std::to_array<std::string_view>(
    {"macs", "flops", "multiplies", "adds", "one_sample_macs", "forward_macs"});

bool is_measured(const std::string& symbol) {
  return std::ranges::find(measured_names, symbol) != measured_names.end();
}

}  // namespace

BoundFormula::BoundFormula(const std::string& formula,
                           const std::map<std::string, std::vector<std::string>>& symbols,
                           const std::string& upper)
    : formula_(formula) {
  if (!upper.empty()) {
    upper_.emplace(upper);
  }
  for (const auto& [symbol, meanings] : symbols) {
    for (const std::string& meaning : meanings) {
      bound_[symbol].emplace_back(meaning);
    }
    const bool used = std::ranges::find(formula_.symbols(), symbol) != formula_.symbols().end();
    if (meanings.empty() ||
        (used && meanings.size() > 1 && variants_ > 1 && meanings.size() != variants_)) {
      bad_input("symbol '{}' is bound to {} variables, others to {}", symbol, meanings.size(),
                variants_);
    }
    variants_ = used ? std::max(variants_, meanings.size()) : variants_;
  }
}

double BoundFormula::evaluate(const Scope& shape, std::size_t variant, const Scope& given) const {
  Scope scope;
  for (const std::string& symbol : formula_.symbols()) {
    const auto fixed = given.find(symbol);
    const auto bound = bound_.find(symbol);
    const auto named = shape.find(symbol);
    if (fixed != given.end()) {
      scope.insert(*fixed);
    } else if (bound != bound_.end()) {
      const std::vector<Expression>& meanings = bound->second;
      scope[symbol] = meanings[std::min(variant, meanings.size() - 1)].evaluate(shape);
    } else if (named != shape.end()) {
      scope.insert(*named);
    } else {
      unknown_symbol(symbol, shape);
    }
  }
  return formula_.evaluate(scope);
}

std::optional<double> BoundFormula::upper(const Scope& shape) const {
  return upper_ ? std::optional(upper_->evaluate(shape)) : std::nullopt;
}

void BoundFormula::unknown_symbol(const std::string& symbol, const Scope& shape) const {
  std::string known;
  for (const auto& [name, meaning] : bound_) {
    known += name + ", ";
  }
  for (const auto& [name, value] : shape) {
    known += name + ", ";
  }
  bad_input("formula '{}': unknown symbol '{}': known are {}", formula_.text(), symbol,
            known.substr(0, known.size() - std::min<std::size_t>(known.size(), 2)));
}

bool BoundFormula::known_in(const Scope& shape) const {
  return std::ranges::all_of(formula_.symbols(), [&](const std::string& symbol) {
    const auto found = bound_.find(symbol);
    return found == bound_.end()
               ? shape.contains(symbol)
               : std::ranges::all_of(found->second, [&](const Expression& meaning) {
                   return meaning.known_in(shape);
                 });
  });
}

bool BoundFormula::uses_counts() const {
  return std::ranges::any_of(formula_.symbols(), [&](const std::string& symbol) {
    const auto found = bound_.find(symbol);
    return found == bound_.end()
               ? is_measured(symbol)
               : std::ranges::any_of(found->second, [](const Expression& meaning) {
                   return std::ranges::any_of(meaning.symbols(), is_measured);
                 });
  });
}

}  // namespace flopmeter::claims
