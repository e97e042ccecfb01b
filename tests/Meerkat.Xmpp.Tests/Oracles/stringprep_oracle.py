"""Prepares text by Python's tables of RFC 3454. One line of input: text in hexadecimal UTF-8. One line of output: for nodeprep,
nameprep, resourceprep and SASLprep the same, '!' for refused, '=' for unchanged. With the argument 'assigned' it reads nothing and
answers for every code point that Unicode 3.2 assigns, with the code point in front."""

import functools
import stringprep
import sys
import unicodedata

NODE, NAME, RESOURCE, SASL = range(4)
COMMON = (stringprep.in_table_c12, stringprep.in_table_c22, stringprep.in_table_c3, stringprep.in_table_c4,
          stringprep.in_table_c5, stringprep.in_table_c6, stringprep.in_table_c7, stringprep.in_table_c8,
          stringprep.in_table_c9)
FOLD = {NODE, NAME}


@functools.lru_cache(None)
def is_common(c):
    return any(in_table(c) for in_table in COMMON)


@functools.lru_cache(None)
def fold(c):
    # map_table_b2 asks str.lower(), which knows pairs that table B.2 does not: those with a partner that Unicode 3.2 lacks.
    folded = stringprep.map_table_b2(c)
    return c if any(map(stringprep.in_table_a1, c + folded)) else folded


def is_prohibited(c, profile):
    return (is_common(c)
            or (profile != NAME and stringprep.in_table_c21(c))
            or (profile == NODE and (c == " " or c in "\"&'/:<>@")))


def prepare(text, profile):
    mapped = []
    for c in text:
        if profile == SASL and stringprep.in_table_c12(c):
            mapped.append(" ")
        elif not stringprep.in_table_b1(c):
            mapped.append(fold(c) if profile in FOLD else c)
    text = unicodedata.ucd_3_2_0.normalize("NFKC", "".join(mapped))
    if any(is_prohibited(c, profile) for c in text):
        return None
    right = [stringprep.in_table_d1(c) for c in text]
    if any(right) and (any(map(stringprep.in_table_d2, text)) or not right[0] or not right[-1]):
        return None
    return text


def answer(text):
    answers = []
    for profile in (NODE, NAME, RESOURCE, SASL):
        prepared = prepare(text, profile)
        answers.append("!" if prepared is None else "=" if prepared == text else prepared.encode().hex())
    return " ".join(answers)


if sys.argv[1:] == ["assigned"]:
    for code_point in range(0x110000):
        c = chr(code_point)
        if not 0xD800 <= code_point < 0xE000 and not stringprep.in_table_a1(c):
            print(c.encode().hex(), answer(c))
else:
    for line in sys.stdin:
        print(answer(bytes.fromhex(line).decode()))
