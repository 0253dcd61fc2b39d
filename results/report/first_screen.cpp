#include "results/report/first_screen.h"

#include <fmt/format.h>

#include <span>

#include "results/report/escape.h"
#include "results/report/findings.h"
#include "results/report/page.h"
#include "results/report/roofline.h"
#include "results/report/roofline_svg.h"

namespace flopmeter::report {
namespace {

/// One line a machine; of several, each with its letter.
std::string html_machines(const ReportData& data) {
  std::string html;
  for (std::size_t i = 0; i < data.environments.size(); ++i) {
    html += fmt::format("<p class=\"machine\"><b>{}</b> {}</p>\n",
                        data.environments.size() > 1 ? letter(i) : "",
                        escape_html(machine_line(data, i)));
  }
  return html;
}

std::string html_pictures(const ReportData& data) {
  std::string html;
  for (const Roofline& diagram : rooflines(data)) {
    const std::string name = letter(diagram.environment);
    html += fmt::format(R"(<figure class="first-chart" id="first-{0}" data-environment="{0}" )"
                        R"(aria-label="Roofline {1}">{2}</figure>)"
                        "\n",
                        diagram.environment, name, roofline_svg(std::span(&diagram, 1), data));
  }
  return "<div class=\"pictures\">\n" + html + "</div>\n";
}

std::string html_letters(const ReportData& data) {
  std::string html = "<thead><tr><td></td>";
  for (std::size_t i = 0; i < data.environments.size(); ++i) {
    html += fmt::format(R"(<th scope="col">{}</th>)", letter(i));
  }
  return html + "</tr></thead>\n";
}

/// A row a topic, a column a machine.
std::string html_findings_of(const ReportData& data) {
  std::vector<std::vector<Finding>> columns;
  for (std::size_t i = 0; i < data.environments.size(); ++i) {
    columns.push_back(findings(data, i));
  }
  std::string html = "<table class=\"findings\">\n";
  html += columns.size() > 1 ? html_letters(data) : "";
  html += "<tbody>\n";
  for (std::size_t topic = 0; topic < columns.front().size(); ++topic) {
    html += fmt::format(R"(<tr><th scope="row">{}</th>)", columns.front()[topic].topic);
    for (const std::vector<Finding>& column : columns) {
      html += html_finding(column[topic]);
    }
    html += "</tr>\n";
  }
  return html + "</tbody></table>\n";
}

std::string html_setting(const ReportData& data) {
  const std::string setting = finding_rows(data, 0).setting;
  return setting.empty() ? ""
                         : fmt::format(
                               "<p class=\"quiet\">{}; each case by its fastest backend, "
                               "layer types by time under the roof over time taken.</p>\n",
                               escape_html(setting));
}

}  // namespace

std::string html_first_screen(const ReportData& data) {
  if (data.environments.empty()) {
    return "";
  }
  return fmt::format(
      "<section id=\"first\"{} aria-label=\"In short\">\n<div class=\"machines\">\n{}</div>\n"
      "<div class=\"screen\">\n{}<div class=\"in-short\">\n{}{}</div>\n</div>\n</section>\n",
      data.environments.size() > 1 ? " class=\"several\"" : "", html_machines(data),
      html_pictures(data), html_findings_of(data), html_setting(data));
}

}  // namespace flopmeter::report
