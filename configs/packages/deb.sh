#!/bin/bash
# Debian packages in FOLDER: configs/packages/deb.sh VERSION FOLDER
#
# Builds them of the tarball of the sources, in which debian/ moves from this folder to the top. Nobody need be root.
set -eu
umask 022
version=$1
folder=$(mkdir -p "$2" && realpath "$2")
cd "$(dirname "$0")"
for tool in dpkg-buildpackage dh dh_python3; do
	command -v $tool >/dev/null || { echo "make deb needs $tool: make deps-dev" >&2; exit 1; }
done
epoch=$(./epoch.sh "$version")
tree=$folder/fltrain-$version
rm -rf "$tree" "$folder"/*.deb
./dist.sh "$version" "$folder"
mv "$folder/fltrain-$version.tar.gz" "$folder/fltrain_$version.orig.tar.gz"
rm "$folder/fltrain-$version.tar.gz.sha256"
tar -x -z -C "$folder" -f "$folder/fltrain_$version.orig.tar.gz"
cp -r "$tree/configs/packages/debian" "$tree"
cat >"$tree/debian/changelog" <<END
fltrain ($version-1) unstable; urgency=medium

  * Version $version; what changed stands in /usr/share/doc/fltrain/changelog.gz.

 -- $(sed -n 's/^Maintainer: //p' debian/control)  $(LC_ALL=C date -u -R -d "@$epoch")
END
cd "$tree"
# What make told its own recipes is not meant for the package.
unset MAKEFLAGS MFLAGS MAKELEVEL MAKEOVERRIDES BUILD OPTIMIZE SANITIZE CC CFLAGS LDFLAGS PREFIX LIBDIR DESTDIR
# The machine's own Python, which the package will meet, and not another one of the user's.
PATH=/usr/sbin:/usr/bin:/sbin:/bin DEB_BUILD_OPTIONS=${DEB_BUILD_OPTIONS-nocheck} SOURCE_DATE_EPOCH=$epoch dpkg-buildpackage -us -uc
ls "$folder"/*.deb
