#include "counters/executed/translator/changeable.h"

#include <sys/mman.h>

namespace flopmeter::executed {

void RangeSet::append(std::uint64_t begin, std::uint64_t end) {
  if (begin >= end) return;
  if (size_ < capacity) {
    ranges_[size_++] = {begin, end};
    return;
  }
  // Too much is verified too often, but never too little.
  Part& last = ranges_[capacity - 1];
  last.begin = begin < last.begin ? begin : last.begin;
  last.end = end > last.end ? end : last.end;
}

void RangeSet::add(std::uint64_t begin, std::uint64_t end) {
  // What it touches becomes a part of it.
  for (std::uint32_t i = 0; i < size_;) {
    if (ranges_[i].end < begin || end < ranges_[i].begin) {
      ++i;
      continue;
    }
    begin = ranges_[i].begin < begin ? ranges_[i].begin : begin;
    end = ranges_[i].end > end ? ranges_[i].end : end;
    ranges_[i] = ranges_[--size_];
  }
  append(begin, end);
}

void RangeSet::remove(std::uint64_t begin, std::uint64_t end) {
  if (size_ == capacity) return;  // no room to split one
  for (std::uint32_t i = 0; i < size_;) {
    const Part part = ranges_[i];
    if (part.end <= begin || end <= part.begin) {
      ++i;
      continue;
    }
    ranges_[i] = ranges_[--size_];
    append(part.begin, part.begin < begin ? begin : part.begin);
    append(end < part.end ? end : part.end, part.end);
    // What is left of it may stand at i or behind: it is looked at again, and stays.
  }
}

bool RangeSet::holds_any(std::uint64_t begin, std::uint64_t end) const {
  for (std::uint32_t i = 0; i < size_; ++i)
    if (ranges_[i].begin < end && begin < ranges_[i].end) return true;
  return false;
}

void Changeable::map(std::uint64_t begin, std::uint64_t end, int protection, bool shared) {
  shared_.remove(begin, end);
  if (shared) shared_.add(begin, end);
  protect(begin, end, protection);
}

void Changeable::protect(std::uint64_t begin, std::uint64_t end, int protection) {
  code_.remove(begin, end);
  if ((protection & PROT_EXEC) == 0) return;
  if ((protection & PROT_WRITE) != 0) return code_.add(begin, end);
  shared_.for_each_within(begin, end,
                          [&](std::uint64_t from, std::uint64_t to) { code_.add(from, to); });
}

void Changeable::unmap(std::uint64_t begin, std::uint64_t end) {
  shared_.remove(begin, end);
  code_.remove(begin, end);
}

void Changeable::move(std::uint64_t from, std::uint64_t from_end, std::uint64_t to,
                      std::uint64_t to_end, bool stays) {
  const std::uint64_t some = from_end > from ? from_end : from + 1;
  const bool shared = shared_.holds_any(from, some);
  const bool changes = code_.holds_any(from, some);
  if (!stays) unmap(from, from_end);
  unmap(to, to_end);
  if (shared) shared_.add(to, to_end);
  if (changes) code_.add(to, to_end);
}

}  // namespace flopmeter::executed
