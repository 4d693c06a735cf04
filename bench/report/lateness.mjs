// Draws the lateness of handlers over the time of the story: a row for each contender, all with the same logarithmic scale, with
// the faults shaded. The light area is the latest handler of a bin in any repeat, the dark one the median, the dots the latest control.
import * as Plot from '@observablehq/plot';

import { marks } from './colours.mjs';
import { draw, NARROW } from './drawing.mjs';

const FLOOR_MS = 0.1;
const TOP_MS = 20_000;
const ROW_HEIGHT = 92;
const TITLE_SHARE = 0.3;
const TICKS = [1, 100, 10_000];

// Null where no repeat counts.
export function lateness(measurement, size) {
  const shown = measurement.contenders.filter((contender) => measurement.stories(contender).length > 0);
  if (shown.length === 0) {
    return null;
  }
  const bins = shown.flatMap((contender) => binsOf(measurement, contender));
  const end = measurement.phases.at(-1).to_s;
  const narrow = size === NARROW;
  return draw('Lateness of handlers through the story, for each contender, beside its control', {
    width: size.width,
    height: shown.length * ROW_HEIGHT + 80,
    marginLeft: 56,
    marginRight: 10,
    marginTop: 40,
    marginBottom: 44,
    x: { domain: [0, end], label: null, ticks: narrow ? 5 : 12 },
    y: { type: 'log', domain: [FLOOR_MS, TOP_MS], clamp: true, label: null, ticks: TICKS, tickFormat: duration },
    fy: { domain: shown.map(({ title }) => title), axis: null, paddingInner: TITLE_SHARE, paddingOuter: 0 },
    marks: [...phases(measurement, shown, narrow), ...frame(), ...rows(measurement, shown, bins), ...names(shown)],
  });
}

// The worst of the repeats that count, for the handlers and, alike, for their controls.
function binsOf(measurement, contender) {
  const stories = measurement.stories(contender);
  const width = measurement.parameters.bin_s;
  return stories[0].bins.map(({ at_s: at }) => {
    const same = stories.flatMap((story) => story.bins.filter((bin) => bin.at_s === at));
    const values = (name) =>
      same
        .map((bin) => bin[name])
        .filter((value) => Number.isFinite(value))
        .sort((a, b) => a - b);
    const worst = (name) => (values(name).length === 0 ? NaN : Math.max(FLOOR_MS, values(name).at(-1)));
    const medians = values('late_p50_ms');
    return {
      name: contender.name,
      title: contender.title,
      at,
      to: at + width,
      max: worst('late_max_ms'),
      control: worst('control_late_max_ms'),
      median: medians.length === 0 ? NaN : Math.max(FLOOR_MS, medians[medians.length >> 1]),
    };
  });
}

function phases({ phases: all }, shown, narrow) {
  const faults = all.filter(({ name }) => name !== 'base');
  const named = narrow ? faults : all;
  return [
    Plot.rect(
      shown.flatMap(({ title }) => faults.map((phase) => ({ ...phase, title }))),
      {
        fy: 'title',
        x1: 'from_s',
        x2: 'to_s',
        y1: FLOOR_MS,
        y2: TOP_MS,
        fill: 'var(--shade)',
        fillOpacity: 0.16,
      },
    ),
    Plot.text(named, {
      fy: () => shown[0].title,
      x: ({ from_s: from, to_s: to }) => (from + to) / 2,
      frameAnchor: 'top',
      dy: -38,
      lineAnchor: 'top',
      text: 'name',
      fill: ({ name }) => (name === 'base' ? 'var(--quiet)' : 'var(--ink)'),
    }),
  ];
}

function frame() {
  return [
    Plot.gridY({ ticks: TICKS, stroke: 'var(--rule)', strokeOpacity: 1 }),
    Plot.ruleY([5], { stroke: 'var(--quiet)', strokeDasharray: '2 3' }),
    Plot.ruleY([FLOOR_MS], { stroke: 'var(--quiet)' }),
    Plot.text(['seconds from the beginning'], {
      frameAnchor: 'bottom',
      facetAnchor: 'bottom',
      dy: 40,
      fill: 'var(--quiet)',
      lineAnchor: 'bottom',
    }),
  ];
}

function rows({ own, peers }, shown, bins) {
  const mark = marks({ own, peers });
  return shown.flatMap(({ name }) => {
    const { colour } = mark.get(name);
    const mine = bins.filter((bin) => bin.name === name);
    // Both ends of each bin: a curve of steps would not reach the end of one before a gap.
    const steps = mine.flatMap((bin) => [
      { ...bin, x: bin.at },
      { ...bin, x: bin.to },
    ]);
    const at = { fy: 'title', x: 'x' };
    return [
      Plot.areaY(steps, { ...at, y1: FLOOR_MS, y2: 'max', fill: colour, fillOpacity: 0.35 }),
      Plot.areaY(steps, { ...at, y1: FLOOR_MS, y2: 'median', fill: colour, fillOpacity: 0.55 }),
      Plot.line(steps, { ...at, y: 'max', stroke: colour, strokeWidth: 1.5 }),
      Plot.dot(
        mine.filter(({ control }) => Number.isFinite(control)),
        { fy: 'title', x: ({ at: from, to }) => (from + to) / 2, y: 'control', r: 1.1, fill: 'var(--ink)' },
      ),
    ];
  });
}

function names(shown) {
  const written = (list, fontWeight) =>
    Plot.text(list, {
      fy: 'title',
      text: 'title',
      frameAnchor: 'top-left',
      dy: -6,
      lineAnchor: 'bottom',
      fill: 'var(--ink)',
      fontWeight,
    });
  return [
    written(
      shown.filter(({ own }) => own),
      700,
    ),
    written(
      shown.filter(({ own }) => !own),
      400,
    ),
  ];
}

function duration(ms) {
  return ms < 1000 ? `${ms} ms` : `${ms / 1000} s`;
}
