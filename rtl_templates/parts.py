#!/usr/bin/env python3
"""What several templates have in common, written once.

    rtl_templates/parts.py            say which template differs from these parts; exit code 1
    rtl_templates/parts.py --write    write them into the templates

A part is found by its first and its last line, which stay; a new line between them reaches every template.
"""
# SPDX-License-Identifier: Apache-2.0
import argparse
import pathlib
import sys

STOP = [
    "// Stops elaboration with a message; Icarus 11 takes no $error there and stops at the missing module",
    "`ifdef __ICARUS__",
    "`define FEWBIT_STOP(message) message stop ();",
    "`else",
    "`define FEWBIT_STOP(message) $error(`\"message`\");",
    "`endif",
]


def parameter(kind, name, value, *comment):
    return [f"    // {line}" for line in comment] + [f"    parameter {kind:<12} {name:<13} = {value}"]


def joined(parameters, last=False):
    """One list with a comma behind each parameter, but for the last of the module."""
    lines = []
    for number, one in enumerate(parameters):
        is_last = last and number + 1 == len(parameters)
        lines += one[:-1] + [one[-1] + ("" if is_last else ",")]
    return lines


E4M3FN = {"Width": "8", "Signed": "1'b1", "ExpBits": "4", "Subnormals": "1'b1", "MaxFinite": "32'h7e",
          "LsbExponent": "-9"}
E8M0 = {"Width": "8", "Signed": "1'b0", "ExpBits": "8", "Subnormals": "1'b0", "MaxFinite": "32'hfe",
        "LsbExponent": "-127"}


def operand(letter, what=None, default=None, bipolar=False, unit=True):
    """The format of an operand: the parameters `letter`Width and so on. `unit`: also the weight of its lowest bit."""
    value = default or E4M3FN
    x = what or letter.lower()
    rows = [
        parameter("int", f"{letter}Width", value["Width"],
                  f"Bits of {x}; a minifloat has sign (if signed), exponent and fraction, from the top"),
        parameter("bit", f"{letter}Signed", value["Signed"],
                  f"Top bit of {x} is a sign (minifloat) or has negative weight (integer)"),
        parameter("int", f"{letter}ExpBits", value["ExpBits"],
                  f"Exponent bits of {x}; 0: an integer, and the next five parameters mean nothing"),
    ]
    if bipolar:
        rows.append(parameter("bit", f"{letter}Bipolar", "1'b0", f"{x} is an integer of one bit: 0 is -1, 1 is +1"))
    rows += [
        parameter("bit", f"{letter}Subnormals", value["Subnormals"],
                  "Exponent field 0 has no hidden bit; 0 for scales without a zero (E8M0)"),
        parameter("logic [31:0]", f"{letter}MaxFinite", value["MaxFinite"],
                  "Largest finite code without its sign bit; codes above it are NaN, but for infinity"),
        parameter("bit", f"{letter}HasInfinity", "1'b0", f"{x} has infinities"),
        parameter("logic [31:0]", f"{letter}Infinity", "32'h0", "Code of infinity without its sign bit"),
        parameter("bit", f"{letter}NegZeroIsNan", "1'b0", "The code of minus zero is NaN"),
    ]
    if unit:
        rows.append(parameter("int", f"{letter}LsbExponent", value["LsbExponent"],
                              f"Weight of {x}'s lowest bit is 2^this; minifloats: 1 - bias - fraction bits"))
    return joined(rows)


