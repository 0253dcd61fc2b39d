// flopmeter pages: man pages and completions, for the build and packages. Not shown by --help.
#include <memory>
#include <string>

#include "app/manual.h"
#include "results/build_info.h"

namespace flopmeter {

void add_pages(CLI::App& app, int& exit_code) {
  CLI::App* command = app.add_subcommand("pages", "Write man pages and completions into a folder");
  command->group("");
  auto folder = std::make_shared<std::string>();
  command->add_option("folder", *folder, "stands for share/")->required();
  command->callback([&app, folder, &exit_code] {
    write_pages(app, std::string(build_info().version), *folder);
    exit_code = 0;
  });
}

}  // namespace flopmeter
