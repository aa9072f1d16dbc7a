# fltrain. `make help` lists the targets.

.DEFAULT_GOAL := all
GOALS := $(or $(MAKECMDGOALS),all)
# As many jobs as there are cores, unless the command line or MAKEFLAGS says how many.
ifeq ($(MAKELEVEL),0)
MAKEFLAGS += $(shell echo "$$MAKEFLAGS" | grep -qe '-j' || echo "-j$$(nproc)")
endif
MAKEFLAGS += --no-print-directory

APT = apt-get install -y --no-install-recommends
SUDO := $(shell [ "$$(id -u)" = 0 ] || echo sudo)
DEPS := gcc libc6-dev make pkg-config libopenblas-dev libcsv-dev libjansson-dev zlib1g-dev libssl-dev check python3 \
        python3-numpy sqlite3 xz-utils
DEPS_DEV := clang clang-format clang-tidy cppcheck shellcheck mandoc man-db zsh fish libclang-rt-14-dev valgrind python3-sklearn python3-torch \
            python3-jsonschema python3-xgboost python3-pandas python3-onnx libxsmm-dev libdnnl-dev postgresql chromium chromium-driver python3-selenium tidy poppler-utils \
            openmpi-bin libopenmpi-dev mpich libmpich-dev gcc-arm-linux-gnueabihf libc6-dev-armhf-cross gcc-s390x-linux-gnu libc6-dev-s390x-cross qemu-user \
            gcc-aarch64-linux-gnu dpkg-dev debhelper dh-python lintian autopkgtest mmdebstrap buildah

# Its own script would download a library for graphics cards, which nothing here needs.
ONNXRUNTIME = npm install --no-save --no-audit --no-fund --ignore-scripts --prefix build/onnxruntime onnxruntime-node@1.20.1

# Every target that `make help` lists, and those that only other targets call.
.PHONY: $(shell sed -n 's/^\([a-z-]*\):.*\#\# .*/\1/p' Makefile) after-deps fuzz-programs tsan-built cost-built

# The flags depend on what deps installs, so a second make, which reads this file again, makes the goals beside it.
INSTALLS := $(filter deps deps-dev,$(GOALS))
ifneq ($(INSTALLS),)
OTHERS := $(filter-out $(INSTALLS),$(GOALS))

deps: ## Build: install what building and testing need (Debian)
	$(SUDO) apt-get update -q
	$(SUDO) $(APT) $(DEPS)

deps-dev: deps ## Build: also what lint, fuzzing and the peers need
	$(SUDO) $(APT) $(DEPS_DEV)
	@$(ONNXRUNTIME) || echo "deps-dev: npm could not install onnxruntime, so check-onnx will do without it, and say so"

$(OTHERS): after-deps
	@:

after-deps: $(INSTALLS)
	$(MAKE) $(OTHERS)

else # down to the end of the file

# Suites that run side by side keep their lines apart: each shows its own when it is done.
ifneq ($(or $(filter check,$(GOALS)),$(word 2,$(filter check-%,$(GOALS)))),)
MAKEFLAGS += -Otarget
endif

# 1: several processes share the work (src/ranks/README.md), built and linked as MPICC does it. Only the program is linked
# with MPI, not the library.
MPI =
MPICC ?= mpicc

VERSION := 0.1.0
PREFIX ?= /usr/local
LIBDIR ?= $(PREFIX)/lib
DESTDIR ?=
ifeq ($(origin CC),default)
CC := gcc
endif
BUILD ?= build
# A folder with data sets and a manifest, for check-data and bench-quality.
DATA ?=

PKGS := jansson zlib libcrypto
# Opened by the program when it needs it: only its header is compiled in, and nothing of it linked.
OPENED := openblas
WARN := -Wall -Wextra -Wconversion -Wshadow -Wstrict-prototypes
OPTIMIZE ?= -O2
SYMBOLS = -g
SANITIZE ?=
# Options that this compiler and C library take without a word.
taken = $(shell $(CC) -O2 -Werror $(1) -include stdio.h -x c -E /dev/null >/dev/null 2>&1 && echo '$(1)')
CFLAGS ?= $(OPTIMIZE) $(SYMBOLS)
# Loops over arrays that the compiler is to make vectors of.
KERNELS := -O3 -fno-trapping-math
PRODUCT := -O3 -ffp-contract=fast

# The compiler and pkg-config are asked only where something is to be built.
BUILDS := $(filter-out help clean uninstall,$(GOALS))
ifneq ($(BUILDS),)
# The checks of fortified calls would keep the sanitizers from seeing those calls.
FORTIFY := -U_FORTIFY_SOURCE $(if $(SANITIZE),,-D_FORTIFY_SOURCE=$(if $(call taken,-D_FORTIFY_SOURCE=3),3,2))
HARDEN := $(FORTIFY) -fPIC $(call taken,-fno-semantic-interposition) -fstack-protector-strong $(call taken,-fstack-clash-protection) \
          $(call taken,-fcf-protection) -Wformat=2 -Werror=format-security
ALL_CFLAGS := -std=c11 -D_GNU_SOURCE -pthread -ffp-contract=off -fno-math-errno $(WARN) $(HARDEN) -Iinclude -Isrc \
              -DFLT_VERSION='"$(VERSION)"' $(shell pkg-config --cflags $(PKGS) $(OPENED)) $(SANITIZE) $(CFLAGS)
