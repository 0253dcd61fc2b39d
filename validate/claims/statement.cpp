#include "validate/claims/statement.h"

#include <algorithm>
#include <array>

#include "counters/convention.h"
#include "kernels/bad_input.h"

namespace flopmeter::claims {
namespace {

std::string_view trimmed(std::string_view text) {
  const std::size_t begin = std::min(text.find_first_not_of(' '), text.size());
  const std::size_t end = text.find_last_not_of(' ');
  return end == std::string_view::npos ? "" : text.substr(begin, end + 1 - begin);
}

constexpr auto plain_quantities = std::to_array<std::string_view>({"flops", "params", "bytes"});

/// The quantity as the tables name it. Throws BadInput naming them.
std::string_view canonical(std::string_view quantity) {
  const std::string_view name = quantity == "muls" ? "multiplies" : quantity;
  const auto* const plain = std::ranges::find(plain_quantities, name);
  const auto* const kind = std::ranges::find(op_kinds, name, &OpKind::name);
  if (plain == plain_quantities.end() && kind == op_kinds.end()) {
    std::string known;
    for (const OpKind& each : op_kinds) {
      known += std::string(each.name) + ", ";
    }
    bad_input("unknown quantity '{}': one of {}flops, flops(CONVENTION), params, bytes", quantity,
              known);
  }
  return plain != plain_quantities.end() ? *plain : kind->name;
}

/// "flops(flop2)".
void read_subject(std::string_view text, Statement& statement) {
  const std::size_t open = std::min(text.find('('), text.size());
  statement.quantity = canonical(trimmed(text.substr(0, open)));
  if (open < text.size() && (statement.quantity != "flops" || !text.ends_with(')'))) {
    bad_input("'{}': only flops take a convention, as in flops(flop2)", text);
  }
  if (open < text.size()) {
    statement.convention =
        find_convention(trimmed(text.substr(open + 1, text.size() - open - 2))).name;
  } else if (statement.quantity == "flops") {
    statement.convention = find_convention("exact").name;
  }
}

}  // namespace

std::string Statement::subject() const {
  return convention.empty() ? std::string(quantity) : fmt::format("{}({})", quantity, convention);
}

Statement parse_statement(std::string_view text) {
  Statement statement;
  const std::size_t relation = std::min(text.find_first_of("=~"), text.size());
  if (relation < text.size()) {
    statement.approximately = text[relation] == '~';
    statement.formula = trimmed(text.substr(relation + 1));
    if (statement.formula.empty()) {
      bad_input("'{}' has no formula behind the {}", text, text[relation]);
    }
  }
  read_subject(trimmed(text.substr(0, relation)), statement);
  return statement;
}

}  // namespace flopmeter::claims
