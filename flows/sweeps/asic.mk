# Standard cells: part of the Makefile.
# SPDX-License-Identifier: Apache-2.0
.PHONY: sweep-paper-asic
sweep-paper-asic: binary  ## The paper's grid in standard cells, 1800 jobs, into build/sweep/paper_asic.sqlite; resumes (HOURS)
	@mkdir -p $(BUILD)/sweep
	@$(SWEEP) run flows/sweeps/paper_asic.yaml --db $(BUILD)/sweep/paper_asic.sqlite --jobs $(JOBS)

.PHONY: asic-table
asic-table: binary  ## Measure the tables of docs/cost.md in standard cells anew and put them there (MINUTES)
	@mkdir -p $(BUILD)/sweep
	@$(SWEEP) run flows/sweeps/asic.yaml --db $(BUILD)/sweep/asic.sqlite --jobs $(JOBS)
	@python3 flows/sweeps/asic_table.py $(BUILD)/sweep/asic.sqlite --into docs/cost.md
