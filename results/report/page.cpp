#include "results/report/page.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>
#include <span>

#include "embedded/charts_js.h"
#include "embedded/d3.h"
#include "embedded/d3_license.h"
#include "embedded/report_css.h"
#include "embedded/report_html.h"
#include "embedded/tables_js.h"
#include "results/build_info.h"
#include "results/report/escape.h"

namespace flopmeter::report {
namespace {

/// Longer tables are closed until they are asked for, or printed.
constexpr std::size_t most_open_rows = 30;

/// Of longer tables the rest is left out, and said to be.
constexpr std::size_t most_table_rows = 1200;

std::string html_cell(const Cell& cell, const Column& column) {
  const std::string text = escape_html(cell.text);
  return fmt::format("<td{}{}>{}</td>", column.number ? R"( class="number")" : "",
                     cell.value ? fmt::format(R"( data-value="{}")", *cell.value) : "",
                     cell.code ? fmt::format("<code>{}</code>", text) : text);
}

std::string html_head(const TextTable& table) {
  std::string html = "<thead><tr>";
  for (const Column& column : table.columns) {
    html += fmt::format(R"(<th scope="col"{}>{}</th>)", column.number ? R"( class="number")" : "",
                        escape_html(column.heading));
  }
  return html + "</tr></thead>\n";
}

std::string html_table(const TextTable& table) {
  const std::string caption = escape_html(table.caption);
  std::string html =
      fmt::format(R"(<details{}><summary>{} <span class="quiet">({})</span></summary>)"
                  "\n",
                  table.rows.size() <= most_open_rows ? " open" : "", caption,
                  plural(table.rows.size(), "row"));
  if (table.searched) {
    html += R"(<p class="search"><label>Search <input type="search"></label> )"
            R"(<output aria-live="polite"></output></p>)"
            "\n";
  }
  html += fmt::format(R"(<div class="scroll" tabindex="0" role="region" aria-label="{}"><table{}>)",
                      caption, table.id.empty() ? "" : fmt::format(R"( id="{}")", table.id));
  html += html_head(table) + "<tbody>\n";
  const std::size_t shown = std::min(table.rows.size(), most_table_rows);
  for (const std::vector<Cell>& row : std::span(table.rows).first(shown)) {
    html += "<tr>";
    for (std::size_t i = 0; i < row.size(); ++i) {
      html += html_cell(row[i], table.columns[i]);
    }
    html += "</tr>\n";
  }
  html += "</tbody></table></div>";
  html += shown < table.rows.size()
              ? fmt::format("<p>The first {} of {} rows; flopmeter table gathers them all.</p>",
                            shown, table.rows.size())
              : "";
  return html + "</details>\n";
}

/// The script replaces what is in the figure.
std::string html_chart(const Section& section) {
  if (section.chart.empty()) {
    return "";
  }
  return fmt::format(
      R"(<figure id="{}-chart" aria-label="{}">)"
      "<p>This chart is drawn by a script; the table has its numbers.</p></figure>\n",
      section.chart, escape_html(section.title));
}

std::string html_section(const Section& section) {
  std::string html = fmt::format(R"(<section id="{0}" aria-labelledby="{0}-title">)"
                                 R"(<h2 id="{0}-title">{1}</h2>)"
                                 "\n",
                                 section.id, escape_html(section.title));
  for (const std::string& paragraph : section.paragraphs) {
    html += "<p>" + escape_html(paragraph) + "</p>\n";
  }
  html += html_chart(section);
  for (const TextTable& table : section.tables) {
    html += html_table(table);
  }
  return html + "</section>\n";
}

std::string html_contents(const std::vector<Section>& all) {
  std::string html;
  for (const Section& section : all) {
    html += fmt::format(R"(<li><a href="#{}">{}</a></li>)"
                        "\n",
                        section.id, escape_html(section.title));
  }
  return html;
}

std::string html_body(const std::vector<Section>& all) {
  std::string html;
  for (const Section& section : all) {
    html += html_section(section);
  }
  return html;
}

/// A number and its percent sign stay on one line.
std::string unbroken(std::string text) {
  for (std::size_t at = text.find(" %"); at != std::string::npos; at = text.find(" %", at)) {
    text.replace(at, 1, "&nbsp;");
  }
  return text;
}

}  // namespace

std::string html_finding(const Finding& finding) {
  return fmt::format("<td><b>{}</b>{}</td>", unbroken(escape_html(finding.headline)),
                     finding.detail.empty() ? ""
                                            : fmt::format(R"(<span class="detail">; {}</span>)",
                                                          unbroken(escape_html(finding.detail))));
}

std::string html_findings(std::span<const Finding> findings) {
  std::string html = "<table class=\"findings\">\n<tbody>\n";
  for (const Finding& finding : findings) {
    html += fmt::format(R"(<tr><th scope="row">{}</th>)", escape_html(finding.topic)) +
            html_finding(finding) + "</tr>\n";
  }
  return html + "</tbody></table>\n";
}

std::string made_by() {
  return fmt::format("flopmeter {} ({})", build_info().version, build_info().commit);
}

std::string html_page(const Page& page) {
  const std::map<std::string_view, std::string> fillings{
      {"title", escape_html(page.title)},
      {"first", page.first},
      {"subtitle", escape_html(page.subtitle)},
      {"skip", page.sections.empty() ? std::string("main") : page.sections.front().id},
      {"contents", html_contents(page.sections)},
      {"sections", html_body(page.sections)},
      {"data", script_json(page.data)},
      {"style", std::string(embedded::report_css())},
      {"d3_license", std::string(embedded::d3_license())},
      {"d3", std::string(embedded::d3())},
      {"tables", std::string(embedded::tables_js())},
      {"charts", std::string(embedded::charts_js())},
      {"script", std::string(page.script)},
  };
  return filled_in(embedded::report_html(),
                   [&](std::string_view name) { return fillings.at(name); });
}

}  // namespace flopmeter::report
