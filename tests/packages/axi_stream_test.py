"""Operators with AXI4-Stream ports, driven by source and sink of cocotbext-axi in Icarus; of PyPI, as `make tools` installs it.

    axi_stream_test.py FEWBIT [OPERATOR...]

Operands and expected results are the vectors of the operator's own test bench (`emit --testbench`), in packets of random
lengths; a sum ends where its vectors begin the next one. First nothing stalls, and a beat passes at every clock edge; then
source and sink pause at random. All the time what m_axis offers must stay until it is taken.
"""
# SPDX-License-Identifier: Apache-2.0
import itertools
import json
import os
import pathlib
import random
import subprocess
import sys
import tempfile

PAIR = ["--a", "e3m2", "--b", "e2m1", "--result", "e4m3fn"]
REQUESTS = {
    **{name: PAIR for name in ("mul", "add", "sub", "max", "min", "fma", "fmac")},
    "convert": ["--a", "binary16", "--result", "e4m3fn"],
    "dot": [*PAIR, "--lanes", "3"],
    "mxdot": ["--a", "e3m2", "--b", "e2m1", "--result", "bfloat16", "--lanes", "3"],
    "mxquant": ["--a", "bfloat16", "--result", "e2m1", "--lanes", "3"],
    "requant": ["--a", "int20", "--b", "uint6", "--result", "int8"],
    "acc": ["--a", "e4m3fn"],
    "mac": ["--a", "e4m3fn", "--b", "int4"],
    "facc": ["--a", "e4m3fn", "--result", "binary16"],
}
TAG_BITS = 5
OPERATIONS = 300  # of the vectors
SLACK = 24  # cycles for reset and latency


def padded(bits):
    return (bits + 7) // 8 * 8


def run_one(fewbit, operator, place):
    from cocotb_tools.runner import get_results, get_runner

    emit = [fewbit, "emit", operator, *REQUESTS[operator], "-o", place]
    subprocess.run([*emit, "--testbench", "cocotb", "--name", "plain"], check=True, stdout=subprocess.DEVNULL)
    subprocess.run([*emit, "--axi-stream", "--tag-bits", str(TAG_BITS), "--name", "axis"], check=True,
                   stdout=subprocess.DEVNULL)
    runner = get_runner("icarus")
    runner.build(sources=[place / name for name in (place / "axis.f").read_text().split()], hdl_toplevel="axis",
                 build_dir=place / "build", always=True, timescale=("1ns", "1ps"), log_file=place / "build.log")
    log = place / "test.log"
    results = runner.test(hdl_toplevel="axis", test_module=pathlib.Path(__file__).stem, build_dir=place / "build",
                          test_dir=place, results_xml=str(place / "results.xml"), log_file=log,
                          extra_env={"AXIS_FOLDER": str(place),
                                     "PYTHONPATH": f"{place}:{pathlib.Path(__file__).resolve().parent}"})
    tests, failed = get_results(results)
    if tests != 2 or failed:
        sys.exit(f"{operator}: {failed} of {tests} tests failed\n{log.read_text()}")
    print(f"{operator}: passed", flush=True)


def main():
    fewbit, operators = pathlib.Path(sys.argv[1]).resolve(), sys.argv[2:]
    words = subprocess.run([fewbit, "completion", "words", "--line=emit\x1f"], check=True, capture_output=True,
                           text=True).stdout.split()
    known = words[:words.index("skid")]
    if sorted(known) != sorted(REQUESTS):
        sys.exit(f"operators are {known}; requests are there for {list(REQUESTS)}")
    with tempfile.TemporaryDirectory() as folder:
        for operator in operators or known:
            run_one(fewbit, operator, pathlib.Path(folder, operator))


if __name__ == "__main__":
    main()
