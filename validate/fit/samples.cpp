#include "validate/fit/samples.h"

#include <algorithm>
#include <array>

#include "validate/claims/sweep_shapes.h"

namespace flopmeter::fit {
namespace {

constexpr std::size_t starts = 200;
constexpr std::size_t lines_wanted = 16;
constexpr std::size_t short_line = 3;  // points: fewer say little where there are longer ones

/// From the field's least value: neighbours, and numbers of many divisors.
std::array<std::int64_t, 8> along(std::int64_t lowest) {
  const std::int64_t l = lowest;
  return {l, l + 1, l + 2, l + 3, l + 4, l + 5, std::max<std::int64_t>(l + 7, 8), 12};
}

/// Of lines, longest first: the longest, which show the powers best, and some of the others, since
/// the longest may all be of one kind of shape (one group).
std::vector<std::vector<Values>> choose_lines(std::vector<std::vector<Values>> found) {
  std::vector<std::vector<Values>> chosen;
  const std::size_t fewest = std::min(found.empty() ? 0 : found.front().size(), short_line);
  std::erase_if(found, [&](const auto& line) { return line.size() < fewest; });
  const std::size_t others = std::max<std::size_t>(found.size() / lines_wanted, 1);
  for (std::size_t i = 0; i < found.size(); ++i) {
    if (i < lines_wanted || i % others == 0) {
      chosen.push_back(std::move(found[i]));
    }
  }
  return chosen;
}

}  // namespace

Samples::Samples(const Family& family, Function function)
    : family_(family), function_(std::move(function)) {
  for (std::size_t i = 0; i < starts; ++i) {
    auto values = family_.draw(random_);
    if (!values) {
      break;
    }
    drawn_.push_back(std::move(*values));
  }
}

const Point& Samples::of(const Values& values) {
  const auto known = points_.find(values);
  if (known != points_.end()) {
    return known->second;
  }
  const Rational value = function_(values);
  return points_.emplace(values, Point{coordinates(values), value, Modular(value)}).first->second;
}

std::optional<Values> Samples::draw() {
  if (next_ == drawn_.size()) {
    auto values = family_.draw(random_);
    if (!values) {
      return std::nullopt;
    }
    drawn_.push_back(std::move(*values));
  }
  return drawn_[next_++];
}

std::vector<std::int64_t> Samples::coordinates(const Values& values) const {
  std::vector<std::int64_t> all = values;
  for (const Variable& variable : family_.layer().variables(values)) {
    all.push_back(variable.value);
  }
  return all;
}

std::vector<std::string> Samples::names() const {
  std::vector<std::string> all;
  for (const FieldInfo& field : family_.layer().fields) {
    all.emplace_back(field.key);
  }
  for (const Variable& variable : family_.layer().variables(drawn_.at(0))) {
    all.emplace_back(variable.name);
  }
  return all;
}

std::vector<Values> Samples::legal_line(const Values& from, std::size_t field) const {
  std::vector<Values> line;
  for (const std::int64_t to : along(family_.layer().fields[field].lowest)) {
    if (auto values = family_.moved(from, field, to)) {
      line.push_back(std::move(*values));
    }
  }
  return line;
}

const std::vector<Line>& Samples::lines(std::size_t field) {
  const auto [known, added] = lines_.try_emplace(field);
  std::vector<Line>& lines = known->second;
  if (!added) {
    return lines;
  }
  std::vector<std::vector<Values>> found;
  for (std::size_t i = 0; i < std::min(starts, drawn_.size()); ++i) {
    std::vector<Values> line = legal_line(drawn_[i], field);
    if (line.size() > 1) {
      found.push_back(std::move(line));
    }
  }
  std::ranges::stable_sort(found, std::greater(), &std::vector<Values>::size);
  for (const std::vector<Values>& line : choose_lines(std::move(found))) {
    Line& points = lines.emplace_back();
    std::ranges::transform(line, std::back_inserter(points),
                           [&](const Values& values) { return &of(values); });
  }
  return lines;
}

std::int64_t Samples::other_value(std::size_t field) {
  const auto values = along(family_.layer().fields[field].lowest);
  return values[static_cast<std::size_t>(claims::draw(random_, 0, std::ssize(values) - 1))];
}

std::optional<Modular> Samples::mixed_difference(std::size_t field_a, std::size_t coordinate_a,
                                                 std::size_t field_b, std::size_t coordinate_b) {
  const auto pick = static_cast<std::size_t>(claims::draw(random_, 0, std::ssize(drawn_) - 1));
  const Values& from = drawn_[pick];
  const auto a = family_.moved(from, field_a, other_value(field_a));
  const auto b = family_.moved(from, field_b, other_value(field_b));
  const auto both = a && b ? family_.moved(*a, field_b, (*b)[field_b]) : std::nullopt;
  if (!both || coordinates(*a)[coordinate_a] == coordinates(from)[coordinate_a] ||
      coordinates(*b)[coordinate_b] == coordinates(from)[coordinate_b]) {
    return std::nullopt;
  }
  return (of(from).residue - of(*a).residue) - (of(*b).residue - of(*both).residue);
}

}  // namespace flopmeter::fit
