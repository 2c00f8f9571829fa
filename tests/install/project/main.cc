// A user's program: a checked request, its SystemVerilog, the right answer.
#include <fewbit/gen/ops/emit.h>
#include <fewbit/sim/model/operators.h>

#include <iostream>

int main() {
  const auto spec = fewbit::make_operator_spec({.op = "mul", .a = "e2m1", .b = "e2m1"}).value();
  const auto design = fewbit::ops::emit(spec);
  const auto product = fewbit::model::evaluate(spec, 7, 7).result;  // 6 x 6 in units of 1/4
  std::cout << design.signature.module << " " << product << "\n";
}
