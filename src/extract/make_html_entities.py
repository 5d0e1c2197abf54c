#!/usr/bin/env python3
"""Writes html_entities.inc: the named character references of HTML.

The list is the standard's (https://html.spec.whatwg.org/#named-character-references)
as python's html module carries it. Run it as
    python3 make_html_entities.py > html_entities.inc
"""
from html.entities import html5

print("// Written by make_html_entities.py: do not edit.")
for name in sorted(html5, key=lambda n: n.encode()):
    value = "".join("\\x%02X" % b for b in html5[name].encode())
    print('{"%s", "%s"},' % (name, value))
