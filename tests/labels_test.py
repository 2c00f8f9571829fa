"""Every test has exactly one label, and time enough for a slow machine.

    labels_test.py BUILD
"""
# SPDX-License-Identifier: Apache-2.0
import json
import subprocess
import sys

sys.dont_write_bytecode = True
import label_times  # noqa: E402

LABELS = {"quick", "numbers", "simulate", "synthesize", "prove", "networks", "commands"}
LEAST_SECONDS = 600


def complaints(tests):
    """What is wrong with the tests as ctest lists them."""
    found, used = [], set()
    for test in tests:
        properties = {entry["name"]: entry["value"] for entry in test.get("properties", [])}
        labels = properties.get("LABELS", [])
        used |= set(labels)
        if len(labels) != 1 or labels[0] not in LABELS:
            found.append(f"{test['name']} has the labels {labels}, not one of {sorted(LABELS)}: tests/CMakeLists.txt")
        if properties.get("TIMEOUT", 0) < LEAST_SECONDS:
            found.append(f"{test['name']} may take {properties.get('TIMEOUT')} s, fewer than {LEAST_SECONDS}")
    budgeted = "|".join(label_times.BUDGETS).split("|")
    if sorted(budgeted) != sorted(LABELS):
        found.append(f"label_times.py has budgets for {sorted(budgeted)}, not for {sorted(LABELS)}")
    return found + [f"no test has the label {label}" for label in sorted(LABELS - used)]


def test_complaints():
    """Each rule is seen to be broken."""
    def test(labels, seconds=LEAST_SECONDS):
        return {"name": "a", "properties": [{"name": "LABELS", "value": labels}, {"name": "TIMEOUT", "value": seconds}]}

    good = [test([label]) for label in LABELS]
    assert not complaints(good)
    for wrong in (test(["quick", "prove"]), test(["other"]), test(["quick"], 60), {"name": "b"}):
        assert complaints(good + [wrong]), wrong
    assert complaints(good[1:]) == [f"no test has the label {next(iter(LABELS))}"]


def main():
    test_complaints()
    listed = subprocess.run(["ctest", "--test-dir", sys.argv[1], "--show-only=json-v1"], check=True,
                            capture_output=True, text=True).stdout
    tests = json.loads(listed)["tests"]
    found = complaints(tests)
    if found:
        sys.exit("\n".join(found))
    print(f"{len(tests)} tests, each with one label")


if __name__ == "__main__":
    main()
