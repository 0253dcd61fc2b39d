#include "bench/filter.h"

#include <re2/re2.h>

#include "kernels/bad_input.h"

namespace flopmeter {
namespace {

constexpr std::size_t shown_characters = 80;

RE2::Options quiet_options() {
  RE2::Options options;
  options.set_log_errors(false);
  options.set_max_mem(8 << 20);
  return options;
}

}  // namespace

struct Filter::Expression {
  RE2 compiled;
};

Filter::Filter(std::string_view expression)
    : expression_(new Expression{
          RE2(re2::StringPiece(expression.data(), expression.size()), quiet_options())}) {
  if (!expression_->compiled.ok()) {
    bad_input("--filter '{}{}': is no regular expression: {}",
              expression.substr(0, shown_characters),
              expression.size() > shown_characters ? "..." : "",
              std::string_view(expression_->compiled.error()).substr(0, shown_characters));
  }
}

Filter::~Filter() = default;
Filter::Filter(Filter&&) noexcept = default;
Filter& Filter::operator=(Filter&&) noexcept = default;

bool Filter::passes(std::string_view name, std::string_view label) const {
  return RE2::PartialMatch(fmt::format("{} {}", name, label), expression_->compiled);
}

}  // namespace flopmeter
