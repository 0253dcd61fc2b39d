// flopmeter plan: how long a network would take, on machines that need not be there.
#include "app/plan.h"

#include <algorithm>
#include <filesystem>
#include <memory>

#include "app/machine_profile.h"
#include "app/model_options.h"
#include "app/number_option.h"
#include "app/plan_check_output.h"
#include "app/plan_language.h"
#include "app/plan_shard.h"
#include "app/planning_commands.h"
#include "app/read_file.h"
#include "app/standard_streams.h"
#include "kernels/bad_input.h"
#include "models/language/description.h"

namespace flopmeter {
namespace {

constexpr auto plan_footer =
    "Machine files come from flopmeter machine --profile -o FILE, or are written by hand\n"
    "(docs/plan.md). Nothing is run but with --check, which holds an ONNX file's predictions "
    "against\n"
    "this machine; exit code 1 where one lies outside of its interval.\n"
    "Examples:\n"
    "  flopmeter plan resnet50.onnx --machine m.json --target-latency 20ms\n"
    "  flopmeter plan bert.onnx --machine a.json b.json --batch 1,4,16 --prices prices.csv\n"
    "  flopmeter plan bert.onnx --machine m.json --batch 1,4 --check --json\n"
    "  flopmeter plan llama.gguf --phase=decode --past 1024 --machine m.json --why blk.0.attn";

struct PlanArguments {
  std::string file;
  ModelArguments model;
  std::vector<std::string> machines;
  std::string latency, throughput, prices, why;
  std::vector<int> threads, batches{1};
  std::vector<std::string> dtypes;
  double seconds = 1;
  bool check = false, json = false, csv = false;
  PlanShard shard;
};

/// By the name in the list of prices: the path as given, the file's name, or that without ending.
std::optional<double> price_of(const std::map<std::string, double>& prices,
                               const std::string& path) {
  const std::filesystem::path file(path);
  for (const std::string& name : {path, file.filename().string(), file.stem().string()}) {
    if (const auto found = prices.find(name); found != prices.end()) {
      return found->second;
    }
  }
  return std::nullopt;
}

std::map<std::string, double> read_prices(const std::string& path) {
  const auto text = read_file(path);
  if (!text) {
    bad_input("--prices '{}' cannot be read: a CSV file, machine,price_per_hour", path);
  }
  return planner::parse_prices(*text, path);
}

std::vector<Dtype> chosen_dtypes(const PlanArguments& arguments, const MachineFile& file) {
  std::vector<Dtype> dtypes;
  std::ranges::transform(arguments.dtypes, std::back_inserter(dtypes), parse_dtype);
  return dtypes.empty() ? planner::dtypes_of(file) : dtypes;
}

constexpr auto of_file = "its nodes are those of the file";
constexpr auto of_decoding =
    "its nodes are those of the file, as oneDNN would run them one by one: model --time generates "
    "on kernels of its own, of which the machine file has no points (decoding took 0.58 to 0.65 "
    "of such times); flopmeter machine --profile --resume -o FILE adds them";

/// Tokens of an inference; 0 of what is no language model.
std::int64_t tokens_of(const PlanArguments& arguments) {
  if (!models::is_language_model(arguments.file)) {
    return 0;
  }
  constexpr std::int64_t of_prompt = 512;
  const models::ModelOptions& options = arguments.model.options;
  return options.phase == "decode" ? 1 : options.tokens > 0 ? options.tokens : of_prompt;
}

/// Keys and values that a language model keeps from token to token, of one sequence.
double cached_elements(const models::Model& model) {
  double all = 0;
  for (const models::ModelNode& node : model.nodes) {
    if (node.layer == nullptr || node.layer->name != "sdpa") {
      continue;
    }
    const auto field = [&](std::string_view key) {
      const auto found = std::ranges::find(node.layer->fields, key, &FieldInfo::key);
      return static_cast<double>(
          node.values.at(static_cast<std::size_t>(found - node.layer->fields.begin())));
    };
    all += field("hkv") * field("lk") * (field("d") + field("dv")) * static_cast<double>(node.uses);
  }
  return all;
}

/// Of every batch what runs, as far as that is known.
void add_items(PlanReport& report, const PlanArguments& arguments, const models::Model& model) {
  const bool onnx = model.format.starts_with("ONNX");
  for (const int batch : arguments.batches) {
    PlanItems& one = report.items[batch];
    try {
      if (onnx) {
        models::ModelOptions options = single(arguments.model);
        options.batch = batch;
        one.chain = models::make_chain(models::read_network(model.path, options), Dtype::f32);
        continue;
      }
      report.unfused = of_file;
    } catch (const BadInput& error) {
      if (arguments.check) {
        throw;
      }
      report.unfused = error.what();
    }
    one.in_dtype[Dtype::f32] = planner::items_of(model);
    one.times = batch;
  }
}

/// What runs in that dtype; stays where it is.
const std::vector<planner::Item>& items_in(PlanItems& of, Dtype dtype) {
  const auto [found, is_new] = of.in_dtype.try_emplace(of.chain ? dtype : Dtype::f32);
  if (is_new) {
    found->second = planner::items_of(*of.chain, dtype);
  }
  return found->second;
}

/// Every combination on one machine, in the order of the options.
void add_candidates(PlanReport& report, const PlanArguments& arguments, const MachineFile& file) {
  const std::vector<int> threads =
      arguments.threads.empty() ? planner::threads_of(file) : arguments.threads;
  for (const int count : threads) {
    for (const Dtype dtype : chosen_dtypes(arguments, file)) {
      const planner::Setting setting = planner::setting_of(file, dtype, count);
      for (const int batch : arguments.batches) {
        planner::Candidate& one = report.candidates.emplace_back();
        one.machine = file.path;
        one.threads = count;
        one.batch = batch;
        one.dtype = dtype;
        one.level = setting.level;
        one.points = setting.points;
        PlanItems& items = report.items.at(batch);
        one.prediction = planner::predict(items_in(items, dtype), items.times, setting);
        one.rules = planner::simple_rules(items_in(items, Dtype::f32), items.times, setting);
        one.load_seconds = 2 * one.prediction.weight_bytes / setting.rate.bytes_per_second;
        one.memory_bytes =
            one.prediction.weight_bytes +
            report.cache * batch * static_cast<double>(size_of(dtype)) +
            std::max(one.prediction.activation_bytes,
                     report.activation_peak * batch * static_cast<double>(size_of(dtype)));
      }
    }
  }
}

void add_changes(PlanReport& report, const PlanArguments& arguments) {
  for (const std::string& machine : arguments.machines) {
    const auto change = planner::best_change(report.candidates, machine);
    if (change) {
      report.changes.push_back(fmt::format(
          "{}: the single change that helps most: {}, {:.2f} times the inferences a second",
          machine, change->what, change->factor));
    }
  }
}

PlanReport make_report(const PlanArguments& arguments) {
  PlanReport report;
  report.target = {
      arguments.latency.empty() ? 0 : planner::parse_latency(arguments.latency),
      arguments.throughput.empty() ? 0 : planner::parse_throughput(arguments.throughput)};
  const auto prices =
      arguments.prices.empty() ? std::map<std::string, double>{} : read_prices(arguments.prices);
  report.prices = !prices.empty();
  const models::Model model = models::read_model_file(arguments.file, single(arguments.model));
  report.model = model.path;
  report.dims = single(arguments.model).dims;
  report.tokens = tokens_of(arguments);
  report.cache = report.tokens > 0 ? cached_elements(model) : 0;
  add_items(report, arguments, model);
  if (report.tokens > 0) {
    report.unfused.clear();
    find_language(report, arguments.file, arguments.model.options);
  }
  report.activation_peak = static_cast<double>(model.activation_bytes) / sizeof(float);
  if (items_in(report.items.begin()->second, Dtype::f32).empty()) {
    bad_input("{}: has no node that takes time", model.path);
  }
  for (const std::string& path : arguments.machines) {
    const MachineFile& file = report.machines.emplace_back(read_machine_file(path));
    if (!add_language_candidates(report, {arguments.dtypes, arguments.threads, arguments.batches},
                                 file)) {
      add_candidates(report, arguments, file);
      report.unfused = report.language ? of_decoding : report.unfused;
    }
  }
  for (planner::Candidate& candidate : report.candidates) {
    candidate.price_per_hour = price_of(prices, candidate.machine);
  }
  add_changes(report, arguments);
  planner::rank(report.candidates, report.target);
  return report;
}

void require_check(const PlanShard& options) {
  const std::string_view asked = options.shard.count > 1   ? "--shard"
                                 : !options.output.empty() ? "-o"
                                 : options.resume          ? "--resume"
                                                           : "";
  if (!asked.empty()) {
    bad_input("{} needs --check: it is about what is measured", asked);
  }
}

int run_plan(const PlanArguments& arguments) {
  if (!arguments.check) {
    require_check(arguments.shard);
  }
  PlanReport report = make_report(arguments);
  if (arguments.check) {
    check_shard(report, arguments.seconds, arguments.shard);
  }
  fmt::print("{}", !arguments.why.empty() ? why_text(report, arguments.why)
                   : arguments.json       ? plan_json(report)
                   : arguments.csv        ? plan_csv(report)
                                          : plan_text(report));
  return report.measured.empty() || within_intervals(report) ? 0 : 1;
}

void add_plan_options(CLI::App& command, PlanArguments& a) {
  command.add_option("file", a.file, "an ONNX or GGUF file, a config.json or its folder")
      ->required();
  command.add_option("--machine", a.machines, "machine files with a profile")->required();
  command.add_option("--target-latency", a.latency, "of a batch at the most: 20ms");
  command.add_option("--target-throughput", a.throughput, "inferences a second: 500/s");
  add_numbers(command, "--threads", a.threads, {1, 65536},
              "numbers of threads (default: all that were profiled)");
  add_numbers(command, "--batch", a.batches, {1, 1'000'000},
              "batches, as multiples of what the file or --dim says (default 1)");
  command.add_option("--dtype", a.dtypes, "number types (default: all that were profiled)")
      ->delimiter(',');
  command.add_option("--prices,--price", a.prices, "a CSV file: machine,price_per_hour");
  command.add_option("--why", a.why, "explain the time of one node, of the first answer");
  command.add_flag("--check", a.check,
                   "run it here as well, and hold the predictions against that");
  add_number<double>(command, "--seconds", a.seconds, {0, 3600},
                     "with --check: of runs of each combination, at the least");
  add_plan_shard_options(command, a.shard);
  command.add_flag("--json", a.json, "one JSON object");
  command.add_flag("--csv", a.csv, "the table as CSV");
  command.add_option("--dim", a.model.dims, "a free dimension of an ONNX file: batch=1")
      ->allow_extra_args(false);
  add_input_option(command, a.model);
  command.add_flag("--as-is", a.model.options.as_is, "keep primitives as the file has them");
  command.add_option("--phase", a.model.options.phase, "of language models: prefill or decode");
  constexpr std::int64_t most = 1'000'000'000;
  add_number<std::int64_t>(command, "--tokens", a.model.options.tokens, {0, most},
                           "tokens of the prompt, 0 for 512");
  add_number<std::int64_t>(command, "--past", a.model.options.past, {0, most}, "tokens before");
}

}  // namespace

void add_plan(CLI::App& app, int& exit_code) {
  CLI::App* command = app.add_subcommand(
      "plan", "How long a network would take on machines of which there is a profile");
  command->footer(plan_footer);
  auto arguments = std::make_shared<PlanArguments>();
  add_plan_options(*command, *arguments);
  command->callback([arguments, &exit_code] { exit_code = run_plan(*arguments); });
}

}  // namespace flopmeter
