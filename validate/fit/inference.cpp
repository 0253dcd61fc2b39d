#include "validate/fit/inference.h"

#include <algorithm>
#include <set>

#include "validate/fit/basis.h"
#include "validate/fit/system.h"

namespace flopmeter::fit {
namespace {

constexpr int settled = 60;                   // equations in a row that say nothing new
constexpr std::size_t fewest_verified = 200;  // shapes
constexpr std::size_t most_corrections = 50;
constexpr std::size_t most_splits = 6;

Form no_form(std::string reason) {
  return {.when = {}, .polynomial = {}, .refused = std::move(reason)};
}

class Inference {
 public:
  Inference(Samples& samples, const Basis& basis, const std::vector<Measured>& shapes)
      : samples_(samples), basis_(basis), shapes_(shapes), system_(basis.monomials.size()) {}

  Form run() {
    if (!gather()) {
      return no_form("the counts contradict one another");
    }
    for (std::size_t i = 0; i < most_corrections; ++i) {
      if (!solve()) {
        return no_form("the coefficients are no small fractions");
      }
      const std::optional<Values> wrong = verify();
      if (!wrong) {
        form_.inferred_from = used_;
        return form_;
      }
      // A shape unlike those before: its equation may be what was missing.
      if (add(*wrong) == System::Said::contradiction) {
        return no_form(fmt::format("not on {}", samples_.family().layer().print(*wrong)));
      }
    }
    return no_form("there are ever more exceptions");
  }

 private:
  System::Said add(const Values& values) {
    const Point& point = samples_.of(values);
    ++used_;
    return system_.add(basis_.row(point.at), point.residue);
  }

  /// Equations until more say nothing new. False when they contradict one another.
  bool gather() {
    samples_.rewind();
    for (int quiet = 0; quiet < settled;) {
      const std::optional<Values> values = samples_.draw();
      if (!values) {
        break;
      }
      const System::Said said = add(*values);
      if (said == System::Said::contradiction) {
        return false;
      }
      quiet = said == System::Said::nothing ? quiet + 1 : 0;
    }
    return true;
  }

  bool solve() {
    const auto coefficients = system_.solve();
    if (!coefficients) {
      return false;
    }
    Polynomial polynomial;
    const std::vector<std::string> names = samples_.names();
    for (const Axis& axis : basis_.axes) {
      polynomial.variables.push_back(names[axis.coordinate]);
    }
    for (std::size_t i = 0; i < coefficients->size(); ++i) {
      if ((*coefficients)[i] != Rational(0)) {
        polynomial.terms.push_back({(*coefficients)[i], basis_.monomials[i]});
      }
    }
    form_.polynomial = std::move(polynomial);
    return true;
  }

  bool right(const Values& values, const Rational& value) {
    const std::vector<std::int64_t> at = basis_.at(samples_.coordinates(values));
    return form_.polynomial->at(at) == value;
  }

  /// A shape on which the form is wrong. What it was inferred from is not asked again; where that
  /// leaves few, more are drawn.
  std::optional<Values> verify() {
    std::set<Values> verified;
    for (const Measured& shape : shapes_) {
      if (samples_.family().contains(shape.values) && !samples_.seen(shape.values)) {
        if (!right(shape.values, shape.value)) {
          return shape.values;
        }
        verified.insert(shape.values);
      }
    }
    std::mt19937_64 random(fewest_verified);
    for (std::size_t i = 0; i < 5 * fewest_verified && verified.size() < fewest_verified; ++i) {
      const std::optional<Values> values = samples_.family().draw(random);
      if (!values || samples_.seen(*values) || verified.contains(*values)) {
        continue;
      }
      if (!right(*values, samples_.measure(*values))) {
        return values;
      }
      verified.insert(*values);
    }
    form_.verified_on = verified.size();
    return std::nullopt;
  }

  Samples& samples_;
  const Basis& basis_;
  const std::vector<Measured>& shapes_;
  System system_;
  Form form_;
  std::size_t used_ = 0;
};

/// None of the derived variables, each, each two, first in the place of fields, then beside them.
std::vector<Derived> choices(const Samples& samples) {
  const std::size_t fields = samples.family().layer().fields.size();
  const std::size_t all = samples.names().size();
  std::vector<Derived> found{{}};
  for (const bool beside : {false, true}) {
    for (std::size_t i = fields; i < all; ++i) {
      found.push_back({{i}, beside});
    }
    for (std::size_t i = fields; i < all; ++i) {
      for (std::size_t j = i + 1; j < all; ++j) {
        found.push_back({{i, j}, beside});
      }
    }
  }
  return found;
}

std::set<std::size_t> coordinates(const Basis& basis) {
  std::set<std::size_t> all;
  for (const Axis& axis : basis.axes) {
    all.insert(axis.coordinate);
  }
  return all;
}

std::set<std::size_t> movers(const Basis& basis) {
  std::set<std::size_t> all;
  for (const Axis& axis : basis.axes) {
    all.insert(axis.movers.begin(), axis.movers.end());
  }
  return all;
}

}  // namespace

Inferred infer(const Family& family, const Function& function,
               const std::vector<Measured>& shapes) {
  Samples samples(family, function);
  Inferred found{no_form("it has no small shapes"), {}, {}};
  std::set<std::set<std::size_t>> tried;
  for (const Derived& derived : samples.empty() ? std::vector<Derived>{} : choices(samples)) {
    const Basis basis = find_basis(samples, derived);
    if (!tried.insert(coordinates(basis)).second) {
      continue;
    }
    Form form =
        basis.refused.empty() ? Inference(samples, basis, shapes).run() : no_form(basis.refused);
    if (form.polynomial || tried.size() == 1) {
      found = {std::move(form), movers(basis), basis.culprits};
    }
    if (found.form.polynomial) {
      break;
    }
  }
  found.form.when = family.name();
  found.form.covers = [family](const Values& values) { return family.contains(values); };
  return found;
}

std::vector<Form> infer_forms(const claims::Scale& scale, const Function& function,
                              const std::vector<Measured>& shapes) {
  const Inferred whole = infer(Family(scale), function, shapes);
  std::vector<Form> forms{whole.form};
  if (whole.form.polynomial) {
    return forms;
  }
  std::vector<std::vector<Restriction>> halves = splits(*scale.layer);
  std::erase_if(halves, [&](const auto& split) { return !whole.fields.contains(split[0].field); });
  std::stable_partition(halves.begin(), halves.end(), [&](const auto& split) {
    return std::ranges::find(whole.culprits, split[0].field) != whole.culprits.end();
  });
  halves.resize(std::min(halves.size(), most_splits));
  for (const std::vector<Restriction>& split : halves) {
    std::vector<Form> now{infer(Family(scale, {split[0]}), function, shapes).form};
    if (!now.back().polynomial) {
      continue;  // the simpler half already has none
    }
    now.push_back(infer(Family(scale, {split[1]}), function, shapes).form);
    if (now.back().polynomial) {
      return now;
    }
    forms = now.size() > forms.size() ? now : forms;
  }
  return forms;
}

}  // namespace flopmeter::fit
