#!/usr/bin/env python3
"""Makes the vectors of this folder that are our own; see README.md. Deterministic, but for ml-dsa.json and slh-dsa.json.

Everything is computed with Python's integers; where the package `cryptography` (OpenSSL) knows the case, it must agree.
"""
import hashlib
import json
import math
import os
import sys

HASHES = {"md5": 1, "sha1": 2, "rmd160": 3, "sha256": 8, "sha384": 9, "sha512": 10, "sha224": 11, "sha3_256": 12, "sha3_512": 14}
LENGTHS = {1: 16, 2: 20, 3: 20, 8: 32, 9: 48, 10: 64, 11: 28, 12: 32, 14: 64}
FOLDER = os.path.dirname(os.path.abspath(__file__))


def integer(value, bits=None, zeros=0):
    """A multiprecision integer: canonical, or with another bit count, or with leading zero bytes."""
    if zeros:
        body = bytes(zeros) + value.to_bytes((value.bit_length() + 7) // 8, "big")
        return (8 * len(body)).to_bytes(2, "big") + body
    bits = value.bit_length() if bits is None else bits
    return bits.to_bytes(2, "big") + value.to_bytes((bits + 7) // 8, "big")


def seeded(length, *labels):
    """Bytes that look random, the same for the same labels."""
    return hashlib.shake_256("/".join(map(str, labels)).encode()).digest(length)


def number(bits, *labels):
    return int.from_bytes(seeded((bits + 7) // 8, *labels), "big") >> (-bits % 8)


SMALL_PRIMES = math.prod(p for p in range(2, 3000) if all(p % i for i in range(2, math.isqrt(p) + 1)))


def is_prime(n):
    """For numbers above 3000."""
    if math.gcd(n, SMALL_PRIMES) != 1:
        return False
    d, s = n - 1, 0
    while d % 2 == 0:
        d, s = d // 2, s + 1
    for i in range(20):
        x = pow(number(n.bit_length() - 1, "witness", i) | 2, d, n)
        if x in (1, n - 1):
            continue
        for _ in range(s - 1):
            x = x * x % n
            if x == n - 1:
                break
        else:
            return False
    return True


def prime(bits, *labels, fits=lambda p: True):
    counter = 0
    while True:
        p = number(bits, *labels, counter) | (3 << (bits - 2)) | 1
        if fits(p) and is_prime(p):
            return p
        counter += 1


def digest(name, message):
    return hashlib.new({"rmd160": "ripemd160"}.get(name, name), message).digest()


class File:
    def __init__(self, name, source):
        self.name, self.keys, self.cases = name, [], []
        self.document = {"source": source, "keys": self.keys, "cases": self.cases}

    def key(self, name, algorithm, material, version=4, usable=True):
        entry = {"name": name, "version": version, "algorithm": algorithm, "material": material.hex()}
        if not usable:
            entry["unusable"] = True
        self.keys.append(entry)
        return name

    def case(self, name, key, algorithm, hash_id, digest_bytes, signature, verdict):
        self.cases.append({"name": name, "key": key, "algorithm": algorithm, "hash": hash_id, "digest": digest_bytes.hex(),
                           "signature": signature.hex(), "verdict": verdict})

    def write(self):
        def lines(items):
            return ",\n".join("    " + json.dumps(item) for item in items)
        with open(os.path.join(FOLDER, self.name), "w", encoding="ascii") as out:
            out.write('{\n  "source": %s,\n  "keys": [\n%s\n  ],\n  "cases": [\n%s\n  ]\n}\n'
                      % (json.dumps(self.document["source"]), lines(self.keys), lines(self.cases)))


# RSA

PREFIXES = {
    1: "3020300c06082a864886f70d020505000410", 2: "3021300906052b0e03021a05000414", 3: "3021300906052b2403020105000414",
    8: "3031300d060960864801650304020105000420", 9: "3041300d060960864801650304020205000430",
    10: "3051300d060960864801650304020305000440", 11: "302d300d06096086480165030402040500041c",
    12: "3031300d060960864801650304020805000420", 14: "3051300d060960864801650304020a05000440",
}


def encoded(k, hash_id, value, prefix=None, first=b"\0\1", filler=0xFF, padding=None):
    tail = bytes.fromhex(PREFIXES[hash_id] if prefix is None else prefix) + value
    padding = k - len(tail) - 3 if padding is None else padding
    message = first + bytes([filler]) * padding + b"\0" + tail
    return int.from_bytes(message + bytes(k - len(message)), "big")


def rsa_key(bits, e=65537):
    half = (bits + 1) // 2
    counter = 0
    while True:
        p = prime(half, "rsa", bits, e, "p", counter, fits=lambda x: x % e != 1)
        q = prime(bits - half, "rsa", bits, e, "q", counter, fits=lambda x: x % e != 1)
        if (p * q).bit_length() == bits and p != q:
            if math.gcd(e, (p - 1) * (q - 1)) == 1:
                return p * q, pow(e, -1, (p - 1) * (q - 1))
        counter += 1


def rsa():
    f = File("rsa.json", "generate.py, rsa()")
    message = b"signed with RSA"
    for bits, e in [(512, 65537), (768, 17), (1023, 65537), (1024, 65537), (1025, 3), (1031, 41), (2047, 65537), (2048, 65537),
                    (2048, 0xFFFFFFFB), (3072, 0xFFFFFFFFFFFFFFC5), (4096, 65537), (4097, 65537)]:
        n, d = rsa_key(bits, e)
        k = (bits + 7) // 8
        name = f.key(f"{bits} bits, e = {e}", 1, integer(n) + integer(e))
        for hash_name, h in HASHES.items():
            value = digest(hash_name, message)
            fits = len(PREFIXES[h]) // 2 + len(value) + 11 <= k
            if bits not in (512, 1024, 2048, 4096) and hash_name not in ("sha1", "sha256", "sha512"):
                continue
            s = pow(encoded(k, h, value), d, n) if fits else number(bits - 1, "unfit", h)
            f.case(f"{hash_name}", name, 1, h, value, integer(s), "Valid" if fits else "Invalid")
    # Edge cases, for a key the system's library is asked for and for one it is not.
    for bits in (1024, 2048):
        n, d = rsa_key(bits)
        k, name, h = bits // 8, f"{bits} bits, e = 65537", 8
        value = digest("sha256", message)
        s = pow(encoded(k, h, value), d, n)
        assert s.bit_length() > bits - 8
        add = lambda case, signature, verdict, algorithm=1, hash_id=h, v=value: f.case(
            case, name, algorithm, hash_id, v, signature, verdict)
        add("named RSA sign-only", integer(s), "Valid", algorithm=3)
        add("named RSA encrypt-only", integer(s), "Invalid", algorithm=2)
        add("named DSA", integer(s), "Invalid", algorithm=17)
        add("other digest", integer(s), "Invalid", v=digest("sha256", b"other"))
        add("other hash of the same length", integer(s), "Invalid", hash_id=12)
        add("digest too short for its hash", integer(s), "Invalid", v=value[:31])
        add("unknown hash", integer(s), "Invalid", hash_id=99)
        add("hash 0, no digest", integer(s), "Invalid", hash_id=0, v=b"")
        add("leading zero byte", integer(s, zeros=1), "ValidNotCanonical")
        add("two leading zero bytes", integer(s, zeros=2), "ValidNotCanonical")
        add("bit count too large", integer(s, bits=bits) if s.bit_length() < bits else integer(s, bits=bits + 8), "ValidNotCanonical")
        under = bytearray(integer(s))
        under[0:2] = (bits - 7).to_bytes(2, "big")
        add("bit count too small, all bytes there", bytes(under), "ValidNotCanonical" if s.bit_length() != bits - 7 else "Valid")
        add("byte behind", integer(s) + b"\0", "ValidNotCanonical")
        add("another integer behind", integer(s) + integer(1), "ValidNotCanonical")
        add("last byte missing", integer(s)[:-1], "Invalid")
        add("first byte only", integer(s)[:1], "Invalid")
        add("empty", b"", "Invalid")
        add("0", integer(0), "Invalid")
        add("1", integer(1), "Invalid")
        add("n - 1", integer(n - 1), "Invalid")
        add("n", integer(n), "Invalid")
        add("s + n", integer(s + n), "Invalid")
        add("n - s", integer(n - s), "Invalid")
        bad = lambda case, message_value, hash_id=h: add(case, integer(pow(message_value, d, n)), "Invalid", hash_id=hash_id)
        bad("block type 2", encoded(k, h, value, first=b"\0\2"))
        bad("block type 0", encoded(k, h, value, first=b"\0\0"))
        bad("filler is not FF", encoded(k, h, value, filler=0xFE))
        bad("short padding, digest not at the end", encoded(k, h, value, padding=8))
        bad("no DigestInfo", encoded(k, h, value, prefix=""))
        bad("parameters left out", encoded(k, h, value, prefix="302f300b0609608648016503040201" + "0420"))
        bad("length in long form", encoded(k, h, value, prefix="308131300d060960864801650304020105000420"))
        bad("DigestInfo of SHA-512/256", encoded(k, h, value, prefix="3031300d060960864801650304020605000420"))
        bad("separator missing", int.from_bytes(b"\0\1" + b"\xff" * (k - 2 - 51) + bytes.fromhex(PREFIXES[8]) + value, "big"))
        bad("first byte 1", encoded(k, h, value) + (0 if bits % 8 else 0) + (1 << (8 * (k - 1))) if n >> (8 * k - 8) > 1 else 3)
        first = bytearray(encoded(k, h, value).to_bytes(k, "big"))
        first[2] = 0
        bad("no padding but a zero", int.from_bytes(first, "big"))
    # Keys that are no keys, or beyond the bounds.
    n, d = rsa_key(1024)
    f.key("sign-only key", 3, integer(n) + integer(65537))
    s = pow(encoded(128, 8, digest("sha256", message)), d, n)
    f.case("named RSA", "sign-only key", 1, 8, digest("sha256", message), integer(s), "Valid")
    f.key("modulus with leading zeros", 1, integer(n, zeros=1) + integer(65537, zeros=3))
    f.case("valid", "modulus with leading zeros", 1, 8, digest("sha256", message), integer(s), "Valid")
    f.key("version 3", 1, integer(n) + integer(65537), version=3)
    f.case("valid", "version 3", 1, 8, digest("sha256", message), integer(s), "Valid")
    f.key("version 6", 1, integer(n) + integer(65537), version=6)
    f.case("valid", "version 6", 1, 8, digest("sha256", message), integer(s), "Valid")
    f.key("encrypt-only key", 2, integer(n) + integer(65537), usable=False)
    for name, material in {
        "exponent 0": integer(n) + integer(0), "exponent 1": integer(n) + integer(1), "exponent 2": integer(n) + integer(2),
        "exponent even": integer(n) + integer(65536), "exponent of 65 bits": integer(n) + integer((1 << 64) + 1),
        "modulus even": integer(n - 1) + integer(65537), "modulus 0": integer(0) + integer(65537),
        "modulus 1": integer(1) + integer(65537), "modulus missing": b"", "exponent missing": integer(n),
        "exponent cut short": integer(n) + integer(65537)[:-1], "byte behind": integer(n) + integer(65537) + b"\0",
        "modulus of 16385 bits": integer((1 << 16384) + 1) + integer(65537),
        "long modulus, exponent of 18 bits": integer((1 << 8192) + 1) + integer((1 << 17) + 1),
    }.items():
        f.key(name, 1, material, usable=False)
    # Long ones are made of many primes, which are soon found.
    for bits in (8192, 16384):
        primes = [prime(bits // 8, "rsa", bits, i, fits=lambda x: x % 65537 != 1) for i in range(8)]
        n = 1
        for p in primes:
            n *= p
        value = digest("sha512", message)
        m = encoded((n.bit_length() + 7) // 8, 10, value)
        s = sum(pow(m, pow(65537, -1, p - 1), p) * (n // p) * pow(n // p, -1, p) for p in primes) % n
        assert pow(s, 65537, n) == m
        name = f.key(f"{bits} bits at most", 1, integer(n) + integer(65537))
        f.case("sha512", name, 1, 10, value, integer(s), "Valid")
        f.case("other digest", name, 1, 10, digest("sha512", b"other"), integer(s), "Invalid")
    f.write()


# DSA

def dsa_parameters(p_bits, q_bits):
    q = prime(q_bits, "dsa", p_bits, q_bits, "q")
    counter = 0
    while True:
        p = number(p_bits, "dsa", p_bits, q_bits, "p", counter) | (1 << (p_bits - 1))
        p -= (p - 1) % (2 * q)
        if p.bit_length() == p_bits and is_prime(p):
            break
        counter += 1
    h = 2
    while pow(h, (p - 1) // q, p) == 1:
        h += 1
    return p, q, pow(h, (p - 1) // q, p)


def leftmost(value, bits):
    n = int.from_bytes(value, "big")
    return n >> max(0, 8 * len(value) - bits)


def dsa_sign(p, q, g, x, value, k):
    r = pow(g, k, p) % q
    return r, pow(k, -1, q) * (leftmost(value, q.bit_length()) + r * x) % q


def dsa():
    f = File("dsa.json", "generate.py, dsa(); edge cases in the manner of Wycheproof's")
    message = b"signed with DSA"
    for p_bits, q_bits in [(512, 160), (1000, 160), (1024, 160), (2048, 224), (2048, 256), (3072, 256), (4096, 256)]:
        p, q, g = dsa_parameters(p_bits, q_bits)
        x = number(q_bits - 1, "dsa", p_bits, q_bits, "x")
        y = pow(g, x, p)
        name = f.key(f"{p_bits}/{q_bits} bits", 17, b"".join(map(integer, (p, q, g, y))))
        for hash_name, h in HASHES.items():
            value = digest(hash_name, message)
            r, s = dsa_sign(p, q, g, x, value, number(q_bits - 1, "dsa", p_bits, q_bits, "k", hash_name))
            f.case(hash_name, name, 17, h, value, integer(r) + integer(s), "Valid" if 8 * len(value) >= q_bits else "Invalid")
    for p_bits, q_bits, hash_name in [(1024, 160, "sha1"), (2048, 256, "sha256")]:
        p, q, g = dsa_parameters(p_bits, q_bits)
        x = number(q_bits - 1, "dsa", p_bits, q_bits, "x")
        name, h, value = f"{p_bits}/{q_bits} bits", HASHES[hash_name], digest(hash_name, message)
        pair_edge_cases(f, name, 17, h, value, q, lambda k, v: dsa_sign(p, q, g, x, v, k), extra={"p": p, "p + 1": p + 1})
        for case, e in [("digest 0", 0), ("digest all ones", (1 << 8 * len(value)) - 1), ("digest q", q)]:
            v = e.to_bytes(len(value), "big")
            r, s = dsa_sign(p, q, g, x, v, number(q_bits - 1, "special", case))
            f.case(case, name, 17, h, v, integer(r) + integer(s), "Valid")
        # s whose inverse is found in few or many steps, s = 1 and s = q - 1: solve for the digest.
        for case, s in [("s = 1", 1), ("s = 2", 2), ("s = q - 1", q - 1), ("s = (q + 1) / 2", (q + 1) // 2)]:
            k = number(q_bits - 1, "solve", case)
            r = pow(g, k, p) % q
            v = ((s * k - r * x) % q).to_bytes(len(value), "big")
            f.case(case, name, 17, h, v, integer(r) + integer(s), "Valid")
    p, q, g = dsa_parameters(1024, 160)
    y = pow(g, 12345, p)
    q8 = prime(161, "odd q")
    for name, values in {
        "p even": (p + 1, q, g, y), "q even": (p, q + 1, g, y), "g = 0": (p, q, 0, y), "g = 1": (p, q, 1, y), "g = p": (p, q, p, y),
        "y = 0": (p, q, g, 0), "y = 1": (p, q, g, 1), "y = p": (p, q, g, p), "y = p + 2": (p, q, g, p + 2),
        "q of 161 bits": (p, q8, g, y), "q of 152 bits": (p, prime(152, "q"), g, y), "q of 264 bits": (p, prime(264, "q"), g, y),
        "q longer than p": (prime(128, "p"), q, 2, 3), "p of 4097 bits": ((1 << 4096) + 1, q, g, y), "p = 0": (0, q, g, y),
    }.items():
        f.key(name, 17, b"".join(map(integer, values)), usable=False)
    f.key("y missing", 17, b"".join(map(integer, (p, q, g))), usable=False)
    f.key("byte behind", 17, b"".join(map(integer, (p, q, g, y))) + b"\0", usable=False)
    f.key("version 3", 17, b"".join(map(integer, (p, q, g, y))), version=3, usable=False)
    # q no prime: where the inverse does not exist, or is not what Fermat says, nothing verifies.
    q1 = number(159, "composite") | (1 << 159) | 1
    while is_prime(q1):
        q1 += 2
    name = f.key("q composite", 17, b"".join(map(integer, (p, q1, g, y))))
    f.case("some pair", name, 17, 2, digest("sha1", message), integer(12345) + integer(54321), "Invalid")
    f.write()


def pair_edge_cases(f, name, algorithm, h, value, q, sign, extra=None):
    """What r and s may not be, and how they may be written."""
    bits = q.bit_length()
    # A pair with a leading bit to spare, and one without.
    counter = 0
    while True:
        r, s = sign(number(bits - 1, name, "k", counter), value)
        if r.bit_length() == bits and s.bit_length() == bits:
            break
        counter += 1
    while True:
        r8, s8 = sign(number(bits - 1, name, "k", counter), value)
        if r8.bit_length() <= bits - 8 or s8.bit_length() <= bits - 8:
            break
        counter += 1
    add = lambda case, signature, verdict, named=algorithm, v=value, hash_id=h: f.case(
        case, name, named, hash_id, v, signature, verdict)
    add("full length", integer(r) + integer(s), "Valid")
    add("a short one", integer(r8) + integer(s8), "Valid")
    add("padded with zeros", integer(r8, zeros=1) + integer(s8, zeros=1), "ValidNotCanonical")
    add("malleable s", integer(r) + integer(q - s), "Valid" if algorithm == 19 else "Invalid")
    add("other digest", integer(r) + integer(s), "Invalid", v=bytes([value[0] ^ 1]) + value[1:])
    add("digest cut", integer(r) + integer(s), "Invalid", v=value[:-1])
    add("named RSA", integer(r) + integer(s), "Invalid", named=1)
    add("named the other of DSA and ECDSA", integer(r) + integer(s), "Invalid", named=36 - algorithm)
    add("leading zero byte in r", integer(r, zeros=1) + integer(s), "ValidNotCanonical")
    add("leading zero byte in s", integer(r) + integer(s, zeros=1), "ValidNotCanonical")
    add("byte behind", integer(r) + integer(s) + b"\0", "ValidNotCanonical")
    add("s cut short", (integer(r) + integer(s))[:-1], "Invalid")
    add("s missing", integer(r), "Invalid")
    add("empty", b"", "Invalid")
    add("swapped", integer(s) + integer(r), "Invalid")
    add("r + q", integer(r + q) + integer(s), "Invalid")
    add("s + q", integer(r) + integer(s + q), "Invalid")
    add("r + 256 q", integer(r + 256 * q) + integer(s), "Invalid")
    add("r + 2^bits", integer(r + (1 << bits)) + integer(s), "Invalid")
    add("s + 2^bits", integer(r) + integer(s + (1 << bits)), "Invalid")
    add("q - r", integer(q - r) + integer(s), "Invalid")
    special = {"0": 0, "1": 1, "2": 2, "q - 1": q - 1, "q": q, "q + 1": q + 1, "2^bits": 1 << bits, **(extra or {})}
    for r_name, r_value in special.items():
        for s_name, s_value in special.items():
            add(f"r = {r_name}, s = {s_name}", integer(r_value) + integer(s_value), "Invalid")


# ECDSA

CURVES = {
    "p256": ("2a8648ce3d030107", 2**256 - 2**224 + 2**192 + 2**96 - 1, -3,
             0x5AC635D8AA3A93E7B3EBBD55769886BC651D06B0CC53B0F63BCE3C3E27D2604B,
             int("F" * 8 + "0" * 8 + "F" * 16 + "BCE6FAADA7179E84F3B9CAC2FC632551", 16), "SECP256R1"),
    "p384": ("2b81040022", 2**384 - 2**128 - 2**96 + 2**32 - 1, -3,
             0xB3312FA7E23EE7E4988E056BE3F82D19181D9C6EFE8141120314088F5013875AC656398D8A2ED19D2A85C8EDD3EC2AEF,
             int("F" * 48 + "C7634D81F4372DDF581A0DB248B0A77AECEC196ACCC52973", 16), "SECP384R1"),
    "p521": ("2b81040023", 2**521 - 1, -3,
             0x51953EB9618E1C9A1F929A21A0B68540EEA2DA725B99B315F3B8B489918EF109E156193951EC7E937B1652C0BD3BB1BF073573DF883D2C34F1EF451FD46B503F00,
             int("1" + "F" * 65 + "A51868783BF2F966B7FCC0148F709A5D03BB5C9B8899C47AEBB6FB71E91386409", 16),
             "SECP521R1"),
    "brainpoolP256r1": ("2b2403030208010107", 0xA9FB57DBA1EEA9BC3E660A909D838D726E3BF623D52620282013481D1F6E5377,
                        0x7D5A0975FC2C3057EEF67530417AFFE7FB8055C126DC5C6CE94A4B44F330B5D9,
                        0x26DC5C6CE94A4B44F330B5D9BBD77CBF958416295CF7E1CE6BCCDC18FF8C07B6,
                        0xA9FB57DBA1EEA9BC3E660A909D838D718C397AA3B561A6F7901E0E82974856A7, "BrainpoolP256R1"),
    "brainpoolP384r1": ("2b240303020801010b",
                        0x8CB91E82A3386D280F5D6F7E50E641DF152F7109ED5456B412B1DA197FB71123ACD3A729901D1A71874700133107EC53,
                        0x7BC382C63D8C150C3C72080ACE05AFA0C2BEA28E4FB22787139165EFBA91F90F8AA5814A503AD4EB04A8C7DD22CE2826,
                        0x04A8C7DD22CE28268B39B55416F0447C2FB77DE107DCD2A62E880EA53EEB62D57CB4390295DBC9943AB78696FA504C11,
                        0x8CB91E82A3386D280F5D6F7E50E641DF152F7109ED5456B31F166E6CAC0425A7CF3AB6AF6B7FC3103B883202E9046565,
                        "BrainpoolP384R1"),
    "brainpoolP512r1": ("2b240303020801010d",
                        0xAADD9DB8DBE9C48B3FD4E6AE33C9FC07CB308DB3B3C9D20ED6639CCA703308717D4D9B009BC66842AECDA12AE6A380E62881FF2F2D82C68528AA6056583A48F3,
                        0x7830A3318B603B89E2327145AC234CC594CBDD8D3DF91610A83441CAEA9863BC2DED5D5AA8253AA10A2EF1C98B9AC8B57F1117A72BF2C7B9E7C1AC4D77FC94CA,
                        0x3DF91610A83441CAEA9863BC2DED5D5AA8253AA10A2EF1C98B9AC8B57F1117A72BF2C7B9E7C1AC4D77FC94CADC083E67984050B75EBAE5DD2809BD638016F723,
                        0xAADD9DB8DBE9C48B3FD4E6AE33C9FC07CB308DB3B3C9D20ED6639CCA70330870553E5C414CA92619418661197FAC10471DB1D381085DDADDB58796829CA90069,
                        "BrainpoolP512R1"),
    "secp256k1": ("2b8104000a", 2**256 - 2**32 - 977, 0, 7,
                  int("F" * 31 + "EBAAEDCE6AF48A03BBFD25E8CD0364141", 16), "SECP256K1"),
}


def square_root(value, p):
    if p % 4 == 3:
        root = pow(value, (p + 1) // 4, p)
        return root if root * root % p == value % p else None
    # Tonelli and Shanks.
    if pow(value, (p - 1) // 2, p) != 1:
        return None
    s, q = 0, p - 1
    while q % 2 == 0:
        s, q = s + 1, q // 2
    z = next(i for i in range(2, 100) if pow(i, (p - 1) // 2, p) == p - 1)
    m, c, t, r = s, pow(z, q, p), pow(value, q, p), pow(value, (q + 1) // 2, p)
    while t != 1:
        i, u = 0, t
        while u != 1:
            i, u = i + 1, u * u % p
        b = pow(c, 1 << (m - i - 1), p)
        m, c, t, r = i, b * b % p, t * b * b % p, r * b % p
    return r


class Curve:
    def __init__(self, name):
        oid, self.p, self.a, self.b, self.n, self.oracle = CURVES[name]
        self.oid, self.length = bytes.fromhex(oid), (self.p.bit_length() + 7) // 8
        # Any point is a generator of a group of prime order: the standard one comes from the oracle.
        from cryptography.hazmat.primitives.asymmetric import ec
        numbers = ec.derive_private_key(1, getattr(ec, self.oracle)()).public_key().public_numbers()
        self.g = (numbers.x, numbers.y)
        assert self.has(self.g) and self.multiply(self.n, self.g) is None

    def has(self, point):
        x, y = point
        return (y * y - x * x * x - self.a * x - self.b) % self.p == 0

    def lift(self, x):
        y = square_root((x * x * x + self.a * x + self.b) % self.p, self.p)
        return None if y is None else (x, y)

    def add(self, one, two):
        if one is None or two is None:
            return one or two
        if one[0] == two[0]:
            if (one[1] + two[1]) % self.p == 0:
                return None
            slope = (3 * one[0] * one[0] + self.a) * pow(2 * one[1], -1, self.p)
        else:
            slope = (two[1] - one[1]) * pow(two[0] - one[0], -1, self.p)
        x = (slope * slope - one[0] - two[0]) % self.p
        return x, (slope * (one[0] - x) - one[1]) % self.p

    def multiply(self, k, point):
        result = None
        for bit in bin(k)[2:]:
            result = self.add(result, result)
            if bit == "1":
                result = self.add(result, point)
        return result

    def material(self, point, prefix=4):
        encoded_point = bytes([prefix]) + point[0].to_bytes(self.length, "big") + point[1].to_bytes(self.length, "big")
        return bytes([len(self.oid)]) + self.oid + integer(int.from_bytes(encoded_point, "big"))

    def sign(self, d, value, k):
        r = self.multiply(k, self.g)[0] % self.n
        return r, pow(k, -1, self.n) * (leftmost(value, self.n.bit_length()) + r * d) % self.n


def oracle_agrees(curve, point, hash_name, value, r, s):
    from cryptography.exceptions import InvalidSignature
    from cryptography.hazmat.primitives import hashes
    from cryptography.hazmat.primitives.asymmetric import ec, utils
    types = {20: hashes.SHA1, 28: hashes.SHA224, 32: hashes.SHA256, 48: hashes.SHA384, 64: hashes.SHA512}
    if len(value) not in types:
        return True
    key = ec.EllipticCurvePublicNumbers(*point, getattr(ec, curve.oracle)()).public_key()
    try:
        key.verify(utils.encode_dss_signature(r, s), value, ec.ECDSA(utils.Prehashed(types[len(value)]())))
        return True
    except InvalidSignature:
        return False


def ecdsa():
    f = File("ecdsa.json", "generate.py, ecdsa(); edge cases in the manner of Wycheproof's")
    message = b"signed with ECDSA"
    for name in CURVES:
        c = Curve(name)
        bits = c.n.bit_length()
        d = number(bits - 1, "ecdsa", name, "d")
        q = c.multiply(d, c.g)
        f.key(name, 19, c.material(q))
        for hash_name, h in HASHES.items():
            value = digest(hash_name, message)
            r, s = c.sign(d, value, number(bits - 1, "ecdsa", name, "k", hash_name))
            assert oracle_agrees(c, q, hash_name, value, r, s)
            f.case(hash_name, name, 19, h, value, integer(r) + integer(s),
                   "Valid" if len(value) >= min(c.length, 64) else "Invalid")
        hash_name = {32: "sha256", 48: "sha384"}.get(c.length, "sha512")
        h, value = HASHES[hash_name], digest(hash_name, message)
        pair_edge_cases(f, name, 19, h, value, c.n, lambda k, v: c.sign(d, v, k), extra={"p": c.p})
        for case, e in [("digest 0", 0), ("digest all ones", (1 << 8 * len(value)) - 1), ("digest n", c.n & ((1 << 8 * len(value)) - 1))]:
            v = e.to_bytes(len(value), "big")
            r, s = c.sign(d, v, number(bits - 1, "special", case))
            assert oracle_agrees(c, q, hash_name, v, r, s)
            f.case(case, name, 19, h, v, integer(r) + integer(s), "Valid")
        for case, s in [("s = 1", 1), ("s = 2", 2), ("s = n - 1", c.n - 1), ("s = (n + 1) / 2", (c.n + 1) // 2)]:
            # Solve for the key: Q = (s·k - e) / r · G.
            k = number(bits - 1, "solve", name, case)
            r = c.multiply(k, c.g)[0] % c.n
            q2 = c.multiply((s * k - leftmost(value, bits)) * pow(r, -1, c.n) % c.n, c.g)
            assert oracle_agrees(c, q2, hash_name, value, r, s)
            key = f.key(f"{name}, made for {case}", 19, c.material(q2))
            f.case(case, key, 19, h, value, integer(r) + integer(s), "Valid")
        # R whose x coordinate is n or more, and R whose x coordinate lies below p - n while x + n is no point: r alone must do.
        if c.p > c.n:
            x = c.n
            while c.lift(x) is None:
                x += 1
            big, r, s = c.lift(x), x - c.n, 12345
            q3 = c.multiply(pow(r, -1, c.n), c.add(c.multiply(s, big), c.multiply(-leftmost(value, bits) % c.n, c.g))) if r else None
            if q3:
                assert oracle_agrees(c, q3, hash_name, value, r, s)
                key = f.key(f"{name}, made for x(R) > n", 19, c.material(q3))
                f.case("x(R) reduced", key, 19, h, value, integer(r) + integer(s), "Valid")
                f.case("x(R) not reduced", key, 19, h, value, integer(r + c.n) + integer(s), "Invalid")
        # u1·G = ±u2·Q: the sum is a doubling, or no point at all.
        e = leftmost(value, bits) % c.n
        r0, s0 = c.sign(d, value, 7)
        w = pow(s0, -1, c.n)
        for case, sign in [("u1 G = u2 Q", 1), ("u1 G = -u2 Q", -1)]:
            # Q = d' G with r·d' = ±e for a chosen r.
            k = number(bits - 1, "same", name)
            r = c.multiply(k, c.g)[0] % c.n
            d2 = sign * e * pow(r, -1, c.n) % c.n
            q4 = c.multiply(d2, c.g)
            key = f.key(f"{name}, made for {case}", 19, c.material(q4))
            s = pow(k, -1, c.n) * 2 * e % c.n if sign == 1 else 777
            assert oracle_agrees(c, q4, hash_name, value, r, s) == (sign == 1)
            f.case(case, key, 19, h, value, integer(r) + integer(s), "Valid" if sign == 1 else "Invalid")
        x_bad = next(x for x in range(2, 100) if c.lift(x) is None)
        for case, material in {
            "point beside the curve": c.material((q[0], (q[1] + 1) % c.p)), "x without a point": c.material((x_bad, 1)),
            "compressed": bytes([len(c.oid)]) + c.oid + integer(int.from_bytes(bytes([2 + q[1] % 2]) + q[0].to_bytes(c.length, "big"), "big")),
            "hybrid": c.material(q, prefix=6 + q[1] % 2), "infinity": bytes([len(c.oid)]) + c.oid + integer(0),
            "point 0, 0": c.material((0, 0)), "cut short": c.material(q)[:-1], "byte behind": c.material(q) + b"\0",
            "no point": bytes([len(c.oid)]) + c.oid, "oid only in part": bytes([len(c.oid)]) + c.oid[:-1],
        }.items():
            f.key(f"{name}, {case}", 19, material, usable=False)
        if c.p + q[0] < 1 << (8 * c.length):
            f.key(f"{name}, x + p", 19, c.material((q[0] + c.p, q[1])), usable=False)
        f.key(f"{name}, leading zeros", 19, c.material(q)[:1 + len(c.oid)] + integer(int.from_bytes(c.material(q)[3 + len(c.oid):], "big"), zeros=2))
        r, s = c.sign(d, value, 99)
        f.case("valid", f"{name}, leading zeros", 19, h, value, integer(r) + integer(s), "Valid")
    c = Curve("p256")
    f.key("version 6", 19, c.material(c.g), version=6)
    r, s = c.sign(1, digest("sha256", message), 5)
    f.case("valid", "version 6", 19, 8, digest("sha256", message), integer(r) + integer(s), "Valid")
    f.key("unknown curve", 19, b"\x05\x2b\x81\x04\x00\x99" + c.material(c.g)[9:], usable=False)
    f.key("curve for EdDSA", 19, bytes.fromhex("092b06010401da470f01") + c.material(c.g)[9:], usable=False)
    f.key("nothing", 19, b"", usable=False)
    f.write()


# EdDSA

class Edwards:
    """x² and y² with a sign: a·x² + y² = 1 + d·x²·y², a being -1 for Ed25519 and 1 for Ed448."""

    def __init__(self, p, a, d, order, length, base_y, hash_name, prefix):
        self.p, self.a, self.d, self.order, self.length, self.hash_name, self.prefix = p, a, d % p, order, length, hash_name, prefix
        self.base = self.lift(base_y, 0)
        assert self.multiply(order, self.base) == (0, 1)

    def lift(self, y, sign):
        root = square_root((y * y - 1) * pow(self.d * y * y - self.a, -1, self.p) % self.p, self.p)
        if root is None or (root == 0 and sign):
            return None
        return (root if root % 2 == sign else self.p - root), y

    def add(self, one, two):
        x1, y1, x2, y2 = *one, *two
        t = self.d * x1 * x2 * y1 * y2 % self.p
        return ((x1 * y2 + x2 * y1) * pow(1 + t, -1, self.p) % self.p,
                (y1 * y2 - self.a * x1 * x2) * pow(1 - t, -1, self.p) % self.p)

    def multiply(self, k, point):
        result = (0, 1)
        for bit in bin(k)[2:]:
            result = self.add(result, result)
            if bit == "1":
                result = self.add(result, point)
        return result

    def encode(self, point):
        return (point[1] | (point[0] % 2) << (8 * self.length - 1)).to_bytes(self.length, "little")

    def challenge(self, r, a, message):
        data = self.prefix + r + a + message
        value = hashlib.sha512(data).digest() if self.hash_name == "sha512" else hashlib.shake_256(data).digest(114)
        return int.from_bytes(value, "little") % self.order

    def sign(self, secret, nonce, message, a=None, r=None):
        """Signs for the public key a, with the point r, where they are not the plain ones."""
        a = a or self.encode(self.multiply(secret, self.base))
        r = r or self.encode(self.multiply(nonce, self.base))
        s = (nonce + self.challenge(r, a, message) * secret) % self.order
        return r + s.to_bytes(self.length, "little")


def ed25519_curve():
    p = 2**255 - 19
    return Edwards(p, -1, -121665 * pow(121666, -1, p), 2**252 + 27742317777372353535851937790883648493, 32,
                   4 * pow(5, -1, p) % p, "sha512", b"")


def ed448_curve():
    p = 2**448 - 2**224 - 1
    base_y = 298819210078481492676017930443930673437544040154080242095928241372331506189835876003536878655418784733982303233503462500531545062832660
    return Edwards(p, 1, -39081, 2**446 - 13818066809895115352007386748515426880336692474882178609894547503885, 57,
                   base_y, "shake256", b"SigEd448\0\0")


RFC_8032 = {
    27: ("833fe62409237b9d62ec77587520911e9a759cec1d19755b7da901b96dca3d42",
         "ec172b93ad5e563bf4932c70e1245034c35467ef2efd4d64ebf819683467e2bf",
         "dc2a4459e7369633a52b1bf277839a00201009a3efbf3ecb69bea2186c26b589"
         "09351fc9ac90b3ecfdfbc7c66431e0303dca179c138ac17ad9bef1177331a704",
         hashlib.sha512(b"abc").digest()),
    28: ("d65df341ad13e008567688baedda8e9dcdc17dc024974ea5b4227b6530e339bff21f99e68ca6968f3cca6dfe0fb9f4fab4fa135d5542ea3f01",
         "df9705f58edbab802c7f8363cfe5560ab1c6132c20a9f1dd163483a26f8ac53a39d6808bf4a1dfbd261b099bb03b3fb50906cb28bd8a081f00",
         "554bc2480860b49eab8532d2a533b7d578ef473eeb58c98bb2d0e1ce488a98b18dfde9b9b90775e67f47d4a1c3482058efc9f40d2ca033a0"
         "801b63d45b3b722ef552bad3b4ccb667da350192b61c508cf7b6b5adadc2c8d9a446ef003fb05cba5f30e88e36ec2703b349ca229c267083"
         "3900",
         bytes.fromhex("bd0f6a3747cd561bdddf4640a332461a4a30a12a434cd0bf40d766d9c6d458e5512204a30c17d1f50b5079631f64eb3112182da300583546"
                       "1113718d1a5ef944")),
}


def eddsa():
    from cryptography.hazmat.primitives.asymmetric import ed448, ed25519
    f = File("eddsa.json", "RFC 8032 section 7, and generate.py, eddsa()")
    for algorithm, library in ((27, ed25519.Ed25519PrivateKey), (28, ed448.Ed448PrivateKey)):
        secret, public, signature, message = RFC_8032[algorithm]
        key = library.from_private_bytes(bytes.fromhex(secret))
        assert key.public_key().public_bytes_raw().hex() == public and key.sign(message).hex() == signature
        f.key(f"RFC 8032, {algorithm}", algorithm, bytes.fromhex(public), version=6)
        f.case("64 octets", f"RFC 8032, {algorithm}", algorithm, 10, message, bytes.fromhex(signature), "Valid")
    native(f, ed25519_curve(), 27, ed25519.Ed25519PublicKey)
    native(f, ed448_curve(), 28, ed448.Ed448PublicKey)
    legacy(f, ed25519_curve())
    f.write()


def native(f, c, algorithm, oracle):
    message, least = b"signed with EdDSA", 32 if algorithm == 27 else 64
    cofactor = 8 if algorithm == 27 else 4
    secret = number(250, "eddsa", algorithm, "secret")
    public = c.encode(c.multiply(secret, c.base))
    name = f.key(f"{algorithm}, version 4", algorithm, public)
    f.key(f"{algorithm}, version 6", algorithm, public, version=6)
    for hash_name, h in HASHES.items():
        value = digest(hash_name, message)
        signature = c.sign(secret, number(250, "nonce", algorithm, hash_name), value)
        oracle.from_public_bytes(public).verify(signature, value)
        for version in (4, 6):
            f.case(hash_name, f"{algorithm}, version {version}", algorithm, h, value, signature,
                   "Valid" if len(value) >= least else "Invalid")
    value, h = digest("sha512", message), 10
    nonce = number(250, "nonce", algorithm)
    good = c.sign(secret, nonce, value)
    r, s = good[:c.length], int.from_bytes(good[c.length:], "little")
    def add(case, signature, verdict, key=name, named=algorithm, v=value):
        f.case(case, key, named, h, v, signature, verdict)
    add("named legacy", good, "Invalid", named=22)
    add("named the other", good, "Invalid", named=55 - algorithm)
    add("byte behind", good + b"\0", "ValidNotCanonical")
    add("cut short", good[:-1], "Invalid")
    add("empty", b"", "Invalid")
    add("other digest", good, "Invalid", v=digest("sha512", b"other"))
    add("bit of R", bytes([good[0] ^ 1]) + good[1:], "Invalid")
    add("sign of R", r[:-1] + bytes([r[-1] ^ 0x80]) + good[c.length:], "Invalid")
    add("bit of S", good[:c.length] + bytes([good[c.length] ^ 1]) + good[c.length + 1:], "Invalid")
    for factor in (1, 2, 3):
        if s + factor * c.order < 1 << (8 * c.length):
            add(f"S + {factor} L", r + (s + factor * c.order).to_bytes(c.length, "little"), "Invalid")
    add("S = L", r + c.order.to_bytes(c.length, "little"), "Invalid")
    add("S = 0", r + bytes(c.length), "Invalid")
    add("last byte of S", good[:-1] + bytes([good[-1] | 0x80]), "Invalid")
    # S = 0 is in range: R = -h·A must be ground for nothing; a nonce that makes it so does not exist, as R is hashed.
    small = torsion(c, cofactor)
    for i, point in enumerate(small):
        f.key(f"{algorithm}, small order {i}", algorithm, c.encode(point), usable=False)
        add(f"R of small order {i}", c.encode(point) + s.to_bytes(c.length, "little"), "Invalid")
        own = c.sign(secret, 0, value, r=c.encode(point))
        add(f"R of small order {i}, equation with cofactor holds", own, "Invalid")
    top = 1 << (8 * c.length - 1)
    for y in range(0, 19):
        for sign in (0, 1):
            encoding = ((y + c.p) | sign * top).to_bytes(c.length, "little") if y + c.p < top else None
            if encoding:
                f.key(f"{algorithm}, y = p + {y}, sign {sign}", algorithm, encoding, usable=False)
    for y, case in ((1, "1"), (c.p - 1, "-1")):
        f.key(f"{algorithm}, y = {case}, x = 0 with sign", algorithm, (y | top).to_bytes(c.length, "little"), usable=False)
    beside = next(y for y in range(2, 99) if c.lift(y, 0) is None)
    f.key(f"{algorithm}, y without a point", algorithm, beside.to_bytes(c.length, "little"), usable=False)
    add("R without a point", beside.to_bytes(c.length, "little") + good[c.length:], "Invalid")
    add("R not canonical", (c.p + 3).to_bytes(c.length, "little") + good[c.length:], "Invalid")
    f.key(f"{algorithm}, cut short", algorithm, public[:-1], usable=False)
    f.key(f"{algorithm}, byte behind", algorithm, public + b"\0", usable=False)
    f.key(f"{algorithm}, nothing", algorithm, b"", usable=False)
    if algorithm == 28:
        f.key("28, a bit too many", 28, public[:-1] + b"\x01", usable=False)
        add("R with a bit too many", r[:-1] + bytes([r[-1] | 1]) + good[c.length:], "Invalid")
    # Points of mixed order: with the cofactor the equation holds always, without it only where the small parts cancel out.
    t = next(point for point in small if order_of(c, point) == cofactor)
    mixed = c.encode(c.add(c.multiply(secret, c.base), t))
    own = c.sign(secret, nonce, value, r=c.encode(c.add(c.multiply(nonce, c.base), t)))
    add("R of mixed order, equation with cofactor holds", own, "Invalid")
    if algorithm == 28:
        f.key("28, A of mixed order", 28, mixed, usable=False)
        return
    key = f.key("27, A of mixed order", 27, mixed)
    seen = set()
    for counter in range(200):
        r_plain = c.encode(c.multiply(nonce + counter, c.base))
        part = c.challenge(r_plain, mixed, value) % 8
        if part in seen:
            continue
        seen.add(part)
        signature = c.sign(secret, nonce + counter, value, a=mixed)
        add(f"h = {part} mod 8, equation with cofactor holds", signature, "Valid" if part == 0 else "Invalid", key=key)
    found = set()
    for counter in range(400):
        for j in range(1, 8):
            point = c.encode(c.add(c.multiply(nonce + counter, c.base), c.multiply(j, t)))
            part = c.challenge(point, mixed, value) % 8
            cancels = (part + j) % 8 == 0
            if (j, cancels) not in found:
                found.add((j, cancels))
                signature = c.sign(secret, nonce + counter, value, a=mixed, r=point)
                # S·B = R + h·A holds without the cofactor where j·T + h·T is nothing.
                add(f"R of mixed order too, {j}, small parts {'cancel' if cancels else 'do not cancel'}", signature,
                    "Valid" if cancels else "Invalid", key=key)
        if len(found) == 14:
            break


def torsion(c, cofactor):
    """All points of small order."""
    y = 2
    while True:
        point = c.lift(y, 0)
        if point:
            t = c.multiply(c.order, point)
            if order_of(c, t) == cofactor:
                return [c.multiply(i, t) for i in range(cofactor)]
        y += 1


def order_of(c, point):
    return next(i for i in (1, 2, 4, 8) if c.multiply(i, point) == (0, 1))


def legacy(f, c):
    oid = bytes.fromhex("092b06010401da470f01")
    secret = number(250, "eddsa", 22, "secret")
    public = c.encode(c.multiply(secret, c.base))
    native_integer = lambda octets: integer(int.from_bytes(octets, "big"))
    material = lambda octets, o=oid: o + native_integer(octets)
    name = f.key("22", 22, material(b"\x40" + public))
    f.key("22, leading zeros", 22, oid + integer(int.from_bytes(b"\x40" + public, "big"), zeros=1))
    for case, m in {"without prefix": material(public), "prefix 4": material(b"\4" + public), "cut short": material(b"\x40" + public)[:-1],
                    "31 bytes": material(b"\x40" + public[:-1]), "33 bytes": material(b"\x40" + public + b"\1"),
                    "byte behind": material(b"\x40" + public) + b"\0", "no point": oid, "nothing": b"",
                    "object identifier of Curve25519": material(b"\x40" + public, bytes.fromhex("0a2b060104019755010501")),
                    "object identifier of Ed25519 in RFC 8410": material(b"\x40" + public, bytes.fromhex("032b6570")),
                    "small order": material(b"\x40" + bytes([1]) + bytes(31))}.items():
        f.key(f"22, {case}", 22, m, usable=False)
    f.key("22, version 6", 22, material(b"\x40" + public), version=6, usable=False)
    message = b"signed with EdDSA"
    split = lambda signature: native_integer(signature[:32]) + native_integer(signature[32:])
    for hash_name, h in HASHES.items():
        value = digest(hash_name, message)
        signature = c.sign(secret, number(250, "nonce", 22, hash_name), value)
        f.case(hash_name, name, 22, h, value, split(signature), "Valid" if len(value) >= 32 else "Invalid")
    value = digest("sha256", message)
    def ground(condition):
        counter = 0
        while True:
            signature = c.sign(secret, number(250, "ground", counter), value)
            if condition(signature):
                return signature
            counter += 1
    def add(case, signature, verdict, key=name, named=22):
        f.case(case, key, named, 8, value, signature, verdict)
    full = ground(lambda x: x[0] >= 128 and x[32] >= 128)
    add("both of 256 bits", split(full), "Valid")
    add("key with leading zeros", split(full), "Valid", key="22, leading zeros")
    short_r = ground(lambda x: x[0] == 0 and x[1] and x[32])
    add("R begins with a zero", split(short_r), "Valid")
    add("R begins with a zero, written", b"\1\0" + short_r[:32] + native_integer(short_r[32:]), "ValidNotCanonical")
    short_s = ground(lambda x: x[32] == 0 and x[0])
    add("S begins with a zero", split(short_s), "Valid")
    add("S begins with a zero, written", native_integer(short_s[:32]) + b"\1\0" + short_s[32:], "ValidNotCanonical")
    low = ground(lambda x: 0 < x[0] < 128 and 0 < x[32] < 128)
    add("bit counts rounded up", b"\1\0" + low[:32] + b"\1\0" + low[32:], "ValidNotCanonical")
    add("33 bytes, the first zero", b"\1\1\0" + full[:32] + native_integer(full[32:]), "ValidNotCanonical")
    add("R with prefix 40", native_integer(b"\x40" + full[:32]) + native_integer(full[32:]), "Invalid")
    add("byte behind", split(full) + b"\0", "ValidNotCanonical")
    add("cut short", split(full)[:-1], "Invalid")
    add("S missing", native_integer(full[:32]), "Invalid")
    add("native", full, "Invalid")
    add("named native", split(full), "Invalid", named=27)
    s = int.from_bytes(full[32:], "little") + c.order
    add("S + L", native_integer(full[:32]) + native_integer(s.to_bytes(32, "little")), "Invalid")
    add("R = 0", integer(0) + native_integer(full[32:]), "Invalid")
    add("S = 0", native_integer(full[:32]) + integer(0), "Invalid")


# Post-quantum algorithms

def ml_dsa():
    from cryptography.hazmat.primitives.asymmetric import mldsa
    f = File("ml-dsa.json", "generate.py, ml_dsa(); ML-DSA by OpenSSL 4.0, EdDSA by our own")
    for algorithm, c, kind in ((30, ed25519_curve(), mldsa.MLDSA65PrivateKey), (31, ed448_curve(), mldsa.MLDSA87PrivateKey)):
        secret = number(250, "composite", algorithm)
        pq = kind.from_seed_bytes(seeded(32, "ml-dsa", algorithm))
        point = c.encode(c.multiply(secret, c.base))
        public = point + pq.public_key().public_bytes_raw()
        name = f.key(f"{algorithm}", algorithm, public, version=6)
        f.key(f"{algorithm}, version 4", algorithm, public, usable=False)
        f.key(f"{algorithm}, byte behind", algorithm, public + b"\0", version=6, usable=False)
        f.key(f"{algorithm}, cut short", algorithm, public[:-1], version=6, usable=False)
        f.key(f"{algorithm}, point of small order", algorithm, b"\1" + bytes(c.length - 1) + public[c.length:], version=6, usable=False)
        h, value = 12, digest("sha3_256", b"signed with both")
        ed = c.sign(secret, number(250, "composite nonce", algorithm), value)
        ml = pq.sign(value)
        add = lambda case, signature, verdict, named=algorithm, hash_id=h, v=value: f.case(case, name, named, hash_id, v, signature, verdict)
        add("valid", ed + ml, "Valid")
        add("hash of the same length", ed + ml, "Valid", hash_id=8)
        add("byte behind", ed + ml + b"\0", "ValidNotCanonical")
        add("cut short", (ed + ml)[:-1], "Invalid")
        add("bit of EdDSA", bytes([ed[0] ^ 1]) + ed[1:] + ml, "Invalid")
        add("bit of ML-DSA", ed + bytes([ml[0] ^ 1]) + ml[1:], "Invalid")
        add("last byte of the hints", ed + ml[:-1] + bytes([ml[-1] ^ 1]), "Invalid")
        add("EdDSA alone", ed, "Invalid")
        add("named the other", ed + ml, "Invalid", named=61 - algorithm)
        add("other digest", ed + ml, "Invalid", v=digest("sha3_256", b"other"))
        add("another's EdDSA", c.sign(secret + 1, 4711, value) + ml, "Invalid")
        add("ML-DSA with a context", ed + pq.sign(value, b"OpenPGP"), "Invalid")
        weak = digest("sha224", b"signed with both")
        add("sha224", c.sign(secret, 99, weak) + pq.sign(weak), "Invalid", hash_id=11, v=weak)
    f.write()


def slh_dsa():
    """Needs Node.js and @noble/post-quantum in the current folder."""
    import subprocess
    script = """
import { slh_dsa_shake_128s, slh_dsa_shake_128f, slh_dsa_shake_256s } from '@noble/post-quantum/slh-dsa.js';
const out = [];
for (const [k, s] of [[32, slh_dsa_shake_128s], [33, slh_dsa_shake_128f], [34, slh_dsa_shake_256s]]) {
  const seed = Buffer.alloc(k === 34 ? 96 : 48, k);
  const keys = s.keygen(new Uint8Array(seed));
  const d = new Uint8Array(Buffer.from(process.argv[1], 'hex'));
  const hex = x => Buffer.from(x).toString('hex');
  const one = { k, pub: hex(keys.publicKey), sig: hex(s.sign(d, keys.secretKey, { extraEntropy: false })) };
  if (k === 33) one.weak = hex(s.sign(d.slice(0, 28), keys.secretKey, { extraEntropy: false }));
  if (k === 32) one.context = hex(s.sign(d, keys.secretKey, { extraEntropy: false, context: new Uint8Array([1]) }));
  out.push(one);
}
console.log(JSON.stringify(out));
"""
    f = File("slh-dsa.json", "generate.py, slh_dsa(), by @noble/post-quantum 0.7.1")
    value = digest("sha256", b"signed with SLH-DSA")
    result = subprocess.run(["node", "--input-type=module", "-e", script, value.hex()], check=True, capture_output=True, text=True)
    for entry in json.loads(result.stdout):
        algorithm, public, signature = entry["k"], bytes.fromhex(entry["pub"]), bytes.fromhex(entry["sig"])
        name = f.key(f"{algorithm}", algorithm, public, version=6)
        f.key(f"{algorithm}, version 4", algorithm, public, usable=False)
        f.key(f"{algorithm}, byte behind", algorithm, public + b"\0", version=6, usable=False)
        f.key(f"{algorithm}, cut short", algorithm, public[:-1], version=6, usable=False)
        f.case("valid", name, algorithm, 8, value, signature, "Valid")
        if "weak" in entry:
            f.case("sha224", name, algorithm, 11, value[:28], bytes.fromhex(entry["weak"]), "Invalid")
        if "context" in entry:
            f.case("with a context", name, algorithm, 8, value, bytes.fromhex(entry["context"]), "Invalid")
    f.write()


if __name__ == "__main__":
    for family in sys.argv[1:]:
        globals()[family]()
