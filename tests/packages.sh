#!/bin/bash
# What the packages promise: tests/packages.sh VERSION STATIC-PROGRAM
#
# Builds tarball and packages twice, in places and under settings that differ, and compares their bytes; asks lintian. Then,
# in a fresh Debian of its own: installs them, does the README's main job and the packages' own tests, purges them and looks
# for what is left; builds the container image and runs it, without a daemon. build/deb holds the first
# packages. CHROOTS is where the Debian is kept (build/chroots), without the lists of its mirror, which are those of this
# machine's apt. Needs root, for the Debian, and the tools of make deps-dev; what cannot be done is said.
set -u
version=$1
static=$(realpath "$2")
root=$(cd "$(dirname "$0")/.." && pwd)
cd "$root" || exit 1
chroots=$(mkdir -p "${CHROOTS:-build/chroots}" && realpath "${CHROOTS:-build/chroots}")
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
# shellcheck source=tests/checks.sh
. tests/checks.sh

same() # WHAT EXPECTED ACTUAL
{
	printf '%s\n' "$2" >"$work/expected"
	printf '%s\n' "$3" >"$work/actual"
	check "$1" diff "$work/expected" "$work/actual"
}

end()
{
	counted packages
	exit
}

for tool in dpkg-buildpackage dh dh_python3 lintian autopkgtest mmdebstrap; do
	if ! command -v $tool >/dev/null; then
		echo "skipped packages: $tool is missing (make deps-dev)"
		end
	fi
done

# The tarball, of this tree and of itself.
check "the tarball is written" configs/packages/dist.sh "$version" "$work/dist"
check "its checksum is right" env -C "$work/dist" sha256sum -c "fltrain-$version.tar.gz.sha256"
tar -xzf "$work/dist/fltrain-$version.tar.gz" -C "$work"
touch "$work/fltrain-$version/fltrain"
(umask 077 && TZ=Asia/Tokyo LC_ALL=C.UTF-8 "$work/fltrain-$version/configs/packages/dist.sh" "$version" "$work/again" >/dev/null)
check "the tarball writes itself" cmp "$work/dist/fltrain-$version.tar.gz" "$work/again/fltrain-$version.tar.gz"

# The packages, of this tree and of the tarball.
check "the packages are built" configs/packages/deb.sh "$version" build/deb
again=(env TZ=Asia/Tokyo LC_ALL=C.UTF-8 HOME=/nonexistent "$work/fltrain-$version/configs/packages/deb.sh")
check "they are built again" "${again[@]}" "$version" "$work/deb"
for package in build/deb/*.deb build/deb/*.dsc build/deb/*.orig.tar.gz build/deb/*.debian.tar.xz; do
	check "the same bytes: ${package#build/deb/}" cmp "$package" "$work/deb/${package##*/}"
