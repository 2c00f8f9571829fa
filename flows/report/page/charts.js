// Vega-Lite specifications of the charts: rows in, specification out, or null where nothing is to be seen.
// SPDX-License-Identifier: Apache-2.0
'use strict';

/**
 * Inks of the page on white and on black. Each has a contrast of at least 3 to 1 on its paper, and any two of a list
 * differ in lightness or hue for who does not see red or green (tests/report/looks_test.py); shapes and dashes
 * tell them apart without colour.
 */
const THEMES = {
  light: {
    paper: '#ffffff', ink: '#1b1f24', soft: '#57606a', grid: '#e4e8ec', band: '#ffe08a', failed: '#a40e26',
    families: ['#1b1f24', '#4c2c08', '#4089ff', '#269952', '#5500ff', '#990091', '#606366', '#99920f', '#cc709a'],
    kinds: ['#1b1f24', '#4089ff', '#c2410c'],
    parts: ['#4089ff', '#99500f'],
  },
  dark: {
    paper: '#0d1117', ink: '#f0f3f6', soft: '#9198a1', grid: '#2a313a', band: '#7a6200', failed: '#ff7b89',
    families: ['#f0f3f6', '#e67a00', '#40afff', '#40ff89', '#5940ff', '#993d94', '#999999', '#fff200', '#cc0033'],
    kinds: ['#f0f3f6', '#40afff', '#e67a00'],
    parts: ['#40afff', '#e67a00'],
  },
};
const DARK = window.matchMedia('(prefers-color-scheme: dark)');
const theme = () => THEMES[DARK.matches ? 'dark' : 'light'];

const SHAPES = ['circle', 'square', 'triangle-up', 'diamond', 'cross', 'triangle-down', 'triangle-left',
                'triangle-right', 'wedge'];
const DASHES = [[1, 0], [2, 2], [8, 3], [5, 2, 1, 2], [12, 4], [1, 3], [8, 2, 2, 2, 2, 2], [4, 4], [14, 3, 3, 3]];
const KINDS = ['integers', 'mixed', 'minifloats'];
const PHONE = 600;  // pixels below which the page has one narrow column

function base() {
  const {paper, ink, soft, grid} = theme();
  return {
    $schema: 'https://vega.github.io/schema/vega-lite/v6.json',
    width: 'container',
    background: paper,
    autosize: {type: 'fit', contains: 'padding'},
    config: {
      font: 'system-ui, "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif',
      axis: {labelFontSize: 12, titleFontSize: 12, titleFontWeight: 'normal', labelColor: ink, titleColor: ink,
             gridColor: grid, titlePadding: 8, domainColor: soft, tickColor: soft, labelOverlap: 'greedy',
             labelSeparation: 4},
      legend: {labelFontSize: 12, titleFontSize: 12, titleFontWeight: 'normal', labelColor: ink, titleColor: ink,
               orient: 'bottom', layout: {bottom: {anchor: 'start', direction: 'vertical'}},
               columns: window.innerWidth < PHONE ? 2 : 7, symbolOpacity: 1, symbolSize: 80, symbolStrokeWidth: 1.5},
      view: {stroke: null},
      aria: false,  // the table has every row; each chart has one description
    },
  };
}

/**
 * For vegaEmbed: names beside the marks of one layer, where there is room in the chart beside all marks of `avoided`
 * layers and other names. `usermeta.names` of a specification says which: {layer, avoided}.
 */
function withNames(names) {
  return (vega) => {
    vega.marks.push({
      type: 'text', name: 'names', interactive: false, from: {data: `layer_${names.layer}_marks`},
      encode: {enter: {text: {field: 'datum.pair'}, fontSize: {value: 11}, fill: {value: theme().ink}}},
      transform: [{type: 'label', size: {signal: '[width, height]'}, padding: 0, offset: [4],
                   anchor: ['top-left', 'top-right', 'bottom-right', 'bottom-left', 'right', 'left', 'top', 'bottom'],
                   avoidMarks: names.avoided.map((layer) => `layer_${layer}_marks`)}],
    });
    return vega;
  };
}

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

/** Colour, shape and dash by family; only the families that occur are in the legend. */
function familyScales(rows, families = FAMILIES) {
  const present = families.filter((family) => rows.some((row) => row.family === family));
  const channel = (values) => ({
    field: 'family', type: 'nominal', title: null,
    scale: {domain: present, range: present.map((family) => values[families.indexOf(family)])},
  });
  return {color: channel(theme().families), shape: channel(SHAPES), strokeDash: channel(DASHES), present};
}

function widthChart(rows, cost) {
  const square = rows.filter((row) => row.b === '' || row.a === row.b);
  if (square.length === 0) return null;
  const least = cheapest(square, (row) => [row.family, row.a_width, row.arch].join('|'), cost);
  const several = new Set(square.map((row) => row.arch)).size > 1;
  const {color, shape, strokeDash} = familyScales(square);
  const x = {field: 'a_width', type: 'quantitative', title: 'Operand width (bits)',
             scale: {zero: false, nice: false, padding: 12}, axis: {format: 'd', tickMinStep: 1, grid: false}};
  const y = quantity(cost, {scale: {zero: true}});
  const lines = {
    data: {values: least},
    mark: {type: 'line', strokeWidth: 2},
    encoding: {x, y, color, strokeDash,
               ...(several && {strokeWidth: {field: 'arch', type: 'ordinal', sort: null, title: null, legend: {symbolSize: 400},
                                             scale: {domain: ['optimized', 'generic'], range: [3, 1]}}})},
  };
  const points = {
    data: {values: square},
    mark: {type: 'point', filled: true, size: 55, opacity: 1, strokeWidth: 1.5, cursor: 'pointer'},
    encoding: {x, y, color, shape, stroke: color,
               fillOpacity: {condition: {test: "datum.arch === 'generic'", value: 0}, value: 1},
               tooltip: tooltip(cost, 'ffs', 'fmax_median_mhz')},
  };
  return {...base(), height: 320, layer: [lines, points],
          description: `${FIGURES[cost].title} against operand width, a line for each family of formats`};
}

