#include "results/report/series.h"

#include <array>
#include <set>

namespace flopmeter::report {
namespace {

struct SeriesStyle {
  std::string_view colour;
  std::string_view path;
};

constexpr std::array<SeriesStyle, 6> series_styles{{
    {"#D55E00", "M0,-6L5.4,4.2L-5.4,4.2Z"},                                       // triangle
    {"#0072B2", "M-5,0A5,5 0 1,0 5,0A5,5 0 1,0 -5,0Z"},                           // circle
    {"#007A5A", "M-4.4,-4.4H4.4V4.4H-4.4Z"},                                      // square
    {"#A3477F", "M0,-6.2L5,0L0,6.2L-5,0Z"},                                       // diamond
    {"#8A6D00", "M-1.8,-5.4H1.8V-1.8H5.4V1.8H1.8V5.4H-1.8V1.8H-5.4V-1.8H-1.8Z"},  // cross
    {"#444444", "M0,6L5.4,-4.2L-5.4,-4.2Z"},  // triangle, downwards
}};

}  // namespace

std::vector<std::string> backends_of(const ReportData& data) {
  std::set<std::string> names;
  for (const BriefRow& row : data.all) {
    names.insert(row.backend);
  }
  return {names.begin(), names.end()};
}

std::string_view series_colour(std::size_t backend) {
  return series_styles[backend % series_styles.size()].colour;
}

std::string_view series_path(std::size_t backend) {
  return series_styles[backend % series_styles.size()].path;
}

std::vector<std::string> series_marks() {
  std::vector<std::string> marks;
  for (const SeriesStyle& style : series_styles) {
    marks.emplace_back(style.path);
  }
  return marks;
}

}  // namespace flopmeter::report
