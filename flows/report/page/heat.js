// The heat map by keyboard and by touch: a cursor on one pair of formats, and a line that says what it costs.
// SPDX-License-Identifier: Apache-2.0
'use strict';

/**
 * Of the figure `figure`: arrow keys, Home and End move the cursor, Enter and the button show the design by
 * `show(id)`. watch(view, say) begins with a new chart, say(row) being the text of a row; choose(a, b) moves the cursor.
 */
function heatCursor(figure, show) {
  const place = figure.querySelector('.chart');
  const line = figure.querySelector('.cell span');
  const button = figure.querySelector('.cell button');
  const frame = document.createElement('div');
  frame.className = 'cursor';
  let cells = new Map();  // "row|column" -> {item, row}
  let order = [];
  let at = [0, 0];        // of activations (down) and weights (across) in `order`
  let say = null;
  place.setAttribute('role', 'application');
  place.setAttribute('aria-label', 'Pairs of formats: arrow keys choose one, Enter shows the design');
  place.setAttribute('aria-describedby', 'cell');

  const current = () => cells.get(at.join('|'));

  function draw(into) {
    const cell = current();
    frame.hidden = !cell;
    button.hidden = !cell;
    if (!cell) {
      line.textContent = `${order[at[0]]} × ${order[at[1]]}: not measured`;
      return;
    }
    line.textContent = say(cell.row);
    const box = cell.item._svg.getBoundingClientRect();
    const around = place.getBoundingClientRect();
    const left = box.left - around.left + place.scrollLeft;
    frame.style.cssText = `left:${left}px;top:${box.top - around.top + place.scrollTop}px;` +
                          `width:${box.width}px;height:${box.height}px`;
    if (!into) return;
    if (left < place.scrollLeft) place.scrollLeft = left - 8;
    if (left + box.width > place.scrollLeft + place.clientWidth) place.scrollLeft = left + box.width - place.clientWidth + 8;
  }

  function move(down, across) {
    const clamp = (value) => Math.max(0, Math.min(order.length - 1, value));
    at = [clamp(at[0] + down), clamp(at[1] + across)];
    draw(true);
  }

  place.addEventListener('keydown', (event) => {
    const steps = {ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1],
                   Home: [0, -order.length], End: [0, order.length]}[event.key];
    if (!say) return;
    if (steps) {
      move(...steps);
    } else if (event.key === 'Enter' && current()) {
      show(current().row.id);
    } else {
      return;
    }
    event.preventDefault();
  });
  place.addEventListener('focus', () => { if (say) draw(true); });
  button.addEventListener('click', () => show(current().row.id));

  return {
    watch(view, text) {
      cells = new Map();
      say = view ? text : null;
      place.tabIndex = view ? 0 : -1;
      frame.hidden = button.hidden = true;
      line.textContent = view ? 'Choose a pair by a click, a tap or the arrow keys.' : '';
      if (!view) return;
      place.append(frame);
      order = view.scale('x').domain();
      const visit = (item) => {
        if (item.datum && item.datum.id !== undefined && item._svg && item.mark && item.mark.marktype !== 'text') {
          cells.set([order.indexOf(item.datum.a), order.indexOf(item.datum.b)].join('|'), {item, row: item.datum});
        }
        for (const child of item.items || []) visit(child);
      };
      visit(view.scenegraph().root);
      at = [0, 0];
    },
    choose(a, b) {
      at = [order.indexOf(a), order.indexOf(b)];
      draw(false);
    },
  };
}
