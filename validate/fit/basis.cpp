#include "validate/fit/basis.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <numeric>

#include "validate/fit/powers.h"

namespace flopmeter::fit {
namespace {

constexpr std::size_t most_monomials = 700;  // elimination takes a second
constexpr std::size_t telling_line = 5;      // points: a shorter one may be too short

/// The value against the coordinate; empty where one coordinate has two values.
std::optional<Graph> against(const Line& line, std::size_t coordinate) {
  Graph values;
  for (const Point* point : line) {
    const auto [known, added] = values.emplace(point->at[coordinate], point->residue);
    if (!added && known->second != point->residue) {
      return std::nullopt;
    }
  }
  return values;
}

bool constant(const std::vector<Line>& lines) {
  return std::ranges::all_of(lines, [](const Line& line) {
    return std::ranges::all_of(
        line, [&](const Point* point) { return point->residue == line.front()->residue; });
  });
}

bool explains(const std::vector<Line>& lines, std::size_t coordinate) {
  return std::ranges::all_of(
      lines, [&](const Line& line) { return against(line, coordinate).has_value(); });
}

bool moves(const std::vector<Line>& lines, std::size_t coordinate) {
  return std::ranges::any_of(lines, [&](const Line& line) {
    return line.front()->at[coordinate] != line.back()->at[coordinate];
  });
}

/// Those that are functions of the coordinate.
std::vector<Line> lines_against(std::vector<Line> lines, std::size_t coordinate) {
  std::erase_if(lines, [&](const Line& line) { return !against(line, coordinate); });
  return lines;
}

/// A field that is 1 or 2 (directions) cannot tell a line from a parabola. Where the value is
/// proportional to it on some line, a factor of it is likely all over.
std::set<int> proportional(std::set<int> powers, const std::vector<Line>& lines,
                           std::size_t coordinate, bool seen_proportional) {
  const bool one_or_two = std::ranges::all_of(lines, [&](const Line& line) {
    return line.size() == 2 && line[0]->at[coordinate] == 1 && line[1]->at[coordinate] == 2;
  });
  return one_or_two && seen_proportional && powers == std::set{0, 1} ? std::set{1, 2} : powers;
}

/// Adds the powers of all lines to the axis. False where a line has none.
bool add_powers(Axis& axis, const std::vector<Line>& lines) {
  bool seen_proportional = false;
  for (const Line& line : lines) {
    const auto values = against(line, axis.coordinate);
    const auto powers = powers_along(*values);
    if (powers) {
      axis.powers.insert(powers->begin(), powers->end());
      seen_proportional = seen_proportional || *powers == std::set{1};
    } else if (values->size() >= telling_line) {
      return false;
    }
  }
  axis.powers = proportional(axis.powers, lines, axis.coordinate, seen_proportional);
  return true;
}

/// Changing both together does what changing each alone does.
bool independent(Samples& samples, const Axis& a, const Axis& b) {
  if (std::ranges::find_first_of(a.movers, b.movers) != a.movers.end()) {
    return false;  // neither changes alone
  }
  constexpr int attempts = 160;
  constexpr int enough = 24;
  constexpr int fewest = 8;
  int tried = 0;
  for (int i = 0; i < attempts && tried < enough; ++i) {
    const auto at = static_cast<std::size_t>(i);
    const auto difference =
        samples.mixed_difference(a.movers[at % a.movers.size()], a.coordinate,
                                 b.movers[at / 3 % b.movers.size()], b.coordinate);
    if (difference && !difference->zero()) {
      return false;
    }
    tried += difference ? 1 : 0;
  }
  return tried >= fewest;
}

/// Pairs of axes that never stand in one monomial.
std::set<std::pair<std::size_t, std::size_t>> apart(Samples& samples,
                                                    const std::vector<Axis>& axes) {
  std::set<std::pair<std::size_t, std::size_t>> pairs;
  for (std::size_t i = 0; i < axes.size(); ++i) {
    for (std::size_t j = i + 1; j < axes.size(); ++j) {
      if (axes[i].powers.contains(0) && axes[j].powers.contains(0) &&
          independent(samples, axes[i], axes[j])) {
        pairs.emplace(i, j);
      }
    }
  }
  return pairs;
}

bool allowed(const Exponents& monomial, std::size_t next,
             const std::set<std::pair<std::size_t, std::size_t>>& apart) {
  for (std::size_t i = 0; i < next; ++i) {
    if (monomial[i] != 0 && monomial[next] != 0 && apart.contains({i, next})) {
      return false;
    }
  }
  return true;
}

void add_monomials(Basis& basis, const std::set<std::pair<std::size_t, std::size_t>>& apart) {
  basis.monomials = {Exponents(basis.axes.size(), 0)};
  for (std::size_t axis = 0; axis < basis.axes.size(); ++axis) {
    std::vector<Exponents> longer;
    for (const Exponents& monomial : basis.monomials) {
      for (const int power : basis.axes[axis].powers) {
        Exponents next = monomial;
        next[axis] = power;
        if (allowed(next, axis, apart)) {
          longer.push_back(std::move(next));
        }
      }
    }
    basis.monomials = std::move(longer);
    if (basis.monomials.size() > most_monomials) {
      basis.refused = fmt::format("more than {} terms may occur", most_monomials);
      return;
    }
  }
  std::ranges::stable_sort(basis.monomials, {}, [](const Exponents& e) {
    return std::accumulate(e.begin(), e.end(), 0,
                           [](int sum, int power) { return sum + std::abs(power); });
  });
}

/// What changes a coordinate, and the lines on which it does.
struct Relevant {
  std::vector<std::size_t> movers;
  std::vector<Line> lines;

