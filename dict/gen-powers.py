#!/usr/bin/python3
"""Writes libdcm/powers.inc: powers of ten in 128 bits, for number.c.

Row i holds 10^p, p = FIRST + i, as g = floor(10^p * 2^(127 - e)) + 1 with
e = floor(log2(10^p)), so 2^127 < g < 2^128: its high and its low half.
Everything is exact integer arithmetic. Needed only to make the file anew:

    python3 dict/gen-powers.py > libdcm/powers.inc
"""
FIRST, LAST = -292, 324


def floor_log2(p):
    """floor(log2(10^p)), exact."""
    if p >= 0:
        return (10**p).bit_length() - 1
    return -(10**-p).bit_length()  # 10^-p is no power of two


def row(p):
    e = floor_log2(p)
    num = 10**p if p >= 0 else 1
    den = 1 if p >= 0 else 10**-p
    shift = 127 - e
    num, den = (num << shift, den) if shift >= 0 else (num, den << -shift)
    g = num // den + 1
    assert 2**127 < g < 2**128
    return g >> 64, g & (2**64 - 1)


def check_logarithms():
    """The shifts that number.c takes for logarithms, over its range."""
    from fractions import Fraction

    def floor_log10(x):
        k = len(str(x.numerator)) - len(str(x.denominator))
        ten = lambda k: Fraction(10) ** k
        while ten(k) > x:
            k -= 1
        while ten(k + 1) <= x:
            k += 1
        return k

    for q in range(-1080, 980):
        x = Fraction(2) ** q
        assert floor_log10(x) == q * 315653 >> 20, q
        assert floor_log10(x * 3 / 4) == q * 315653 - 131008 >> 20, q
    for p in range(FIRST, LAST + 1):
        assert floor_log2(p) == p * 1741647 >> 19, p


def main():
    check_logarithms()
    print("/* Made by dict/gen-powers.py; do not edit. */")
    for p in range(FIRST, LAST + 1):
        high, low = row(p)
        print(f"{{0x{high:016x}, 0x{low:016x}}}, /* 1e{p} */")


if __name__ == "__main__":
    main()
