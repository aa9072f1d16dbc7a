#!/bin/sh
# The files of a container image in FOLDER: configs/packages/image.sh FOLDER
#
# Runs where the package fltrain is installed. Copies the program, the libraries that it is linked with or
# opens, their copyright notices, and nothing else: no shell, no package manager.
set -eu
folder=$1
blas=$(ldconfig -p | sed -n 's/^.*libopenblas\.so\.0 .* => //p' | head -n 1)
if [ -z "$blas" ]; then
	echo "image.sh: libopenblas0 is not installed" >&2
	exit 1
fi
# A library that is opened by its name lies where the loader looks. Each file is a word.
# shellcheck disable=SC2046
set -- /usr/bin/fltrain $(ldd /usr/bin/fltrain "$blas" | grep -o '/[^ :]*\.so[^ :]*' | sort -u) "$blas"
for file; do
	mkdir -p "$folder${file%/*}"
	cp -L "$file" "$folder$file"
	owner=$(dpkg -S "$(realpath "$file")" "$file" "/usr$file" 2>/dev/null | sed -n '1s/:.*//p')
	mkdir -p "$folder/usr/share/doc/$owner"
	cp -L "/usr/share/doc/${owner:?unknown: $file}/copyright" "$folder/usr/share/doc/$owner"
done
mkdir -p "$folder/etc" "$folder/tmp" "$folder/work"
chmod 1777 "$folder/tmp" "$folder/work"
echo 'nobody:x:65534:65534:nobody:/work:/usr/sbin/nologin' >"$folder/etc/passwd"
