"""No file is longer than 500 lines, no C++ function has a cyclomatic complexity over 20.

    limits_test.py SOURCE

Complexity: 1, and 1 for each if, for, while, case, catch, &&, || and ?, lambdas counted where they stand.
"""
# SPDX-License-Identifier: Apache-2.0
import pathlib
import re
import sys

MOST_LINES = 500
MOST_COMPLEXITY = 20
FOLDERS = ("gen", "rtl_templates", "sim", "quant", "flows", "cli", "python", "tests", "docs/examples")
SUFFIXES = {".cc", ".h", ".py", ".sv", ".svh", ".cmake", ".js", ".mjs"}

TOKEN = re.compile(r"""
    (?P<skip> //[^\n]* | /\*.*?\*/ | \\\n | ^[ \t]*\#(?:\\\n|[^\n])* )
  | (?P<text> R"(?P<mark>[^(\s]*)\(.*?\)(?P=mark)" | "(?:\\.|[^"\\\n])*" )
  | (?P<number> \d(?:'?[\w.])* )
  | (?P<letter> '(?:\\.|[^'\\\n])+' )
  | (?P<word> [A-Za-z_]\w* )
  | (?P<sign> && | \|\| | :: | -> | [^\s] )
""", re.VERBOSE | re.DOTALL | re.MULTILINE)
BRANCHES = {"if", "for", "while", "case", "catch", "&&", "||", "?"}


def tokens_of(text):
    """(token, line) of everything but comments, directives and what strings hold."""
    line, end = 1, 0
    for match in TOKEN.finditer(text):
        line += text.count("\n", end, match.start())
        end = match.start()
        if not match["skip"]:
            yield ('""' if match["text"] else match[0]), line


def name_of(head):
    """The name of the function whose declaration these tokens are; None where they declare none."""
    words = {token for token, _ in head}
    if "(" not in words or "namespace" in words or "enum" in words:
        return None
    place = next(i for i, (token, _) in enumerate(head) if token == "(")
    before = [token for token, _ in head[:place]]
    if not before or "=" in before and "operator" not in before and "[" not in before:
        return None
    name = before[-1]
    if name.startswith("TEST"):  # TEST(A, B)
        name += "(" + ", ".join(token for token, _ in head[place + 1:] if token not in "(),{}") + ")"
    return name


def functions_of(text):
    """(name, line, complexity) of each function with a body."""
    functions, head, scopes = [], [], []
    current, depth = None, 0
    for token, line in tokens_of(text):
        if current is not None:
            current[2] += token in BRANCHES
            depth += (token == "{") - (token == "}")
            if depth == 0:
                functions.append(tuple(current))
                current, head = None, []
        elif token == "{":
            name = name_of(head)
            if name is None:
                scopes.append(token)
            else:
                current, depth = [name, line, 1 + sum(word in BRANCHES for word, _ in head)], 1
            head = []
        elif token in ";}":
            head = []
        else:
            head.append((token, line))
    if current is not None:
        raise AssertionError(f"the body of {current[0]} does not end")
    return functions


def complaints(files):
    """What is wrong with {name: text}."""
    found = []
    for name, text in sorted(files.items()):
        lines = text.count("\n")
        if lines > MOST_LINES:
            found.append(f"{name} has {lines} lines, more than {MOST_LINES}")
        if not name.endswith((".cc", ".h")):
            continue
        for function, line, complexity in functions_of(text):
            if complexity > MOST_COMPLEXITY:
                found.append(f"{name}: {function}, line {line}, has complexity {complexity}, more than "
                             f"{MOST_COMPLEXITY}")
    return found


def test_rules():
    """Each rule is seen to be broken, and each token to count."""
    body = "if (a && b || c ? d : e) for (;;) while (x) switch (y) { case 1: try {} catch (...) {} }"
    text = f"""namespace a {{ // if if
class B {{ void f() const {{ auto g = [] {{ if (x) return "if"; }}; }} int h = 0; }};
B::B(int x) : x_(x) {{ {body} }}
TEST(Suite, Name) {{ R"(if {{ )"; '{{'; 1'000; }}
}}  // namespace
"""
    found = [(name, complexity) for name, _, complexity in functions_of(text)]
    assert found == [("f", 2), ("B", 9), ("TEST(Suite, Name)", 1)], found
    many = "void f() {" + "if (x) y();" * MOST_COMPLEXITY + "}\n"
    assert not complaints({"a.cc": "\n" * MOST_LINES})
    assert complaints({"a.cc": "\n" * (MOST_LINES + 1)})
    assert complaints({"a.cc": many})
    assert not complaints({"a.cc": many.replace("if (x) y();", "", 1)})


def main():
    test_rules()
    source = pathlib.Path(sys.argv[1])
    files = {}
    for folder in FOLDERS:
        for path in (source / folder).rglob("*"):
            if path.suffix in SUFFIXES and "node_modules" not in path.parts:
                files[path.relative_to(source).as_posix()] = path.read_text(encoding="utf-8")
    files["Makefile"] = (source / "Makefile").read_text(encoding="utf-8")
    count = sum(len(functions_of(text)) for name, text in files.items() if name.endswith((".cc", ".h")))
    assert count > 1000, f"only {count} functions found"
    found = complaints(files)
    if found:
        sys.exit("\n".join(found))
    print(f"{len(files)} files, {count} functions")


if __name__ == "__main__":
    main()
