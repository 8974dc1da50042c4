#include <string>
#include <vector>

#include "host/cli/dispatch.hpp"
#include "host/cli/interrupt.hpp"

int main(int count, char** words) {
  npo::cli::catch_signals();
  return npo::cli::dispatch(std::vector<std::string>(words + 1, words + count));
}
