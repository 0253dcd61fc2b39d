#include "app/exec_program.h"

#include <elf.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <optional>
#include <sstream>
#include <string_view>

#include "app/exec_needs.h"
#include "counters/executed/symbols/mapped_file.h"
#include "counters/executed/uncountable.h"
#include "kernels/bad_input.h"

namespace flopmeter {
namespace {

bool is_file(const std::string& path) {
  struct stat status {};
  return stat(path.c_str(), &status) == 0 && S_ISREG(status.st_mode);
}

bool can_run(const std::string& path) { return is_file(path) && access(path.c_str(), X_OK) == 0; }

std::string search_path(const std::string& name) {
  const char* const path = std::getenv("PATH");
  std::istringstream folders(path == nullptr ? "/usr/local/bin:/usr/bin:/bin" : path);
  for (std::string folder; std::getline(folders, folder, ':');) {
    const std::string file = (folder.empty() ? "." : folder) + "/" + name;
    if (can_run(file)) {
      return file;
    }
  }
  bad_input("program not found: '{}' is in no folder of PATH", name);
}

bool has_interpreter(std::string_view file, const Elf64_Ehdr& header) {
  for (unsigned i = 0; i < header.e_phnum; ++i) {
    const auto segment =
        executed::value_at<Elf64_Phdr>(file, header.e_phoff + i * sizeof(Elf64_Phdr));
    if (segment && segment->p_type == PT_INTERP) {
      return true;
    }
  }
  return false;
}

std::string file_name_of(const std::string& path) { return path.substr(path.rfind('/') + 1); }

void require_countable_elf(const std::string& path, std::string_view file) {
  const auto header = executed::value_at<Elf64_Ehdr>(file, 0);
  if (!header || header->e_ident[EI_CLASS] != ELFCLASS64) {
    bad_input("cannot count '{}': a 32-bit program; only 64-bit x86 programs can be counted", path);
  }
  if (header->e_machine != EM_X86_64) {
    bad_input("cannot count '{}': a program of another machine; only 64-bit x86 can be counted",
              path);
  }
  if (file_name_of(path).starts_with("ld-linux") || file_name_of(path) == "ld.so") {
    bad_input("cannot count '{}': it is the dynamic linker; name the program that it is to run",
              path);
  }
  if (!has_interpreter(file, *header)) {
    bad_input(
        "cannot count '{}': it is linked statically, so that no library can be preloaded; link it "
        "dynamically",
        path);
  }
}

void require_known_to_work(const std::string& path) {
  if (const std::string reason = why_uncountable(path); !reason.empty()) {
    bad_input("cannot count '{}': {}", path, reason);
  }
}

/// The kernel makes the dynamic linker ignore what is to be preloaded.
void require_own_rights(const std::string& path) {
  struct stat status {};
  if (stat(path.c_str(), &status) != 0) {
    return;
  }
  const bool user = (status.st_mode & S_ISUID) != 0 && status.st_uid != geteuid();
  const bool group = (status.st_mode & S_ISGID) != 0 && status.st_gid != getegid();
  if (user || group) {
    bad_input("cannot count '{}': it runs with the rights of its file's owner (set-uid or set-gid)",
              path);
  }
}

/// Of "#!/bin/sh -e"; empty: it is no script.
std::string interpreter_of(std::string_view file) {
  constexpr std::size_t longest = 4096;
  const std::string_view line = file.substr(0, std::min(file.find('\n'), longest));
  std::string word;
  if (line.starts_with("#!")) {
    std::istringstream(std::string(line.substr(2))) >> word;
  }
  return word;
}

}  // namespace

std::string find_program(const std::string& name) {
  if (name.find('/') == std::string::npos) {
    return search_path(name);
  }
  if (!is_file(name)) {
    bad_input("program not found: there is no file '{}'", name);
  }
  if (!can_run(name)) {
    bad_input("cannot run '{}': it is no executable file (chmod +x)", name);
  }
  return name;
}

std::string why_uncountable(const std::string& path) {
  for (const std::string& library : needed_libraries(path)) {
    if (const auto* const known = executed::find_uncountable(library)) {
      return std::string(known->reason);
    }
  }
  for (const std::string& data : data_of_saved_program(path)) {
    if (const auto* const known = executed::find_uncountable_image(data)) {
      return std::string(known->reason);
    }
  }
  return "";
}

void require_countable(const std::string& path) {
  constexpr int most_scripts = 4;  // as the kernel follows
  std::string program = path;
  for (int i = 0; i < most_scripts; ++i) {
    const executed::MappedFile mapped(program);
    const std::string_view file = mapped.text();
    if (file.starts_with(ELFMAG)) {
      require_countable_elf(program, file);
      require_known_to_work(program);
      return require_own_rights(program);
    }
    const std::string interpreter = interpreter_of(file);
    if (interpreter.empty()) {
      return;  // the kernel or a shell will say what it is
    }
    program = interpreter;
  }
}

}  // namespace flopmeter
