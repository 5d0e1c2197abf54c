#!/usr/bin/env python3
"""Writes charset_labels.cc: the labels of the WHATWG Encoding Standard.

The list comes from Debian's python3-webencodings, which is of 2012; what the
standard has added since stands below. Run it as
    /usr/bin/python3 make_charset_labels.py > charset_labels.cc
"""
from webencodings.labels import LABELS

# Added after webencodings (https://encoding.spec.whatwg.org/#names-and-labels).
ADDED = {
    "unicode11utf8": "utf-8", "unicode20utf8": "utf-8",
    "x-unicode20utf8": "utf-8", "koi8-ru": "koi8-u",
    "csunicode": "utf-16le", "iso-10646-ucs-2": "utf-16le",
    "ucs-2": "utf-16le", "unicode": "utf-16le", "unicodefeff": "utf-16le",
    "unicodefffe": "utf-16be", "big5-hkscs": "big5", "cn-big5": "big5",
    "x-x-big5": "big5", "dos-874": "windows-874", "ms932": "shift_jis",
    "iso-2022-cn": "iso-2022-cn", "iso-2022-cn-ext": "iso-2022-cn",
    "csiso2022kr": "iso-2022-kr", "iso-2022-kr": "iso-2022-kr",
    "hz-gb-2312": "hz-gb-2312", "windows-949": "euc-kr",
    "x-mac-roman": "macintosh", "x-mac-ukrainian": "x-mac-cyrillic",
    # Not in the standard, but seen in dumps and in uchardet's answers.
    "cp949": "euc-kr", "uhc": "euc-kr", "cp936": "gbk", "cp932": "shift_jis",
    "utf-8-sig": "utf-8", "utf_8": "utf-8", "cp874": "windows-874",
}

# The ICU converter that decodes what browsers decode under the name.
ICU = {
    "gbk": "gb18030", "euc-kr": "windows-949-2000",
    "big5": "ibm-1375_P100-2008", "shift_jis": "ibm-943_P15A-2003",
    "hz-gb-2312": "HZ", "iso-8859-8-i": "iso-8859-8",
    "x-user-defined": "windows-1252",
    "iso-8859-16": "",  # a table of its own: ICU has none
}

labels = dict(LABELS)
labels.update(ADDED)
print('''// Written by make_charset_labels.py: do not edit.
#include "extract/charset_labels.h"

namespace peaktext {

const std::array<CharsetLabel, kCharsetLabels> kCharsetLabelTable = {{''')
for label in sorted(labels):
    name = labels[label]
    if name == "utf-16": name = "utf-16le"
    print('    {"%s", "%s", "%s"},' % (label, name, ICU.get(name, name)))
print('''}};

const std::array<char16_t, 96> kIso8859_16 = {{''')
chars = bytes(range(0xa0, 0x100)).decode("iso8859_16")
for row in range(0, 96, 8):
    print("    " + " ".join("0x%04x," % ord(c) for c in chars[row:row + 8]))
print('''}};

}  // namespace peaktext''')
