// flopmeter model: what a network from a file costs.
#include "app/model.h"

#include <fmt/ranges.h>

#include <algorithm>
#include <memory>

#include "app/count_published.h"
#include "app/memory_ahead.h"
#include "app/model_counted.h"
#include "app/model_options.h"
#include "app/model_published.h"
#include "app/model_time.h"
#include "app/number_option.h"
#include "app/sharding.h"
#include "app/subcommands.h"
#include "app/text.h"
#include "app/threads_option.h"
#include "kernels/bad_input.h"

namespace flopmeter {
namespace {

constexpr auto model_footer =
    "Reads ONNX and GGUF files and the config.json of Hugging Face; weights are not read. Free\n"
    "dimensions of ONNX files need a value; with several, a line for each combination is printed.\n"
    "Examples:\n"
    "  flopmeter model resnet50.onnx\n"
    "  flopmeter model bert.onnx --dim batch=1 --dim sequence=128 --by layer\n"
    "  flopmeter model detector.onnx --dim '*=1' --top 10 --sort macs\n"
    "  flopmeter model encoder.onnx --dim batch=1,4,16 --csv\n"
    "  flopmeter model resnet50.onnx --time --check --threads 1,2 --batch 1,8\n"
    "  flopmeter model vad.onnx --time --check --input sr=16000 --input audio=audio.npy\n"
    "  flopmeter model resnet50.onnx --time --executed\n"
    "  flopmeter model resnet50.onnx --time --batch 1,8,32 --shard 0/2 -o networks-0.jsonl\n"
    "  flopmeter model llama.gguf --phase=decode --past 4096\n"
    "  flopmeter model llama.gguf --phase=decode --past 128,1024,4096 --time --check\n"
    "  flopmeter model resnet50.onnx --convention=all\n"
    "  flopmeter model mobilenet.onnx --counted --executed\n"
    "  flopmeter model folder/config.json --phase=prefill --tokens 512 --json";

struct TableOptions {
  std::string by, sort = "order", pass = "forward";
  int depth = 0;
  std::size_t top = 25;
  std::vector<std::string> conventions;
  CountedWanted counted;
  bool json = false, csv = false, markdown = false, all = false;
};

ModelTable table_of(const ModelReport& report, const TableOptions& options) {
  ModelTable table;
  const bool paths = options.depth > 0;
  const bool grouped = paths || !options.by.empty();
  if (grouped) {
    table.groups = grouped_rows(report, paths ? "path" : options.by, std::max(options.depth, 1));
  }
  for (const ModelRow& row : grouped ? table.groups.rows : report.rows) {
    if (options.all || !row.reason.empty() || row.dense() != OpCounts{} || row.parameters() != 0) {
      table.rows.push_back(&row);
    } else {
      ++table.hidden;
    }
  }
  sort_rows(table.rows, options.sort);
  table.shown = options.top == 0 ? table.rows.size() : std::min(options.top, table.rows.size());
  return table;
}

ModelReport report_file(const std::string& path, const models::ModelOptions& options,
                        const TableOptions& table) {
  models::Model model = models::read_model_file(path, options);
  return table.pass == "training" ? report_training(std::move(model))
                                  : report_model(std::move(model), parse_pass(table.pass));
}

void print_piece(std::string_view piece) { fmt::print("{}", piece); }

void print_json(const ModelReport& report, const nlohmann::json& more) {
  write_model_json(report, more, 0, print_piece);
  print_piece("\n");
}

/// What published counters print instead of our own numbers.
void print_published(const ModelReport& report, const TableOptions& options) {
  if (options.csv || options.markdown || options.pass == "training") {
    bad_input("--convention has text and --json of one pass: not --csv, --markdown or training");
  }
  const SelectedConventions selected = select_conventions(options.conventions);
  if (selected.counters.empty()) {
    bad_input(
        "--convention={}: our own are in every table; published ones are thop, ptflops, ..., all",
        fmt::join(options.conventions, ","));
  }
  const PublishedReport published =
      published_report(report.model, parse_pass(options.pass), selected.counters);
  if (options.json) {
    print_json(report, {{"published", published_json(published)}});
  } else {
    print_piece(published_text(published, report.model));
  }
}

/// The report with what kernels did below it. Disagreements are said on standard error, too.
void print_counted(const ModelReport& report, const TableOptions& options, int& exit_code) {
  if (options.csv || options.markdown || options.pass == "training" ||
      !options.conventions.empty()) {
    bad_input(
        "--counted and --executed have text and --json of one pass: not --csv, --markdown, "
        "--convention or training");
  }
  const CountedNetwork network =
      count_network(report.model, parse_pass(options.pass), options.counted);
  exit_code = counted_disagreements(network).empty() ? 0 : 1;
  if (options.json) {
    print_json(report, {{"kernels", counted_json(network)}});
  } else {
    print_piece(model_text(report, table_of(report, options)) + counted_text(network));
  }
}

void print_one(const ModelReport& report, const TableOptions& options, int& exit_code) {
  if (options.counted.any()) {
    return print_counted(report, options, exit_code);
  }
  if (!options.conventions.empty()) {
    return print_published(report, options);
  }
  if (options.json) {
    return print_json(report, nlohmann::json::object());
  }
  const ModelTable table = table_of(report, options);
  print_piece(options.csv        ? model_csv(table)
              : options.markdown ? model_markdown(report, table)
                                 : model_text(report, table));
}

/// A line, or an object, a combination of free dimensions.
void print_many(const std::string& path, const std::vector<models::ModelOptions>& all,
                const TableOptions& options) {
  report::TextTable table;
  std::string json;  // printed when no combination is refused
  if (!options.conventions.empty()) {
    bad_input("--convention: one value for each dimension is needed, --dim gives several");
  }
  if (options.counted.any()) {
    bad_input("--counted, --executed: one value for each dimension is needed, --dim gives several");
  }
  for (const models::ModelOptions& one : all) {
    const ModelReport report = report_file(path, one, options);
    auto named = one.dims;
    if (one.past != all.front().past || one.past != all.back().past) {
      named["past"] = one.past;
    }
    if (options.json) {
      json += json.empty() ? "[\n  " : ",\n  ";
      write_model_json(report, {{"dims", named}}, 2,
                       [&](std::string_view piece) { json += piece; });
      continue;
    }
    if (table.columns.empty()) {
      table = sweep_table(named, options.csv);
    }
    table.rows.push_back(sweep_cells(report, named, options.csv));
  }
  print_piece(options.json  ? json + "\n]\n"
              : options.csv ? report::to_csv(table)
                            : report::to_text(table));
}

void add_time_options(CLI::App& command, bool& timed, TimeOptions& options) {
  command.add_flag("--time", timed, "run the network: latency, and where the time goes");
  command.add_flag("--check", options.check,
                   "with --time: hold the results against the file's own graph in double");
  add_threads(command, "--threads", options.threads, "with --time: numbers of threads");
  command
      .add_option("--dtype", options.dtype,
                  "with --time: f32, bf16, f16 or s8 (8-bit integers), or a list of these; of "
                  "language models what "
                  "weights are stored in: f32, bf16, f16, q8_0, q4_0, q4_k, q6_k (default: as the "
                  "file says)")
      ->capture_default_str();
  command.add_option("--cache-dtype", options.cache_dtype,
                     "with --time, of language models: f32 or bf16 keys and values (default: f32 "
                     "beside f32 weights, else bf16)");
  add_number<int>(command, "--instances", options.instances, {1, 4096},
                  "with --time: also so many copies at once, each on cores of its own");
  add_number<double>(command, "--arrivals", options.arrivals, {1e-3, 1e9},
                     "with --instances: runs a second that arrive at random (default: 0.7 of what "
                     "they reach)");
  command.add_flag("--alone", options.alone,
                   "with --time: also each node alone and warm, beside its time in place");
  command.add_option("--trace", options.trace,
                     "with --time: write the parts of a run as Chrome trace events");
  add_number<double>(command, "--seconds", options.seconds, {0, 3600},
                     "with --time: of runs, at the least");
  command.add_option("-o,--output", options.output,
                     "with --time: a file of results that gets a row for each batch and threads");
  command.add_flag("--resume", options.resume,
                   "with -o: go on with the file, without what it has already");
  add_shard_option(command, options.shard);
  command.add_option(
      "--dump", options.dump,
      "with --time: a folder that inputs and results are written into, for other engines");
}

void require_time(const TimeOptions& options) {
  const std::string_view asked = options.check                  ? "--check"
                                 : !options.trace.empty()       ? "--trace"
                                 : options.alone                ? "--alone"
                                 : options.instances > 0        ? "--instances"
                                 : options.arrivals > 0         ? "--arrivals"
                                 : !options.output.empty()      ? "-o"
                                 : !options.dump.empty()        ? "--dump"
                                 : options.resume               ? "--resume"
                                 : !options.cache_dtype.empty() ? "--cache-dtype"
                                 : options.shard.count > 1      ? "--shard"
                                                                : "";
  if (!asked.empty()) {
    bad_input("{} needs --time: the network has to run", asked);
  }
}

/// Options of the table of nodes, which a run does not have.
void refuse_with_time(const TableOptions& options) {
  const std::string_view asked = options.counted.counted        ? "--counted"
                                 : options.csv                  ? "--csv"
                                 : options.markdown             ? "--markdown"
                                 : !options.conventions.empty() ? "--convention"
                                 : !options.by.empty()          ? "--by"
                                 : options.depth > 0            ? "--depth"
                                 : options.pass != "forward"    ? "--pass"
                                                                : "";
  if (!asked.empty()) {
    bad_input("{} and --time do not go together: a run has text and --json of the forward pass",
              asked);
  }
}

}  // namespace

void add_model(CLI::App& app, int& exit_code) {
  CLI::App* command =
      app.add_subcommand("model", "What a network costs, node by node, from its file");
  command->footer(model_footer);
  struct Options {
    std::string file;
    ModelArguments model;
    TableOptions table;
    TimeOptions time;
    bool timed = false;
  };
  auto options = std::make_shared<Options>();
  command->add_option("file", options->file, "an ONNX or GGUF file, a config.json or its folder")
      ->required();
  add_model_options(*command, options->model);
  command
      ->add_option("--pass", options->table.pass,
                   "forward, backward_data, backward_weights, or training: all three")
      ->capture_default_str();
  command->add_option("--by", options->table.by, "group nodes: layer, case or path");
  add_number<int>(*command, "--depth", options->table.depth, {0, 1000},
                  "group by so many parts of the module path");
  command->add_option("--sort", options->table.sort, "order, name, layer, macs, flops, ...")
      ->capture_default_str();
  add_number<std::size_t>(*command, "--top", options->table.top, {0, 1'000'000},
                          "rows that are shown, 0 for all");
  command->add_flag("--all", options->table.all, "also nodes that do no arithmetic");
  command
      ->add_option("--convention", options->table.conventions,
                   "what published counters print for it, and why: thop, ptflops, ..., all")
      ->delimiter(',');
  command->add_flag("--counted", options->table.counted.counted,
                    "also count what our kernels do, each distinct case once");
  command->add_flag("--executed", options->table.counted.executed,
                    "also count the machine code: of each backend, each distinct case once; with "
                    "--time of the network as it runs, node by node");
  add_number<std::int64_t>(*command, "--limit", options->table.counted.limit,
                           {0, 1'000'000'000'000'000'000},
                           "with these: do not run cases of more MACs");
  command->add_flag("--json", options->table.json, "one JSON object");
  command->add_flag("--csv", options->table.csv, "the table as CSV");
  command->add_flag("--markdown", options->table.markdown, "the table as Markdown");
  add_time_options(*command, options->timed, options->time);
  command->callback([options, command, &exit_code] {
    if (options->timed) {
      options->time.inputs = options->model.inputs;
      options->time.json = options->table.json;
      options->time.executed = options->table.counted.executed;
      options->time.limit = options->table.counted.limit;
      options->time.dtype_given = command->count("--dtype") > 0;
      refuse_with_time(options->table);
      exit_code = time_model(options->file, combinations(options->model), options->time);
      return;
    }
    require_time(options->time);
    if (!options->table.counted.counted && !options->table.counted.executed) {
      constexpr std::size_t for_small_networks = 2U << 20U;
      make_memory(for_small_networks);
    }
    const auto all = combinations(options->model);
    exit_code = 0;
    if (all.size() == 1) {
      print_one(report_file(options->file, all.front(), options->table), options->table, exit_code);
    } else {
      print_many(options->file, all, options->table);
    }
  });
}

}  // namespace flopmeter
