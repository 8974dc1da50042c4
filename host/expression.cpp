#include "host/expression.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <limits>
#include <span>
#include <string_view>

#include "host/policy.hpp"
#include "kernels/elementary64.hpp"
#include "kernels/error.hpp"

namespace npo {
namespace {

using Arguments = std::span<const double>;

struct Function {
  std::string_view name;
  std::size_t least, most;  ///< arguments
  double (*apply)(Arguments);
};

constexpr std::size_t any_number = 64;
constexpr std::array<Function, 6> functions{
    {{"exp", 1, 1, [](Arguments x) { return elementary64::exp(x[0]); }},
     {"log", 1, 1, [](Arguments x) { return elementary64::log(x[0]); }},
     {"sqrt", 1, 1, [](Arguments x) { return std::sqrt(x[0]); }},
     {"abs", 1, 1, [](Arguments x) { return std::fabs(x[0]); }},
     {"min", 2, any_number, [](Arguments x) { return *std::min_element(x.begin(), x.end()); }},
     {"max", 2, any_number, [](Arguments x) { return *std::max_element(x.begin(), x.end()); }}}};

/// x^y: by squaring where y is a whole number, so that negative bases and exact results are what they should
/// be.
double power(double x, double y) {
  if (y != std::floor(y) || std::fabs(y) > 0x1p31)
    return x > 0 ? elementary64::pow(x, y) : x == 0 && y > 0 ? 0.0 : std::numeric_limits<double>::quiet_NaN();
  double result = 1.0;
  auto n = static_cast<std::uint64_t>(std::fabs(y));
  for (double square = x; n > 0; n >>= 1, square *= square)
    if (n & 1) result *= square;
  return y < 0 ? 1.0 / result : result;
}

bool starts_name(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

}  // namespace

/// Recursive descent, one function a level of precedence; emits steps in postfix order.
class ExpressionParser {
 public:
  explicit ExpressionParser(Expression& out) : out_(out), text_(out.text_) {}

  void parse() {
    sum();
    if (!at_end()) refuse("what follows is no part of a formula");
  }

 private:
  using Operation = Expression::Operation;

  void sum() {
    product();
    while (true) {
      if (take('+'))
        product(), emit(Operation::add);
      else if (take('-'))
        product(), emit(Operation::subtract);
      else
        return;
    }
  }

  void product() {
    factor();
    while (true) {
      if (take('*'))
        factor(), emit(Operation::multiply);
      else if (take('/'))
        factor(), emit(Operation::divide);
      else
        return;
    }
  }

  void factor() {
    if (++depth_ > 100) refuse("it is nested too deeply");
    if (take('-'))
      factor(), emit(Operation::negate);
    else if (primary(); take('^'))
      factor(), emit(Operation::power);
    --depth_;
  }

  void primary() {
    if (take('(')) {
      sum();
      require(')');
    } else if (!at_end() && starts_name(text_[at_])) {
      named();
    } else {
      number();
    }
  }

  void number() {
    if (at_end()) refuse("a number or a name is missing");
    double value = 0.0;
    const char* const begin = text_.data() + at_;
    const auto [stop, failure] = std::from_chars(begin, text_.data() + text_.size(), value);
    if (failure != std::errc{} || !(is_digit(*begin) || *begin == '.'))
      refuse("a number or a name is missing");
    at_ += static_cast<std::size_t>(stop - begin);
    out_.steps_.push_back({.operation = Operation::number, .number = value});
  }

  void named() {
    const std::size_t start = at_;
    while (at_ < text_.size() && (starts_name(text_[at_]) || is_digit(text_[at_]))) ++at_;
    const std::string name = text_.substr(start, at_ - start);
    if (take('(')) return call(name, start);
    if (name == "inf") {
      out_.steps_.push_back(
          {.operation = Operation::number, .number = std::numeric_limits<double>::infinity()});
      return;
    }
    auto found = std::find(out_.names_.begin(), out_.names_.end(), name);
    if (found == out_.names_.end()) found = out_.names_.insert(found, name);
    out_.steps_.push_back(
        {.operation = Operation::name, .index = static_cast<std::size_t>(found - out_.names_.begin())});
  }

  void call(const std::string& name, std::size_t start) {
    const auto found =
        std::find_if(functions.begin(), functions.end(), [&](const Function& f) { return f.name == name; });
    if (found == functions.end()) {
      at_ = start;
      std::vector<std::string> known;
      for (const Function& function : functions) known.emplace_back(function.name);
      const std::string nearest = nearest_name(name, known);
      refuse(fmt::format("{} is no function{}", name,
                         nearest.empty() ? "" : fmt::format(", did you mean {}?", nearest)));
    }
    std::size_t count = 1;
    for (sum(); take(','); ++count) sum();
    require(')');
    if (count < found->least || count > found->most)
      refuse(fmt::format("{} takes {} argument{}", name, found->least, found->most > 1 ? "s or more" : ""));
    out_.steps_.push_back({.operation = Operation::call,
                           .index = static_cast<std::size_t>(found - functions.begin()),
                           .count = count});
  }

  void emit(Operation operation) { out_.steps_.push_back({.operation = operation}); }

  bool at_end() {
    while (at_ < text_.size() && (text_[at_] == ' ' || text_[at_] == '\n' || text_[at_] == '\t')) ++at_;
    return at_ == text_.size();
  }
  bool take(char c) {
    if (at_end() || text_[at_] != c) return false;
    ++at_;
    return true;
  }
  void require(char c) {
    if (!take(c)) refuse(fmt::format("'{}' is missing", c));
  }
  [[noreturn]] void refuse(const std::string& problem) const {
    throw Error(ErrorKind::usage, fmt::format("formula \"{}\", character {}: {}", text_,
                                              std::min(at_, text_.size()) + 1, problem));
  }

  Expression& out_;
  const std::string& text_;
  std::size_t at_ = 0;
  int depth_ = 0;
};

Expression::Expression(const std::string& text) : text_(text) {
  ExpressionParser(*this).parse();
}

Expression::Expression(double value)
    : text_(fmt::format("{}", value)), steps_{{.operation = Operation::number, .number = value}} {}

double Expression::evaluate(const Lookup& value_of) const {
  std::vector<double> stack;
  const auto pop = [&] {
    const double top = stack.back();
    stack.pop_back();
    return top;
  };
  for (const Step& step : steps_) {
    switch (step.operation) {
      case Operation::number:
        stack.push_back(step.number);
        break;
      case Operation::name:
        stack.push_back(value_of(names_[step.index]));
        break;
      case Operation::negate:
        stack.back() = -stack.back();
        break;
      case Operation::call: {
        const double result = functions[step.index].apply(Arguments(stack).last(step.count));
        stack.resize(stack.size() - step.count);
        stack.push_back(result);
        break;
      }
      default: {
        const double right = pop(), left = pop();
        stack.push_back(step.operation == Operation::add        ? left + right
                        : step.operation == Operation::subtract ? left - right
                        : step.operation == Operation::multiply ? left * right
                        : step.operation == Operation::divide   ? left / right
                                                                : power(left, right));
      }
    }
  }
  return stack.back();
}

}  // namespace npo
