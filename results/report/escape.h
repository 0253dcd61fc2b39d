// Text from files, made harmless inside a page.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>

namespace flopmeter::report {

/// For the content of elements and for attributes in double quotes, of HTML and SVG: & < > " '
/// become references. Control characters, which SVG does not allow, become spaces.
std::string escape_html(std::string_view text);

/// For the content of a <script type="application/json">: no "<" is left, so that nothing in it can
/// end the element or begin a comment. Bytes that are not UTF-8 become U+FFFD.
std::string script_json(const nlohmann::ordered_json& json);

/// For a cell of a Markdown table: bars are escaped, < and & too, since Markdown takes HTML.
std::string escape_markdown(std::string_view text);

/// The same as a code span, in which nothing but a bar has to be escaped.
std::string markdown_code(std::string_view text);

}  // namespace flopmeter::report
