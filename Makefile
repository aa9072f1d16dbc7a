# fltrain. `make help` lists the targets.

VERSION := 0.1.0
PREFIX ?= /usr/local
DESTDIR ?=
ifeq ($(origin CC),default)
CC := gcc
endif
BUILD ?= build
# A folder with data sets and a manifest, for check-data and bench-quality.
DATA ?=

PKGS := openblas jansson zlib libcrypto
WARN := -Wall -Wextra -Wconversion -Wshadow -Wstrict-prototypes
OPTIMIZE ?= -O2
SANITIZE ?=
# Options that this compiler and C library take without a word.
taken = $(shell $(CC) -O2 -Werror $(1) -include stdio.h -x c -E /dev/null >/dev/null 2>&1 && echo '$(1)')
# The checks of fortified calls would keep the sanitizers from seeing those calls.
FORTIFY := -U_FORTIFY_SOURCE $(if $(SANITIZE),,-D_FORTIFY_SOURCE=$(if $(call taken,-D_FORTIFY_SOURCE=3),3,2))
HARDEN := $(FORTIFY) -fPIE -fstack-protector-strong $(call taken,-fstack-clash-protection) \
          $(call taken,-fcf-protection) -Wformat=2 -Werror=format-security
CFLAGS ?= $(OPTIMIZE) -g
ALL_CFLAGS = -std=c11 -D_GNU_SOURCE -pthread -ffp-contract=off -fno-math-errno $(WARN) $(HARDEN) -Iinclude -Isrc \
             -DFLT_VERSION='"$(VERSION)"' $(shell pkg-config --cflags $(PKGS)) $(SANITIZE) $(CFLAGS)
ALL_LDFLAGS = -pie -Wl,-z,relro,-z,now -pthread $(SANITIZE) $(LDFLAGS)
LIBS = $(shell pkg-config --libs $(PKGS)) -lcsv -lm

