# make help lists the targets. Everything a target needs is installed first when it is missing.
SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
MAKEFLAGS += --no-builtin-rules

CXX_FILES = $(shell git ls-files --cached --others --exclude-standard '*.cpp' '*.hpp')
SHELL_FILES = scripts/install-deps scripts/build-images scripts/testbed scripts/demo \
    scripts/demo-stop scripts/cluster scripts/lib.sh bench/run tests/fuzz/run \
    tests/tidy/format_check .ci/run images/shrink images/redis/setup images/web/setup

.PHONY: help
help: ## show this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-18s%s\n", $$1, $$2}' $(MAKEFILE_LIST)

.PHONY: build
build: ## the release build; leaves build/nap
	@scripts/install-deps build
	cmake --preset release >/dev/null
	cmake --build --preset release --target nap

.PHONY: test-unit
test-unit: ## only the tests of the pure parts: seconds, no daemons
	@scripts/install-deps build
	cmake --preset release >/dev/null
	cmake --build --preset release --target nap_unit_tests
	build/nap_unit_tests --gtest_brief=1

.PHONY: test
test: ## the tests, also against real dockerd and Consul (private ones), some on three hosts; needs root
	@scripts/install-deps all
	cmake --preset release >/dev/null
	cmake --build --preset release
	@scripts/build-images --cache-only
	ctest --test-dir build --output-on-failure -j2 -LE cluster

.PHONY: test-cluster
test-cluster: ## the tests on three hosts only, each with Docker, Consul and nap; needs root
	@scripts/install-deps all
	cmake --preset release >/dev/null
	cmake --build --preset release --target nap nap_cluster_tests
	@scripts/build-images --cache-only
	ctest --test-dir build --output-on-failure -L cluster

.PHONY: test-differential
test-differential: ## what nap makes of Compose files beside what docker-compose does; needs root
	@scripts/install-deps all
	cmake --preset release >/dev/null
	cmake --build --preset release --target nap nap_differential_tests
	@scripts/build-images --cache-only
	ctest --test-dir build --output-on-failure -L differential

SEEDS ?= 100

.PHONY: sim
sim: ## agents against a simulated Consul and engines: SEEDS=N of them, or SEED=N alone
	@scripts/install-deps build
	cmake --preset release >/dev/null
	cmake --build --preset release --target nap_sim
	build/nap_sim $(if $(SEED),--seed $(SEED),--seeds $(SEEDS))

.PHONY: demo
demo: ## the guestbook on this machine, healed before your eyes; stays running
	@scripts/install-deps all
	@$(MAKE) --no-print-directory build
	@scripts/demo

.PHONY: demo-stop
demo-stop: ## end what make demo started
	@scripts/demo-stop

# Where make cluster-up puts its hosts.
CLUSTER ?= /tmp/nap-cluster

.PHONY: cluster-up
cluster-up: ## three hosts on this machine, each with Docker, Consul and nap; says how to use them
	@scripts/install-deps all
	@$(MAKE) --no-print-directory build
	@scripts/cluster up $(CLUSTER) --swarm --routed
	@scripts/cluster usage $(CLUSTER)

.PHONY: cluster-down
cluster-down: ## end what make cluster-up started
	@scripts/cluster down $(CLUSTER)

.PHONY: bench
bench: ## the figures of bench/README.md; needs root
	@scripts/install-deps all
	cmake --preset release >/dev/null
	cmake --build --preset release
	@scripts/build-images --cache-only
	bench/run

.PHONY: bench-cluster
bench-cluster: ## nap beside Swarm on three hosts: the figures of bench/README.md; needs root
	@scripts/install-deps all
	cmake --preset release >/dev/null
	cmake --build --preset release --target nap nap_cluster_bench
	@scripts/build-images --cache-only --only busybox
	build/nap_cluster_bench

.PHONY: asan
asan: ## the tests of one host under AddressSanitizer and UndefinedBehaviorSanitizer
	@scripts/install-deps all
	cmake --preset asan >/dev/null
	cmake --build --preset asan
	@scripts/build-images --cache-only
	ctest --test-dir build-asan --output-on-failure -LE 'cluster|differential' -E '^three_hosts$$'

FUZZ_TARGETS = yaml interpolation ports volumes durations bytes env manifest
TARGET ?= $(FUZZ_TARGETS)
SECONDS ?= 60

.PHONY: fuzz
fuzz: ## look for inputs that break the manifest reader: TARGET=x alone, SECONDS=n for each
	@scripts/install-deps fuzz
	cmake --preset fuzz >/dev/null
	cmake --build --preset fuzz --target $(addprefix nap_fuzz_,$(TARGET))
	@for target in $(TARGET); do tests/fuzz/run $$target $(SECONDS); done

.PHONY: fmt
fmt: ## format the sources in place
	clang-format-14 -i $(CXX_FILES)

.PHONY: lint
lint: ## format, house rules, shell scripts, clang-tidy
	@scripts/install-deps all
	clang-format-14 --dry-run -Werror $(CXX_FILES)
	tests/tidy/tidy_check
	shellcheck -x $(SHELL_FILES)
	cmake --preset release >/dev/null
	find src -name '*.cpp' -print0 | \
	    xargs -0 -n 4 -P "$$(nproc)" clang-tidy-14 --quiet -p build 2>/dev/null

.PHONY: clean
clean: ## remove what builds leave
	rm -rf build build-dev build-asan build-fuzz
