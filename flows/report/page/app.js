// The page: filters, charts, details of a design, table and download. Its state is in the address (#...).
// SPDX-License-Identifier: Apache-2.0
'use strict';

(function() {
  const data = JSON.parse(document.getElementById('data').textContent);
  const rows = decodeRows(data);
  const accuracyData = JSON.parse(document.getElementById('accuracy-data').textContent);
  const accuracies = decodeAccuracies(accuracyData);
  const networkData = JSON.parse(document.getElementById('network-data').textContent);
  const networks = decodeNetworks(networkData);
  const filters = document.getElementById('filters');
  const fields = ['target', 'operator', 'arch', 'variant', 'versions', 'kinds'];
  const ALL = 'all';
  const PAGE_ROWS = 50;
  const BEST = 'best';
  const views = new Map();
  let shown = rows;
  let sorting = {column: null, direction: 1};
  let page = 0;
  let drawing = 0;

  /** Whole, or with one decimal for a format that has one. */
  function number(value, format) {
    if (value === null || value === undefined) return '–';
    const digits = format.endsWith('f') ? 1 : 0;
    return value.toLocaleString('en-US', {minimumFractionDigits: digits, maximumFractionDigits: digits});
  }

  function element(tag, text, attributes = {}) {
    const made = document.createElement(tag);
    if (text !== undefined) made.textContent = text;
    for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
    return made;
  }

  // Filters

  /** Values of a column, the most frequent first. */
  function valuesOf(field, among) {
    const counts = new Map();
    for (const row of among) counts.set(row[field], (counts.get(row[field]) || 0) + 1);
    return [...counts].sort((r, s) => s[1] - r[1] || (r[0] < s[0] ? -1 : 1)).map(([value]) => value);
  }

  function fill(select, options, chosen) {
    select.replaceChildren(...options.map(([value, title]) => {
      const option = element('option', title, {value});
      option.selected = value === chosen;
      return option;
    }));
  }

  function makeFilters() {
    const wanted = new URLSearchParams(location.hash.slice(1));
    const choose = (field, options, usual) => {
      const asked = wanted.get(field);
      fill(filters.elements[field], options, options.some(([value]) => value === asked) ? asked : usual);
    };
    let among = rows;  // what the filters before leave
    for (const field of fields) {
      const values = valuesOf(field, among);
      const single = field === 'target' || field === 'operator';
      const options = values.map((value) => [value, value]);
      if (!single && values.length > 1) options.unshift([ALL, 'all']);
      const optimized = field === 'arch' && values.includes('optimized');
      choose(field, options, optimized ? 'optimized' : (options[0] || [''])[0]);
      filters.elements[field].parentElement.hidden = values.length < 2;
      if (single) among = among.filter((row) => row[field] === chosen(field));
    }
    const measured = Object.keys(FIGURES).filter((name) => among.some((row) => row.ok && row[name] > 0));
    const titled = (names) => names.map((name) => [name, FIGURES[name].title]);
    choose('cost', titled(measured.filter((name) => FIGURES[name].cost)), 'luts');
    choose('x', titled(measured), measured.includes('gaussian_db') ? 'gaussian_db' : 'bits');
    choose('y', titled(measured), 'luts');
    let nets = accuracies.filter((row) => row.ok);
    for (const field of ['network', 'images', 'technique']) {
      const options = valuesOf(field, nets).map((value) => [String(value), String(value)]);
      if (field === 'technique' && options.length > 1) options.unshift([BEST, 'the best of each pair']);
      choose(field, options, (options[0] || [''])[0]);
      filters.elements[field].parentElement.hidden = options.length < 2;
      nets = nets.filter((row) => String(row[field]) === chosen(field));
    }
  }

  function chosen(field) {
    return filters.elements[field].value;
  }

  function matching() {
    return rows.filter((row) => fields.every((field) => chosen(field) === ALL || row[field] === chosen(field)));
  }

  function matchingAccuracies() {
    const found = accuracies.filter((row) => row.ok && row.network === chosen('network') &&
                                             String(row.images) === chosen('images'));
    return chosen('technique') === BEST ? bestTechnique(found) : found.filter((row) => row.technique === chosen('technique'));
  }

  /** Those whose formats have a mac on the chosen target. */
  function costedAccuracies(cost) {
    const macs = rows.filter((row) => row.ok && row.operator === 'mac' && ['target', 'arch', 'versions'].every(
        (field) => chosen(field) === ALL || row[field] === chosen(field)));
    return withMacCost(matchingAccuracies(), macs, cost, chosen('target'));
  }

  /** After a change: what the other filters offer depends on target and operator. */
  function refine() {
    keepState();
    makeFilters();
    update();
  }

  function keepState() {
    const state = new URLSearchParams();
    for (const select of filters.elements) {
      if (select.name && !select.parentElement.hidden) state.set(select.name, select.value);
    }
    history.replaceState(null, '', '#' + state);
  }

  // Charts

  async function draw(id, spec, nothing) {
    const place = document.querySelector(`#${id} .chart`);
    if (views.has(id)) views.get(id).finalize();
    views.delete(id);
    if (!spec) {
      place.replaceChildren(element('p', nothing, {class: 'empty'}));
      return;
    }
    const options = {renderer: 'svg', downloadFileName: `fewbit-${id}`,
                     ...(spec.usermeta && {patch: withNames(spec.usermeta.names)}),
                     actions: {export: true, source: false, compiled: false, editor: false}};
    const {view} = await vegaEmbed(place, spec, options);
    const title = document.querySelector(`#${id} h2`).textContent;
    place.querySelector('summary').setAttribute('aria-label', `Save the chart: ${title}`);
    views.set(id, view);
    place.view = view;  // for `make report-pictures` and tests
    place.querySelector('svg.marks').setAttribute('role', 'img');
    place.querySelector('svg.marks').setAttribute('aria-label', spec.description);
    view.addEventListener('click', (_, item) => {
      if (item && item.datum && item.datum.id !== undefined) {
        if (id === 'heat') heat.choose(item.datum.a, item.datum.b);
        showDetails(rows[item.datum.id]);
      }
      if (item && item.datum && item.datum.accuracy !== undefined) showAccuracy(accuracies[item.datum.accuracy]);
      if (item && item.datum && item.datum.accelerator !== undefined) {
        const row = networks[item.datum.accelerator];
        showFacts(networkFacts(row), row.command);
      }
    });
  }

  async function drawHeat(fine, cost, none) {
    await draw('heat', heatChart(fine, cost, shown.filter((row) => !row.ok)), none + 'pairs of formats.');
    heat.watch(views.get('heat'), (row) => `${row.pair}: ` +
        (row.ok ? `${number(row[cost], FIGURES[cost].format)} ${FIGURES[cost].title}` : `failed, ${row.reason}`));
  }

  async function drawAll() {
    const turn = ++drawing;
    document.body.removeAttribute('data-ready');
    const cost = chosen('cost');
    const fine = shown.filter((row) => row.ok && row[cost] !== null);
    const none = 'No result with these filters has what this chart shows: ';
    const charts = [
      () => draw('width', widthChart(fine, cost), none + 'designs with one format for all operands.'),
      () => draw('overhead', overheadChart(fine, cost),
                 none + 'minifloats and integers of one width, each with one format for all operands.'),
      () => drawHeat(fine, cost, none),
      () => draw('front', frontChart(fine, chosen('x'), chosen('y')), none + 'two different figures.'),
      () => draw('conversion', conversionChart(fine, rows.filter((row) => row.ok), cost),
                 none + 'designs with an exact result, and a requant of it or the same with a rounded result.'),
    ];
    if (accuracies.length > 0) {
      const title = cost ? `${FIGURES[cost].title} of a MAC` : '';
      charts.push(
          () => draw('accuracy-cost', accuracyChart(costedAccuracies(cost), 'mac_cost', title),
                     none + 'a mac of formats with an accuracy. `fewbit sweep merge` puts costs and accuracies together.'),
          () => draw('accuracy-memory', accuracyChart(matchingAccuracies(), 'kib', 'Weights (KiB)'),
                     none + 'networks.'));
    }
    if (networks.length > 0) {
      charts.push(
          () => draw('network-rate', networkChart(networks, 'images_per_second', 'Images a second'),
                     none + 'networks with labels and a clock.'),
          () => draw('network-luts', networkChart(networks, 'luts', 'LUTs'), none + 'networks with labels.'));
    }
    for (const chart of charts) {
      await chart();
      if (turn !== drawing) return;
    }
    document.body.dataset.ready = String(turn);
    window.drawn = window.drawn || performance.now();  // for make bench-report
  }

  const heat = heatCursor(document.getElementById('heat'), (id) => showDetails(rows[id]));

  // Details of one design

  const details = document.getElementById('details');
  let opener = null;

  function showFacts(facts, command) {
    opener = document.activeElement;
    const list = element('dl');
    for (const [name, value] of facts) {
      const line = element('div');
      line.append(element('dt', name), element('dd', value));
      list.append(line);
    }
    details.querySelector('[role=status]').replaceChildren(list);
    details.querySelector('code').textContent = command;
    details.hidden = false;
    // Nothing stays below the panel: the page can be scrolled by its height, and shows what was asked about.
    document.body.style.paddingBottom = `${details.offsetHeight + 16}px`;
    const below = opener.getBoundingClientRect().bottom - (window.innerHeight - details.offsetHeight);
    if (opener !== document.body && opener.matches('button') && below > 0) window.scrollBy(0, below + 8);
  }

  function showAccuracy(row) {
    showFacts(accuracyFacts(row), row.command);
  }

  function showDetails(row) {
    const fmax = row.fmax_median_mhz === null
        ? '–'
        : `${number(row.fmax_median_mhz, '.1f')} (${number(row.fmax_min_mhz, '.1f')}–${number(row.fmax_max_mhz, '.1f')}, ` +
              `${row.fmax_ok} of ${row.fmax_ok + row.fmax_failed} seeds)`;
    const facts = [
      ['Design', `${row.operator} ${row.pair}`], ['Result', row.result], ['Request', row.variant],
      ['Architecture', row.arch], ['Target', row.target], ['Flow', row.flow], ['Fmax (MHz)', fmax],
      ...Object.keys(FIGURES).filter((name) => name !== 'fmax_median_mhz' && !(FIGURES[name].cells && row[name] === null))
          .map((name) => [FIGURES[name].title, number(row[name], FIGURES[name].format)]),
      ['Verified', row.verified ? `${row.verified}, ${number(row.vectors, ',d')} vectors` : 'no'],
      ['Status', row.reason ? `${row.status}: ${row.reason}` : row.status], ['Tools', row.versions],
    ];
    showFacts(facts, row.command);
  }

  function closeDetails() {
    if (details.hidden) return;
    details.hidden = true;
    document.body.style.paddingBottom = '';
    if (opener && opener.isConnected) opener.focus();
  }

  async function copyCommand() {
    const button = document.getElementById('copy');
    const text = details.querySelector('code').textContent;
    try {
      await navigator.clipboard.writeText(text);
      button.textContent = 'Copied';
    } catch {  // no permission: select it, so that the user can
      getSelection().selectAllChildren(details.querySelector('code'));
      button.textContent = 'Selected';
    }
    setTimeout(() => { button.textContent = 'Copy'; }, 1500);
  }

  // Table

  const COLUMNS = [
    ['pair', 'Operands'], ['operator', 'Operator'], ['result', 'Result'], ['arch', 'Architecture'],
    ['target', 'Target'], ['variant', 'Request'],
    ...Object.keys(FIGURES).map((name) => [name, FIGURES[name].title]), ['status', 'Status'],
  ];

  function tableColumns() {
    return COLUMNS.filter(([name]) => !FIGURES[name] || rows.some((row) => row[name] > 0));
  }

  function makeHeading() {
    const heading = document.querySelector('#results thead tr');
    for (const [name, title] of tableColumns()) {
      const cell = element('th', undefined, {scope: 'col', class: FIGURES[name] ? 'number' : ''});
      const button = element('button', title, {type: 'button'});
      button.addEventListener('click', () => {
        sorting = {column: name, direction: sorting.column === name ? -sorting.direction : 1};
        for (const other of heading.children) other.removeAttribute('aria-sort');
        cell.setAttribute('aria-sort', sorting.direction > 0 ? 'ascending' : 'descending');
        page = 0;
        fillTable();
      });
      cell.append(button);
      heading.append(cell);
    }
    heading.append(element('th', 'Details', {scope: 'col'}));
  }

  function sortedRows() {
    const {column, direction} = sorting;
    if (column === null) return shown;
    const empty = (value) => value === null || value === undefined;
    return [...shown].sort((r, s) => {
      const [x, y] = [r[column], s[column]];
      if (empty(x) || empty(y)) return empty(x) - empty(y);  // what is absent comes last
      return direction * (typeof x === 'number' ? x - y : x.localeCompare(y)) || r.id - s.id;
    });
  }

  function fillTable() {
    const pages = Math.max(1, Math.ceil(shown.length / PAGE_ROWS));
    page = Math.min(page, pages - 1);
    const body = document.querySelector('#results tbody');
    body.replaceChildren(...sortedRows().slice(page * PAGE_ROWS, (page + 1) * PAGE_ROWS).map((row) => {
      const line = element('tr', undefined, {class: row.ok ? '' : 'failed'});
      for (const [name] of tableColumns()) {
        const figure = FIGURES[name];
        const absent = figure && !row.ok && figure.cost;
        line.append(element('td', figure ? (absent ? '–' : number(row[name], figure.format)) : row[name],
                            {class: figure ? 'number' : ''}));
      }
      const button = element('button', 'show', {type: 'button', 'aria-label': `Details of ${row.pair}`});
      button.addEventListener('click', () => showDetails(row));
      const cell = element('td');
      cell.append(button);
      line.append(cell);
      return line;
    }));
    document.getElementById('page').textContent = `Page ${page + 1} of ${pages}`;
    document.getElementById('previous').disabled = page === 0;
    document.getElementById('next').disabled = page === pages - 1;
  }

  function turnPage(by) {
    page += by;
    fillTable();
  }

  function fillFronts() {
    const costed = costedAccuracies(chosen('cost'));
    const all = new Map(matchingAccuracies().map((row) => [row.accuracy, row]));
    for (const row of costed) all.set(row.accuracy, row);
    const on = new Set([...paretoFront([...all.values()], 'kib', 'percent'), ...paretoFront(costed, 'mac_cost', 'percent')]
                           .map((row) => row.accuracy));
    const front = [...on].map((id) => all.get(id)).sort((r, s) => s.percent - r.percent || r.kib - s.kib);
    fillAccuracyTable(document.querySelector('#fronts tbody'), front, showAccuracy);
    const failed = accuracies.filter((row) => !row.ok && row.network === chosen('network')).length;
    document.getElementById('accuracy-count').textContent =
        `${number(all.size, ',d')} pairs of formats, ${number(costed.length, ',d')} of them with the cost of a mac` +
        (failed > 0 ? `; ${number(failed, ',d')} could not be quantized` : '');
  }

  function saveCsv(text, name) {
    const link = element('a', undefined, {href: URL.createObjectURL(new Blob([text], {type: 'text/csv'})), download: name});
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 10000);
  }

  function download() {
    saveCsv(toCsv(sortedRows(), Object.keys(data.columns)), 'fewbit-results.csv');
  }

  // All together

  function update() {
    shown = matching();
    const failed = shown.filter((row) => !row.ok).length;
    document.getElementById('count').textContent =
        `${number(shown.length, ',d')} of ${number(rows.length, ',d')} results` +
        (failed > 0 ? `, ${number(failed, ',d')} of them failed` : '');
    page = 0;
    fillTable();
    if (accuracies.length > 0) fillFronts();
    keepState();
    return drawAll();
  }

  document.getElementById('about').textContent =
      `${number(rows.length, ',d')} results` +
      (accuracies.length > 0 ? ` and ${number(accuracies.length, ',d')} accuracies` : '') +
      (networks.length > 0 ? ` and ${number(networks.length, ',d')} networks` : '') +
      ` of ${data.name}. Every cost is of a netlist that was compared with the ` +
      `bit-exact model. Click a mark, or “show” in the table, for the command that reproduces it.`;
  for (const id of ['costs', 'results', 'count']) document.getElementById(id).hidden = rows.length === 0;
  document.getElementById('accuracies').hidden = accuracies.length === 0;
  document.getElementById('networks').hidden = networks.length === 0;
  makeFilters();
  makeHeading();
  document.querySelector('main').addEventListener('change', refine);
  filters.addEventListener('submit', (event) => event.preventDefault());
  window.addEventListener('hashchange', () => { makeFilters(); update(); });
  document.getElementById('previous').addEventListener('click', () => turnPage(-1));
  document.getElementById('next').addEventListener('click', () => turnPage(1));
  document.getElementById('download').addEventListener('click', download);
  document.getElementById('download-accuracies').addEventListener(
      'click', () => saveCsv(toCsv(accuracies, Object.keys(accuracyData.columns)), 'fewbit-accuracies.csv'));
  document.getElementById('download-networks').addEventListener(
      'click', () => saveCsv(toCsv(networks, Object.keys(networkData.columns)), 'fewbit-networks.csv'));
  DARK.addEventListener('change', drawAll);
  document.getElementById('close').addEventListener('click', closeDetails);
  document.getElementById('copy').addEventListener('click', copyCommand);
  document.addEventListener('keydown', (event) => { if (event.key === 'Escape') closeDetails(); });
  update();
})();
