"""Documents for the comparison with the reference tokenizers.

documents() takes them from what Debian has in many languages: the texts that
tests/oracle/fetch has unpacked, and the manuals, catalogues and sources that
are installed. random_documents() makes strings that hit every rule of the
pretokenizers. Both are the same for the same seed and files.
"""
import base64
import gettext
import gzip
import html
import os
import random
import re

# One or more members of every cell that the patterns' classes cut Unicode into,
# of each length in UTF-8, and those that libraries disagree about.
REPRESENTATIVES = [
    'a', 'b', 'e', 'l', 'm', 's', 't', 'v', 'd', 'r', 'A', 'B', 'S', 'T', 'L', 'Z',
    '0', '1', '7', ' ', '  ', '\t', '\n', '\r', '\r\n', '\x0b', '\x0c', "'", '"', '/', '.', '-', '_', '<|',
    '\x00', '\x1b', '\x1c', '\x1d', '\x1f', '\x7f',
    '\u0085', '\u00a0', '\u1680', '\u180e', '\u2000', '\u200a', '\u2028', '\u2029', '\u202f', '\u205f',
    '\u3000', '\ufeff', '\u200b', '\u200c', '\u200d', '\u2060', '\u00ad',
    '\u017f', '\u212a', '\u00e9', '\u00c9', '\u01c5', '\u02b0', '\u00aa', '\u00df', '\u0131', '\u0130',
    '\u1c89', '\u1c8a', '\u2c2f', '\ua7cb', '\U00010400', '\U00010428', '\U0001d400', '\U0001d44e',
    '\u0660', '\u00b2', '\u00bd', '\u2167', '\u3007', '\u0e50', '\U00010d40', '\U0001d7d8', '\U00010107',
    '\u0301', '\u0323', '\u0308', '\u093f', '\u20dd', '\u302a', '\ufe0f', '\U000e0100', '\U00016ff0', '\u3099',
    '\u05d0', '\u0627', '\u0645', '\u0e01', '\u0e34', '\u0915', '\u093c', '\u0b95', '\u10d0', '\u1200',
    '\u4e00', '\u4e2d', '\u6587', '\u9fa5', '\u9fa6', '\u3042', '\u30a2', '\u30fb', '\u30fc', '\u3097', '\u30ff',
    '\uac00', '\ud55c', '\u1112', '\u1161', '\u11ab', '\U00020000', '\U000323b0',
    '\u00bf', '\u2026', '\u2019', '\u3001', '\uff01', '\U00010100', '\u0964',
    '+', '$', '\u00a9', '\u20ac', '\u2603', '\U0001f600', '\U0001f468', '\U0001f3fd', '\U0001f1e9',
    '\u0378', '\ue000', '\uffff', '\ufffd', '\U0010ffff', '\U000f0000', '\ufdd0', '\u2581', '\u0120',
    "'s", "'S", "'\u017f", "'ll", "'LL", "'Re", "'ve", "'d", "'m", "\u2019s", "<|endoftext|>", "12345", "\n\n\n",
]

_MARKUP = re.compile(r'<(script|style).*?</\1>|<[^>]*>', re.S | re.I)
_MAN_LANGUAGE = re.compile(r'/man/([a-z]{2,3}(?:[_@.][A-Za-z_]+)?)/man')
# What is written for people, in English unless the path says otherwise; all else is code, tables or lists.
_PROSE = re.compile(r'/(?:doc|help)/.*\.(?:html|md|page|rst|txt)(?:\.gz)?$|\.pod$')
_PATH_LANGUAGE = re.compile(r'/(?:help|locale|installation-guide-amd64)/([a-z]{2,3}(?:[_@-][A-Za-z]+)?)/')


def _language(path):
    found = _PATH_LANGUAGE.search(path) or _MAN_LANGUAGE.search(path)
    if found:
        return re.split('[_@.-]', found.group(1))[0]
    return 'en' if _PROSE.search(path) and 'changelog' not in path.lower() else 'code'


def _text(path):
    """The text in a file; markup is dropped from pages, and kept as it is in other files."""
    if path.endswith('.mo'):
        with open(path, 'rb') as file:
            catalogue = gettext.GNUTranslations(file)
        return '\n'.join(value for key, value in catalogue._catalog.items() if isinstance(value, str) and key != '')
    with (gzip.open if path.endswith('.gz') else open)(path, 'rb') as file:
        text = file.read(1 << 22).decode('utf-8', 'replace')
    if path.endswith(('.html', '.page')) and '/source/' not in path:
        text = html.unescape(_MARKUP.sub('', text))
    return text


def _files(folders):
    for folder in folders:
        for place, inner, names in os.walk(folder):
            inner.sort()
            for name in sorted(names):
                path = os.path.join(place, name)
                if not name.endswith(('.png', '.webm', '.jpg', '.pdf', '.so', '.a', '.pyc', '.bin', '.dat')):
                    if os.path.isfile(path) and not os.path.islink(path):
                        yield path


def _as_base64(text):
    return base64.encodebytes(text.encode('utf-8', 'replace')).decode()


def _minified(text):
    return re.sub(r'\s+', '', text)


