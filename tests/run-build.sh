#!/bin/bash
# What the Makefile promises, tried on a copy of it with a few small sources and a compiler that only notes its calls:
# changed flags build all again and the same flags nothing, deps come before all else, install builds nothing anew, and
# help names every target.
root=$(cd "$(dirname "$0")/.." && pwd)
tree=$(mktemp -d) || exit 1
trap 'rm -rf "$tree"' EXIT
unset MAKEFLAGS MFLAGS MAKELEVEL MAKEOVERRIDES BUILD OPTIMIZE SYMBOLS SANITIZE CFLAGS
cp "$root/Makefile" "$tree"
cd "$tree" || exit 1
mkdir -p src/base src/cli tests/unit include/fltrain configs/completion configs/manual configs/schemas data bin
touch configs/completion/{fltrain.bash,_fltrain,fltrain.fish} configs/manual/page.5 configs/schemas/schema.json data/rows.csv
touch src/base/one.c src/base/two.c src/cli/main.c tests/unit/main.c include/fltrain/version.h include/fltrain.py
echo 'void test_one(void);' >tests/unit/test_one.c

# The compiler notes what it writes in calls, and so does apt-get that it ran.
cat >bin/gcc <<'END'
#!/bin/bash
while [ $# -gt 0 ]; do
	if [ "$1" = -o ]; then
		echo "$2" >>calls
		: >"$2" && chmod +x "$2" # install runs the program
	fi
	shift
done
END
cat >bin/apt-get <<'END'
#!/bin/sh
sleep 0.2 # so that what does not wait is seen
echo "apt-get $1" >>calls
END
printf '#!/bin/sh\nexec "$@"\n' >bin/sudo
chmod +x bin/*
PATH=$tree/bin:$PATH

passed=0 failed=0
expect() # WHAT EXPECTED ACTUAL
{
	if [ "$2" = "$3" ]; then
		passed=$((passed + 1))
	else
		failed=$((failed + 1))
		printf 'build: FAILED: %s\nexpected:\n%s\nactual:\n%s\n' "$1" "$2" "$3"
	fi
}

# built ARGUMENT...: what make calls the compiler for, in the order of names
built()
{
	: >calls
	make -s "$@" >log 2>&1 || cat log
	sort calls | xargs
}

all='build/libfltrain.so.0.1.0 build/src/base/one.o build/src/base/two.o build/src/cli/main.o fltrain'
unit='build/tests/test_one build/tests/unit/main.o'
expect "the first make builds all" "$all" "$(built)"
expect "a second builds nothing" "" "$(built)"
expect "a second says so" "make: Nothing to be done for 'all'." "$(make)"
expect "other flags build all" "$all" "$(built CFLAGS=-O3)"
expect "the same flags again build nothing" "" "$(built CFLAGS=-O3)"
expect "a test program beside them builds only its own objects" "$unit" "$(built CFLAGS=-O3 build/tests/test_one)"
expect "flags of the linker build all" "build/libfltrain.so.0.1.0 build/src/base/one.o build/src/base/two.o build/src/cli/main.o $unit fltrain" \
	"$(built CFLAGS=-O3 LDFLAGS=-s all build/tests/test_one)"
expect "install places what other flags built" "" "$(built install DESTDIR="$tree/root")"
expect "it is placed" "usr/local/bin/fltrain" "$(cd root && find . -path './*/bin/*' | sed 's|^./||')"
built >/dev/null
make -n CFLAGS=-O1 >/dev/null
expect "make -n changes nothing" "" "$(built)"
touch src/base/two.c
expect "a changed source alone" "build/libfltrain.so.0.1.0 build/src/base/two.o fltrain" "$(built)"

rm -rf build fltrain
built deps all >/dev/null
expect "deps come first" "apt-get update apt-get install" "$(head -n 2 calls | xargs)"
expect "what comes after them is built" "$all" "$(grep -v apt-get calls | grep -v /dev/null | sort | xargs)"

targets=$(sed -n 's/^\([a-z-]*\):.*## .*/\1/p' Makefile | sort)
expect "help lists every target" "$targets" "$(make help | sed -n 's/^  \([a-z-]*\) .*/\1/p' | sort)"
expect "help fits 80 columns" "" "$(make help | grep '.\{81\}')"
echo "build: $passed passed, $failed failed"
[ "$failed" -eq 0 ]