else:  # in the simulator
    import cocotb
    import test_plain as plain
    from cocotb.clock import Clock
    from cocotb.triggers import ReadOnly, RisingEdge
    from cocotbext.axi import AxiStreamBus, AxiStreamFrame, AxiStreamSink, AxiStreamSource

    FOLDER = pathlib.Path(os.environ["AXIS_FOLDER"])
    PORTS = {port["name"]: port for port in json.loads((FOLDER / "plain.json").read_text())["ports"]}
    IS_SUM = any(port == "first_i" for port, _, _ in plain.OPERANDS)

    def operand_beat(line):
        data = low = 0
        for port, place, bits in plain.OPERANDS:
            if port != "first_i":
                data |= plain.part(line, place, bits) << low
                low += padded(bits)
        return data

    def result_beat(line):
        """(bits, those of them that mean something)"""
        data = known = low = 0
        flags = {}
        for port, place, bits in plain.RESULTS:
            value = plain.part(line, place, bits)
            if port in ("nan_o", "pinf_o", "ninf_o"):
                flags[port] = value
                continue
            width = padded(bits)
            if PORTS[port]["signed"] and value >> (bits - 1):
                value |= (1 << width) - (1 << bits)
            data |= value << low
            if port != plain.RESULTS[0][0] or line & plain.DEFINED:
                known |= ((1 << width) - 1) << low
            low += width
        if flags:
            byte = sum(flags.get(port, 0) << k for k, port in enumerate(("nan_o", "pinf_o", "ninf_o")))
            data |= byte << low
            known |= 0xFF << low
        return data, known

    def packets(choice):
        """(beats, tags, the beats that come out) of each packet."""
        pairs = list(zip(plain.lines("plain_tb_operands.hex"), plain.lines("plain_tb_results.hex")))[:OPERATIONS]
        first = next((low for port, low, _ in plain.OPERANDS if port == "first_i"), None)
        made = []
        for k, (operation, result) in enumerate(pairs):
            begins = operation >> first & 1 if IS_SUM else choice.random() < 0.2
            if k == 0 or begins:
                made.append([])
            made[-1].append((operand_beat(operation), choice.getrandbits(TAG_BITS), *result_beat(result)))
        return made

    async def watch(dut):
        """What m_axis offers stays until it is taken."""
        stood = None
        while True:
            await RisingEdge(dut.clk_i)
            names = ("m_axis_tdata", "m_axis_tlast", "m_axis_tuser")
            valid = str(dut.m_axis_tvalid.value) == "1"
            offered = tuple(str(getattr(dut, name).value) for name in names) if valid else None
            assert stood is None or offered == stood, f"{offered} after {stood}"
            stood = offered if str(dut.m_axis_tready.value) != "1" else None
            await ReadOnly()

    async def stream(dut, choice, pause):
        """Sends all packets and compares what comes out; the cycles that it took."""
        dut.s_axis_tvalid.value = 0
        dut.m_axis_tready.value = 0
        dut.rst_ni.value = 0
        Clock(dut.clk_i, 10, "ns").start()
        reset = {"reset": dut.rst_ni, "reset_active_level": False, "byte_lanes": 1}  # a beat is one number
        source = AxiStreamSource(AxiStreamBus.from_prefix(dut, "s_axis"), dut.clk_i, **reset)
        sink = AxiStreamSink(AxiStreamBus.from_prefix(dut, "m_axis"), dut.clk_i, **reset)
        for _ in range(4):
            await RisingEdge(dut.clk_i)
        dut.rst_ni.value = 1
        await RisingEdge(dut.clk_i)
        cocotb.start_soon(watch(dut))
        if pause:
            source.set_pause_generator(choice.random() < 0.4 for _ in itertools.count())
            sink.set_pause_generator(choice.random() < 0.4 for _ in itertools.count())
        made = packets(choice)
        begin = cocotb.utils.get_sim_time("ns")
        for packet in made:
            await source.send(AxiStreamFrame([beat for beat, _, _, _ in packet], tuser=[tag for _, tag, _, _ in packet]))
        for k, packet in enumerate(made):
            got = await sink.recv(compact=False)
            expected = packet[-1:] if IS_SUM else packet
            data = list(got.tdata)
            assert len(data) == len(expected), f"packet {k}: {len(data)} beats, not {len(expected)}"
            for beat, tag, (_, sent_tag, bits, known) in zip(data, got.tuser, expected):
                assert beat & known == bits & known, f"packet {k}: {beat:x}, not {bits:x}"
                assert tag == sent_tag, f"packet {k}: tag {tag}, not {sent_tag}"
        return int((cocotb.utils.get_sim_time("ns") - begin) / 10)

    @cocotb.test()
    async def a_beat_passes_at_every_clock_edge(dut):
        cycles = await stream(dut, random.Random(1), False)
        assert cycles <= OPERATIONS + SLACK, f"{cycles} cycles for {OPERATIONS} beats"

    @cocotb.test()
    async def random_stalls_change_nothing(dut):
        cycles = await stream(dut, random.Random(2), True)
        assert cycles > OPERATIONS + SLACK, "nothing stalled"
