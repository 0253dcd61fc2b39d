#include "app/counts_json.h"

#include <string>

#include "counters/executed/arithmetic/names.h"

namespace flopmeter {

nlohmann::json counts_json(const OpCounts& counts) {
  nlohmann::json json = nlohmann::json::object();
  for (const OpKind& kind : op_kinds) {
    json[std::string(kind.name)] = counts.*kind.count;
  }
  return json;
}

nlohmann::json operations_json(const executed::Totals& totals) {
  nlohmann::json list = nlohmann::json::array();
  totals.for_each([&](const executed::Arithmetic& what, const executed::Cell& cell) {
    list.push_back({{"operation", to_string(what.operation)},
                    {"element", to_string(what.element)},
                    {"lanes", what.lanes},
                    {"products", what.products},
                    {"instructions", cell.instructions},
                    {"active", cell.active},
                    {"full", cell.full}});
  });
  return list;
}

}  // namespace flopmeter
