#!/usr/bin/python3
"""Writes siphash.csv: SipHash-1-3 of the bytes 0, 1, 2, ... under the key 0, 1, ..., 15.
usage: gen_siphash.py FOLDER > siphash.csv

FOLDER holds siphash.c and siphash.h of the authors' reference implementation (github.com/veorq/SipHash), which is
compiled here with one round and three. Its 64 bits are compared with those of Python 3.11 or later, whose texts are
hashed by SipHash-1-3, under the keys that Python makes of PYTHONHASHSEED.

Columns: length, 64 bits, the first 64 bits of the 128, the last of them."""
import ctypes
import os
import subprocess
import sys
import tempfile

folder = sys.argv[1]
with tempfile.TemporaryDirectory() as made:
    path = os.path.join(made, "siphash.so")
    subprocess.run(["cc", "-shared", "-fPIC", "-DcROUNDS=1", "-DdROUNDS=3", "-o", path,
                    os.path.join(folder, "siphash.c")], check=True)
    library = ctypes.CDLL(path)


def siphash(text, key, n):
    out = ctypes.create_string_buffer(n)
    library.siphash(text, ctypes.c_size_t(len(text)), key, out, ctypes.c_size_t(n))
    return [int.from_bytes(out.raw[i:i + 8], "little") for i in range(0, n, 8)]


def key_of(seed):
    """As Python/bootstrap_hash.c makes it."""
    key = bytearray()
    for _ in range(16 if seed else 0):
        seed = (seed * 214013 + 2531011) % 2**32
        key.append(seed >> 16 & 0xff)
    return bytes(key) or bytes(16)


texts = [bytes(range(n)) for n in range(64)]
for seed in (0, 1, 12345):
    program = ("import sys; assert sys.hash_info.algorithm == 'siphash13'\n"
               "for n in range(64): print(hash(bytes(range(n))))")
    lines = subprocess.run([sys.executable, "-c", program], env={"PYTHONHASHSEED": str(seed)}, check=True,
                           stdout=subprocess.PIPE).stdout.split()
    for text, line in zip(texts[1:], lines[1:]):  # Python's hash of nothing is 0
        assert siphash(text, key_of(seed), 8)[0] == int(line) % 2**64, (seed, len(text))

print("length,short,low,high")
for text in texts:
    key = bytes(range(16))
    print("%d,%016x,%016x,%016x" % (len(text), *siphash(text, key, 8), *siphash(text, key, 16)))
