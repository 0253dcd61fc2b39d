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

/// What starts something in Markdown (GitHub's and CommonMark) wherever it stands.
std::string_view markdown_reference(char c) {
  switch (c) {
    case '|':
      return "\\|";
    case '\\':
      return "\\\\";
    case '`':
      return "\\`";
    case '*':
      return "\\*";
    case '[':
      return "\\[";
    case ']':
      return "\\]";
    case '~':
      return "\\~";
    case '@':
      return "&#64;";  // would call somebody
    case '"':
    case '\'':
      return "";
    default:
      return html_reference(c);
  }
}

bool is_letter_or_digit(char c) {
  return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
}

/// Within a word, as in max_pool, an underscore is no emphasis and stays readable.
bool is_emphasis(std::string_view text, std::size_t at) {
  return text[at] == '_' && !(at > 0 && is_letter_or_digit(text[at - 1]) && at + 1 < text.size() &&
                              is_letter_or_digit(text[at + 1]));
}

/// JSON's own escape: the text that a parser reads stays the same.
std::string_view script_reference(char c) { return c == '<' ? "\\u003c" : ""; }

}  // namespace

std::string escape_html(std::string_view text) { return replaced(text, html_reference); }

std::string escape_markdown(std::string_view text) {
  std::string result;
  for (std::size_t i = 0; i < text.size(); ++i) {
    result += is_emphasis(text, i) ? "\\_" : replaced(text.substr(i, 1), markdown_reference);
  }
  return result;
}

std::string markdown_code(std::string_view text) {
  if (text.find('`') != std::string_view::npos) {
    return escape_markdown(text);  // no span can hold what ends it
  }
  return '`' +
         replaced(text,
                  [](char c) -> std::string_view {
                    return c == '|' ? "\\|" : static_cast<unsigned char>(c) < ' ' ? " " : "";
                  }) +
         '`';
}

std::string script_json(const nlohmann::ordered_json& json) {
  // "<" only occurs inside of JSON's strings.
  return replaced(json.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace),
                  script_reference);
}

}  // namespace flopmeter::report