def result(rounded=True, bipolar=False, subnormals=False, last=True):
    """The format of a rounded result and how it is rounded. `rounded`: said of each, where results can be exact too."""
    of = "Rounded: " if rounded else ""

    def said(text):
        return of + (text if of else text[0].upper() + text[1:])

    rows = [parameter("bit", "RSigned", "1'b1", said("the result has a sign")),
            parameter("int", "RExpBits", "4", said("exponent bits of the result; 0: an integer"))]
    if bipolar:
        rows.append(parameter("bit", "RBipolar", "1'b0",
                              said("the result is an integer of one bit, 0 for -1 and 1 for +1; a product of two such")))
    if subnormals:
        rows.append(parameter("bit", "RSubnormals", "1'b1",
                              said("exponent field 0 has no hidden bit; 0 for scales without a zero (E8M0)")))
    rows += [
        parameter("int", "RLsbExponent", "-9",
                  said("weight of the result's lowest bit is 2^this; minifloats: 1 - bias - fraction bits")),
        parameter("logic [31:0]", "RMaxFinite", "32'h7e",
                  said("largest finite code of a minifloat without its sign bit")),
        parameter("bit", "RHasInfinity", "1'b0", said("the minifloat has infinities")),
        parameter("logic [31:0]", "RInfinity", "32'h0", said("code of infinity without its sign bit")),
        parameter("bit", "RNegZeroIsNan", "1'b0", said("the minifloat has no minus zero")),
        parameter("logic [31:0]", "RNanCode", "32'h7f",
                  said("what a NaN becomes, the whole code; largest finite code where there is no NaN")),
        parameter("bit", "RFlush", "1'b0", said("a result that rounds to a subnormal is a zero of its sign")),
        parameter("int", "Rounding", "0",
                  "0 ties_to_even, 1 ties_to_away, 2 toward_zero, 3 toward_positive, 4 toward_negative, 5 to_odd,",
                  "6 stochastic_a, 7 stochastic_b, 8 stochastic_c, 9 ties_toward_positive,",
                  "10 ties_toward_negative"),
        parameter("int", "RandomWidth", "1", "Bits of random_i, of stochastic rounding"),
        parameter("int", "Overflow", "0",
                  "A finite value too large; infinity: 0 largest finite; same. 1 infinity, or largest finite if",
                  "rounding toward zero; infinity. 2 NaN; NaN. 3 low bits (integers); end of the range.",
                  "4 largest finite; infinity. 5 largest finite; NaN. 6 SatNone of P3109: infinity, or NaN where",
                  "there is none of this sign, or the end of the range if rounding toward it; infinity or NaN"),
    ]
    return joined(rows, last)


def shifts(letter):
    """The largest exponent field of an operand, and how far it moves the significand."""
    return [line.replace("@", letter) for line in (
        "  localparam int @MaxField = (@ExpBits == 0) ? 0 : @MaxFinite >> (@Fields - @ExpBits);",
        "  localparam int @MaxShift = (@Subnormals && (@MaxField > 0)) ? @MaxField - 1 : @MaxField;")]


def fields(letter):
    """The bits of an operand without its sign."""
    return [f"  localparam int {letter}Fields = {letter}Signed ? {letter}Width - 1 : {letter}Width;"]


def extremes(letter, bits, bipolar=False):
    """The largest significands of an operand, positive and negative."""
    one = f"{bits}'d1"
    return [line.replace("@", letter) for line in (
        f"  localparam logic [{bits - 1}:0] @Hidden = (@ExpBits != 0 && (@MaxField > 0 || !@Subnormals))",
        f"      ? {one} << (@Fields - @ExpBits) : {bits}'d0;",
        f"  localparam logic [{bits - 1}:0] @Positive = " + (f"@Bipolar ? {one} : " if bipolar else "")
        + f"(({one} << (@Fields - @ExpBits)) - {one})",
        f"      & ((@ExpBits == 0) ? {{{bits}{{1'b1}}}} : {{{{{bits - 32}{{1'b0}}}}, @MaxFinite}}) | @Hidden;",
        f"  localparam logic [{bits - 1}:0] @Negative = !@Signed ? {bits}'d0",
        f"      : (@ExpBits == 0) ? {one} << @Fields : @Positive;")]


def unit_range(letter):
    """The legal range of the weight of a lowest bit."""
    name = f"{letter}LsbExponent"
    return [f"  if ({name} < -1000000 || {name} > 1000000) begin : gen_bad_{letter.lower()}_lsb_exponent",
            f"    `FEWBIT_STOP({name}_must_be_minus_1000000_to_1000000)"]


def rounder(indent, subnormals=False):
    """The parameters of a result, handed to fewbit_round."""
    names = ["RWidth", "RSigned", "RExpBits"] + (["RSubnormals"] if subnormals else [])
    names += ["RLsbExponent", "RMaxFinite", "RHasInfinity", "RInfinity", "RNegZeroIsNan", "RNanCode", "RFlush",
              "Rounding", "RandomWidth", "Overflow"]
    return [f"{' ' * indent}.{name}({name})" + ("," if name != "Overflow" else "") for name in names]


