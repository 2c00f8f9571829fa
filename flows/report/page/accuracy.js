// Accuracies of networks: rows, what they cost, their charts. Pure functions but for the last, which fills its section.
// SPDX-License-Identifier: Apache-2.0
'use strict';

const ACCURACY_FAMILIES = ['integers', 'e1', 'e2', 'e3', 'e4', 'e5', 'mixed', 'in blocks', 'by layer'];

/** Integers; minifloats by the exponent bits of the weights; pairs of both; blocks; a format for each layer. */
function accuracyFamily(row) {
  const kinds = new Set([row.weights_kind, row.activations_kind]);
  if (kinds.has('mixed')) return 'by layer';
  if (kinds.has('block')) return 'in blocks';
  if (kinds.size === 2) return 'mixed';
  return kinds.has('int') ? 'integers' : `e${row.weights_exponent}`;
}

/** Where a logarithmic axis has what loses nothing: half an image. */
const leastLoss = (images) => 50 / images;

function decodeAccuracies(data) {
  const rows = decodeColumns(data);
  for (const row of rows) {
    row.accuracy = row.id;  // of a mark: tells it from designs
    delete row.id;
    row.ok = row.status === 'ok';
    row.pair = `${row.weights} × ${row.activations}`;
    row.ok = row.ok && (!row.metric || row.answers > 0);  // other metrics are no percent
    row.answers = row.answers || row.images;  // several an image, where there is a metric of classes
    row.percent = row.ok ? 100 * row.images_right / row.answers : null;
    row.loss = row.ok ? 100 * (row.float_right - row.images_right) / row.answers : null;
    row.lost = row.ok ? Math.max(row.loss, leastLoss(row.answers)) : null;
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

/** Ticks of 1, 2 and 5 between the ends, and the place of no loss. */
function lossTicks(images, most) {
  const ticks = [];
  for (let decade = 0.01; decade < 100; decade *= 10) {
    for (const digit of [1, 2, 5]) ticks.push(digit * decade);
  }
  const least = leastLoss(images);
  return [least, ...ticks.filter((tick) => tick > 1.5 * least && tick <= most)];
}

/** Points lost against `xName`: all, the front of each family in its ink, the front of all with names. */
function accuracyChart(rows, xName, xTitle) {
  if (rows.length === 0) return null;
  const {color, shape, strokeDash, present} = familyScales(rows, ACCURACY_FAMILIES);
  const lastImages = Math.max(...rows.map((row) => row.answers));
  const none = leastLoss(lastImages);
  const [least, most] = [Math.min(...rows.map((row) => row[xName])), Math.max(...rows.map((row) => row[xName]))];
  const wide = least > 0 && most > 4 * least;
  const x = {field: xName, type: 'quantitative', title: xTitle, axis: {format: ',~f', tickCount: 6},
             scale: wide ? {type: 'log', nice: false, padding: 12} : {zero: false, nice: false, padding: 12}};
  const y = {field: 'lost', type: 'quantitative', title: 'Points lost against float (logarithmic)',
             axis: {values: lossTicks(lastImages, Math.max(...rows.map((row) => row.lost))),
                    labelExpr: `datum.value < ${1.01 * none} ? 'none' : format(datum.value, '~g')`},
             scale: {type: 'log', nice: false, padding: 8, reverse: true}};
  const front = paretoFront(rows, xName, 'percent');
  const fronts = present.flatMap((family) => paretoFront(rows.filter((row) => row.family === family), xName, 'percent'));
  const tips = [{field: 'pair', title: 'weights × activations'}, {field: 'percent', title: 'right answers, %', format: '.2f'},
                {field: 'loss', title: 'below float, points', format: '.2f'}, {field: xName, title: xTitle, format: ',.1f'},
                {field: 'accumulator_bits', title: 'widest accumulator, bits'}, {field: 'technique'}, {field: 'command'}];
  const points = (values, size, opacity) => ({
    data: {values}, mark: {type: 'point', filled: true, size, opacity, cursor: 'pointer'},
    encoding: {x, y, color, shape, tooltip: tips},
  });
  return {
    ...base(), height: 460,
    description: `Points lost against ${xTitle}, with the fronts of all formats and of each family`,
    usermeta: {names: {layer: 3, avoided: [0]}},
    layer: [
      points(rows, 30, 0.5),
      {data: {values: fronts}, mark: {type: 'line', interpolate: 'step-after', strokeWidth: 1.2},
       encoding: {x, y, color, strokeDash, order: {field: xName, type: 'quantitative'}}},
      {data: {values: front},
       mark: {type: 'line', interpolate: 'step-after', strokeWidth: 5, color: theme().soft, opacity: 0.3},
       encoding: {x, y, order: {field: xName, type: 'quantitative'}}},
      points(front, 75, 1),
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
    ['Float (%)', text(100 * row.float_right / row.answers, 2)], ['Images', String(row.images)],
    ...(row.metric ? [['Answers', String(row.answers)], [row.metric, `${text(row.value, 4)}, float ${text(row.float_value, 4)}`]] : []),
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
