# Targets of docs/language.md and docs/diffusion.md; part of the Makefile.
# SPDX-License-Identifier: Apache-2.0
TEXT := $(BUILD)/text
LANGUAGE := docs/data/language.sqlite.xz
LANGUAGE_DB := $(BUILD)/accuracy/language.sqlite
LANGUAGE_FORMATS := int3,int4,int8,e2m1,e4m3fn,mxfp4,mxfp8_e4m3,nvfp4
LANGUAGE_TABLES := language-float language language-pairs
LANGUAGE_GRID = $(FEWBIT) quant grid --network quant/networks/characters.onnx --images $(TEXT)/held-out.npy \
  --labels $(TEXT)/held-out-labels.npy --calibration-images $(TEXT)/calibration.npy --metric bits-per-character \
  --limit 296 --jobs $(JOBS) --db $(LANGUAGE_DB)

.PHONY: text
text: setup  ## Make windows of Debian's documentation for networks of characters in build/text
	@/usr/bin/python3 -B quant/training/text.py $(TEXT)

$(LANGUAGE_DB):
	@mkdir -p $(@D)
	@test ! -f $(LANGUAGE) || python3 flows/sweeps/database_file.py unpack $(LANGUAGE) $@

.PHONY: measure-language
measure-language: binary text $(LANGUAGE_DB)  ## Evaluate pairs of formats on the network of characters; resumes; LANGUAGE_FORMATS=2..8 for more
	@for technique in "$(ACCURACY_TECHNIQUE)" "" "--activation-equalization on $(ACCURACY_TECHNIQUE)"; do \
	  for formats in int4,int8 e2m1,e4m3fn mxfp4,mxfp8_e4m3 nvfp4; do \
	    $(LANGUAGE_GRID) --weights $$formats --activations $$formats $$technique || exit 1; done; done
	@$(LANGUAGE_GRID) --weights $(LANGUAGE_FORMATS) --activations $(LANGUAGE_FORMATS) $(ACCURACY_TECHNIQUE)

.PHONY: publish-language
publish-language:  ## Put build/accuracy/language.sqlite into docs/data/, packed, then do `make language-tables`
	@python3 flows/sweeps/database_file.py pack $(LANGUAGE_DB) $(LANGUAGE)
	@$(MAKE) --no-print-directory language-tables

.PHONY: language-tables
language-tables:  ## Tables of docs/language.md from the published pairs
	@python3 quant/language.py $(LANGUAGE) --output $(BUILD)/language
	@.ci/put-tables docs/language.md $(LANGUAGE_TABLES:%=$(BUILD)/language/%.md)

DIFFUSION_SAMPLES := 200

.PHONY: diffusion-table
diffusion-table: binary  ## Measure the table of docs/diffusion.md and put it there; resumes
	@python3 quant/sampling.py $(FEWBIT) --output $(BUILD)/diffusion --samples $(DIFFUSION_SAMPLES) \
	  --jobs $(JOBS)
	@.ci/put-tables docs/diffusion.md $(BUILD)/diffusion/diffusion.md

.PHONY: train-networks
train-networks: setup  ## Train the networks of quant/networks anew with Debian's torch (an hour on two idle cores)
	@.ci/setup training
	@for network in $(NETWORK_NAMES); do \
	  /usr/bin/python3 quant/training/train.py $$network --threads $(JOBS) \
	    --output quant/networks || exit 1; done

.PHONY: train-characters
train-characters: setup  ## Train the network of characters anew with Debian's torch (a quarter of an hour)
	@.ci/setup training
	@/usr/bin/python3 -B quant/training/characters.py --threads $(JOBS) --output quant/networks

.PHONY: train-denoiser
train-denoiser: setup  ## Train the network that takes noise out anew with Debian's torch (ten minutes); resumes
	@.ci/setup training
	@/usr/bin/python3 -B quant/training/diffusion.py --threads $(JOBS) --output $(BUILD)/training/denoiser
	@cp $(BUILD)/training/denoiser/denoiser.onnx $(BUILD)/training/denoiser/denoiser.npy quant/networks/
