#include "app/network_tensors.h"

#include <fmt/format.h>

#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <system_error>
#include <vector>

#include "kernels/bad_input.h"
#include "results/json.h"

namespace flopmeter {
namespace {

void write_whole(const std::filesystem::path& path, const char* data, std::size_t bytes) {
  std::ofstream file(path, std::ios::binary);
  file.write(data, static_cast<std::streamsize>(bytes));
  if (!file.flush()) {
    bad_input("--dump: '{}' cannot be written", path.string());
  }
}

Json dumped_tensor(const std::filesystem::path& folder, const std::string& file,
                   const std::string& name, const std::vector<std::int64_t>& dims,
                   const std::vector<float>& values) {
  write_whole(folder / file, reinterpret_cast<const char*>(values.data()),
              values.size() * sizeof(float));
  return {{"name", name}, {"dims", dims}, {"file", file}};
}

}  // namespace

void dump_tensors(const std::string& folder, const models::NetworkFile& file,
                  models::ChainRun& run) {
  std::error_code error;
  std::filesystem::create_directories(folder, error);
  Json index{{"inputs", Json::array()}, {"results", Json::array()}};
  const auto tensors = file.network.tensors();
  for (TensorId id = 0; id < tensors.size(); ++id) {
    const Tensor& tensor = tensors[id];
    if (tensor.lifetime == Lifetime::input && file.numbers[id]) {
      Json& list = index["inputs"];
      list.push_back(dumped_tensor(folder, fmt::format("input-{}.f32", list.size()), tensor.name,
                                   tensor.dims, file.numbers[id]()));
    }
  }
  for (const models::ConstantInput& one : file.constant_inputs) {
    Json& list = index["inputs"];
    list.push_back(dumped_tensor(folder, fmt::format("input-{}.f32", list.size()), one.name,
                                 one.dims, one.numbers()));
  }
  for (const models::NamedResult& one : file.results) {
    Json& list = index["results"];
    list.push_back(dumped_tensor(folder, fmt::format("result-{}.f32", list.size()), one.name,
                                 one.dims, run.result(tensors[one.tensor].name)));
  }
  const std::string text = index.dump(1) + "\n";
  write_whole(std::filesystem::path(folder) / "index.json", text.data(), text.size());
}

}  // namespace flopmeter
