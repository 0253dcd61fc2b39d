#include "app/timed_rows.h"

#include <algorithm>
#include <utility>

#include "app/executed.h"
#include "app/retired.h"
#include "bench/roofline.h"
#include "bench/row.h"
#include "validate/executed/account.h"

namespace flopmeter {

PendingRows plan(std::span<const BenchCase> cases, const BenchOutput& output) {
  PendingRows plan;
  for (const BenchCase& what : cases) {
    Record planned = planned_row(what);
    if (!output.answered(planned)) {
      plan.cases.push_back(what);
      plan.rows.push_back(std::move(planned));
    }
  }
  return plan;
}

void count_executed(Record& record, std::span<const BenchCase> cases) {
  const auto timed = std::ranges::find(cases, record.name,
                                       [](const BenchCase& what) { return what.arranged_name(); });
  if (!record.seconds || timed == cases.end()) {
    return;
  }
  if (timed->arrangement != Arrangement::own) {
    record.executed = "not counted: only of a kernel in its own layout";
    return;
  }
  const Account counted = account(timed->subject);
  set_executed(record, counted);
  set_retired(record, counted);
  record.bound = bound(record);
  record.command += " --executed";
}

}  // namespace flopmeter
