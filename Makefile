# fewbit: thin front to CMake and ctest. `make help` lists what there is.
SHELL := /bin/bash
BUILD ?= build
JOBS ?= $(shell nproc)
FEWBIT := $(BUILD)/bin/fewbit

.DEFAULT_GOAL := help
.PHONY: help setup build test demo readme-table lint format bench verify-grid verify-bars clean

help: ## show this list
	@awk -F':.*## ' '/^[a-z-]+:.*## /{printf "  make %-14s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

setup: ## install the Debian packages that are missing (debian-packages.txt)
	@bash flows/setup.sh debian-packages.txt

build: setup ## compile everything into build/
	@test -f $(BUILD)/build.ninja || cmake --preset default -B $(BUILD)
	@cmake --build $(BUILD) -j $(JOBS)

test: build ## set up, build and run every test
	@ctest --test-dir $(BUILD) --no-tests=error --output-on-failure -j $(JOBS)

demo: build ## emit, verify and cost ten MACs, generic beside optimized
	@$(FEWBIT) demo -o $(BUILD)/demo --jobs $(JOBS)

readme-table: demo ## put the table that `make demo` measured into README.md
	@sed -i -e '/<!-- demo-table -->/,/<!-- demo-table-end -->/{//!d}' \
	  -e '/<!-- demo-table -->/r $(BUILD)/demo/demo.md' README.md

verify-grid: build ## verify the 30 x 30 format pairs of 3 to 8 bits, every operand pair
	@$(FEWBIT) verify --grid 3..8 --ops mul,mac --jobs $(JOBS)

verify-bars: build ## cost the demo's MACs with 1,024 terms on three families
	@$(FEWBIT) demo --terms 1024 --targets ice40-hx8k,ecp5,xilinx-usp -o $(BUILD)/bars --jobs $(JOBS)

lint: setup ## check the formatting of all C++ files
	@git ls-files '*.cc' '*.h' | xargs clang-format --dry-run -Werror

format: setup ## reformat all C++ files
	@git ls-files '*.cc' '*.h' | xargs clang-format -i

bench: build ## run the benchmarks
	@for b in $(BUILD)/bin/*_bench; do $$b; done

clean: ## delete the build folder
	@rm -rf $(BUILD)
