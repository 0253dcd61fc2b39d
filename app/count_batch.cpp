#include "app/count_batch.h"

#include <map>
#include <nlohmann/json.hpp>

#include "app/read_file.h"
#include "app/text.h"
#include "counters/convention.h"
#include "kernels/benchdnn/batch.h"
#include "results/report/text_table.h"

namespace flopmeter {
namespace {

std::vector<report::Cell> row_cells(const benchdnn::Wanted& wanted, Pass pass,
                                    const Formula& formula) {
  return {{grouped(formula.dense.macs)},
          {grouped(formula.in_bounds.macs)},
          {grouped(formula.parameters)},
          {fmt::format("{}/{}/{} {}", wanted.problem.layer->name, to_string(pass),
                       wanted.problem.shape(), wanted.problem.label)}};
}

std::string row_json(const benchdnn::Wanted& wanted, Pass pass, const Formula& formula) {
  return nlohmann::json{{"layer", wanted.problem.layer->name},
                        {"pass", to_string(pass)},
                        {"shape", wanted.problem.shape()},
                        {"label", wanted.problem.label},
                        {"remark", wanted.remark},
                        {"parameters", formula.parameters},
                        {"dense_macs", formula.dense.macs},
                        {"in_bounds_macs", formula.in_bounds.macs},
                        {"dense_flops", find_convention("exact").reduce(formula.dense)}}
             .dump() +
         "\n";
}

}  // namespace

std::string count_batch(const std::string& layer, const std::string& path, bool json) {
  const benchdnn::Batch batch = benchdnn::read_batch(
      benchdnn::find_subject(layer), path, [](const std::string& name) { return read_file(name); });
  std::string lines;
  report::TextTable table{.columns = {{"dense MACs", true},
                                      {"in-bounds MACs", true},
                                      {"parameters", true},
                                      {"layer/pass/shape"}}};
  std::map<std::string, std::size_t> without;
  for (const benchdnn::Wanted& wanted : batch.wanted) {
    for (const Pass pass : wanted.passes) {
      if (!wanted.problem.layer->has(pass)) {  // options are of all shapes, passes of a layer
        ++without[fmt::format("{} has no {}", wanted.problem.layer->name, to_string(pass))];
        continue;
      }
      const Formula formula = wanted.problem.formula(pass);
      if (json) {
        lines += row_json(wanted, pass, formula);
      } else {
        table.rows.push_back(row_cells(wanted, pass, formula));
      }
    }
  }
  for (const auto& [what, shapes] : without) {
    fmt::print(stderr, "{}: {} shapes: {} here: not counted\n", path, shapes, what);
  }
  for (const std::string& line : lines_of(batch, path)) {
    fmt::print(stderr, "{}\n", line);
  }
  return json ? lines : report::to_text(table);
}

}  // namespace flopmeter