ALL_LDFLAGS := -pie -Wl,-z,relro,-z,now -pthread $(SANITIZE) $(LDFLAGS)
LIBS := $(shell pkg-config --libs $(PKGS)) -lcsv -lm
ifneq ($(MPI),)
MPI_SHOWN := $(shell $(MPICC) -show)
ifeq ($(MPI_SHOWN),)
$(error MPI=1 needs an MPI: apt-get install libopenmpi-dev, or give its compiler as MPICC=...)
endif
ALL_CFLAGS += $(filter -I% -D%,$(MPI_SHOWN))
MPI_LIBS := $(filter -L% -l% -Wl%,$(MPI_SHOWN))
endif
endif
CHECK_CFLAGS = $(shell pkg-config --cflags check)
CHECK_LIBS = $(shell pkg-config --libs check)

# Every object depends on a file that holds the compiler and the flags, and is written anew when these are others.
# install alone places what was built: it often runs as root, with another environment.
STAMP := $(BUILD)/flags
STAMPED := $(strip $(if $(MPI),MPI) $(CC) $(ALL_CFLAGS) | $(KERNELS) | $(PRODUCT) | $(ALL_LDFLAGS) $(LIBS) $(MPI_LIBS))
ifneq ($(filter-out install install-strip,$(BUILDS)),)
ifneq ($(file <$(STAMP)),$(STAMPED))
.PHONY: $(STAMP)
endif
endif

$(STAMP):
	@mkdir -p $(@D)
	@printf '%s\n' '$(subst ','\'',$(STAMPED))' >$@