function overheadChart(rows, cost) {
  const values = cheapest(overheads(rows, cost), (row) => [row.a_width, row.family, row.arch].join('|'), 'overhead');
  if (values.length === 0) return null;
  const {color, shape, present} = familyScales(values);
  const claim = {
    data: {values: [{low: 20, high: 180}]},
    mark: {type: 'rect', color: theme().band, opacity: 0.45},
    encoding: {x: {value: 0}, x2: {value: 'width'},
               y: {field: 'low', type: 'quantitative'}, y2: {field: 'high'}},
  };
  const zero = {data: {values: [{zero: 0}]}, mark: {type: 'rule', color: theme().ink},
                encoding: {y: {field: 'zero', type: 'quantitative'}}};
  const points = {
    data: {values},
    mark: {type: 'point', filled: true, size: 90, opacity: 1, cursor: 'pointer'},
    encoding: {
      x: {field: 'a_width', type: 'ordinal', title: 'Operand width (bits)', axis: {labelAngle: 0, grid: false}},
      xOffset: {field: 'family', type: 'nominal', scale: {domain: present}},
      y: {field: 'overhead', type: 'quantitative', title: `${FIGURES[cost].title} over the integer's (%)`,
          axis: {format: '+,d', tickCount: 7}},
      color, shape,
      tooltip: [{field: 'overhead', title: 'over the integer, %', format: '+,.0f'}, ...tooltip(cost)],
    },
  };
  const layer = cost === 'luts' || cost === 'lut_equivalents' ? [claim, zero, points] : [zero, points];
  return {...base(), height: 320, layer,
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
    mark: {type: 'rect', cursor: 'pointer', stroke: theme().paper, strokeWidth: 1},
    encoding: {
      x, y,
      color: {field: cost, type: 'quantitative', title: FIGURES[cost].title, scale: {scheme: 'viridis', reverse: true},
              legend: {format: ',d', orient: 'right', gradientLength: 220}},
      tooltip: tooltip(cost, 'ffs', 'fmax_median_mhz', 'gaussian_db', 'laplacian_db'),
    },
  }];
  if (failed.length > 0) {
    layer.push({data: {values: failed}, mark: {type: 'text', text: '×', color: theme().failed, fontSize: 16, cursor: 'pointer'},
                encoding: {x, y, tooltip: [{field: 'pair'}, {field: 'reason'}, {field: 'command'}]}});
  }
  layer.push({
    data: {values: least},
    mark: {type: 'text', fontSize: order.length > 16 ? 8 : 11, cursor: 'pointer'},
    encoding: {x, y, text: {field: cost, type: 'quantitative', format: 'd'},
               color: {condition: {test: `datum['${cost}'] > ${dark}`, value: 'white'}, value: '#1b1f24'}},
  });
  return {...base(), width: {step: Math.max(size, 26)}, height: {step: size}, autosize: {type: 'pad'}, layer,
          resolve: {scale: {color: 'independent'}},
          description: `${FIGURES[cost].title} of each pair of formats: weights across, activations down`};
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
  const scales = {
    color: {field: 'kinds', type: 'nominal', title: null, scale: {domain: KINDS, range: theme().kinds}},
    shape: {field: 'kinds', type: 'nominal', title: null, scale: {domain: KINDS, range: SHAPES.slice(0, 3)}},
  };
  const figures = [...new Set([xName, yName, 'luts', 'fmax_median_mhz', 'bits', 'range_db'])];
  const points = (values, size, opacity) => ({
    data: {values},
    mark: {type: 'point', filled: true, size, opacity, cursor: 'pointer'},
    encoding: {x, y, ...scales, tooltip: tooltip(...figures)},
  });
  return {
    ...base(), height: 420,
    description: `${FIGURES[yName].title} against ${FIGURES[xName].title}, with the designs that none beats in both`,
    usermeta: {names: {layer: 2, avoided: [0, 1]}},
    layer: [
      points(known, 35, 0.5),
      {data: {values: front},
       mark: {type: 'line', color: theme().soft, strokeWidth: 1.5,
              interpolate: FIGURES[xName].better === 'less' ? 'step-after' : 'step-before'},
       encoding: {x, y, order: {field: xName, type: 'quantitative'}}},
      points(front, 75, 1),
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
    ...base(), height: 320, data: {values},
    description: `${FIGURES[cost].title} of each design without and with conversion of its result`,
    mark: {type: 'bar', width: {band: 0.5}, cursor: 'pointer'},
    encoding: {
      x: {field: 'operand', type: 'ordinal', sort: formatOrder(least), title: 'Format of both operands',
          axis: {labelAngle: least.length > 8 ? -45 : 0}},
      y: {field: 'value', type: 'quantitative', title: FIGURES[cost].title},
      color: {field: 'part', type: 'nominal', title: null, scale: {domain: parts, range: theme().parts}},
      order: {field: 'place'},
      tooltip: [{field: 'part'}, {field: 'value', title: FIGURES[cost].title}, {field: 'operator'},
                {field: 'pair', title: 'operands'}, {field: 'result'}, {field: 'command'}],
    },
  };
}