  void add(std::size_t field, const std::vector<Line>& more) {
    movers.push_back(field);
    lines.insert(lines.end(), more.begin(), more.end());
  }
};

/// Files the field, if it matters, under itself or the derived variable that it matters through.
void add_relevant(Samples& samples, std::size_t field, const Derived& derived,
                  std::map<std::size_t, Relevant>& relevant) {
  const std::vector<Line> along =
      samples.family().free(field) ? samples.lines(field) : std::vector<Line>{};
  if (constant(along)) {
    return;
  }
  const auto by = std::ranges::find_if(derived.coordinates, [&](std::size_t v) {
    return moves(along, v) && (derived.beside || explains(along, v));
  });
  if (by == derived.coordinates.end() || derived.beside) {
    relevant[field].add(field, along);
  }
  if (by != derived.coordinates.end()) {
    relevant[*by].add(field, lines_against(along, *by));
  }
}

}  // namespace

std::vector<std::int64_t> Basis::at(const std::vector<std::int64_t>& coordinates) const {
  std::vector<std::int64_t> values;
  for (const Axis& axis : axes) {
    values.push_back(coordinates[axis.coordinate]);
  }
  return values;
}

std::vector<Modular> Basis::row(const std::vector<std::int64_t>& coordinates) const {
  std::vector<std::map<int, Modular>> powers;
  for (const Axis& axis : axes) {
    auto& of_axis = powers.emplace_back();
    for (const int exponent : axis.powers) {
      of_axis[exponent] = power(Modular(coordinates[axis.coordinate]), exponent);
    }
  }
  std::vector<Modular> row;
  for (const Exponents& monomial : monomials) {
    Modular product(1);
    for (std::size_t i = 0; i < axes.size(); ++i) {
      product = product * powers[i][monomial[i]];
    }
    row.push_back(product);
  }
  return row;
}

Basis find_basis(Samples& samples, const Derived& derived) {
  Basis basis;
  std::map<std::size_t, Relevant> relevant;  // by coordinate
  for (std::size_t field = 0; field < samples.family().layer().fields.size(); ++field) {
    add_relevant(samples, field, derived, relevant);
  }
  for (const auto& [coordinate, what] : relevant) {
    Axis& axis = basis.axes.emplace_back(Axis{coordinate, what.movers, {}});
    if (!add_powers(axis, what.lines)) {
      basis.refused += basis.refused.empty() ? "no polynomial in " : ", ";
      basis.refused += samples.names()[coordinate];
      basis.culprits.insert(basis.culprits.end(), what.movers.begin(), what.movers.end());
    }
  }
  if (basis.refused.empty()) {
    add_monomials(basis, apart(samples, basis.axes));
  }
  return basis;
}

}  // namespace flopmeter::fit
