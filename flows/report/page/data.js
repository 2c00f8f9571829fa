// The results as rows, what can be measured of them, and what is derived: pure functions.
// SPDX-License-Identifier: Apache-2.0
'use strict';

/** Figures of a row: title with unit, d3 number format, whether less or more is better; `cells`: of standard cells alone. */
const FIGURES = {
  luts: {title: 'LUTs', format: ',d', better: 'less', cost: true},
  lut_equivalents: {title: 'LUT equivalents', format: ',d', better: 'less', cost: true},
  logic_cells: {title: 'Logic cells', format: ',d', better: 'less', cost: true},
  carries: {title: 'Carry cells', format: ',d', better: 'less', cost: true},
  ffs: {title: 'Flip-flops', format: ',d', better: 'less', cost: true},
  dsps: {title: 'DSP blocks', format: ',d', better: 'less', cost: true},
  depth: {title: 'Depth (cells)', format: ',d', better: 'less', cost: true},
  area: {title: 'Area of cells', format: ',.0f', better: 'less', cost: true, cells: true},
  gates: {title: 'Gates', format: ',d', better: 'less', cost: true, cells: true},
  path_ns: {title: 'Longest path (ns)', format: ',.2f', better: 'less', cost: true, cells: true},
  fmax_median_mhz: {title: 'Fmax (MHz, median)', format: ',.1f', better: 'more'},
  bits: {title: 'Operand bits', format: ',d', better: 'less'},
  range_db: {title: 'Dynamic range (dB)', format: ',.1f', better: 'more'},
  gaussian_db: {title: 'SQNR, Gaussian (dB)', format: ',.1f', better: 'more'},
  laplacian_db: {title: 'SQNR, Laplacian (dB)', format: ',.1f', better: 'more'},
};

/** Figures of an accuracy. */
const ACCURACY_FIGURES = {
  percent: {better: 'more'},
  kib: {better: 'less'},
  mac_cost: {better: 'less'},
};

/** Rows as objects: a column is a list of values, or an index into the values that occur. */
function decodeColumns(data) {
  const rows = Array.from({length: data.count}, (_, id) => ({id}));
  for (const [name, column] of Object.entries(data.columns)) {
    for (const row of rows) {
      row[name] = column.index ? column.values[column.index[row.id]] : column[row.id];
    }
  }
  return rows;
}

function decodeRows(data) {
  const rows = decodeColumns(data);
  for (const row of rows) {
    row.bits = row.a_width + row.b_width;
    row.pair = row.b ? `${row.a} × ${row.b}` : row.a;
    row.family = familyOf(row.a_kind, row.a_exponent);
    row.variant = variantOf(row);
    row.versions = versionsOf(row);
    row.kinds = kindsOf(row);
    row.ok = row.status === 'ok';
  }
  return rows;
}

/** Integers, and minifloats by their exponent bits. */
const FAMILIES = ['integers', 'e1', 'e2', 'e3', 'e4', 'e5', 'e6 or more'];

function familyOf(kind, exponent) {
  return FAMILIES[kind === 'int' ? 0 : Math.min(exponent, 6)];
}

function kindsOf(row) {
  const kinds = new Set([row.a_kind, row.b ? row.b_kind : row.a_kind]);
  if (kinds.size === 2) return 'mixed';
  return kinds.has('int') ? 'integers' : 'minifloats';
}

/** The request apart from operator, formats, architecture and target. */
function variantOf(row) {
  const parts = [];
  if (row.lanes > 1) parts.push(`${row.lanes} lanes`);
  if (row.terms > 0) {
    parts.push(`${row.terms} terms`);
  } else if (row.acc_width) {
    parts.push(`acc ${row.acc_width} bits`);
  }
  if (row.b && row.result !== 'exact') {
    parts.push(row.result === row.a ? 'rounded to a' : `rounded to ${row.result}`);
  }
  if (row.latency > 0) parts.push(`latency ${row.latency}`);
  if (row.strategy && row.strategy !== 'auto') parts.push(row.strategy);
  if (row.dsp && row.dsp !== 'none') parts.push(`DSP ${row.dsp}`);
  if (row.options) parts.push(row.options);
  return parts.join(', ') || 'plain';
}

