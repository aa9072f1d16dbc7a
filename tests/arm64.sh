#!/bin/bash
# The program and its unit tests on arm64, which has the plain kernels: tests/arm64.sh PROGRAM
#
# Compiles for it with Debian's cross compiler against Debian's own libraries, which are unpacked in CHROOTS
# (build/chroots), and runs under qemu-user: unit tests of what depends on the processor, and a training, whose report is to
# be that of PROGRAM on a processor of x86-64 without AVX2, which has these kernels, too. The last bits of weights may
# differ, where multiply and add are one instruction on arm64. What cannot be done here is said.
set -u
program=$(realpath "$1")
cd "$(dirname "$0")/.." || exit 1
chroots=${CHROOTS:-build/chroots}
sysroot=$PWD/$chroots/arm64
libraries=/usr/lib/aarch64-linux-gnu
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
# shellcheck source=tests/checks.sh
. tests/checks.sh

for tool in aarch64-linux-gnu-gcc qemu-aarch64 qemu-x86_64 mmdebstrap; do
	if ! command -v $tool >/dev/null; then
		echo "skipped arm64: $tool is missing (make deps-dev)"
		echo "arm: 0 passed, 0 failed"
		exit 0
	fi
done

if [ ! -d "$sysroot" ]; then
	mkdir -p "$chroots"
	# shellcheck disable=SC2016
	apt-get indextargets --format '$(REPO_URI) $(RELEASE) $(COMPONENT)' 'Created-By: Packages' 'Origin: Debian' |
		sort -u | sed 's/^/deb /' >"$work/sources"
	check "libraries of arm64 are unpacked" mmdebstrap --arch=arm64 --variant=extract \
		--include=libc6-dev,libgcc-12-dev,libjansson-dev,zlib1g-dev,libssl-dev,libcsv-dev,libopenblas-dev,check \
		bookworm "$work/arm64" "$work/sources"
	cp -r "$work/arm64" "$sysroot"
fi

tests=()
for name in kernels mlp gradient loss optimizer; do tests+=("build/arm64/tests/test_$name"); done
export PKG_CONFIG_SYSROOT_DIR=$sysroot
export PKG_CONFIG_LIBDIR=$sysroot$libraries/pkgconfig:$sysroot$libraries/openblas-pthread/pkgconfig
check "it compiles without a warning" make -s BUILD=build/arm64 CC="aarch64-linux-gnu-gcc --sysroot=$sysroot -Werror" \
	AR=aarch64-linux-gnu-ar build/arm64/fltrain "${tests[@]}"

emulated=(qemu-aarch64 -L "$sysroot" -E "LD_LIBRARY_PATH=$libraries/openblas-pthread")
mkdir "$work/tests"
for test in "${tests[@]}"; do
	printf '#!/bin/sh\nexec env CK_TIMEOUT_MULTIPLIER=20 %s %s\n' "${emulated[*]}" "$test" >"$work/tests/${test##*/}"
done
chmod +x "$work"/tests/*
if tests/run-unit.sh "$work"/tests/*; then passed=$((passed + 1)); else failed=$((failed + 1)); fi

head -n 3000 data/fraud.csv >"$work/rows.csv"

# trained NAME COMMAND...: the report of a training, without its seconds and the model's name
trained()
{
	local name=$1
	shift
	"$@" --preset fast --hidden 16 --threads 1 -o "$work/$name" "$work/rows.csv" 2>&1 | sed -E "s/; [0-9.]+ s$//; s|$work/$name|MODEL|"
}

trained arm "${emulated[@]}" build/arm64/fltrain >"$work/arm.txt"
trained x86 qemu-x86_64 -cpu Nehalem "$program" >"$work/x86.txt"
check "a training prints what it prints on x86-64" diff "$work/arm.txt" "$work/x86.txt"
check "it wrote a model" grep -qx 'wrote      MODEL' "$work/arm.txt"
cat >"$work/compare.py" <<'END'
import json, struct, sys


def load(path):
    """The tensors of a model file as lists, and its texts."""
    data = open(path, "rb").read()
    size = struct.unpack("<Q", data[:8])[0]
    header = json.loads(data[8 : 8 + size])
    texts = header.pop("__metadata__")
    letter = {"F32": "f", "F64": "d"}
    tensors = {}
    for name, tensor in header.items():
        begin, end = tensor["data_offsets"]
        raw = data[8 + size + begin : 8 + size + end]
        kind = letter.get(tensor["dtype"], "B")
        tensors[name] = struct.unpack(f"<{len(raw) // struct.calcsize('<' + kind)}{kind}", raw)
    return tensors, texts


(ours, our_texts), (theirs, their_texts) = load(sys.argv[1]), load(sys.argv[2])
assert ours.keys() == theirs.keys() and our_texts.keys() == their_texts.keys()
assert our_texts["preparation"] == their_texts["preparation"], "the preparation differs"
for name in ours:
    # NaN, which stands for a missing value, is like itself.
    other = [(a, b) for a, b in zip(ours[name], theirs[name]) if a != b and (a == a or b == b)]
    far = max((abs(a - b) for a, b in other), default=0)
    if other:
        print(f"{name}: {len(other)} of {len(ours[name])} differ, by at most {far:.1e}")
    assert len(ours[name]) == len(theirs[name]) and far < 1e-4, name
END
check "the preparation is the same, and weights all but" python3 "$work/compare.py" "$work/arm" "$work/x86"
cat "$work/log"
counted arm
