// Vega-Lite specifications of the charts: rows in, specification out, or null where nothing is to be seen.
// SPDX-License-Identifier: Apache-2.0
'use strict';

// Each has a contrast of at least 3 to 1 on white; the shapes tell them apart without colour.
const COLOURS = ['#1b1f24', '#0072b2', '#00875a', '#c2410c', '#a3277c', '#7048e8', '#57606a'];
const SHAPES = ['circle', 'square', 'triangle-up', 'diamond', 'cross', 'triangle-down', 'triangle-left'];
const KINDS = ['integers', 'mixed', 'minifloats'];
const KIND_COLOURS = ['#1b1f24', '#0072b2', '#c2410c'];

const BASE = {
  $schema: 'https://vega.github.io/schema/vega-lite/v6.json',
  width: 'container',
  background: 'white',
  autosize: {type: 'fit', contains: 'padding'},
  config: {
    font: 'system-ui, "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif',
    axis: {labelFontSize: 12, titleFontSize: 12, titleFontWeight: 'normal', labelColor: '#1b1f24',
           titleColor: '#1b1f24', gridColor: '#e4e8ec', titlePadding: 8, domainColor: '#57606a',
           tickColor: '#57606a'},
    legend: {labelFontSize: 12, titleFontSize: 12, titleFontWeight: 'normal', orient: 'bottom',
             layout: {bottom: {anchor: 'start', direction: 'vertical'}}, columns: window.innerWidth < 600 ? 4 : 7, symbolOpacity: 1, symbolSize: 80},
    view: {stroke: null},
    aria: false,  // the table has every row; each chart has one description
  },
};

function tooltip(...figures) {
  return [
    {field: 'pair', title: 'operands'},
    {field: 'operator'},
    {field: 'arch', title: 'architecture'},
    {field: 'target'},
    ...figures.map((name) => ({field: name, title: FIGURES[name].title, format: FIGURES[name].format})),
    {field: 'verified'},
    {field: 'command'},
  ];
}

const quantity = (name, more = {}) => ({
  field: name, type: 'quantitative', title: FIGURES[name].title,
  axis: {format: ',~f', tickCount: 6}, ...more,
});

/** Colour and shape by family; only the families that occur are in the legend. */
function familyScales(rows) {
  const present = FAMILIES.filter((family) => rows.some((row) => row.family === family));
  const range = (values) => present.map((family) => values[FAMILIES.indexOf(family)]);
  return {
    color: {field: 'family', type: 'nominal', title: null, scale: {domain: present, range: range(COLOURS)}},
    shape: {field: 'family', type: 'nominal', title: null, scale: {domain: present, range: range(SHAPES)}},
  };
}

function widthChart(rows, cost) {
  const square = rows.filter((row) => row.b === '' || row.a === row.b);
  if (square.length === 0) return null;
  const least = cheapest(square, (row) => [row.family, row.a_width, row.arch].join('|'), cost);
  const several = new Set(square.map((row) => row.arch)).size > 1;
  const scales = familyScales(square);
  const x = {field: 'a_width', type: 'quantitative', title: 'Operand width (bits)',
             scale: {zero: false, nice: false, padding: 12}, axis: {format: 'd', tickMinStep: 1, grid: false}};
  const y = quantity(cost, {scale: {zero: true}});
  const lines = {
    data: {values: least},
    mark: {type: 'line', strokeWidth: 2},
    encoding: {x, y, color: scales.color,
               ...(several && {strokeDash: {field: 'arch', type: 'nominal', title: null,
                                            legend: {symbolSize: 400},
                                            scale: {domain: ['optimized', 'generic'], range: [[1, 0], [5, 3]]}}})},
  };
  const points = {
    data: {values: square},
    mark: {type: 'point', filled: true, size: 55, opacity: 1, cursor: 'pointer'},
    encoding: {x, y, ...scales, tooltip: tooltip(cost, 'ffs', 'fmax_median_mhz')},
  };
  return {...BASE, height: 320, layer: [lines, points],
          description: `${FIGURES[cost].title} against operand width, a line for each family of formats`};
}

