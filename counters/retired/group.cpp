#include "counters/retired/group.h"

#include <utility>

#include "counters/retired/attributes.h"

namespace flopmeter::retired {

Group::Group(Group&& other) noexcept
    : events_(other.events_),
      descriptors_(std::exchange(other.descriptors_, {})),
      members_(std::move(other.members_)),
      before_(std::move(other.before_)),
      after_(std::move(other.after_)) {}

Group::~Group() {
  for (const int descriptor : descriptors_) {
    events_->close(descriptor);
  }
}

int Group::add(const Encoding& encoding, std::size_t index) {
  perf_event_attr attributes = attributes_of(encoding.type, encoding.config);
  attributes.disabled = descriptors_.empty();  // members follow their leader
  const int descriptor = events_->open(attributes, descriptors_.empty() ? -1 : descriptors_[0]);
  if (descriptor < 0) {
    return descriptor;
  }
  descriptors_.push_back(descriptor);
  members_.push_back(index);
  before_.words.resize(words_of_group(members_.size()));
  after_.words.resize(words_of_group(members_.size()));
  return 0;
}

// Totals go on from one interval to the next: the times cannot be reset.
void Group::start() {
  read_into(before_);
  if (events_->control(descriptors_[0], PERF_EVENT_IOC_ENABLE) < 0) {
    before_.read = 0;
  }
}

void Group::stop() {
  events_->control(descriptors_[0], PERF_EVENT_IOC_DISABLE);
  read_into(after_);
}

void Group::read_into(Words& words) { words.read = events_->read(descriptors_[0], words.words); }

std::optional<GroupReading> Group::parse(const Words& words) const {
  const bool whole = words.read >= 0 && static_cast<std::size_t>(words.read) == words.words.size();
  return whole ? parse_group(words.words, members_.size()) : std::nullopt;
}

std::optional<GroupReading> Group::counted() const {
  const auto before = parse(before_);
  const auto after = parse(after_);
  return before && after ? difference(*after, *before) : std::nullopt;
}

}  // namespace flopmeter::retired
