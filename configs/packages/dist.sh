#!/bin/bash
# The sources as FOLDER/fltrain-VERSION.tar.gz, with its checksum: configs/packages/dist.sh VERSION FOLDER
#
# Holds what version control knows, as it lies here; in a tree that came out of such a tarball, all but what was built.
# The same files give the same bytes: their order, owners, modes and dates do not depend on the machine.
set -eu -o pipefail
umask 022
version=$1
folder=$(mkdir -p "$2" && realpath "$2")
cd "$(dirname "$0")/../.."
epoch=$(configs/packages/epoch.sh "$version")
name=fltrain-$version

sources()
{
	if [ -e .git ]; then
		git ls-files -z
	else
		find . -path ./build -prune -o -path ./fltrain -prune -o -name __pycache__ -prune -o ! -type d -printf '%P\0'
	fi
}

sources | LC_ALL=C sort -z |
	tar --create --format=gnu --transform="s,^,$name/,rSH" --owner=0 --group=0 --numeric-owner --mode=a=rX,u+w \
		--mtime="@$epoch" --no-recursion --null --files-from=- | gzip -9n >"$folder/$name.tar.gz.new"
mv "$folder/$name.tar.gz.new" "$folder/$name.tar.gz"
cd "$folder"
sha256sum "$name.tar.gz" >"$name.tar.gz.sha256"
echo "wrote $folder/$name.tar.gz and its checksum"