def documents(oracle, count, seed, longest=4000, only=lambda language: True, more=()):
    """Yields (language, text), `count` of them, as evenly over the languages as the texts allow.

    `more`: folders with texts, too."""
    rng = random.Random(seed)
    folders = [os.path.join(oracle, 'texts')]
    if not os.path.isdir(folders[0]):
        folders = ['/usr/share/doc', '/usr/share/man', '/usr/share/locale', '/usr/share/help']
    folders += [*more, '/usr/include/c++', '/usr/share/perl', '/usr/share/nodejs', '/usr/lib/python3/dist-packages']
    by_language = {}
    for path in _files(folders):
        by_language.setdefault(_language(path), []).append(path)
    for paths in by_language.values():
        rng.shuffle(paths)
    languages = sorted(filter(only, by_language))
    cursors = {language: iter(()) for language in languages}
    passes = dict.fromkeys(languages, 0)

    def pieces(language):
        for path in by_language[language]:
            try:
                text = _text(path)
            except (OSError, UnicodeError, ValueError):
                continue
            at = 0
            while at < len(text):
                length = int(rng.paretovariate(1.2) * longest / 12)
                yield text[at:at + min(length, longest * 4)]
                at += length

    made = 0
    while made < count and languages:
        for language in list(languages):
            piece = next(cursors[language], None)
            if piece is None:
                passes[language] += 1  # once more, cut at other places; a small language is not stretched too far
                if passes[language] > 3:
                    languages.remove(language)
                    continue
                cursors[language] = pieces(language)
                piece = next(cursors[language], '')
            kind = language
            if language == 'code' and rng.random() < 0.3:
                kind, piece = rng.choice([('base64', _as_base64(piece)), ('minified', _minified(piece))])
            yield kind, piece
            made += 1
            if made == count:
                return


def _random_code_point(rng):
    while True:
        plane = rng.choice((0, 0, 0, 0, 1, 1, 2, 3, 14, 15, 16))
        code_point = plane << 16 | rng.getrandbits(16)
        if not 0xd800 <= code_point < 0xe000:
            return chr(code_point)


def _one_random(rng, words):
    kind = rng.random()
    length = 1 + int(rng.expovariate(1 / 12))
    if kind < 0.45:
        return ''.join(rng.choice(REPRESENTATIVES) for _ in range(length))
    if kind < 0.60:  # few different ones: long runs meet each other
        few = [rng.choice(REPRESENTATIVES) for _ in range(rng.randint(2, 4))]
        return ''.join(rng.choice(few) for _ in range(length * 3))
    if kind < 0.72:
        return ''.join(_random_code_point(rng) for _ in range(length))
    if kind < 0.80:  # neighbours in Unicode
        start = ord(_random_code_point(rng)) & ~0x7f
        return ''.join(chr(start + rng.getrandbits(7)) for _ in range(length) if not 0xd800 <= start < 0xe000)
    if kind < 0.84:
        return ''.join(chr(rng.getrandbits(7)) for _ in range(length * 4))
    if kind < 0.86:  # bytes that are no UTF-8
        parts = [rng.choice(REPRESENTATIVES).encode() for _ in range(length)]
        for _ in range(1 + length // 4):
            parts.insert(rng.randrange(len(parts) + 1), rng.randbytes(rng.randint(1, 3)))
            broken = rng.choice(REPRESENTATIVES).encode()
            parts.insert(rng.randrange(len(parts) + 1), broken[:rng.randrange(len(broken) + 1)])
        return b''.join(parts)
    # Words of real text with something in between.
    parts = []
    for _ in range(length):
        parts.append(rng.choice(words))
        if rng.random() < 0.5:
            parts.append(rng.choice(REPRESENTATIVES))
    return ''.join(parts)


_UNITS = [
    'a', 'A', 'aA', 'ab', ' ', '\n', ' \n', '\r\n', '\t', '\u3000', '\u0085', '1', '12 ', '\u0660', '.', '!?', '/', "'s",
    '\u00e9', '\u0434', '\u0627', '\u05d0', '\u0e01\u0e34', '\u0915\u093f', '\u4e2d', '\u4e00\u4e2d\u6587', '\u3042', '\uac00',
    '\u0301', 'e\u0301', '\U0001f468\u200d\U0001f469\u200d\U0001f467', '\U0001f600', '\u2581', '\ufeff', '\x00', '\ufffd',
]


def random_documents(count, seed, long_runs=40, longest=100_000, more_words=()):
    """Yields ('random', str or bytes): `count` short ones, then `long_runs` of up to `longest` bytes."""
    rng = random.Random(seed)
    words = ['the', ' of', ' and', ' Ordnung', ' \u043c\u0438\u0440', '\u4e2d\u6587', ' don', "'t", '\u65e5\u672c\u8a9e',
             ' \u0627\u0644\u0639', '\u0e20\u0e32\u0e29\u0e32', ' 2026', '(', ');\n', ' {\n\t', 'https://', 'XMLHttp', '_id', '==', ' '] + list(more_words)
    for index in range(count):
        text = _one_random(rng, words)
        if index % 2 and isinstance(text, str):  # shifted over all offsets in a block of 64 bytes
            text = rng.choice('xX 1.\n') * (index // 2 % 64) + text
        yield 'random', text
    for index in range(long_runs):
        bytes_left = rng.randint(longest // 20, longest)
        if index % 4 == 3:  # letters without a break, as in base64 or Han
            letters = rng.choice(['abcdefghijklmnopqrstuvwxyz', 'ABab', ''.join(map(chr, range(0x4e00, 0x5200))),
                                  'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/',
                                  ''.join(map(chr, range(0x430, 0x450))), ''.join(map(chr, range(0x620, 0x64b)))])
            yield 'run', ''.join(rng.choice(letters) for _ in range(bytes_left // len(letters[-1].encode())))
        else:
            unit = _UNITS[index % len(_UNITS)] if index < 2 * len(_UNITS) else rng.choice(_UNITS)
            tail = rng.choice(['', 'x', ' x', '\n', ' ', rng.choice(REPRESENTATIVES)])
            yield 'run', unit * (bytes_left // len(unit.encode())) + tail
