// Networks as accelerators: rows and their charts. Pure functions.
// SPDX-License-Identifier: Apache-2.0
'use strict';

function decodeNetworks(data) {
  const rows = decodeColumns(data);
  for (const row of rows) {
    row.accelerator = row.id;  // of a mark: tells it from designs
    delete row.id;
    row.ok = row.status === 'ok';
    row.pair = `${row.weights} × ${row.activations}`;
    row.percent = row.ok && row.images > 0 ? 100 * row.images_right / row.images : null;
    row.place = `${row.network}, ${row.target}`;
  }
  return rows;
}

/** Right answers against `xName` of those that have both; networks and targets in inks of their own. */
function networkChart(rows, xName, xTitle) {
  const known = rows.filter((row) => row.percent !== null && Number.isFinite(row[xName]));
  if (known.length === 0) return null;
  const places = [...new Set(known.map((row) => row.place))].sort();
  const channel = (values) => ({
    field: 'place', type: 'nominal', title: null,
    scale: {domain: places, range: places.map((_, i) => values[i % values.length])},
  });
  const x = {field: xName, type: 'quantitative', title: xTitle, axis: {format: ',~f', tickCount: 6},
             scale: {zero: false, nice: false, padding: 12}};
  const y = {field: 'percent', type: 'quantitative', title: 'Right answers (%)',
             scale: {zero: false, nice: false, padding: 12}};
  return {
    ...base(), height: 360,
    description: `Right answers of networks against ${xTitle}`,
    usermeta: {names: {layer: 0, avoided: []}},
    layer: [{
      data: {values: known}, mark: {type: 'point', filled: true, size: 75, cursor: 'pointer'},
      encoding: {x, y, color: channel(theme().families), shape: channel(SHAPES),
                 tooltip: [{field: 'place', title: 'network, target'}, {field: 'pair', title: 'weights × activations'},
                           {field: 'percent', title: 'right answers, %', format: '.2f'},
                           {field: 'images_per_second', title: 'images/s', format: ',.0f'},
                           {field: 'luts', title: 'LUTs', format: ',d'}, {field: 'command'}]},
    }],
  };
}

function networkFacts(row) {
  const text = (value, digits) => (value === null || value === undefined ? '–' : value.toFixed(digits));
  return [
    ['Network', row.network], ['Target', row.target], ['Weights', row.weights], ['Activations', row.activations],
    ['Layers', row.layers.replaceAll(',', ', ')], ['Rows x lanes : roundings', row.folding.replaceAll(',', ', ')],
    ['Right answers (%)', text(row.percent, 2)], ['LUTs', String(row.luts)], ['Block RAMs', String(row.brams)],
    ['Multipliers', String(row.dsps)], ['Fmax (MHz, median)', text(row.fmax_median_mhz, 1)],
    ['Fmax (MHz, range)', `${text(row.fmax_min_mhz, 1)} to ${text(row.fmax_max_mhz, 1)}`],
    ['Cycles an image', String(row.cycles)], ['Images/s', text(row.images_per_second, 0)],
    ['Status', row.reason ? `${row.status}: ${row.reason}` : row.status],
  ];
}
