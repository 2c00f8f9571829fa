// Accuracies of networks: rows, what they cost, their charts. Pure functions but for the last, which fills its section.
// SPDX-License-Identifier: Apache-2.0
'use strict';

const ACCURACY_FAMILIES = ['integers', 'e1', 'e2', 'e3', 'e4', 'e5', 'integer and minifloat', 'in blocks', 'by layer'];
const ACCURACY_COLOURS = [...COLOURS.slice(0, 6), '#57606a', '#8a6d00', '#d6336c'];
const ACCURACY_SHAPES = [...SHAPES.slice(0, 6), 'triangle-left', 'triangle-right', 'wedge'];

/** Of a chart of accuracies: so many points below the best it ends. */
const POINTS_SHOWN = 8;

/** Integers; minifloats by the exponent bits of the weights; pairs of both; blocks; a format for each layer. */
function accuracyFamily(row) {
  const kinds = new Set([row.weights_kind, row.activations_kind]);
  if (kinds.has('mixed')) return 'by layer';
  if (kinds.has('block')) return 'in blocks';
  if (kinds.size === 2) return 'integer and minifloat';
  return kinds.has('int') ? 'integers' : `e${row.weights_exponent}`;
}

function decodeAccuracies(data) {
  const rows = decodeColumns(data);
  for (const row of rows) {
    row.accuracy = row.id;  // of a mark: tells it from designs
    delete row.id;
    row.ok = row.status === 'ok';
    row.pair = `${row.weights} × ${row.activations}`;
    row.percent = row.ok ? 100 * row.images_right / row.images : null;
    row.loss = row.ok ? 100 * (row.float_right - row.images_right) / row.images : null;
    row.kib = row.weight_bits / 8192;
    row.family = accuracyFamily(row);
    row.technique = row.technique.trim() || 'usual';
    row.command = row.command.replace('{formats}', `--format-weights ${row.weights} --format-activations ${row.activations}`);
  }
  return rows;
}

/** Each accuracy with the figure of the cheapest MAC of its formats, operands in either place; others are left out. */
function withMacCost(accuracies, macs, figure, target) {
  const least = new Map();
  for (const mac of macs) {
    const key = `${mac.a}|${mac.b}`;
    if (mac[figure] !== null && !(least.get(key) <= mac[figure])) least.set(key, mac[figure]);
  }
  const found = [];
  for (const row of accuracies) {
    const costs = [least.get(`${row.activations}|${row.weights}`), least.get(`${row.weights}|${row.activations}`)];
    if (row.family === 'by layer' && figure === 'luts' && row.mac_target === target) costs.push(row.mac_luts);
    const known = costs.filter((cost) => Number.isFinite(cost));
    if (known.length > 0) found.push({...row, mac_cost: Math.min(...known)});
  }
  return found;
}

