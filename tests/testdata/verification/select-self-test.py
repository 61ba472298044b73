#!/usr/bin/env python3
"""Writes the vectors that the program runs itself, selected from this folder's, to standard output: src/Sks.OpenPgp/Verification/self-test.txt."""
import base64
import json
import os

FOLDER = os.path.dirname(os.path.abspath(__file__))
SELECTION = [
    ("rsa.json", "1024 bits, e = 65537", ["md5", "rmd160", "leading zero byte", "s + n", "parameters left out"]),
    ("rsa.json", "2048 bits, e = 65537", ["sha1", "sha256", "sha512", "sha3_256", "other digest"]),
    ("rsa.json", "1023 bits, e = 65537", ["sha256"]),
    ("rsa.json", "4097 bits, e = 65537", ["sha1"]),
    ("dsa.json", "1024/160 bits", ["sha1", "sha256", "md5", "r = 1, s = 0"]),
    ("dsa.json", "2048/256 bits", ["sha256"]),
    *(("ecdsa.json", curve, [hash_name, "r + q"]) for curve, hash_name in (
        ("p256", "sha256"), ("p384", "sha384"), ("p521", "sha512"), ("brainpoolP256r1", "sha256"),
        ("secp256k1", "sha256"))),
    ("ecdsa.json", "p256", ["sha512", "sha1"]),
    ("eddsa.json", "22", ["sha256", "R begins with a zero, written", "sha1"]),
    ("eddsa.json", "27, version 6", ["sha512", "sha1"]),
    ("eddsa.json", "27, version 4", ["S + 1 L", "R of small order 1", "R of mixed order, equation with cofactor holds"]),
    ("eddsa.json", "28, version 4", ["sha512", "S + 1 L"]),
    ("ed25519-speccheck.json", "A cdb267ce", None),
    ("ml-dsa.json", "30", ["valid", "bit of ML-DSA"]),
    ("ml-dsa.json", "31", ["valid"]),
    ("slh-dsa.json", "32", ["valid"]),
]

encode = lambda text: base64.b64encode(bytes.fromhex(text)).decode() or "-"
for file, key_name, names in SELECTION:
    with open(os.path.join(FOLDER, file), encoding="ascii") as source:
        document = json.load(source)
    key = next(key for key in document["keys"] if key["name"] == key_name)
    print("key", file.removesuffix(".json") + ": " + key_name, key["version"], key["algorithm"], encode(key["material"]), sep="|")
    for case in document["cases"]:
        if case["key"] == key_name and (names is None or case["name"] in names):
            print("case", case["name"], case["algorithm"], case["hash"], encode(case["digest"]), encode(case["signature"]),
                  case["verdict"], sep="|")