function overheadChart(rows, cost) {
  const values = cheapest(overheads(rows, cost), (row) => [row.a_width, row.family, row.arch].join('|'), 'overhead');
  if (values.length === 0) return null;
  const scales = familyScales(values);
  const claim = {
    data: {values: [{low: 20, high: 180}]},
    mark: {type: 'rect', color: '#ffe08a', opacity: 0.45},
    encoding: {x: {value: 0}, x2: {value: 'width'},
               y: {field: 'low', type: 'quantitative'}, y2: {field: 'high'}},
  };
  const zero = {data: {values: [{zero: 0}]}, mark: {type: 'rule', color: '#1b1f24'},
                encoding: {y: {field: 'zero', type: 'quantitative'}}};
  const points = {
    data: {values},
    mark: {type: 'point', filled: true, size: 90, opacity: 1, cursor: 'pointer'},
    encoding: {
      x: {field: 'a_width', type: 'ordinal', title: 'Operand width (bits)', axis: {labelAngle: 0, grid: false}},
      xOffset: {field: 'family', type: 'nominal', scale: {domain: scales.color.scale.domain}},
      y: {field: 'overhead', type: 'quantitative', title: `${FIGURES[cost].title} over the integer's (%)`,
          axis: {format: '+,d', tickCount: 7}},
      ...scales,
      tooltip: [{field: 'overhead', title: 'over the integer, %', format: '+,.0f'}, ...tooltip(cost)],
    },
  };
  const layer = cost === 'luts' || cost === 'lut_equivalents' ? [claim, zero, points] : [zero, points];
  return {...BASE, height: 320, layer,
          description: `By how many per cent minifloats exceed the integer of the same width in ${FIGURES[cost].title}`};
}

function formatOrder(rows) {
  const formats = new Map();
  for (const row of rows) {
    formats.set(row.a, [row.a_width, row.a_kind === 'int' ? 0 : row.a_exponent, row.a]);
    if (row.b) formats.set(row.b, [row.b_width, row.b_kind === 'int' ? 0 : row.b_exponent, row.b]);
  }
  const by = ([, r], [, s]) => r[0] - s[0] || r[1] - s[1] || (r[2] < s[2] ? -1 : 1);
  return [...formats].sort(by).map(([name]) => name);
}

function heatChart(rows, cost, failures) {
  const pairs = rows.filter((row) => row.b !== '');
  if (pairs.length === 0) return null;
  const least = cheapest(pairs, (row) => row.pair, cost);
  const known = new Set(least.map((row) => row.pair));
  const failed = failures.filter((row) => row.b !== '' && !known.has(row.pair));
  const order = formatOrder([...pairs, ...failed]);
  const size = order.length > 16 ? 20 : 34;
  const x = {field: 'b', type: 'ordinal', sort: order, title: 'Operand b: weights', scale: {domain: order},
             axis: {labelAngle: -90, orient: 'bottom'}};
  const y = {field: 'a', type: 'ordinal', sort: order, title: 'Operand a: activations', scale: {domain: order}};
  const dark = (Math.min(...least.map((row) => row[cost])) + Math.max(...least.map((row) => row[cost]))) / 2;
  const layer = [{
    data: {values: least},
    mark: {type: 'rect', cursor: 'pointer', stroke: 'white', strokeWidth: 1},
    encoding: {
      x, y,
      color: {field: cost, type: 'quantitative', title: FIGURES[cost].title, scale: {scheme: 'viridis', reverse: true},
              legend: {format: ',d', orient: 'right', gradientLength: 220}},
      tooltip: tooltip(cost, 'ffs', 'fmax_median_mhz', 'gaussian_db', 'laplacian_db'),
    },
  }];
  if (failed.length > 0) {
    layer.push({data: {values: failed}, mark: {type: 'text', text: '×', color: '#a40e26', fontSize: 16, cursor: 'pointer'},
                encoding: {x, y, tooltip: [{field: 'pair'}, {field: 'reason'}, {field: 'command'}]}});
  }
  layer.push({
    data: {values: least},
    mark: {type: 'text', fontSize: order.length > 16 ? 8 : 11, cursor: 'pointer'},
    encoding: {x, y, text: {field: cost, type: 'quantitative', format: 'd'},
               color: {condition: {test: `datum['${cost}'] > ${dark}`, value: 'white'}, value: '#1b1f24'}},
  });
  return {...BASE, width: {step: Math.max(size, 26)}, height: {step: size}, autosize: {type: 'pad'}, layer,
          resolve: {scale: {color: 'independent'}},
          description: `${FIGURES[cost].title} of each pair of formats: weights across, activations down`};
}

/** Those of the list that are some way apart in the chart, so that their labels have room. */
function spaced(list, placeOf) {
  const taken = [];
  for (const row of list) {
    const [x, y] = placeOf(row);
    if (taken.every(({at}) => Math.abs(x - at[0]) > 0.11 || Math.abs(y - at[1]) > 0.05)) {
      taken.push({row, at: [x, y]});
    }
  }
  return taken.map(({row}) => row);
}

