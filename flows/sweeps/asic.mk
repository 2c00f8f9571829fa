# Standard cells: part of the Makefile.
# SPDX-License-Identifier: Apache-2.0
.PHONY: sweep-paper-asic
sweep-paper-asic: binary  ## The paper's grid in standard cells, 1800 jobs, into build/sweep/paper_asic.sqlite; resumes
	@mkdir -p $(BUILD)/sweep
	@$(SWEEP) run flows/sweeps/paper_asic.yaml --db $(BUILD)/sweep/paper_asic.sqlite --jobs $(JOBS)

.PHONY: asic-table
asic-table: binary  ## Measure the demo's formats in standard cells; docs/cost.md gets the table of MACs (minutes)
	@mkdir -p $(BUILD)/sweep
	@$(SWEEP) run flows/sweeps/asic.yaml --db $(BUILD)/sweep/asic.sqlite --jobs $(JOBS)
	@python3 flows/sweeps/asic_table.py $(BUILD)/sweep/asic.sqlite
	@python3 flows/sweeps/asic_table.py $(BUILD)/sweep/asic.sqlite --operator mac --into docs/cost.md
