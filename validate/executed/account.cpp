#include "validate/executed/account.h"

#include <new>
#include <stdexcept>

namespace flopmeter {

Account account(const Case& subject, Inputs& inputs, Detail detail) {
  Account account{.subject = subject, .executed = {}, .explanation = {}};
  try {
    account.executed = execute(subject, inputs, detail);
    if (account.executed.counted()) {
      account.explanation = explain(subject, account.executed);
    }
  } catch (const std::bad_alloc&) {
    account.executed.problem = "not enough memory";
  } catch (const std::runtime_error& error) {
    account.executed.problem = error.what();
  }
  return account;
}

Account account(const Case& subject, Detail detail) {
  Inputs inputs = inputs_of(subject);
  return account(subject, inputs, detail);
}

}  // namespace flopmeter
