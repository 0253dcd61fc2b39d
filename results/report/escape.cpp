#include "results/report/escape.h"

#include <nlohmann/json.hpp>

namespace flopmeter::report {
namespace {

/// Every character as `reference` gives it; an empty reference keeps it.
template <class Reference>
std::string replaced(std::string_view text, Reference reference) {
  std::string result;
  for (const char c : text) {
    const std::string_view with = reference(c);
    if (with.empty()) {
      result += c;
    } else {
      result += with;
    }
  }
  return result;
}

std::string_view html_reference(char c) {
  constexpr unsigned char first_printable = 0x20;
  switch (c) {
    case '&':
      return "&amp;";
    case '<':
      return "&lt;";
    case '>':
      return "&gt;";
    case '"':
      return "&quot;";
    case '\'':
      return "&#39;";
    default:
      return static_cast<unsigned char>(c) < first_printable ? " " : "";
  }
}

std::string_view markdown_reference(char c) {
  return c == '|' ? "\\|" : c == '<' || c == '&' || c == '>' ? html_reference(c) : "";
}

/// JSON's own escape: the text that a parser reads stays the same.
std::string_view script_reference(char c) { return c == '<' ? "\\u003c" : ""; }

}  // namespace

std::string escape_html(std::string_view text) { return replaced(text, html_reference); }

std::string escape_markdown(std::string_view text) { return replaced(text, markdown_reference); }

std::string script_json(const nlohmann::ordered_json& json) {
  // "<" only occurs inside of JSON's strings.
  return replaced(json.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace),
                  script_reference);
}

}  // namespace flopmeter::report
