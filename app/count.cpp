// flopmeter count: what the formula says of one layer, and what the algorithms do.
#include <memory>

#include "app/count_batch.h"
#include "app/count_explain.h"
#include "app/count_report.h"
#include "app/number_option.h"
#include "app/standard_streams.h"
#include "app/subcommands.h"
#include "kernels/benchdnn/driver.h"
#include "kernels/benchdnn/line.h"
#include "kernels/names.h"

namespace flopmeter {
namespace {

struct CountOptions {
  std::string layer, shape;
  std::string pass, dtype;
  std::vector<std::string> batches, conventions;
  std::int64_t limit = 20'000'000'000;
  bool json = false, explain = false, markdown = false;
};

/// The shape with the options of benchdnn that were pasted before it. What the command line says
/// itself takes precedence.
benchdnn::Wanted wanted_problem(const CountOptions& options,
                                const std::vector<std::string>& pasted) {
  benchdnn::Wanted wanted =
      benchdnn::read_line(benchdnn::find_subject(options.layer),
                          fmt::format("{} {}", fmt::join(pasted, " "), options.shape));
  if (!options.pass.empty()) {
    wanted.passes = {parse_pass(options.pass)};
  }
  if (!options.dtype.empty()) {
    wanted.dtypes = {parse_dtype(options.dtype)};
  }
  return wanted;
}

int count_one(const CountOptions& options, const std::vector<std::string>& pasted) {
  const benchdnn::Wanted wanted = wanted_problem(options, pasted);
  int exit_code = 0;
  if (!wanted.remark.empty()) {
    complain(fmt::format("{}: {}", options.shape, wanted.remark));
  }
  for (const Pass pass : wanted.passes) {
    wanted.problem.layer->require(pass);
    if (options.markdown) {
      fmt::print("{}", explained_markdown(wanted.problem, pass, options.limit));
      continue;
    }
    for (const Dtype dtype : wanted.dtypes) {
      const CountReport report = count_problem(wanted.problem, pass, dtype, options.limit,
                                               select_conventions(options.conventions));
      fmt::print("{}", options.json      ? to_json(report).dump(2) + "\n"
                       : options.explain ? explained_text(report)
                                         : to_text(report));
      // The reference is the definition: a formula that it does not bear out is a disagreement.
      const auto& reference = report.counted.front().counts;
      const bool refuted = reference && *reference != report.formula.in_bounds;
      const bool changed = std::ranges::any_of(report.executed, [](const Account& account) {
        return !account.executed.disagreement.empty();
      });
      exit_code = refuted || changed ? 1 : exit_code;
    }
  }
  return exit_code;
}

/// What follows `count` on a command line for a layer or a driver of benchdnn. Throws BadInput for a name of neither.
std::string example_of(const std::string& name) {
  if (const AnyLayer* layer = layer_called(name)) {
    return fmt::format("{} {}", layer->name, example_shape(*layer));
  }
  if (const benchdnn::Driver* driver = benchdnn::find_driver(name)) {
    return fmt::format("{} {}", driver->name, driver->example);
  }
  if (name.empty()) {
    return example_of("linear");
  }
  unknown_layer(name);
}

}  // namespace

void add_count(CLI::App& app, int& exit_code) {
  CLI::App* count =
      app.add_subcommand("count", "What one layer costs: formula, counted, executed and retired");
  count->footer(
      "Shapes are written as benchdnn writes them; `flopmeter list` explains the keys.\n"
      "Examples:\n"
      "  flopmeter count linear mb32ic512oc1000\n"
      "  flopmeter count matmul 32x512:512x1000\n"
      "  flopmeter count softmax --dir=BWD_D --axis=3 16x12x128x128\n"
      "  flopmeter count conv --batch shapes_resnet_50\n"
      "  flopmeter count conv2d mb1ic3ih224oc64oh224kh3ph1 --json\n"
      "  flopmeter count conv2d mb1ic3ih224oc64oh224kh3ph1 --convention=all\n"
      "  flopmeter count conv2d mb1ic3ih224oc64oh224kh3ph1 --explain\n"
      "  flopmeter count linear mb32ic512oc1000 --convention=mac,thop,ptflops");
  auto options = std::make_shared<CountOptions>();
  // Other commands take it as an option.
  count
      ->add_option("layer,--layer", options->layer,
                   "matmul, linear, conv2d, ...; or a driver of benchdnn")
      ->required();
  count->add_option("shape", options->shape, "the shape, as in mb32ic512oc1000");
  count->add_option("--batch", options->batches, "a batch file, of which formulas are listed");
  count->add_option("--pass", options->pass,
                    "forward (default), backward_data or backward_weights");
  count->add_option("--dtype", options->dtype,
                    "number type, for the bytes and what is executed; f32 unless given");
  add_number<std::int64_t>(*count, "--limit", options->limit, {0, 1'000'000'000'000'000'000},
                           "do not run kernels of more MACs than this");
  count
      ->add_option("--convention", options->conventions,
                   "mac, flop2, exact; published counters: thop, ptflops, ...; all")
      ->delimiter(',');
  CLI::Option* json =
      count->add_flag("--json", options->json, "one JSON object; with --batch one a line");
  CLI::Option* explain =
      count
          ->add_flag("--explain", options->explain,
                     "the calculation, to be followed on paper: formula, numbers put in, value")
          ->excludes(json);
  count->add_flag("--markdown", options->markdown, "with --explain: Markdown, formulas in LaTeX")
      ->needs(explain);
  count->allow_extras();  // options of benchdnn before a pasted shape
  count->callback([options, count, &exit_code] {
    if (options->shape.empty() == options->batches.empty()) {
      bad_input("count needs a shape or --batch, as in flopmeter count {}",
                example_of(options->layer));
    }
    if (options->markdown && !options->conventions.empty()) {
      bad_input("--markdown has mac, flop2 and exact alone: leave out --convention, or --markdown");
    }
    if (options->batches.empty()) {
      exit_code = count_one(*options, count->remaining());
      return;
    }
    if (!count->remaining().empty()) {
      bad_input("count: '{}' is no option of it", count->remaining().front());
    }
    for (const std::string& path : options->batches) {
      fmt::print("{}", count_batch(options->layer, path, options->json));
    }
  });
}

}  // namespace flopmeter
