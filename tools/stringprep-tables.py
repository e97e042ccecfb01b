#!/usr/bin/env python3
"""Writes src/Meerkat.Xmpp/Stringprep/StringprepTables.cs: the tables of RFC 3454 and of Unicode 3.2's NFKC.

Python carries both: the module `stringprep` is the tables of RFC 3454, and `unicodedata.ucd_3_2_0` is the
Unicode 3.2 character database that the RFC is defined on. Usage: tools/stringprep-tables.py > TABLES.cs
"""

import stringprep
import unicodedata

UCD = unicodedata.ucd_3_2_0
SURROGATES = range(0xD800, 0xE000)
HANGUL = range(0xAC00, 0xAC00 + 11172)  # (de)composed by arithmetic, not by table
CODE_POINTS = range(0x110000)
LAST_MAPPED = 0x30000  # behind it nothing combines, folds or decomposes

# The flags of CharacterFlags in StringprepTables.Flags.cs, in its order.
UNASSIGNED, NOTHING, SPACE, OTHER_SPACE, CONTROL, PROHIBITED, NODE, RAND_AL, LEFT = (1 << i for i in range(9))


def flags(code_point):
    c = chr(code_point)
    if stringprep.in_table_a1(c):
        return UNASSIGNED  # in no other table
    if stringprep.in_table_c3(c):
        return PROHIBITED | (LEFT if stringprep.in_table_d2(c) else 0)  # private use, in bulk
    found = 0
    if stringprep.in_table_b1(c):
        found |= NOTHING
    if stringprep.in_table_c11(c):
        found |= SPACE
    if stringprep.in_table_c12(c):
        found |= OTHER_SPACE
    if stringprep.in_table_c21(c):
        found |= CONTROL
    if any(in_table(c) for in_table in (
            stringprep.in_table_c22, stringprep.in_table_c3, stringprep.in_table_c4, stringprep.in_table_c5,
            stringprep.in_table_c6, stringprep.in_table_c7, stringprep.in_table_c8, stringprep.in_table_c9)):
        found |= PROHIBITED
    if c in "\"&'/:<>@":  # RFC 6122 appendix A.5
        found |= NODE
    if stringprep.in_table_d1(c):
        found |= RAND_AL
    if stringprep.in_table_d2(c):
        found |= LEFT
    return found


def ranges(value_of, bits):
    """Starts of runs of equal value, packed as start << bits | value."""
    last = None
    for code_point in CODE_POINTS:
        value = value_of(code_point)
        if value != last:
            yield code_point << bits | value
            last = value


def fold(code_point):
    # The module computes table B.2 from str.lower(), which knows pairs that came after Unicode 3.2 (U+04C0, Georgian, Glagolitic);
    # the table has none of them.
    c = chr(code_point)
    folded = stringprep.map_table_b2(c)
    return c if any(map(stringprep.in_table_a1, c + folded)) else folded


def decompose(code_point):
    # Not UCD.decomposition(): for the characters of Unicode's corrigenda 3 and 4 it gives the later mapping.
    return UCD.normalize("NFKD", chr(code_point))


def mappings(mapping):
    """Keys (code point << 5 | length in UTF-16 units), offsets, and the text that the offsets point into."""
    entries = []
    for code_point in range(LAST_MAPPED):
        if code_point in SURROGATES or code_point in HANGUL:
            continue
        to = mapping(code_point)
        if to != chr(code_point):
            units = to.encode("utf-16-be")
            entries.append((code_point, tuple(units[i] << 8 | units[i + 1] for i in range(0, len(units), 2))))

    text = ""
    offset_of = {}
    for units in sorted({units for _, units in entries}, key=lambda u: (-len(u), u)):
        piece = "".join(map(chr, units))  # surrogates stay apart: one character of `text` is one UTF-16 unit
        at = text.find(piece)
        if at < 0:
            at = len(text)
            text += piece
        offset_of[units] = at

    keys = [code_point << 5 | len(units) for code_point, units in entries]
    return keys, [offset_of[units] for _, units in entries], text


def compositions():
    for code_point in range(LAST_MAPPED):
        if code_point in SURROGATES or code_point in HANGUL:
            continue
        parts = UCD.decomposition(chr(code_point))
        if not parts or parts.startswith("<") or " " not in parts:
            continue
        if UCD.normalize("NFC", chr(code_point)) != chr(code_point):
            continue  # composition exclusions
        first, second = (int(part, 16) for part in parts.split())
        yield first << 42 | second << 21 | code_point


def rows(items, width=150):
    line = ""
    for item in items:
        if len(line) + len(item) > width:
            yield line.rstrip()
            line = ""
        line += item
    if line:
        yield line.rstrip()


def numbers(name, kind, values, summary):
    print(f"    /// <summary>{summary}</summary>")
    print(f"    public static ReadOnlySpan<{kind}> {name} =>")
    print("    [")
    for row in rows(f"0x{value:X}, " for value in values):
        print(f"        {row}")
    print("    ];")
    print()


def characters(name, text, summary):
    lines = list(rows((f"\\u{ord(c):04X}" for c in text), 144))
    print(f"    /// <summary>{summary}</summary>")
    print(f"    public const string {name} =")
    for line in lines[:-1]:
        print(f'        "{line}" +')
    print(f'        "{lines[-1]}";')


print("// Written by tools/stringprep-tables.py from RFC 3454's tables and Unicode 3.2: change that, not this.")
print()
print("namespace Meerkat.Xmpp;")
print()
print("internal static partial class StringprepTables")
print("{")
numbers("FlagRanges", "uint", ranges(flags, 11), "Starts of runs of equal flags, ascending: code point, then 11 bits of <see cref=\"CharacterFlags\"/>.")
numbers("CombiningClassRanges", "uint", ranges(lambda c: UCD.combining(chr(c)) if c < LAST_MAPPED else 0, 8), "Starts of runs of equal canonical combining class, ascending: code point, then 8 bits of class.")
fold_keys, fold_offsets, fold_text = mappings(fold)
numbers("FoldKeys", "uint", fold_keys, "RFC 3454 table B.2, ascending: code point, then 5 bits of length in <see cref=\"FoldText\"/>.")
numbers("FoldOffsets", "ushort", fold_offsets, "Where in <see cref=\"FoldText\"/> the mapping of the same index begins.")
decompose_keys, decompose_offsets, decompose_text = mappings(decompose)
numbers("DecompositionKeys", "uint", decompose_keys, "Full compatibility decompositions, ascending: code point, then 5 bits of length in <see cref=\"DecompositionText\"/>.")
numbers("DecompositionOffsets", "ushort", decompose_offsets, "Where in <see cref=\"DecompositionText\"/> the decomposition of the same index begins.")
numbers("Compositions", "ulong", sorted(compositions()), "Canonical compositions, ascending: first, second and composite, 21 bits each.")
characters("FoldText", fold_text, "UTF-16 text that table B.2 maps to.")
print()
characters("DecompositionText", decompose_text, "UTF-16 text of the decompositions.")
print("}")
