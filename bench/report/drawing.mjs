// Draws a plot of Observable Plot without a browser, and makes of it either a part of the page or an SVG that stands alone. Every
// plot exists in two widths, since text that is shrunk with its plot cannot be read on a phone.
import * as Plot from '@observablehq/plot';
import { parseHTML } from 'linkedom';

import * as colours from './colours.mjs';
import { count } from './numbers.mjs';

export const FONT_SIZE = 12;
const FONT = 'system-ui, -apple-system, Segoe UI, Roboto, Helvetica Neue, Arial, sans-serif';
// What a character takes on average in the fonts above, in their size. Without a browser nothing can measure it.
const CHARACTER_WIDTH = 0.56;

export const WIDE = { name: 'wide', width: 920 };
export const NARROW = { name: 'narrow', width: 340 };

const { document } = parseHTML('<!doctype html><html><body></body></html>');

export function draw(label, options) {
  const svg = Plot.plot({ document, ...options });
  svg.setAttribute('role', 'img');
  svg.setAttribute('aria-label', label);
  svg.setAttribute('font-size', FONT_SIZE);
  svg.setAttribute('font-family', FONT);
  return svg;
}

export function textWidth(text) {
  return text.length * FONT_SIZE * CHARACTER_WIDTH;
}

// For the page, which has the variables of the colours.
export function inline(svg) {
  return rounded(svg.outerHTML);
}

// For README. It has a ground of its own, since the host's may be dark where the reader's system is light.
export function standalone(svg, measurement) {
  const copy = svg.cloneNode(true);
  const style = document.createElement('style');
  style.textContent = `${colours.rules(measurement, 'svg')} svg { background: var(--ground); color: var(--ink); }`;
  copy.insertBefore(style, copy.firstChild);
  copy.setAttribute('xmlns', 'http://www.w3.org/2000/svg');
  return `${rounded(copy.outerHTML)}\n`;
}

// Tenths of a pixel are enough, and make the file half as large.
function rounded(text) {
  return text.replace(/ (?:d|transform|x|y|x1|x2|y1|y2|cx|cy|width|height)="[^"]*"/g, (attribute) => attribute.replace(/(\.\d)\d+/g, '$1'));
}

// A logarithmic axis of loads: those of the grid that stand far enough from each other to be written.
export function loadAxis(loads, factor) {
  const shown = loads.reduce((kept, load) => (kept.length === 0 || load / kept.at(-1) >= factor ? [...kept, load] : kept), []);
  return Plot.axisX(shown, { text: count, label: null });
}

// 1, 2 and 5 times the powers of ten within an extent.
export function decades([from, to]) {
  const powers = Array.from({ length: 12 }, (_, index) => 10 ** (index - 4));
  return powers.flatMap((power) => [power, 2 * power, 5 * power]).filter((value) => value >= from && value <= to);
}

// Moves wanted places, in pixels, apart until none is nearer to the next than `gap`, within a range: those that touch become a
// block, which stands around the middle of where its members wanted to be.
export function spaced(wanted, gap, [from, to]) {
  const order = wanted.map((_, index) => index).sort((a, b) => wanted[a] - wanted[b]);
  const blocks = [];
  for (const index of order) {
    blocks.push({ members: [index], middle: wanted[index] });
    while (blocks.length > 1 && overlap(blocks.at(-2), blocks.at(-1), gap)) {
      const after = blocks.pop();
      blocks.push(joined(blocks.pop(), after, wanted, gap, from, to));
    }
  }
  const places = [];
  for (const { members, middle } of blocks) {
    members.forEach((index, rank) => (places[index] = middle + (rank - (members.length - 1) / 2) * gap));
  }
  return places;
}

function overlap(above, below, gap) {
  return below.middle - above.middle < (gap * (above.members.length + below.members.length)) / 2;
}

function joined(above, below, wanted, gap, from, to) {
  const members = [...above.members, ...below.members];
  const half = ((members.length - 1) * gap) / 2;
  const middle = members.reduce((sum, index) => sum + wanted[index], 0) / members.length;
  return { members, middle: Math.max(from + half, Math.min(to - half, middle)) };
}