function versionsOf(row) {
  const tools = Object.entries(JSON.parse(row.tools || '{}')).filter(([name]) => name !== 'fewbit');
  const lines = tools.map(([name, line]) => `${name} ${(/\d+(\.\d+)+/.exec(line) || [line])[0]}`);
  return [`fewbit ${row.fewbit_version}`, ...lines].join(', ');
}

/** For each key the row with the least figure. */
function cheapest(rows, keyOf, figure) {
  const best = new Map();
  for (const row of rows) {
    const key = keyOf(row);
    if (!best.has(key) || row[figure] < best.get(key)[figure]) best.set(key, row);
  }
  return [...best.values()];
}

/** The rows that no other beats in both figures, from left to right. */
function paretoFront(rows, x, y) {
  const sign = (figure) => ((FIGURES[figure] || ACCURACY_FIGURES[figure]).better === 'less' ? 1 : -1);
  const sorted = [...rows].sort((r, s) => sign(x) * (r[x] - s[x]) || sign(y) * (r[y] - s[y]));
  const front = [];
  for (const row of sorted) {
    const last = front[front.length - 1];
    if (!last || sign(y) * (row[y] - last[y]) < 0) front.push(row);
  }
  return front.sort((r, s) => r[x] - s[x]);
}

/** Rows with one format for all operands, and by how much (%) they exceed the integer's of that width. */
function overheads(rows, figure) {
  const square = rows.filter((row) => row.b === '' || row.a === row.b);
  const groupOf = (row) =>
      [row.a_width, row.target, row.operator, row.arch, row.variant, row.versions].join('|');
  const integers = new Map(
      cheapest(square.filter((row) => row.a_kind === 'int'), groupOf, figure)
          .map((row) => [groupOf(row), row[figure]]));
  return square.filter((row) => row.a_kind === 'float' && integers.get(groupOf(row)) > 0)
      .map((row) => ({...row, overhead: 100 * (row[figure] / integers.get(groupOf(row)) - 1)}));
}

/**
 * Designs with an exact result beside the cost of bringing it back to the format of operand a: by a
 * `requant` of the accumulator, or by the same operator with that result: all else in the request
 * is the same, and so are the versions of the tools.
 */
function conversions(rows, all, figure) {
  const alike = (row, other, names) => names.every((name) => row[name] === other[name]);
  const PLACE = ['target', 'arch', 'versions'];
  const REQUEST = ['operator', 'a', 'b', 'lanes', 'terms', 'latency', 'strategy', 'dsp', 'options'];
  const found = [];
  for (const row of rows.filter((r) => r.result === 'exact' && r.b === r.a)) {
    const requant = all.filter((r) => r.operator === 'requant' && row.accumulator &&
                               r.a === row.accumulator && r.result === row.a &&
                               alike(row, r, PLACE));
    const rounded = all.filter((r) => r.result === row.a && alike(row, r, [...PLACE, ...REQUEST]));
    const costs = [...requant.map((r) => [r[figure], r]),
                   ...rounded.map((r) => [Math.max(0, r[figure] - row[figure]), r])];
    costs.sort((r, s) => r[0] - s[0]);
    if (costs.length > 0) found.push({row, conversion: costs[0][1], extra: costs[0][0]});
  }
  return found;
}

function csvCell(value) {
  const runs = typeof value === 'string' && /^[=+\-@\t\r\n]/.test(value);
  const text = (runs ? "'" : '') + (value === null || value === undefined ? '' : String(value));
  return runs || /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/** RFC 4180 with a heading, as `fewbit sweep export csv` has it, and the derived columns. A text that a
 * spreadsheet would run has an apostrophe in front. */
function toCsv(rows, columns) {
  const lines = rows.map((row) => columns.map((name) => csvCell(row[name])).join(','));
  return [columns.join(','), ...lines].join('\n') + '\n';
}