def decoder(letter, indent, bipolar=False):
    """The format of an operand, handed to fewbit_decode or fewbit_fixed_point."""
    ports = [("Width", "Width"), ("IsSigned", "Signed"), ("ExpBits", "ExpBits")]
    ports += [("IsBipolar", "Bipolar")] if bipolar else []
    ports += [(name, name) for name in ("Subnormals", "MaxFinite", "HasInfinity", "Infinity", "NegZeroIsNan")]
    return [f"{' ' * indent}.{port}({letter}{name})," for port, name in ports]


def decoded(framed, operands):
    """Operands of a sum as significands and exponents, behind the declaration of what is `framed`; (letter, flush)."""
    lines = [f"    logic [Reach+SigWidth-1:0] {framed};"]
    for letter, flush in operands:
        x = letter.lower()
        lines += ["    fewbit_decode #(", *decoder(letter, 8), f"        .Flush({flush}),", "        .SigWidth(SigWidth),",
                  f"        .ShiftWidth({letter}ShiftWidth)", f"    ) u_decode_{x} (", f"        .code_i({x}_i),",
                  f"        .sign_o(sign_{x}),", f"        .significand_o(significand_{x}),", f"        .shift_o(shift_{x}),",
                  f"        .nan_o(nan_{x}),", f"        .inf_o(inf_{x})", "    );"]
    lines.append("    // Integers carry their sign in the significand")
    for letter, _ in operands:
        x = letter.lower()
        lines.append(f"    assign magnitude_{x} = (sign_{x} && ({letter}ExpBits == 0)) ? -significand_{x} : significand_{x};")
    return lines


def framed_pair(base):
    """Two decoded operands moved into one frame whose exponent is `base`."""
    return [
        "    assign position_a = BaseWidth'(shift_a) + BaseWidth'(ALeftShift);",
        "    assign position_b = BaseWidth'(shift_b) + BaseWidth'(BLeftShift);",
        "    fewbit_frame #(", "        .SigWidth(SigWidth),", "        .PositionWidth(BaseWidth),", "        .Reach(Reach)",
        "    ) u_frame (", "        .a_i(magnitude_a),", "        .a_position_i(position_a),", "        .b_i(magnitude_b),",
        "        .b_position_i(position_b),", "        .a_o(framed_a),", "        .b_o(framed_b),", f"        .base_o({base})",
        "    );", "    logic [ValueWidth-1:0] wide_a, wide_b;", "    assign wide_a = ValueWidth'(framed_a);",
        "    assign wide_b = ValueWidth'(framed_b);", "    assign value_a = sign_a ? -wide_a : wide_a;",
        "    assign value_b = sign_b ? -wide_b : wide_b;"]


def fixed_pair():
    """Two operands in fixed point, to the ports of the second."""
    lines = []
    for letter in "AB":
        x = letter.lower()
        lines += ["    fewbit_fixed_point #(", *decoder(letter, 8), "        .Flush(FlushInputs),",
                  f"        .LeftShift({letter}LeftShift),", "        .ValueWidth(ValueWidth)", f"    ) u_fixed_point_{x} (",
                  f"        .code_i({x}_i),", f"        .sign_o(sign_{x}),", f"        .value_o(value_{x}),",
                  f"        .nan_o(nan_{x}),", f"        .inf_o(inf_{x})", "    );"]
    return lines[:lines.index("    ) u_fixed_point_b (") + 1]


A, B = operand("A"), operand("B")
BIPOLAR_A, BIPOLAR_B = operand("A", bipolar=True), operand("B", bipolar=True)
FLUSHED = [("A", "FlushInputs"), ("B", "FlushInputs")]
SUM = [shifts("A"), shifts("B"), fields("A"), fields("B"), extremes("A", 2304), extremes("B", 2304)]