LIB_SRC := $(filter-out $(wildcard src/cli/*.c),$(wildcard src/*/*.c))
CLI_SRC := $(wildcard src/cli/*.c)
UNIT_SRC := $(wildcard tests/unit/test_*.c)
LIB_OBJ := $(LIB_SRC:%.c=$(BUILD)/%.o)
CLI_OBJ := $(CLI_SRC:%.c=$(BUILD)/%.o)
DATA_SRC := $(wildcard data/*.c)
UNIT := $(UNIT_SRC:tests/unit/%.c=$(BUILD)/tests/%)
UNIT_CLI := $(filter %/test_cli_options,$(UNIT))
LIB := $(BUILD)/libfltrain.a
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

APT = apt-get install -y --no-install-recommends
SUDO := $(shell [ "$$(id -u)" = 0 ] || echo sudo)
DEPS := gcc libc6-dev make pkg-config libopenblas-dev libcsv-dev libjansson-dev zlib1g-dev libssl-dev check python3
DEPS_DEV := clang clang-format clang-tidy cppcheck shellcheck libclang-rt-14-dev valgrind python3-sklearn python3-torch \
            python3-xgboost python3-pandas

# Every target that `make help` lists, and those that only other targets call.
.PHONY: $(shell sed -n 's/^\([a-z-]*\):.*\#\# .*/\1/p' Makefile) fuzz-programs tsan-built

all: $(PROGRAM) $(LIB) ## build the program and the library

help: ## list the targets
	@sed -n 's/^\([a-z-]*\):.*## /\1: /p' Makefile

deps: ## install what building and testing need (Debian)
	$(SUDO) apt-get update -q
	$(SUDO) $(APT) $(DEPS)

deps-dev: deps ## install what lint, fuzzing and the peers need as well
	$(SUDO) $(APT) $(DEPS_DEV)

$(PROGRAM): $(CLI_OBJ) $(LIB)
	$(CC) $(ALL_LDFLAGS) -o $@ $^ $(LIBS)

$(LIB): $(LIB_OBJ)
	rm -f $@
	$(AR) rcs $@ $^

$(BUILD)/%.o: %.c
	@mkdir -p $(@D)
	$(CC) $(ALL_CFLAGS) -MMD -MP -c -o $@ $<

# Loops over arrays that the compiler is to make vectors of.
$(BUILD)/src/nn/kernels_%.o: ALL_CFLAGS += -O3 -fno-trapping-math
$(BUILD)/src/nn/product_%.o: ALL_CFLAGS += -O3 -ffp-contract=fast

$(BUILD)/tests/unit/main.o: ALL_CFLAGS += $(shell pkg-config --cflags check)

# Only tests of the command line are linked with it.
$(UNIT_CLI): TESTED = $(CLI_LIB)
$(UNIT_CLI): $(CLI_LIB)

$(BUILD)/tests/%: tests/unit/%.c $(BUILD)/tests/unit/main.o $(LIB)
	@mkdir -p $(@D)
	$(CC) $(ALL_CFLAGS) -MMD -MP -Itests/unit $(shell pkg-config --cflags check) $(ALL_LDFLAGS) -o $@ $< \
		$(BUILD)/tests/unit/main.o $(TESTED) $(LIB) \
		$(shell pkg-config --libs check) $(LIBS)

# What check takes; make check-differential alone takes 1e8 and all.
check: DIFFERENTIAL := 1e6
check: check-unit check-cli check-kill check-corpus check-differential check-shipped check-mutants ## run all tests

check-unit: $(UNIT) ## run the unit tests
	tests/run-unit.sh $(UNIT)

check-cli: $(PROGRAM) ## run the command line tests
	tests/run-cli.sh ./$(PROGRAM)

# How many trainings are killed.
KILLS ?= 200

check-kill: $(PROGRAM) ## kill trainings at random moments and go on with each (KILLS)
	KILLS=$(KILLS) tests/kill.sh ./$(PROGRAM)

$(BUILD)/check_data: tests/check_data.c $(LIB)
	$(CC) $(ALL_CFLAGS) -MMD -MP $(ALL_LDFLAGS) -o $@ $< $(LIB) $(LIBS)

DIFFERENTIAL ?= 1e8 all

$(BUILD)/differential-number: tests/differential/number.c $(LIB)
	$(CC) $(ALL_CFLAGS) $(ALL_LDFLAGS) -o $@ $< $(LIB) $(LIBS)

check-differential: $(PROGRAM) $(BUILD)/differential-number ## numbers against strtod, predictions against a scorer written from the file's description (minutes)
	tests/run-differential.sh ./$(PROGRAM) $(BUILD)/differential-number $(DIFFERENTIAL)

check-data: $(BUILD)/check_data ## read the data sets in DATA and compare with their manifests
	$(BUILD)/check_data $(wildcard $(DATA)/MANIFEST.csv $(DATA)/messy/MANIFEST.csv)

check-sizes: $(PROGRAM) $(BUILD)/bench/usage ## try data and networks of extreme sizes (minutes, 1 GB of disk)
	FLTRAIN=./$(PROGRAM) BUILD=$(BUILD) tests/sizes.sh $(CASES)

check-shipped: ## test that data/ is what its generator writes and what its README says
	BUILD=$(BUILD) tests/run-shipped.sh

$(BUILD)/bench/%: tests/bench/%.c $(LIB)
	@mkdir -p $(@D)
	$(CC) $(ALL_CFLAGS) -MMD -MP $(ALL_LDFLAGS) -o $@ $< $(LIB) $(LIBS)

# Whose mutants, how many of each, and which.
MODULE ?= prep nn eval protocol detector
MUTANTS ?= 200
SEED ?= 1

mutants: ## break src/ in MUTANTS places of each MODULE, chosen by SEED, and see which the unit tests miss (an hour)
	@mkdir -p $(BUILD)
	tests/mutants.py --mutants $(MUTANTS) --seed $(SEED) --list-survivors $(BUILD)/survivors.txt $(MODULE)

check-mutants: ## test that make mutants tells a fault that is seen from one that is not
	tests/mutants.py --self-test

bench: $(PROGRAM) $(addprefix $(BUILD)/bench/,usage bare_gemm score big_table) ## measure speed and memory, beside the peers that are installed, and how both grow (ten minutes)
	FLTRAIN=./$(PROGRAM) BUILD=$(BUILD) tests/bench/speed.sh $(FILE)
	@echo
	@FLTRAIN=./$(PROGRAM) BUILD=$(BUILD) tests/bench/growth.sh

bench-growth: $(PROGRAM) $(addprefix $(BUILD)/bench/,usage big_table) ## tables of seconds and memory against rows, columns, width and threads, alone (minutes)
	FLTRAIN=./$(PROGRAM) BUILD=$(BUILD) tests/bench/growth.sh

bench-quality: $(PROGRAM) ## cross-validate on the data sets in DATA, whole and with each piece of the recipe taken away
	FLTRAIN=./$(PROGRAM) BUILD=$(BUILD) tests/bench/quality.sh $(DATA)

bench-probabilities: $(BUILD)/bench/probabilities truth ## how true the printed probabilities are (minutes)
	$(BUILD)/bench/probabilities --ensemble $(foreach set,fraud defects screening churn,data/$(set).csv build/$(set).truth.csv)

ASAN := -fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer

check-asan: ## the unit tests and the fuzzing corpus under AddressSanitizer and UBSan
	$(MAKE) check-unit check-corpus BUILD=build/asan OPTIMIZE=-O1 SANITIZE='$(ASAN)'

$(CLI_LIB): $(filter-out %/main.o,$(CLI_OBJ))
	rm -f $@
	$(AR) rcs $@ $^

$(BUILD)/tests/corpus-%: tests/fuzz/%.c tests/fuzz/replay.c tests/fuzz/harness.h $(CLI_LIB) $(LIB)
	@mkdir -p $(@D)
	$(CC) $(ALL_CFLAGS) $(ALL_LDFLAGS) -o $@ $< tests/fuzz/replay.c $(CLI_LIB) $(LIB) $(LIBS)

check-corpus: $(FUZZ:%=$(BUILD)/tests/corpus-%) ## what the fuzzers found worth keeping, through their harnesses
	@status=0; for harness in $(FUZZ); do $(BUILD)/tests/corpus-$$harness tests/fuzz/$$harness || status=1; done; exit $$status

# Harnesses whose input is a safetensors file.
$(BUILD)/model $(BUILD)/safetensors: MUTATOR := tests/fuzz/container_mutator.c
$(FUZZ:%=$(BUILD)/%): $(BUILD)/%: tests/fuzz/%.c tests/fuzz/container_mutator.c tests/fuzz/harness.h $(CLI_LIB) $(LIB)
	$(CC) $(ALL_CFLAGS) $(ALL_LDFLAGS) -fsanitize=fuzzer -o $@ $< $(MUTATOR) $(CLI_LIB) $(LIB) $(LIBS)

fuzz-programs: $(FUZZ:%=$(BUILD)/%)

fuzz: ## look for bytes that break a promise: SECONDS (60) for each harness, under ASan and UBSan (needs clang)
	$(MAKE) fuzz-programs BUILD=build/fuzz CC=clang OPTIMIZE=-O1 SANITIZE='$(ASAN) -fsanitize=fuzzer-no-link'
	tests/run-fuzz.sh build/fuzz $(SECONDS) $(FUZZ)

fuzz-corpus: fuzz ## the same, and the inputs that reached new code go into tests/fuzz
	tests/run-fuzz.sh --keep build/fuzz $(FUZZ)

TSAN_UNIT := $(filter %/test_checkpoint %/test_compare %/test_evaluate %/test_mlp %/test_batches %/test_partial_tables %/test_pool %/test_prep \
               %/test_protocol %/test_split %/test_stream %/test_study %/test_train %/test_trainer,$(UNIT))

check-tsan: ## the tests of what uses threads, and the command line tests, under ThreadSanitizer (CASES: some of them)
	$(MAKE) BUILD=build/tsan OPTIMIZE=-O1 SANITIZE=-fsanitize=thread tsan-built

tsan-built: $(PROGRAM) $(TSAN_UNIT)
	tests/run-watched.sh tsan $(PROGRAM) $(TSAN_UNIT)

check-valgrind: $(PROGRAM) ## the command line tests under valgrind (CASES: some of them)
	tests/run-watched.sh valgrind $(PROGRAM)

# One case limits the size of files and meets the counters' own: it fails here, and is no reason to show nothing.
coverage: ## lines and branches that the unit and command line tests reach
	rm -rf build/coverage
	-$(MAKE) BUILD=build/coverage OPTIMIZE=-O0 SANITIZE=--coverage check-unit check-cli
	tests/coverage.sh build/coverage

# The program linked with what lets its calls fail: its own objects only, since --wrap does not reach into libraries.
FAULTS_CALLS := read pread write open linkat close fsync rename lseek stat fstat access realpath fchmod fcntl getrandom \
                mkostemp mmap pthread_create fopen fdopen fileno clock_gettime EVP_MD_CTX_new
FAULTS_SRC := $(wildcard tests/faults/*.c)

$(BUILD)/walk: $(FAULTS_SRC) $(wildcard tests/faults/*.h) $(CLI_OBJ) $(LIB)
	objcopy --redefine-sym main=fltrain_main $(BUILD)/src/cli/main.o $(BUILD)/fltrain_main.o
	$(CC) $(ALL_CFLAGS) $(ALL_LDFLAGS) $(FAULTS_CALLS:%=-Wl,--wrap=%) -o $@ $(FAULTS_SRC) $(BUILD)/fltrain_main.o \
		$(filter-out %/main.o,$(CLI_OBJ)) $(LIB) $(LIBS)

check-faults: ## let every allocation, read, write, ... of the program fail in turn (DENSE=N: every k up to N, then fewer)
	$(MAKE) BUILD=build/asan OPTIMIZE=-O1 SANITIZE='$(ASAN)' all build/asan/walk
	tests/run-faults.sh build/asan/walk build/asan/fltrain

# Contraction to fused multiply-adds would change last bits from machine to machine: the last option forbids it.
$(BUILD)/data/generate: $(DATA_SRC) $(wildcard data/*.h)
	@mkdir -p $(@D)
	$(CC) -std=c11 $(WARN) $(CFLAGS) -ffp-contract=off -o $@ $(DATA_SRC) -lm

data: $(BUILD)/data/generate ## write the four simulated sets, data/*.csv
	$< data data

truth: $(BUILD)/data/generate ## write the true probability of each of their rows, and print what is attainable
	@$< truth $(BUILD)

lint: $(LIB) ## layering, formatting and static checks
	tests/lint.sh $(LIB)

# The list of options in configs/README.md is the program's; the test readme-options compares.
readme-options: $(PROGRAM) ## write the program's list of options into configs/README.md
	./$(PROGRAM) --help-markdown >$(BUILD)/options.md
	sed -i -e '/^<!-- options/,/^<!-- end of options/{//!d}' -e '/^<!-- options/r $(BUILD)/options.md' configs/README.md

install: all ## install program, library, headers and pkg-config file (PREFIX, DESTDIR)
	install -d $(DESTDIR)$(PREFIX)/bin $(DESTDIR)$(PREFIX)/lib/pkgconfig $(DESTDIR)$(PREFIX)/include/fltrain
	install -m 755 $(PROGRAM) $(DESTDIR)$(PREFIX)/bin/fltrain
	install -m 644 $(LIB) $(DESTDIR)$(PREFIX)/lib/libfltrain.a
	install -m 644 include/fltrain/*.h $(DESTDIR)$(PREFIX)/include/fltrain
	printf '%s\n' 'prefix=$(PREFIX)' 'libdir=$${prefix}/lib' 'includedir=$${prefix}/include' '' 'Name: fltrain' \
		'Description: neural networks for the rare class in a table' 'Version: $(VERSION)' 'Requires: $(PKGS)' \
		'Cflags: -I$${includedir}' 'Libs: -L$${libdir} -lfltrain -lcsv -lm -pthread' \
		>$(DESTDIR)$(PREFIX)/lib/pkgconfig/fltrain.pc

uninstall: ## remove what install placed
	rm -f $(DESTDIR)$(PREFIX)/bin/fltrain $(DESTDIR)$(PREFIX)/lib/libfltrain.a \
		$(DESTDIR)$(PREFIX)/lib/pkgconfig/fltrain.pc
	rm -rf $(DESTDIR)$(PREFIX)/include/fltrain

clean: ## remove what was built
	rm -rf build fltrain

-include $(LIB_OBJ:.o=.d) $(CLI_OBJ:.o=.d) $(UNIT:=.d) $(wildcard $(BUILD)/bench/*.d)