function frontChart(rows, xName, yName) {
  const known = rows.filter((row) => Number.isFinite(row[xName]) && Number.isFinite(row[yName]));
  if (known.length === 0 || xName === yName) return null;
  const front = paretoFront(known, xName, yName);
  const scaleOf = (name) => {
    const values = known.map((row) => row[name]);
    const wide = FIGURES[name].cost && Math.min(...values) > 0 && Math.max(...values) > 8 * Math.min(...values);
    return wide ? {type: 'log', nice: false, padding: 12} : {zero: false, nice: false, padding: 12};
  };
  const x = quantity(xName, {scale: scaleOf(xName)});
  const y = quantity(yName, {scale: scaleOf(yName)});
  /** Where in the chart a figure is, 0 to 1. */
  const placeOf = (name, scale) => {
    const map = scale.type === 'log' ? Math.log : (value) => value;
    const values = known.map((row) => map(row[name]));
    const [low, high] = [Math.min(...values), Math.max(...values)];
    return (row) => (map(row[name]) - low) / (high - low || 1);
  };
  const [across, up] = [placeOf(xName, x.scale), placeOf(yName, y.scale)];
  const named = spaced(front, (row) => [across(row), up(row)]);
  /** Names left of their points, but at the left edge to the right, on a white ground. */
  const labels = (values, align) => (values.length === 0 ? [] : ['white', '#1b1f24']).map((color) => ({
    data: {values},
    mark: {type: 'text', align, baseline: 'bottom', dx: align === 'left' ? 6 : -6, dy: -4, fontSize: 11, color,
           ...(color === 'white' && {stroke: color, strokeWidth: 3})},
    encoding: {x, y, text: {field: 'pair'}},
  }));
  const scales = {
    color: {field: 'kinds', type: 'nominal', title: null, scale: {domain: KINDS, range: KIND_COLOURS}},
    shape: {field: 'kinds', type: 'nominal', title: null, scale: {domain: KINDS, range: SHAPES.slice(0, 3)}},
  };
  const figures = [...new Set([xName, yName, 'luts', 'fmax_median_mhz', 'bits', 'range_db'])];
  const points = (values, size, opacity) => ({
    data: {values},
    mark: {type: 'point', filled: true, size, opacity, cursor: 'pointer'},
    encoding: {x, y, ...scales, tooltip: tooltip(...figures)},
  });
  return {
    ...BASE, height: 420,
    description: `${FIGURES[yName].title} against ${FIGURES[xName].title}, with the designs that none beats in both`,
    layer: [
      points(known, 35, 0.5),
      {data: {values: front},
       mark: {type: 'line', color: '#57606a', strokeWidth: 1.5,
              interpolate: FIGURES[xName].better === 'less' ? 'step-after' : 'step-before'},
       encoding: {x, y, order: {field: xName, type: 'quantitative'}}},
      points(front, 75, 1),
      ...labels(named.filter((row) => across(row) > 0.12), 'right'),
      ...labels(named.filter((row) => across(row) <= 0.12), 'left'),
    ],
  };
}

function conversionChart(rows, all, cost) {
  const found = conversions(rows, all, cost);
  if (found.length === 0) return null;
  const least = cheapest(found.map(({row, conversion, extra}) => ({...row, conversion, extra})), (row) => row.a, cost);
  const parts = ['design', 'conversion back'];
  const values = least.flatMap((row) => [
    {...row, part: parts[0], place: 0, value: row[cost]},
    {...row.conversion, part: parts[1], place: 1, value: row.extra, operand: row.a},
  ].map((value) => ({...value, operand: row.a})));
  return {
    ...BASE, height: 320, data: {values},
    description: `${FIGURES[cost].title} of each design without and with conversion of its result`,
    mark: {type: 'bar', width: {band: 0.5}, cursor: 'pointer'},
    encoding: {
      x: {field: 'operand', type: 'ordinal', sort: formatOrder(least), title: 'Format of both operands',
          axis: {labelAngle: least.length > 8 ? -45 : 0}},
      y: {field: 'value', type: 'quantitative', title: FIGURES[cost].title},
      color: {field: 'part', type: 'nominal', title: null, scale: {domain: parts, range: ['#0072b2', '#b35900']}},
      order: {field: 'place'},
      tooltip: [{field: 'part'}, {field: 'value', title: FIGURES[cost].title}, {field: 'operator'},
                {field: 'pair', title: 'operands'}, {field: 'result'}, {field: 'command'}],
    },
  };
}