done
check "there are six packages, and two of symbols" test "$(find build/deb -name '*.deb' | wc -l)" -eq 8
check "lintian finds nothing" lintian --allow-root -I --fail-on error,warning,info build/deb/*.changes

if [ "$(id -u)" != 0 ]; then
	echo "skipped the fresh Debian: making one needs root"
	end
fi
if [ ! -s "$chroots/bookworm.tar" ]; then
	# The machine's own sources of Debian.
	# shellcheck disable=SC2016
	apt-get indextargets --format '$(REPO_URI) $(RELEASE) $(COMPONENT)' 'Created-By: Packages' 'Origin: Debian' |
		sort -u | sed 's/^/deb /' >"$work/sources"
	check "a fresh Debian is made" mmdebstrap --variant=minbase bookworm "$work/bookworm.tar" "$work/sources"
	mv "$work/bookworm.tar" "$chroots"
fi

fresh() # FOLDER: a fresh Debian there
{
	mkdir "$1" && tar -C "$1" -xf "$chroots/bookworm.tar" && cp /etc/resolv.conf "$1/etc/resolv.conf"
}

# inside COMMAND...: runs it in the Debian, which sees /proc; the mount ends with the process that made it
inside()
{
	# shellcheck disable=SC2016
	unshare --mount --fork sh -c 'mount -t proc proc "$1/proc" && folder=$1 && shift &&
		exec env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin DEBIAN_FRONTEND=noninteractive LC_ALL=C.UTF-8 chroot "$folder" "$@"' \
		- "$work/debian" "$@"
}

# Names of all files but those in which dpkg and apt keep their own accounts.
names()
{
	(cd "$work/debian" && find . -path ./packages -prune -o -path ./proc -prune -o -path ./tmp -prune -o \
		-path './var/lib/dpkg' -prune -o -path './var/lib/apt' -prune -o -path './var/cache' -prune -o -path './var/log' -prune -o \
		-print | LC_ALL=C sort)
}

fresh "$work/debian"
mkdir "$work/debian/packages"
cp build/deb/*.deb data/fraud.csv "$static" "$work/debian/packages"
check "the program without libraries trains where there are none" inside sh -c 'cd /tmp && ! ldconfig -p | grep -q jansson &&
	/packages/fltrain -q --preset fast /packages/fraud.csv >/dev/null && rm fraud.safetensors'
check "apt has its lists" inside apt-get update
names >"$work/before"
# shellcheck disable=SC2016
check "the packages are installed" inside sh -c 'apt-get install -y --no-install-recommends $(ls /packages/*.deb | grep -v dbgsym)'
same "the program is there" "fltrain $version" "$(inside fltrain --version | head -n 1)"
check "the main job of the README" inside sh -c 'cd /tmp && fltrain --loss focal --gamma 2 /packages/fraud.csv && ls fraud.safetensors'
check "wide layers" inside sh -c 'cd /tmp && fltrain --preset fast --no-model --hidden 1024,1024 --epochs 1 /packages/fraud.csv'
# shellcheck disable=SC2016
check "what was installed is purged" inside sh -c \
	'rm -rf /tmp/* && apt-get purge -y --autoremove $(dpkg-query -W -f "\${Package}\n" "*fltrain*")'
names >"$work/after"
check "it leaves nothing" diff "$work/before" "$work/after"

# The image, built and run without a daemon: on the fresh Debian instead of the one that a registry has.
images() { buildah --storage-driver vfs --root "$work/images" --runroot "$work/run" "$@"; }

# shellcheck disable=SC2317 # check calls it, and the next
image()
{
	local container
	container=$(images from scratch) && images add -q "$container" "$chroots/bookworm.tar" / &&
		images commit -q "$container" localhost/debian &&
		images build --isolation chroot --build-arg BASE=localhost/debian -f configs/packages/Containerfile -t fltrain .
}

# in_image ARGUMENT...: what `podman run -v "$work/rows:/work" fltrain ARGUMENT...` does, as the image's own user
# shellcheck disable=SC2317
in_image()
{
	images run --isolation chroot -v "$work/rows:/work" "$container" -- /usr/bin/fltrain "$@"
}

if command -v buildah >/dev/null; then
	check "the image is built" image
	container=$(images from localhost/fltrain)
	tree=$(images mount "$container")
	size=$(du -sb "$tree" | cut -f 1)
	check "it takes less than 60 MB: $size bytes" test "$size" -lt 60000000
	same "it holds no shell and no package manager" "" "$(find "$tree" -name '*sh' -o -name 'apt*' -o -name 'dpkg*')"
	mkdir -m 777 "$work/rows" && cp data/fraud.csv "$work/rows"
	check "the program in it trains" in_image --preset fast fraud.csv
	same "as nobody" 65534 "$(stat -c %u "$work/rows/fraud.safetensors")"
	check "wide layers in it" in_image --preset fast --no-model --hidden 1024,1024 --epochs 1 fraud.csv
	images rm --all >/dev/null
else
	echo "skipped the image: buildah is missing (make deps-dev)"
fi

rm -rf "$work/debian"
fresh "$work/debian"
check "apt has its lists again" inside apt-get update
check "the packages' own tests, in a fresh Debian" autopkgtest -B build/deb/*.deb "build/deb/fltrain-$version/" -- chroot "$work/debian"
grep -E '(PASS|FAIL)' "$work/log"
end
