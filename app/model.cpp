// flopmeter model: what a network from a file costs.
#include "app/model.h"

#include <charconv>
#include <memory>

#include "app/model_options.h"
#include "app/subcommands.h"
#include "kernels/bad_input.h"

namespace flopmeter {
namespace {

constexpr auto model_footer =
    "Reads ONNX and GGUF files and the config.json of Hugging Face; weights are not read. Free\n"
    "dimensions of ONNX files need a value.\n"
    "Examples:\n"
    "  flopmeter model resnet50.onnx\n"
    "  flopmeter model bert.onnx --dim batch=1 --dim sequence=128 --by layer\n"
    "  flopmeter model detector.onnx --dim '*=1' --top 10 --sort macs\n"
    "  flopmeter model resnet50.onnx --json\n"
    "  flopmeter model llama.gguf --phase=decode --past 4096\n"
    "  flopmeter model path/with/config.json --phase=prefill --tokens 512";

struct TableOptions {
  std::string by, sort = "order", pass = "forward";
  int depth = 0;
  std::size_t top = 25;
  bool json = false, csv = false, markdown = false, all = false;
};

ModelTable table_of(const ModelReport& report, const TableOptions& options) {
  ModelTable table;
  const bool paths = options.depth > 0;
  table.rows = paths || !options.by.empty()
                   ? grouped_rows(report, paths ? "path" : options.by, std::max(options.depth, 1))
                   : report.rows;
  if (!options.all) {
    table.hidden = std::erase_if(table.rows, [](const ModelRow& row) {
      return row.reason.empty() && row.dense == OpCounts{} && row.parameters == 0;
    });
  }
  sort_rows(table.rows, options.sort);
  table.shown = options.top == 0 ? table.rows.size() : std::min(options.top, table.rows.size());
  return table;
}

void print_model(const std::string& path, const models::ModelOptions& options,
                 const TableOptions& table_options) {
  const ModelReport report =
      report_model(models::read_model_file(path, options), parse_pass(table_options.pass));
  if (table_options.json) {
    fmt::print("{}\n",
               model_json(report).dump(2, ' ', false, nlohmann::json::error_handler_t::replace));
    return;
  }
  TableOptions shown = table_options;
  const ModelTable table = table_of(report, shown);
  fmt::print("{}", table_options.csv        ? model_csv(table)
                   : table_options.markdown ? model_markdown(report, table)
                                            : model_text(report, table));
}

}  // namespace

std::pair<std::string, std::int64_t> parse_dim_option(const std::string& text) {
  const std::size_t equals = text.rfind('=');
  std::int64_t value = 0;
  const char* const end = text.data() + text.size();
  const char* const from = text.data() + (equals == std::string::npos ? 0 : equals + 1);
  const auto [stop, error] = std::from_chars(from, end, value);
  if (equals == std::string::npos || equals == 0 || error != std::errc() || stop != end ||
      value < 0) {
    bad_input("--dim '{}': write name=size, as in batch=1, or '*=1' for all", text);
  }
  return {text.substr(0, equals), value};
}

void add_model(CLI::App& app, int& exit_code) {
  CLI::App* command =
      app.add_subcommand("model", "What a network costs, node by node, from its file");
  command->footer(model_footer);
  struct Options {
    std::string file;
    std::vector<std::string> dims;
    models::ModelOptions model;
    TableOptions table;
  };
  auto options = std::make_shared<Options>();
  command->add_option("file", options->file, "an ONNX or GGUF file, a config.json or its folder")
      ->required();
  command->add_option("--dim", options->dims, "a free dimension: batch=1; '*=1' for all");
  command->add_option("--phase", options->model.phase,
                      "of language models: prefill (default) or decode");
  command->add_option("--tokens", options->model.tokens, "tokens of the prompt, 512 by default");
  command->add_option("--past", options->model.past, "tokens before");
  command->add_option("--batch", options->model.batch, "sequences at once");
  command->add_flag("--as-is", options->model.as_is,
                    "keep primitives: recognise no attention, norms or activations");
  command->add_option("--pass", options->table.pass, "forward, backward_data or backward_weights")
      ->capture_default_str();
  command->add_option("--by", options->table.by, "group nodes: layer, case or path");
  command->add_option("--depth", options->table.depth, "group by so many parts of the module path");
  command->add_option("--sort", options->table.sort, "order, name, layer, macs, flops, ...")
      ->capture_default_str();
  command->add_option("--top", options->table.top, "rows that are shown, 0 for all")
      ->capture_default_str();
  command->add_flag("--all", options->table.all, "also nodes that do no arithmetic");
  command->add_flag("--json", options->table.json, "one JSON object");
  command->add_flag("--csv", options->table.csv, "the table as CSV");
  command->add_flag("--markdown", options->table.markdown, "the table as Markdown");
  command->callback([options, &exit_code] {
    for (const std::string& text : options->dims) {
      const auto [name, value] = parse_dim_option(text);
      options->model.dims[name] = value;
    }
    print_model(options->file, options->model, options->table);
    exit_code = 0;
  });
}

}  // namespace flopmeter
