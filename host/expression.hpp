#pragma once
#include <functional>
#include <string>
#include <vector>

/// Formulas that people write into study files, such as "base_rate + (1 - eta)^t * (0.5 - base_rate)".
namespace npo {

/// + - * / ^ and parentheses, unary minus, the functions exp, log, sqrt, abs (one argument), min and max (two
/// or more), decimal numbers, the constant inf, and names. ^ binds tightest and to the right, so that -a^2 is
/// -(a^2). Values are doubles from exactly rounded operations and npo's own exp and log: the same bits on
/// every machine.
class Expression {
 public:
  /// What a name stands for.
  using Lookup = std::function<double(const std::string&)>;

  /// Error(usage) shows the place of the first mistake.
  explicit Expression(const std::string& text);
  explicit Expression(double value);

  const std::string& text() const { return text_; }
  /// Names that stand for values, each once, in order of appearance.
  const std::vector<std::string>& names() const { return names_; }
  /// May be NaN or infinite, as doubles are.
  double evaluate(const Lookup& value_of) const;

 private:
  friend class ExpressionParser;
  enum class Operation { number, name, add, subtract, multiply, divide, power, negate, call };
  /// One step of a program for a stack of numbers.
  struct Step {
    Operation operation;
    double number = 0.0;    ///< of `number`
    std::size_t index = 0;  ///< of `name` in names_, of `call` in the table of functions
    std::size_t count = 0;  ///< arguments of `call`
  };

  std::string text_;
  std::vector<Step> steps_;
  std::vector<std::string> names_;
};

}  // namespace npo
