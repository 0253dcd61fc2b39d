#include "app/counts_json.h"

#include <string>

namespace flopmeter {

nlohmann::json counts_json(const OpCounts& counts) {
  nlohmann::json json = nlohmann::json::object();
  for (const OpKind& kind : op_kinds) {
    json[std::string(kind.name)] = counts.*kind.count;
  }
  return json;
}

}  // namespace flopmeter
