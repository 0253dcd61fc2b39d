#include "app/left_out.h"

#include "app/text.h"
#include "kernels/benchdnn/keys.h"

namespace flopmeter {

std::string left_out_line(const Problem& problem) {
  const benchdnn::Keys printed(problem.shape());
  std::string text;
  for (std::size_t i = 0; i < problem.layer->fields.size(); ++i) {
    const FieldInfo& field = problem.layer->fields[i];
    const bool derived = field.meaning.find("unless given") != std::string_view::npos;
    if (derived && !printed.has(field.key)) {
      text +=
          fmt::format("{}{} {}", text.empty() ? "" : ", ", field.key, grouped(problem.values[i]));
    }
  }
  return text.empty() ? "" : fmt::format("  not given: {}\n", text);
}

}  // namespace flopmeter