/** Right answers against `xName`: all, the front of each family in its colour, the front of all with names. */
function accuracyChart(rows, xName, xTitle) {
  if (rows.length === 0) return null;
  const present = ACCURACY_FAMILIES.filter((family) => rows.some((row) => row.family === family));
  const range = (values) => present.map((family) => values[ACCURACY_FAMILIES.indexOf(family)]);
  const color = {field: 'family', type: 'nominal', title: null, scale: {domain: present, range: range(ACCURACY_COLOURS)}};
  const shape = {field: 'family', type: 'nominal', title: null, scale: {domain: present, range: range(ACCURACY_SHAPES)}};
  const inFloat = 100 * rows[0].float_right / rows[0].images;
  const highest = Math.max(inFloat, ...rows.map((row) => row.percent));
  // What guesses would take the room of what matters.
  const shown = rows.filter((row) => row.percent >= highest - POINTS_SHOWN);
  if (shown.length === 0) return null;
  const lowest = Math.min(...shown.map((row) => row.percent));
  const [least, most] = [Math.min(...shown.map((row) => row[xName])), Math.max(...shown.map((row) => row[xName]))];
  const wide = least > 0 && most > 4 * least;
  const x = {field: xName, type: 'quantitative', title: xTitle, axis: {format: ',~f', tickCount: 6},
             scale: wide ? {type: 'log', nice: false, padding: 12} : {zero: false, nice: false, padding: 12}};
  const y = {field: 'percent', type: 'quantitative', title: 'Right answers (%)', axis: {format: '.1f', tickCount: 6},
             scale: {zero: false, nice: false, padding: 8, domain: [lowest, highest]}};
  const front = paretoFront(shown, xName, 'percent');
  const fronts = present.flatMap((family) => paretoFront(shown.filter((row) => row.family === family), xName, 'percent'));
  const map = wide ? Math.log : (value) => value;
  const across = (row) => (map(row[xName]) - map(least)) / (map(most) - map(least) || 1);
  const named = spaced(front, (row) => [across(row), (row.percent - lowest) / (highest - lowest || 1)]);
  const tips = [{field: 'pair', title: 'weights × activations'}, {field: 'percent', title: 'right answers, %', format: '.2f'},
                {field: 'loss', title: 'below float, points', format: '.2f'}, {field: xName, title: xTitle, format: ',.1f'},
                {field: 'accumulator_bits', title: 'widest accumulator, bits'}, {field: 'technique'}, {field: 'command'}];
  const points = (values, size, opacity) => ({
    data: {values}, mark: {type: 'point', filled: true, size, opacity, cursor: 'pointer'},
    encoding: {x, y, color, shape, tooltip: tips},
  });
  const labels = (values, align) => (values.length === 0 ? [] : ['white', '#1b1f24']).map((ink) => ({
    data: {values},
    mark: {type: 'text', align, baseline: 'bottom', dx: align === 'left' ? 6 : -6, dy: -4, fontSize: 11, color: ink,
           ...(ink === 'white' && {stroke: ink, strokeWidth: 3})},
    encoding: {x, y, text: {field: 'pair'}},
  }));
  return {
    ...BASE, height: 420,
    description: `Right answers against ${xTitle}, with the fronts of all formats and of each family`,
    layer: [
      {data: {values: [{percent: inFloat}]}, mark: {type: 'rule', color: '#1b1f24', strokeDash: [4, 4]}, encoding: {y}},
      points(shown, 30, 0.45),
      {data: {values: fronts}, mark: {type: 'line', interpolate: 'step-after', strokeWidth: 1.2},
       encoding: {x, y, color, order: {field: xName, type: 'quantitative'}}},
      {data: {values: front}, mark: {type: 'line', interpolate: 'step-after', strokeWidth: 5, color: '#57606a', opacity: 0.25},
       encoding: {x, y, order: {field: xName, type: 'quantitative'}}},
      points(front, 75, 1),
      ...labels(named.filter((row) => across(row) > 0.15), 'right'),
      ...labels(named.filter((row) => across(row) <= 0.15), 'left'),
    ],
  };
}

/** The best technique of each pair of formats; mixed ones have a place of their own. */
function bestTechnique(rows) {
  const best = new Map();
  for (const row of rows) {
    const key = row.layers || row.pair;
    if (!best.has(key) || row.percent > best.get(key).percent) best.set(key, row);
  }
  return [...best.values()];
}

function accuracyFacts(row) {
  const text = (value, digits) => (value === null || value === undefined ? '–' : value.toFixed(digits));
  return [
    ['Network', row.network], ['Weights', row.weights], ['Activations', row.activations],
    ['Technique', row.technique], ['Right answers (%)', text(row.percent, 2)],
    ['Float (%)', text(100 * row.float_right / row.images, 2)], ['Images', String(row.images)],
    ['Weights (KiB)', text(row.kib, 1)], ['Widest accumulator (bits)', text(row.accumulator_bits, 0)],
    ...(row.layers ? [['Layers', row.layers.replaceAll(',', ', ')]] : []),
    ['Status', row.reason ? `${row.status}: ${row.reason}` : row.status],
  ];
}

/** Rows of the table: what is on the front against memory or against cost. */
function fillAccuracyTable(body, rows, showDetails) {
  body.replaceChildren(...rows.map((row) => {
    const line = document.createElement('tr');
    const cost = row.mac_cost === undefined ? '–' : row.mac_cost.toLocaleString('en-US', {maximumFractionDigits: 1});
    const cells = [row.pair, row.technique, row.percent.toFixed(2), row.loss.toFixed(2), row.kib.toFixed(1), cost,
                   row.accumulator_bits ?? '–'];
    cells.forEach((cell, i) => {
      const made = document.createElement('td');
      made.textContent = cell;
      if (i > 1) made.className = 'number';
      line.append(made);
    });
    const button = document.createElement('button');
    button.type = 'button';
    button.textContent = 'show';
    button.setAttribute('aria-label', `Details of ${row.pair}`);
    button.addEventListener('click', () => showDetails(row));
    const cell = document.createElement('td');
    cell.append(button);
    line.append(cell);
    return line;
  }));
}
