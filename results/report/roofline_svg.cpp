#include "results/report/roofline_svg.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <iterator>

#include "results/report/describe_row.h"
#include "results/report/escape.h"
#include "results/report/series.h"

namespace flopmeter::report {
namespace {

// Pixels. The margin on the right holds what the roofs are.
constexpr double page_width = 1000;
constexpr double diagram_height = 600;
constexpr double plot_left = 64;
constexpr double plot_right = 640;
constexpr double plot_top = 74;
constexpr double plot_bottom = 548;
constexpr double roof_label_gap = 17;

// The classes are scoped, because the drawing also stands inside of a page.
constexpr std::string_view svg_style = R"svg(<style>
.roofline-svg text { fill: #222; }
.roofline-svg .title { font-size: 16px; font-weight: bold; }
.roofline-svg .small { font-size: 11.5px; }
.roofline-svg .halo { font-size: 12px; stroke: #fff; stroke-width: 3px; paint-order: stroke; }
.roofline-svg .grid { stroke: #ddd; fill: none; }
.roofline-svg .roof { stroke: #222; stroke-width: 1.6; fill: none; }
.roofline-svg .all { stroke-dasharray: 7 4; }
.roofline-svg .leader { stroke: #888; fill: none; }
</style>
)svg";

using SvgOut = std::back_insert_iterator<std::string>;

std::string power_text(int exponent) {
  return exponent >= -3 && exponent <= 3 ? fmt::format("{}", std::pow(10.0, exponent))
                                         : fmt::format("1e{}", exponent);
}

void draw_axes(SvgOut out, const Roofline& diagram, const RooflineAxes& axes) {
  for (int e = diagram.intensity.first; e <= diagram.intensity.last; ++e) {
    const double x = axes.x(std::pow(10.0, e));
    fmt::format_to(out,
                   R"svg(<path class="grid" d="M{0:.1f},{1}V{2}"/>)svg"
                   R"svg(<text x="{0:.1f}" y="{3}" text-anchor="middle">{4}</text>)svg"
                   "\n",
                   x, plot_top, plot_bottom, plot_bottom + 18, power_text(e));
  }
  for (int e = diagram.gflops.first; e <= diagram.gflops.last; ++e) {
    const double y = axes.y(std::pow(10.0, e));
    fmt::format_to(out,
                   R"svg(<path class="grid" d="M{0},{1:.1f}H{2}"/>)svg"
                   R"svg(<text x="{3}" y="{4:.1f}" text-anchor="end">{5}</text>)svg"
                   "\n",
                   plot_left, y, plot_right, plot_left - 6, y + 4, power_text(e));
  }
  fmt::format_to(out,
                 R"svg(<text x="{}" y="{}" text-anchor="middle">intensity, FLOP/byte )svg"
                 R"svg((operations over compulsory traffic)</text>)svg"
                 "\n",
                 (plot_left + plot_right) / 2, plot_bottom + 40);
  fmt::format_to(out,
                 R"svg(<text transform="translate(16,{})rotate(-90)" text-anchor="middle">)svg"
                 R"svg(GFLOPS (integers: 10^9 operations/s)</text>)svg"
                 "\n",
                 (plot_top + plot_bottom) / 2);
}

/// Slanted roofs are named on the line, those of one core nearer to its start.
void name_on_line(SvgOut out, const Roof& roof, const RooflineAxes& axes) {
  const double share = roof.cores == 1 ? 0.3 : 0.55;
  const double x = axes.x(roof.from.intensity);
  const double y = axes.y(roof.from.gflops);
  const double dx = axes.x(roof.to.intensity) - x;
  const double dy = axes.y(roof.to.gflops) - y;
  fmt::format_to(out,
                 R"svg(<text class="halo" transform="translate({:.1f},{:.1f})rotate({:.1f})" )svg"
                 R"svg(dy="-3" text-anchor="middle">{}{}</text>)svg"
                 "\n",
                 x + share * dx, y + share * dy, std::atan2(dy, dx) * 180 / 3.14159265358979,
                 escape_html(roof.label), roof.cores == 1 ? "" : fmt::format(" x{}", roof.cores));
}

void draw_roofs(SvgOut out, const Roofline& diagram, const RooflineAxes& axes) {
  for (const Roof& roof : diagram.roofs) {
    fmt::format_to(
        out,
        R"svg(<path class="roof{}" d="M{:.1f},{:.1f}L{:.1f},{:.1f}"><title>{}</title>)svg"
        "</path>\n",
        roof.cores == 1 ? "" : " all", axes.x(roof.from.intensity), axes.y(roof.from.gflops),
        axes.x(roof.to.intensity), axes.y(roof.to.gflops), escape_html(roof.meaning));
  }
  for (const Roof& roof : diagram.roofs) {
    if (roof.bandwidth && roof.to.intensity > roof.from.intensity) {
      name_on_line(out, roof, axes);
    }
  }
}

/// Peaks on the right of their lines, from below upwards; then what the slanted lines are.
double name_peaks(SvgOut out, const Roofline& diagram, const RooflineAxes& axes) {
  std::vector<const Roof*> peaks;
  for (const Roof& roof : diagram.roofs) {
    if (!roof.bandwidth) {
      peaks.push_back(&roof);
    }
  }
  std::ranges::sort(peaks, std::ranges::greater{}, &Roof::value);
  std::vector<double> places;
  std::ranges::transform(peaks, std::back_inserter(places),
                         [&](const Roof* roof) { return axes.y(roof->value); });
  places = pushed_apart(places, roof_label_gap);
  for (std::size_t i = 0; i < peaks.size(); ++i) {
    fmt::format_to(out,
                   R"svg(<path class="leader" d="M{},{:.1f}L{},{:.1f}"/>)svg"
                   R"svg(<text class="small" x="{}" y="{:.1f}">{}</text>)svg"
                   "\n",
                   plot_right, axes.y(peaks[i]->value), plot_right + 10, places[i], plot_right + 13,
                   places[i] + 4, escape_html(peaks[i]->meaning));
  }
  return places.empty() ? plot_top : places.back() + roof_label_gap;
}

void name_bandwidths(SvgOut out, const Roofline& diagram, double y) {
  std::vector<const Roof*> levels;
  for (const Roof& roof : diagram.roofs) {
    if (roof.bandwidth) {
      levels.push_back(&roof);
    }
  }
  std::ranges::sort(levels, std::ranges::greater{}, &Roof::value);
  for (const Roof* roof : levels) {
    y += roof_label_gap;
    fmt::format_to(out,
                   R"svg(<text class="small" x="{}" y="{:.1f}">{}</text>)svg"
                   "\n",
                   plot_right + 13, y, escape_html(roof->meaning));
  }
}

void draw_points(SvgOut out, const Roofline& diagram, const RooflineAxes& axes,
                 const ReportData& data, const std::vector<std::string>& backends) {
  for (const RooflinePoint& point : diagram.points) {
    const Record& record = data.rows[point.row].record;
    const auto backend =
        static_cast<std::size_t>(std::ranges::find(backends, record.backend) - backends.begin());
    const std::string_view colour = series_colour(backend);
    fmt::format_to(out,
                   R"svg(<path class="point" transform="translate({:.2f},{:.2f})" d="{}" )svg"
                   R"svg(stroke="{}" fill="{}" fill-opacity="{}"><title>{}</title></path>)svg"
                   "\n",
                   axes.x(point.at.intensity), axes.y(point.at.gflops), series_path(backend),
                   colour, record.status == "ok" ? colour : "#fff",
                   record.status == "ok" ? "0.75" : "0.6",
                   escape_html(one_line(describe_row(data, point.row))));
  }
}

void draw_legend(SvgOut out, const Roofline& diagram, const std::vector<std::string>& backends) {
  double x = plot_left;
  const double y = plot_top - 18;
  for (std::size_t i = 0; i < backends.size(); ++i) {
    fmt::format_to(out,
                   R"svg(<path transform="translate({:.0f},{})" d="{}" fill="{}"/>)svg"
                   R"svg(<text x="{:.0f}" y="{}">{}</text>)svg"
                   "\n",
                   x + 6, y, series_path(i), series_colour(i), x + 16, y + 4,
                   escape_html(backends[i]));
    x += 30 + 8 * static_cast<double>(backends[i].size());
  }
  fmt::format_to(out,
                 R"svg(<text x="{:.0f}" y="{}">hollow: not steady (noisy, mistrusted)</text>)svg"
                 "\n",
                 x + 6, y + 4);
  if (diagram.most_cores > 1) {
    fmt::format_to(out,
                   R"svg(<text x="{}" y="{}">lines: solid 1 core, dashed {} cores</text>)svg"
                   "\n",
                   plot_right + 13, y + 4, diagram.most_cores);
  }
}

void draw_diagram(SvgOut out, const Roofline& diagram, const ReportData& data) {
  const RooflineAxes axes = roofline_axes(diagram);
  const std::vector<std::string> backends = backends_of(data);
  fmt::format_to(out,
                 R"svg(<text class="title" x="{}" y="24">Roofline {}: {}</text>)svg"
                 "\n",
                 plot_left, letter(diagram.environment),
                 escape_html(data.environments[diagram.environment].environment.cpu));
  draw_legend(out, diagram, backends);
  draw_axes(out, diagram, axes);
  draw_roofs(out, diagram, axes);
  name_bandwidths(out, diagram, name_peaks(out, diagram, axes));
  draw_points(out, diagram, axes, data, backends);
}

}  // namespace

RooflineAxes roofline_axes(const Roofline& diagram) {
  return {.x = {diagram.intensity, plot_left, plot_right},
          .y = {diagram.gflops, plot_bottom, plot_top}};
}

std::vector<double> pushed_apart(std::vector<double> sorted, double gap) {
  for (std::size_t i = 1; i < sorted.size(); ++i) {
    sorted[i] = std::max(sorted[i], sorted[i - 1] + gap);
  }
  return sorted;
}

std::string roofline_svg(std::span<const Roofline> diagrams, const ReportData& data) {
  std::string svg;
  const SvgOut out(svg);
  const double total =
      diagram_height * static_cast<double>(std::max<std::size_t>(diagrams.size(), 1));
  fmt::format_to(
      out,
      R"svg(<svg xmlns="http://www.w3.org/2000/svg" class="roofline-svg" viewBox="0 0 {0} {1}" )svg"
      R"svg(width="{0}" height="{1}" role="img" aria-label="Roofline" font-family="sans-serif" )svg"
      R"svg(font-size="13">)svg"
      "\n{2}",
      page_width, total, svg_style);
  fmt::format_to(out,
                 R"svg(<rect width="{}" height="{}" fill="#fff"/>)svg"
                 "\n",
                 page_width, total);
  if (diagrams.empty()) {
    fmt::format_to(out, R"svg(<text x="{}" y="40">No row with a rate and an intensity.</text>)svg",
                   plot_left);
  }
  for (std::size_t i = 0; i < diagrams.size(); ++i) {
    fmt::format_to(out,
                   R"svg(<g transform="translate(0,{})">)svg"
                   "\n",
                   diagram_height * static_cast<double>(i));
    draw_diagram(out, diagrams[i], data);
    svg += "</g>\n";
  }
  return svg + "</svg>\n";
}

}  // namespace flopmeter::report
