#include "results/record.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>
#include <string>
#include <vector>

namespace flopmeter {
namespace {

template <class Member>
std::size_t fields_of(std::vector<Member Record::*>& members) {
  for (const RecordField& field : record_fields()) {
    if (const auto* member = std::get_if<Member Record::*>(&field.member)) {
      EXPECT_EQ(std::ranges::count(members, *member), 0) << field.key << " is listed twice";
      members.push_back(*member);
    }
  }
  return members.size();
}

// Prevents a measured value that no output shows: a member of Record without a field, or two keys
// that write the same member. The sizes of all listed members add up to Record without padding.
TEST(RecordFields, ListEveryMemberOnce) {
  std::vector<std::string Record::*> texts;
  std::vector<std::optional<std::int64_t> Record::*> integers;
  std::vector<std::optional<double> Record::*> reals;
  std::vector<std::vector<double> Record::*> lists;
  const std::size_t bytes = fields_of(texts) * sizeof(std::string) +
                            fields_of(integers) * sizeof(std::optional<std::int64_t>) +
                            fields_of(reals) * sizeof(std::optional<double>) +
                            fields_of(lists) * sizeof(std::vector<double>);
  EXPECT_EQ(bytes, sizeof(Record));
  EXPECT_EQ(texts.size() + integers.size() + reals.size() + lists.size(), record_fields().size());
}

// Prevents a JSON object that loses a value because a later field has the same key.
TEST(RecordFields, KeysAreUnique) {
  std::set<std::string_view> keys;
  for (const RecordField& field : record_fields()) {
    EXPECT_TRUE(keys.insert(field.key).second) << field.key;
  }
}

// Prevents GFLOPS that cannot be told from those of another rule, such as padded taps or MACs.
TEST(RecordFields, TablesNameTheConventionOfGflops) {
  const auto field = std::ranges::find(record_fields(), "convention", &RecordField::key);
  ASSERT_NE(field, record_fields().end());
  EXPECT_EQ(field->heading, "convention");
}

// Prevents a renamed key, which breaks everybody's scripts without a new schema version.
TEST(RecordFields, KeysStay) {
  std::string keys;
  for (const RecordField& field : record_fields()) {
    keys += std::string(field.key) + ' ';
  }
  EXPECT_EQ(keys,
            "name label layer pass backend dtype shape threads cache layout parameters "
            "macs_dense macs_in_bounds flops convention bytes seconds spread deviation samples "
            "calls attempts gflops "
            "gmacs_per_second gbytes_per_second intensity peak_gflops peak_spread peak_deviation "
            "peak_samples peak_instruction percent_of_peak memory_level roof_gbytes_per_second "
            "roof_samples attainable_gflops percent_of_attainable overhead_seconds bound "
            "other_cores status reason max_error "
            "tolerance implementation "
            "command executed executed_macs executed_macs_full executed_flops executed_flops_full "
            "executed_instructions executed_ratio executed_unexplained fma_share "
            "instructions_per_mac lane_use retired retired_flops retired_expected ");
}

}  // namespace
}  // namespace flopmeter