TEMPLATES = {
    "acc": [STOP, operand("A", unit=False), fields("A"), shifts("A"), decoder("A", 6)],
    "add": [STOP, A, B, result(), *SUM, unit_range("A"), unit_range("B"), decoded("framed_a, framed_b", FLUSHED),
            framed_pair("base"), fixed_pair(), rounder(8)],
    "convert": [STOP, A, result(rounded=False, subnormals=True), fields("A"), shifts("A"), unit_range("A"),
                decoder("A", 6), rounder(6, subnormals=True)],
    "dot": [STOP, BIPOLAR_A, BIPOLAR_B, operand("C"), result(subnormals=True), rounder(8, subnormals=True)],
    "fma": [STOP, A, B, operand("C"), result(subnormals=True), *SUM, fields("C"), shifts("C"), extremes("C", 2304),
            decoded("framed_p, framed_c", FLUSHED + [("C", "FlushInputs && !KeepC")]), decoder("C", 8),
            rounder(8, subnormals=True)],
    "fmac": [STOP, A, B, result(rounded=False, subnormals=True, last=False)],
    "mac": [operand("A", bipolar=True, unit=False), operand("B", bipolar=True, unit=False)],
    "max": [STOP, A, B, result(), *SUM, unit_range("A"), unit_range("B"), decoded("framed_a, framed_b", FLUSHED),
            framed_pair("unused_base"), fixed_pair(), rounder(8)],
    "mul": [STOP, BIPOLAR_A, BIPOLAR_B, result(bipolar=True), fields("A"), fields("B"), shifts("A"), shifts("B"),
            extremes("A", 96, bipolar=True), extremes("B", 96, bipolar=True), unit_range("A"), unit_range("B"),
            decoder("A", 6, bipolar=True), decoder("B", 6, bipolar=True), rounder(8)],
    "mxdot": [STOP, A, B, operand("C"), operand("S", "a scale", E8M0), fields("S"), shifts("S"),
              decoder("S", 6), result(subnormals=True), rounder(8, subnormals=True)],
    "mxquant": [STOP, A, shifts("A"), decoder("A", 8)],
    "squant": [STOP, operand("A", unit=False), fields("A"), decoder("A", 8)],
    "requant": [STOP, result(rounded=False, subnormals=True), unit_range("A"), unit_range("B"),
                rounder(8, subnormals=True)],
}
ADDEND = [STOP, operand("C"), result(rounded=False, subnormals=True), fields("C"), shifts("C"), unit_range("C"),
          decoder("C", 6), rounder(6, subnormals=True)]
OTHERS = {"fewbit_accumulator": [STOP], "fewbit_addend": ADDEND, "fewbit_decode": [STOP], "fewbit_fixed_point": [STOP], "fewbit_frame": [STOP],
          "fewbit_register": [STOP], "fewbit_round": [STOP]}


def replaced(lines, part, name):
    """The lines with everything from the part's first line to its last one replaced by the part."""
    result_lines, at, places = [], 0, 0
    while at < len(lines):
        if lines[at] != part[0]:
            result_lines.append(lines[at])
            at += 1
            continue
        try:
            end = lines.index(part[-1], at)
        except ValueError:
            sys.exit(f"{name}: no line like this after the one it belongs to: {part[-1].strip()}")
        result_lines += part
        at = end + 1
        places += 1
    if places == 0:
        sys.exit(f"{name}: no line like this: {part[0].strip()}")
    return result_lines


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--write", action="store_true", help="write the parts into the templates")
    parser.add_argument("--folder", type=pathlib.Path, default=pathlib.Path(__file__).parent, help="of the templates")
    arguments = parser.parse_args()
    files = {f"fewbit_{name}_generic": parts for name, parts in TEMPLATES.items()} | OTHERS
    different = []
    for name, parts in files.items():
        path = arguments.folder / f"{name}.sv"
        before = path.read_text(encoding="ascii")
        lines = before.split("\n")
        for part in parts:
            lines = replaced(lines, part, path.name)
        if "\n".join(lines) == before:
            continue
        different.append(path.name)
        if arguments.write:
            path.write_text("\n".join(lines), encoding="ascii")
    if different:
        print(("written: " if arguments.write else "not as rtl_templates/parts.py has it: ") + ", ".join(different))
    return 1 if different and not arguments.write else 0


if __name__ == "__main__":
    sys.exit(main())