LIB_SRC := $(filter-out $(wildcard src/cli/*.c) src/ranks/$(if $(MPI),single,mpi).c,$(wildcard src/*/*.c))
CLI_SRC := $(wildcard src/cli/*.c)
UNIT_SRC := $(wildcard tests/unit/test_*.c)
# With MPI=1: where all objects but that of mpi.c lie, if another build has made them (check-mpi); they are the same ones.
OBJECTS := $(BUILD)
LIB_OBJ := $(patsubst %.c,$(OBJECTS)/%.o,$(filter-out src/ranks/mpi.c,$(LIB_SRC))) \
           $(patsubst %.c,$(BUILD)/%.o,$(filter src/ranks/mpi.c,$(LIB_SRC)))
CLI_OBJ := $(CLI_SRC:%.c=$(OBJECTS)/%.o)
DATA_SRC := $(wildcard data/*.c)
UNIT := $(UNIT_SRC:tests/unit/%.c=$(BUILD)/tests/%)
UNIT_CLI := $(addprefix $(BUILD)/tests/test_,cli_options cli_report interrupt)
LIB := $(BUILD)/libfltrain.a
# The number changes when a program that was linked to an older one would no longer work.
SONAME := libfltrain.so.0
SHARED := $(BUILD)/libfltrain.so.$(VERSION)
# The command line but for main, for its unit tests and the harness of config files.
CLI_LIB := $(BUILD)/libcli.a
FUZZ_SRC := $(filter-out %/replay.c %_mutator.c,$(wildcard tests/fuzz/*.c))
FUZZ := $(FUZZ_SRC:tests/fuzz/%.c=%)
# Seconds that make fuzz gives each harness.
SECONDS ?= 60

ifeq ($(BUILD),build)
PROGRAM := fltrain
else
PROGRAM := $(BUILD)/fltrain
endif

all: $(PROGRAM) $(LIB) $(SHARED) ## Build: build the program and the library (the default)

GROUPS := Build Tests Longer Packages Benchmarks Data

# Each target's ## names its group, then says what it does.
help: ## Build: list the targets
	@for group in $(GROUPS); do \
		printf '\n%s\n' "$$group"; \
		sed -n "s/^\([a-z-]*\):.*## $$group: /  \1\t/p" Makefile | expand -t 23; \
	done

$(PROGRAM): $(CLI_OBJ) $(LIB)
	$(CC) $(ALL_LDFLAGS) -o $@ $^ $(LIBS) $(MPI_LIBS)

$(LIB): $(LIB_OBJ)
	rm -f $@
	$(AR) rcs $@ $^

# What the headers declare, and nothing else, is seen from outside; the test install compares.
$(BUILD)/libfltrain.map: include/fltrain $(wildcard include/fltrain/*.h)
	@mkdir -p $(@D)
	@{ echo 'FLTRAIN_0 {'; echo 'global:'; \
		grep -ohE '\bflt_[a-z0-9_]+ *\(' include/fltrain/*.h | sed 's/ *($$/;/' | sort -u; \
		echo 'local:'; echo '*;'; echo '};'; } >$@

$(SHARED): $(LIB_OBJ) $(BUILD)/libfltrain.map
	$(CC) -shared -Wl,-soname,$(SONAME) -Wl,--version-script=$(BUILD)/libfltrain.map -Wl,-z,relro,-z,now -pthread \
		$(SANITIZE) $(LDFLAGS) -o $@ $(filter-out %/ranks/mpi.o,$(LIB_OBJ)) $(LIBS)
	@ln -sf $(@F) $(BUILD)/$(SONAME)

$(BUILD)/%.o: %.c $(STAMP)
	@mkdir -p $(@D)
	$(CC) $(ALL_CFLAGS) -MMD -MP -c -o $@ $<

$(BUILD)/src/nn/kernels_%.o $(BUILD)/src/table/numbers.o: ALL_CFLAGS += $(KERNELS)
$(BUILD)/src/nn/product_%.o: ALL_CFLAGS += $(PRODUCT)

$(BUILD)/tests/unit/main.o: ALL_CFLAGS += $(CHECK_CFLAGS)

# Only tests of the command line are linked with it.
$(UNIT_CLI): TESTED = $(CLI_LIB)
$(UNIT_CLI): $(CLI_LIB)

# Tests put their own functions in the places of the C library's.
$(BUILD)/tests/%: tests/unit/%.c $(BUILD)/tests/unit/main.o $(LIB)
	@mkdir -p $(@D)
	$(CC) $(ALL_CFLAGS) $(call taken,-fsemantic-interposition) -MMD -MP -Itests/unit $(CHECK_CFLAGS) $(ALL_LDFLAGS) -o $@ $< $(BUILD)/tests/unit/main.o \
		$(TESTED) $(LIB) $(CHECK_LIBS) $(LIBS)

# What check takes; make check-differential alone takes 1e8 and all.
check: DIFFERENTIAL := 1e6
check: check-unit check-cli check-remedies check-kill check-power check-limits check-corpus check-differential check-export check-shipped check-build check-mutants check-branches ## Tests: run all tests (minutes)

check-unit: $(UNIT) ## Tests: the unit tests
	tests/run-unit.sh $(UNIT)

check-cli: all ## Tests: the command lines: output, exit code, files
	REPORTS=$(BUILD)/reports tests/run-cli.sh ./$(PROGRAM)
	tests/options.py ./$(PROGRAM)

check-remedies: $(PROGRAM) ## Tests: each message that suggests an option: whether that helps
	tests/remedies/run.py ./$(PROGRAM)

# How many trainings are killed.
KILLS ?= 200

check-kill: $(PROGRAM) ## Tests: kill trainings at random moments and resume (KILLS)
	KILLS=$(KILLS) tests/kill.sh ./$(PROGRAM)

$(BUILD)/%.so: tests/%.c $(STAMP)
	@mkdir -p $(@D)
	$(CC) -std=c11 -D_GNU_SOURCE $(WARN) $(CFLAGS) -shared -fPIC -o $@ $<

# Each MPI that is there, by the names that Debian gives to several of them.
MPIS := $(shell for mpi in openmpi mpich; do command -v mpicc.$$mpi >/dev/null && echo $$mpi; done)

check-mpi: KILLS := 6
check-mpi: $(PROGRAM) ## Longer: several processes by each MPI that is there (KILLS)
	@for mpi in $(MPIS); do $(MAKE) MPI=1 MPICC=mpicc.$$mpi BUILD=build/$$mpi OBJECTS=build build/$$mpi/fltrain || exit 1; done
	KILLS=$(KILLS) tests/run-mpi.sh ./$(PROGRAM) $(foreach mpi,$(MPIS),$(mpi)=build/$(mpi)/fltrain)

check-limits: $(PROGRAM) $(BUILD)/limits/processors.so $(BUILD)/limits/refuse.so ## Tests: limits of memory and processes, and many processors
	tests/run-limits.sh ./$(PROGRAM) $(BUILD)/limits/processors.so $(BUILD)/limits/refuse.so

check-power: $(PROGRAM) $(BUILD)/power/record.so ## Tests: cut the power at each moment of writing, and go on
	tests/power.py ./$(PROGRAM) $(BUILD)/power/record.so

$(BUILD)/check_data: tests/check_data.c $(LIB)
	$(CC) $(ALL_CFLAGS) -MMD -MP $(ALL_LDFLAGS) -o $@ $< $(LIB) $(LIBS)

DIFFERENTIAL ?= 1e8 all

$(BUILD)/differential-number: tests/differential/number.c $(LIB)
	$(CC) $(ALL_CFLAGS) $(ALL_LDFLAGS) -o $@ $< $(LIB) $(LIBS)

check-differential: $(PROGRAM) $(BUILD)/differential-number ## Tests: against strtod and a second scorer (minutes alone)
	tests/run-differential.sh ./$(PROGRAM) $(BUILD)/differential-number $(DIFFERENTIAL)

check-export: $(PROGRAM) ## Tests: models as C beside the program, under gcc and clang
	tests/export.py ./$(PROGRAM)

check-onnx: $(PROGRAM) ## Longer: models as ONNX, beside onnxruntime and its checker (ROWS)
	tests/onnx/run.py ./$(PROGRAM)

check-exports: $(PROGRAM) ## Longer: all kinds of models, as C and ONNX, on 10^5 rows (JOBS)
	tests/export.py ./$(PROGRAM) --all --rows 100000 --jobs $(or $(JOBS),$(shell nproc))
	ROWS=100000 tests/onnx/run.py ./$(PROGRAM)

check-data: $(BUILD)/check_data ## Longer: the data sets in DATA against their manifests
	$(BUILD)/check_data $(wildcard $(DATA)/MANIFEST.csv $(DATA)/messy/MANIFEST.csv)

check-sizes: $(PROGRAM) $(BUILD)/bench/usage ## Longer: extreme sizes (CASES; minutes, 1 GB of disk)
	FLTRAIN=./$(PROGRAM) BUILD=$(BUILD) tests/sizes.sh $(CASES)

# The program linked with what watches its memory.
MEMORY_CALLS := flt_fit_memory_check flt_alloc flt_alloc_zero flt_alloc_aligned flt_grow

$(BUILD)/watched: tests/memory.c $(CLI_OBJ) $(LIB)
	$(CC) $(ALL_CFLAGS) $(ALL_LDFLAGS) $(MEMORY_CALLS:%=-Wl,--wrap=%) -o $@ $^ $(LIBS)

check-memory: $(BUILD)/watched $(BUILD)/bench/big_table ## Longer: memory of trainings against its estimate (CASES)
	tests/memory.py $(BUILD)/watched $(BUILD)/bench/big_table $(CASES)

# Coverage calls a function at each stretch of code, which counts; that function itself must not be covered.
$(BUILD)/steps.o: tests/steps.c $(STAMP)
	@mkdir -p $(@D)
	$(CC) $(filter-out $(SANITIZE),$(ALL_CFLAGS)) -c -o $@ $<

$(BUILD)/counted: $(BUILD)/steps.o $(CLI_OBJ) $(LIB)
	$(CC) $(ALL_LDFLAGS) -o $@ $^ $(LIBS)

check-cost: ## Longer: steps on inputs made to take long, at n and 2n (CASES)
	$(MAKE) cost-built BUILD=build/steps $(WATCHED) SANITIZE=-fsanitize-coverage=trace-pc STEPS=build/steps/steps.o

cost-built: $(BUILD)/steps.o $(BUILD)/counted $(FUZZ:%=$(BUILD)/tests/corpus-%)
	@for harness in $(FUZZ); do \
		$(BUILD)/tests/corpus-$$harness tests/fuzz/$$harness $$(ls -d build/fuzz/corpus/$$harness 2>/dev/null) || exit 1; done
	tests/cost.py $(BUILD)/counted $(CASES)

check-shipped: ## Tests: data/ against its generator and its README
	BUILD=$(BUILD) tests/run-shipped.sh

$(BUILD)/bench/bare_gemm: LIBS += $(shell pkg-config --libs openblas)
$(BUILD)/bench/bare_xsmm: LIBS += $(shell pkg-config --libs libxsmm) -lxsmmnoblas
$(BUILD)/bench/bare_dnnl: LIBS += -ldnnl -lgomp
# Products by the libraries that are there; looked for only where they are built.
ENGINES := bare_gemm
ifneq ($(filter bench bench-programs,$(GOALS)),)
ENGINES += $(if $(shell pkg-config --exists libxsmm libxsmmnoblas && echo 1),bare_xsmm) $(if $(call taken,-include dnnl.h),bare_dnnl)
endif

$(BUILD)/bench/scale/network.so: tests/bench/scale/network.c
	@mkdir -p $(@D)
	$(CC) $(ALL_CFLAGS) -shared $(LDFLAGS) -o $@ $< $(MPI_LIBS)

$(BUILD)/bench/%: tests/bench/%.c $(LIB)
	@mkdir -p $(@D)
	$(CC) $(ALL_CFLAGS) -MMD -MP $(ALL_LDFLAGS) -o $@ $< $(LIB) $(LIBS) $(MPI_LIBS)

# Whose mutants, how many of each, and which.
MODULE ?= prep nn eval protocol detector
MUTANTS ?= 200
SEED ?= 1

mutants: ## Longer: break src/ at random: do its tests notice? (an hour)
	@mkdir -p $(BUILD)
	tests/mutants.py --mutants $(MUTANTS) --seed $(SEED) --list-survivors $(BUILD)/survivors.txt $(MODULE)

check-build: ## Tests: that the build notices changes, and deps come first
	tests/run-build.sh

$(BUILD)/render: tests/browser/render.c $(LIB)
	$(CC) $(ALL_CFLAGS) $(ALL_LDFLAGS) -o $@ $< $(LIB) $(LIBS)

check-browser: $(BUILD)/render ## Longer: pages of reports in Chromium, and through tidy (NAMES)
	tests/browser/check.py $(BUILD)/render $(NAMES)

check-completion: $(PROGRAM) ## Longer: completion in bash, zsh and fish, on terminals
	tests/completion.py ./$(PROGRAM)

check-schemas: $(PROGRAM) $(SHARED) ## Longer: reports and models against their schemas
	tests/schemas/run.py ./$(PROGRAM) $(SHARED) $(BUILD)/reports

check-arm: $(PROGRAM) ## Longer: built for arm64, run under qemu
	tests/arm64.sh ./$(PROGRAM)

check-postgres: $(PROGRAM) ## Longer: a real PostgreSQL, through \copy and back
	tests/run-postgres.sh ./$(PROGRAM)

check-mutants: ## Tests: whether make mutants tells killed from survived
	tests/mutants.py --self-test

bench: $(PROGRAM) $(addprefix $(BUILD)/bench/,usage $(ENGINES) score big_table) ## Benchmarks: speed and memory beside the peers (ten minutes)
	FLTRAIN=./$(PROGRAM) BUILD=$(BUILD) tests/bench/speed.sh $(FILE)
	@echo
	@FLTRAIN=./$(PROGRAM) BUILD=$(BUILD) tests/bench/growth.sh

bench-reading: $(addprefix $(BUILD)/bench/,reading big_table) ## Benchmarks: reading files of six shapes, beside peers
	@tests/bench/reading.py $(BUILD) $(ROUNDS)

# But for exported.c, which is compiled with a model, and for what is made of libraries that are not there.
ABSENT := $(addprefix tests/bench/,$(addsuffix .c,$(filter-out $(ENGINES),bare_xsmm bare_dnnl)))
BENCHES := $(patsubst tests/bench/%.c,$(BUILD)/bench/%,$(filter-out %/exported.c $(ABSENT),$(wildcard tests/bench/*.c))) \
           $(addprefix $(BUILD)/bench/,coverage scale/trades)

bench-programs: $(BENCHES) ## Benchmarks: build what they are made of

# Whose rows, by what model: the default one of data/fraud.csv, unless another is there.
MODEL ?= $(BUILD)/bench/fraud.safetensors
ROWS ?= data/fraud.csv

$(BUILD)/bench/fraud.safetensors: data/fraud.csv $(PROGRAM)
	@mkdir -p $(@D)
	./$(PROGRAM) -q -o $@ $< >/dev/null

bench-serving: $(PROGRAM) $(SHARED) $(BUILD)/bench/library $(MODEL) ## Benchmarks: one row at a time, and rows from C and Python
	@BUILD=$(BUILD) tests/bench/serving.py ./$(PROGRAM) $(MODEL) $(ROWS)

bench-growth: $(PROGRAM) $(addprefix $(BUILD)/bench/,usage big_table) ## Benchmarks: seconds and memory as sizes grow (minutes)
	FLTRAIN=./$(PROGRAM) BUILD=$(BUILD) tests/bench/growth.sh

bench-order: $(PROGRAM) $(BUILD)/bench/big_table ## Benchmarks: what --order blocks costs in accuracy
	@FLTRAIN=./$(PROGRAM) BUILD=$(BUILD) tests/bench/order.sh

bench-progress: $(PROGRAM) $(BUILD)/bench/big_table ## Benchmarks: how true the seconds left of progress are (minutes)
	@tests/bench/progress.py ./$(PROGRAM) $(BUILD)

# By the first MPI that is there. The network that is not there (scale/network.c) is loaded before MPI.
SCALE := $(addprefix build/$(firstword $(MPIS))/,fltrain bench/scale/network.so bench/scale/trades bench/big_table)

bench-scale: ## Benchmarks: ranks, measured, planned and checked by delays (minutes)
ifeq ($(MPIS),)
	@echo "bench-scale needs an MPI: apt-get install openmpi-bin libopenmpi-dev" >&2; exit 2
else
	@$(MAKE) -s MPI=1 MPICC=mpicc.$(firstword $(MPIS)) BUILD=build/$(firstword $(MPIS)) $(SCALE)
	@tests/bench/scale/scale.py $(firstword $(MPIS)) build/$(firstword $(MPIS))
endif

bench-quality: $(PROGRAM) ## Benchmarks: cross-validate on DATA, with and without each piece
	FLTRAIN=./$(PROGRAM) BUILD=$(BUILD) tests/bench/quality.sh $(DATA)

# How many test sets are drawn in each cell, and which families of promises are tried (all). SEED=2 draws others.
N ?= 400
FAMILIES ?=
COVERAGE_SRC := $(sort $(wildcard tests/bench/coverage/*.c))

$(BUILD)/bench/coverage: $(COVERAGE_SRC) $(wildcard tests/bench/coverage/*.h) $(LIB)
	@mkdir -p $(@D)
	$(CC) $(ALL_CFLAGS) $(ALL_LDFLAGS) -o $@ $(COVERAGE_SRC) $(LIB) $(LIBS)

bench-coverage: $(BUILD)/bench/coverage ## Benchmarks: promises against what simulated worlds kept (minutes)
	@$< $(N) $(SEED) $(FAMILIES)

bench-faults: $(PROGRAM) ## Benchmarks: planted faults, and what check finds (minutes)
	tests/bench/planted.py ./$(PROGRAM) data/*.csv $(DATA)

bench-negatives: $(PROGRAM) $(BUILD)/data/generate ## Benchmarks: what drawing negative rows is worth (WORLDS, SEEDS)
	@tests/bench/negatives.py ./$(PROGRAM) $(BUILD)/data/generate $(or $(WORLDS),fraud defects) $(or $(SEEDS),1,2,3,4)

bench-probabilities: $(BUILD)/bench/probabilities truth ## Benchmarks: how true the printed probabilities are (minutes)
	$(BUILD)/bench/probabilities --ensemble $(foreach set,fraud defects screening churn,data/$(set).csv build/$(set).truth.csv)

# What is built to be watched. With -O2 its tests take as long, and compilers a third longer; -g1 is enough for lines in
# reports, and saves a sixth.
WATCHED := OPTIMIZE=-O1 SYMBOLS=-g1
ASAN := -fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer -DFLT_WATCHED

check-asan: ## Longer: unit tests and corpus under ASan and UBSan
	$(MAKE) check-unit check-corpus BUILD=build/asan $(WATCHED) SANITIZE='$(ASAN)'

$(CLI_LIB): $(filter-out %/main.o,$(CLI_OBJ))
	rm -f $@
	$(AR) rcs $@ $^

$(BUILD)/tests/corpus-%: tests/fuzz/%.c tests/fuzz/replay.c tests/fuzz/harness.h $(CLI_LIB) $(LIB)
	@mkdir -p $(@D)
	$(CC) $(ALL_CFLAGS) $(ALL_LDFLAGS) -o $@ $< tests/fuzz/replay.c $(STEPS) $(CLI_LIB) $(LIB) $(LIBS)

check-corpus: $(FUZZ:%=$(BUILD)/tests/corpus-%) ## Tests: what the fuzzers kept, through their harnesses
	@status=0; for harness in $(FUZZ); do $(BUILD)/tests/corpus-$$harness tests/fuzz/$$harness || status=1; done; exit $$status

# Harnesses whose input is a safetensors file.
$(BUILD)/checkpoint $(BUILD)/model $(BUILD)/safetensors: MUTATOR := tests/fuzz/container_mutator.c
$(FUZZ:%=$(BUILD)/%): $(BUILD)/%: tests/fuzz/%.c tests/fuzz/container_mutator.c tests/fuzz/harness.h $(CLI_LIB) $(LIB)
	$(CC) $(ALL_CFLAGS) $(ALL_LDFLAGS) -fsanitize=fuzzer -o $@ $< $(MUTATOR) $(CLI_LIB) $(LIB) $(LIBS)

fuzz-programs: $(FUZZ:%=$(BUILD)/%)

fuzz: ## Longer: SECONDS of fuzzing for each harness (needs clang)
	$(MAKE) fuzz-programs BUILD=build/fuzz CC=clang $(WATCHED) SANITIZE='$(ASAN) -fsanitize=fuzzer-no-link'
	tests/run-fuzz.sh build/fuzz $(SECONDS) $(FUZZ)

fuzz-corpus: fuzz ## Longer: fuzz, and keep what reached new code
	tests/run-fuzz.sh --keep build/fuzz $(FUZZ)

# By name, so that one that is gone is an error.
TSAN_UNIT := $(addprefix $(BUILD)/tests/test_,batches checkpoint columns compare evaluate mlp over_ranks partial_tables pool prep protocol ranks shared_reading split \
               stream study study_checkpoint train trainer)

check-tsan: ## Longer: threads under ThreadSanitizer (CASES)
	$(MAKE) BUILD=build/tsan $(WATCHED) SANITIZE=-fsanitize=thread tsan-built

tsan-built: $(PROGRAM) $(TSAN_UNIT)
	tests/run-watched.sh tsan $(PROGRAM) $(TSAN_UNIT)

check-valgrind: $(PROGRAM) ## Longer: command lines under valgrind (CASES)
	tests/run-watched.sh valgrind $(PROGRAM)

# Asserts and marks (base/always.h) are no branches here: what they deny cannot be reached.
COUNTED := -O0 --coverage -DNDEBUG -DFLT_COVERAGE

# One case limits the size of files and meets the counters' own: it fails here, and is no reason to show nothing.
coverage: ## Longer: lines and branches that the tests reach
	rm -rf build/coverage
	-$(MAKE) BUILD=build/coverage OPTIMIZE= SANITIZE='$(COUNTED)' check-unit check-cli
	tests/coverage.py build/coverage

# What reads foreign bytes, and the unit tests that take its branches. Only these objects are built anew, to count.
# What checkpoint_share.c merges, checkpoint_format.c has read; what batch_ranks.c reads, this program has sent.
READERS := $(wildcard src/container/*.c src/detector/read_*.c) $(filter-out %/batch_ranks.c,$(wildcard src/csv/*.c)) \
           $(filter-out %_share.c,$(wildcard src/protocol/checkpoint*.c)) \
           $(addprefix src/,base/atomic_file.c base/number.c detector/file_read.c detector/section_reader.c)
READERS_UNIT := $(addprefix $(BUILD)/branches/test_,atomic_file batches checkpoint detector_file envelope field follow foreign \
                  frame number number_format over_ranks pieces reader reader_files safetensors shared_reading source study_checkpoint)
READERS_OBJ := $(READERS:%.c=$(BUILD)/branches/%.o)

$(READERS_OBJ): $(BUILD)/branches/%.o: %.c $(STAMP)
	@mkdir -p $(@D)
	$(CC) $(ALL_CFLAGS) -U_FORTIFY_SOURCE $(COUNTED) -MMD -MP -c -o $@ $<

# __gcov_dump is called by a test that ends a process at once.
$(BUILD)/branches/test_%: tests/unit/test_%.c $(BUILD)/tests/unit/main.o $(READERS_OBJ) $(LIB)
	$(CC) $(ALL_CFLAGS) -U_FORTIFY_SOURCE -O0 -MMD -MP -Itests/unit $(CHECK_CFLAGS) $(ALL_LDFLAGS) -o $@ $< \
		$(BUILD)/tests/unit/main.o $(READERS_OBJ) $(LIB) $(CHECK_LIBS) $(LIBS) -lgcov -Wl,-u,__gcov_dump

check-branches: $(READERS_UNIT) ## Tests: does a test take each branch of what reads files?
	@find $(BUILD)/branches -name '*.gcda' -delete
	@tests/run-unit.sh $^ >$(BUILD)/branches/log || { cat $(BUILD)/branches/log; exit 1; }
	@tests/coverage.py $(BUILD)/branches $(READERS)

# The program linked with what lets its calls fail: its own objects only, since --wrap does not reach into libraries.
FAULTS_CALLS := read pread write open linkat close fsync rename lseek stat fstat access realpath fchmod fcntl getrandom \
                mkostemp unlink mmap mkdir fallocate posix_fallocate pthread_create fopen fdopen fileno clock_gettime malloc calloc realloc aligned_alloc free
FAULTS_SRC := $(wildcard tests/faults/*.c)

$(BUILD)/walk: $(FAULTS_SRC) $(wildcard tests/faults/*.h) $(CLI_OBJ) $(LIB)
	objcopy --redefine-sym main=fltrain_main $(BUILD)/src/cli/main.o $(BUILD)/fltrain_main.o
	$(CC) $(ALL_CFLAGS) $(ALL_LDFLAGS) $(FAULTS_CALLS:%=-Wl,--wrap=%) -o $@ $(FAULTS_SRC) $(BUILD)/fltrain_main.o \
		$(filter-out %/main.o,$(CLI_OBJ)) $(LIB) $(LIBS)

check-faults: ## Longer: let each system call fail in turn (DENSE)
	$(MAKE) BUILD=build/asan $(WATCHED) SANITIZE='$(ASAN)' all build/asan/walk
	tests/run-faults.sh build/asan/walk build/asan/fltrain

check-pairs: $(PROGRAM) $(BUILD)/walk ## Longer: let each two near system calls fail (DENSE)
	FAULTS=pairs tests/run-faults.sh $(BUILD)/walk ./$(PROGRAM)

$(BUILD)/resident: tests/soak/resident.c $(CLI_OBJ) $(LIB)
	objcopy --redefine-sym main=fltrain_main $(BUILD)/src/cli/main.o $(BUILD)/resident_main.o
	$(CC) $(ALL_CFLAGS) $(ALL_LDFLAGS) -Wl,--wrap=terminal_close -o $@ $< $(BUILD)/resident_main.o \
		$(filter-out %/main.o,$(CLI_OBJ)) $(LIB) $(LIBS)

HOURS ?= 1
# One that failed, to repeat it.
ROUND ?=

soak: $(PROGRAM) $(BUILD)/resident ## Longer: HOURS of all that may happen, at random (SEED, ROUND)
	$(MAKE) BUILD=build/asan $(WATCHED) SANITIZE='$(ASAN)' all
	-$(MAKE) fuzz-programs BUILD=build/fuzz CC=clang $(WATCHED) SANITIZE='$(ASAN) -fsanitize=fuzzer-no-link'
	nice -n 19 tests/soak/soak.py $(HOURS) $(SEED) $(BUILD) build/asan build/fuzz $(ROUND)

# Contraction to fused multiply-adds would change last bits from machine to machine: the last option forbids it.
$(BUILD)/data/generate: $(DATA_SRC) $(wildcard data/*.h) $(STAMP)
	@mkdir -p $(@D)
	$(CC) -std=c11 $(WARN) $(CFLAGS) -ffp-contract=off -o $@ $(DATA_SRC) -lm

data: $(BUILD)/data/generate ## Data: write the four simulated sets, data/*.csv
	$< data data

truth: $(BUILD)/data/generate ## Data: their true probabilities, and what is attainable
	@$< truth $(BUILD)

lint: $(PROGRAM) $(LIB) ## Tests: layers, formatting and static checks (STRICT)
	tests/lint.sh $(LIB) ./$(PROGRAM)

# The list of options in configs/README.md is the program's; the test readme-options compares.
readme-options: $(PROGRAM) ## Data: write the program's list of options into the README
	./$(PROGRAM) --help-markdown >$(BUILD)/options.md
	sed -i -e '/^<!-- options/,/^<!-- end of options/{//!d}' -e '/^<!-- options/r $(BUILD)/options.md' configs/README.md

manual-keys: ## Data: write keys of JSON and models into manual pages
	tests/schemas/page.py --write

# A program that is linked to the shared library finds it at once where this runs as root.
LDCONFIG = $(if $(DESTDIR),,[ "$$(id -u)" != 0 ] || ldconfig)

COMMANDS := $(shell sed -n 's/.*{.name = "\([a-z]*\)",/\1/p' $(wildcard src/cli/commands.c) /dev/null)
MAN1 = $(PREFIX)/share/man/man1
MAN5 = $(PREFIX)/share/man/man5
MANUALS = $(addprefix $(MAN1)/,fltrain.1 $(COMMANDS:%=fltrain-%.1)) $(addprefix $(MAN5)/,$(notdir $(wildcard configs/manual/*.5)))
# Where shells look for them.
BASH_COMPLETION = $(PREFIX)/share/bash-completion/completions
ZSH_COMPLETION = $(PREFIX)/share/zsh/site-functions
FISH_COMPLETION = $(PREFIX)/share/fish/vendor_completions.d
# yes: install without what only debuggers read.
STRIPPED =
STRIP ?= strip
PLACE = install -m 755 $(if $(STRIPPED),-s --strip-program=$(STRIP))

install: all ## Build: install it and its manuals (PREFIX, LIBDIR, DESTDIR)
	install -d $(addprefix $(DESTDIR),$(PREFIX)/bin $(LIBDIR)/pkgconfig $(PREFIX)/include/fltrain $(addprefix $(PREFIX)/share/fltrain/,data schemas) $(MAN1) $(MAN5) \
		$(BASH_COMPLETION) $(ZSH_COMPLETION) $(FISH_COMPLETION))
	install -m 644 configs/completion/fltrain.bash $(DESTDIR)$(BASH_COMPLETION)/fltrain
	install -m 644 configs/completion/_fltrain $(DESTDIR)$(ZSH_COMPLETION)
	install -m 644 configs/completion/fltrain.fish $(DESTDIR)$(FISH_COMPLETION)
	for page in '' $(COMMANDS); do \
		./$(PROGRAM) $$page --help-manual >$(DESTDIR)$(MAN1)/fltrain$${page:+-$$page}.1 || exit 1; done
	for page in configs/manual/*.5; do \
		sed 's|/usr/local/|$(PREFIX)/|' $$page >$(DESTDIR)$(MAN5)/$${page##*/} || exit 1; done
	install -m 644 configs/schemas/*.json $(DESTDIR)$(PREFIX)/share/fltrain/schemas
	install -m 644 data/*.csv $(DESTDIR)$(PREFIX)/share/fltrain/data
	$(PLACE) $(PROGRAM) $(DESTDIR)$(PREFIX)/bin/fltrain
	install -m 644 $(LIB) $(DESTDIR)$(LIBDIR)/libfltrain.a
	$(if $(STRIPPED),$(STRIP) -g $(DESTDIR)$(LIBDIR)/libfltrain.a)
	$(PLACE) $(SHARED) $(DESTDIR)$(LIBDIR)
	ln -sf libfltrain.so.$(VERSION) $(DESTDIR)$(LIBDIR)/$(SONAME)
	ln -sf $(SONAME) $(DESTDIR)$(LIBDIR)/libfltrain.so
	install -m 644 include/fltrain/*.h $(DESTDIR)$(PREFIX)/include/fltrain
	sed 's|^FOLDER = .*|FOLDER = "$(LIBDIR)"|' include/fltrain.py >$(DESTDIR)$(PREFIX)/share/fltrain/fltrain.py
	chmod 644 $(DESTDIR)$(PREFIX)/share/fltrain/fltrain.py
	printf '%s\n' 'prefix=$(PREFIX)' 'libdir=$(LIBDIR:$(PREFIX)/%=$${prefix}/%)' 'includedir=$${prefix}/include' '' \
		'Name: fltrain' 'Description: neural networks for the rare class in a table' 'Version: $(VERSION)' \
		'Requires.private: $(PKGS)' 'Cflags: -I$${includedir}' 'Libs: -L$${libdir} -lfltrain' \
		'Libs.private: -lcsv -lm -pthread' >$(DESTDIR)$(LIBDIR)/pkgconfig/fltrain.pc
	@$(LDCONFIG)

install-strip: ## Build: the same without what only debuggers read
	$(MAKE) install STRIPPED=yes

uninstall: ## Build: remove what install placed
	rm -f $(DESTDIR)$(PREFIX)/bin/fltrain $(addprefix $(DESTDIR),$(MANUALS) $(BASH_COMPLETION)/fltrain \
		$(ZSH_COMPLETION)/_fltrain $(FISH_COMPLETION)/fltrain.fish) $(DESTDIR)$(LIBDIR)/libfltrain.a $(DESTDIR)$(LIBDIR)/libfltrain.so* \
		$(DESTDIR)$(LIBDIR)/pkgconfig/fltrain.pc
	rm -rf $(DESTDIR)$(PREFIX)/include/fltrain $(DESTDIR)$(PREFIX)/share/fltrain
	@$(LDCONFIG)

# The sources, packages of them, and what packages promise; configs/packages/ holds how they are made.
PACK = configs/packages

dist: ## Packages: the sources as a tarball, with its checksum
	@$(PACK)/dist.sh $(VERSION) $(BUILD)

deb: ## Packages: for Debian, in build/deb (needs deps-dev)
	@$(PACK)/deb.sh $(VERSION) $(BUILD)/deb

# deps' libraries are linked into it, but for the C library, which opens OpenBLAS where it is there.
STATIC_LIBS = -Wl,-Bstatic $(shell pkg-config --static --libs $(PKGS)) -lcsv -Wl,-Bdynamic -lm -ldl

$(BUILD)/static/fltrain: $(CLI_OBJ) $(LIB)
	@mkdir -p $(@D)
	$(CC) $(ALL_LDFLAGS) -o $@ $^ $(STATIC_LIBS) $(MPI_LIBS)

static: $(BUILD)/static/fltrain ## Packages: a program for machines without the libraries

check-deb: static ## Packages: built twice, in a fresh Debian and out of it (needs root)
	tests/packages.sh $(VERSION) $(BUILD)/static/fltrain

clean: ## Build: remove what was built
	rm -rf build fltrain

-include $(LIB_OBJ:.o=.d) $(CLI_OBJ:.o=.d) $(READERS_OBJ:.o=.d) $(READERS_UNIT:=.d) $(BUILD)/tests/unit/main.d $(UNIT:=.d) \
         $(wildcard $(BUILD)/*.d $(BUILD)/bench/*.d $(BUILD)/bench/scale/*.d)

endif
