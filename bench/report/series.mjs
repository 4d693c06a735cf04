// Draws a figure of every contender over the offered load: a line with the range of the repeats at each point, and its name at
// its end. Used for keys delivered (with the line of what was possible) and for processor time.
import * as Plot from '@observablehq/plot';

import { marks } from './colours.mjs';
import { decades, draw, FONT_SIZE, loadAxis, NARROW, spaced, textWidth } from './drawing.mjs';
import { loadFigure } from './figures.mjs';
import { spread } from './measurement.mjs';
import { count, plain } from './numbers.mjs';

const LABEL_GAP = FONT_SIZE + 3;
const LEADER = 16;

export function delivered(measurement, size) {
  const possible = { of: (run) => (Number.isFinite(run.possible) ? run.possible / run.span_s : null) };
  const ideal = measurement.offered().flatMap((offered) => {
    const found = spread(
      measurement.data.loads.filter((run) => !run.cached && run.void === null && run.offered_keys_per_s === offered),
      possible,
    );
    return found === null ? [] : [{ offered, ...found }];
  });
  return series(measurement, size, {
    label: 'Keys delivered against keys offered, for each contender, with the line of the possible',
    figure: loadFigure('delivered'),
    x: { type: 'linear', label: 'offered, keys/s' },
    y: { type: 'linear', label: 'delivered, keys/s', tickFormat: count },
    ideal,
    height: { wide: 470, narrow: 400 },
  });
}

export function processorTime(measurement, size) {
  return series(measurement, size, {
    label: 'Processor time for each delivered key against keys offered, for each contender',
    figure: loadFigure('cpu'),
    x: { type: 'log', label: 'offered, keys/s (logarithmic)' },
    y: { type: 'log', label: 'CPU per delivered key, µs (logarithmic)', tickFormat: plain },
    ideal: [],
    height: { wide: 440, narrow: 420 },
  });
}

// Null where no repeat counts.
function series(measurement, size, plan) {
  const points = measurement.contenders.flatMap((contender) =>
    measurement.offered().flatMap((offered) => {
      const found = spread(measurement.valid(contender, offered), plan.figure);
      return found === null ? [] : [{ name: contender.name, offered, ...found }];
    }),
  );
  if (points.length === 0) {
    return null;
  }
  const labels = endLabels(measurement, points, plan.ideal);
  const options = base(measurement, size, plan, labels, points);
  const bare = draw(plan.label, { ...options, marks: [Plot.dot(points.concat(plan.ideal), { x: 'offered', y: 'median' })] });
  const content = [
    ...axes(measurement, size, plan, bare.scale('y')),
    ...ideal(plan),
    ...lines(measurement, points),
    ...named(labels, bare.scale('y'), options, measurement),
  ];
  return draw(plan.label, { ...options, y: { ...options.y, domain: bare.scale('y').domain }, marks: content });
}

function base(measurement, size, plan, labels, points) {
  const narrow = size === NARROW;
  const loads = measurement.offered();
  const extent = points.concat(plan.ideal).flatMap(({ min, max }) => [min, max]);
  const isLog = plan.y.type === 'log';
  return {
    width: size.width,
    height: plan.height[size.name],
    marginTop: 34,
    marginBottom: 44,
    marginLeft: narrow ? 44 : 52,
    marginRight: Math.ceil(Math.max(...labels.map(({ text }) => textWidth(text)))) + LEADER + 6,
    x: { type: plan.x.type, domain: [plan.x.type === 'log' ? loads[0] : 0, loads.at(-1)], axis: null },
    y: {
      type: plan.y.type,
      nice: !isLog,
      zero: !isLog,
      domain: isLog ? [Math.min(...extent) * 0.85, Math.max(...extent) * 1.15] : undefined,
      axis: null,
    },
  };
}

function axes(measurement, size, plan, y) {
  const narrow = size === NARROW;
  const ticks = y.type === 'log' ? decades(y.domain) : 7;
  return [
    Plot.gridY({ ticks, stroke: 'var(--rule)', strokeOpacity: 1 }),
    plan.y.type === 'log'
      ? Plot.axisY(ticks, { text: plan.y.tickFormat, label: null, tickSize: 0 })
      : Plot.axisY({ ticks, tickFormat: plan.y.tickFormat, label: null, tickSize: 0 }),
    plan.x.type === 'log'
      ? loadAxis(measurement.offered(), narrow ? 4 : 1.25)
      : Plot.axisX({ ticks: narrow ? 3 : 7, tickFormat: count, label: null }),
    Plot.text([plan.y.label], {
      frameAnchor: 'top-left',
      dx: narrow ? -40 : -48,
      dy: -32,
      fill: 'var(--quiet)',
      textAnchor: 'start',
      lineAnchor: 'top',
    }),
    Plot.text([plan.x.label], { frameAnchor: 'bottom', dy: 40, fill: 'var(--quiet)', lineAnchor: 'bottom' }),
  ];
}

function ideal({ ideal: points }) {
  const at = { x: 'offered', stroke: 'var(--ink)' };
  return points.length === 0
    ? []
    : [
        Plot.areaY(points, { x: 'offered', y1: 'min', y2: 'max', fill: 'var(--ink)', fillOpacity: 0.12 }),
        Plot.lineY(points, { ...at, y: 'median', strokeDasharray: '5 4', strokeWidth: 1.5 }),
      ];
}

// octofetch's lines come last, so that they lie on top.
function lines({ own, peers }, points) {
  const mark = marks({ own, peers });
  return [...peers, ...own].flatMap(({ name }) => {
    const mine = points.filter((point) => point.name === name);
    const { colour, symbol, width } = mark.get(name);
    return [
      Plot.ruleX(mine, {
        x: 'offered',
        y1: 'min',
        y2: 'max',
        stroke: colour,
        strokeWidth: width + 2.5,
        strokeOpacity: 0.35,
        strokeLinecap: 'round',
      }),
      Plot.lineY(mine, { x: 'offered', y: 'median', stroke: colour, strokeWidth: width }),
      Plot.dot(mine, {
        x: 'offered',
        y: 'median',
        symbol,
        r: width > 2 ? 3.6 : 3,
        fill: colour,
        stroke: 'var(--ground)',
        strokeWidth: 0.75,
      }),
    ];
  });
}

function endLabels({ contenders }, points, possible) {
  const last = (list) => list.reduce((found, point) => (found === null || point.offered > found.offered ? point : found), null);
  const of = contenders.map(({ name, title, own }) => ({
    name,
    own,
    text: title,
    end: last(points.filter((point) => point.name === name)),
  }));
  return [...of, { name: null, own: false, text: 'possible', end: last(possible) }].filter(({ end }) => end !== null);
}

// The names at the right, moved apart, each joined to the end of its line. A line that ends early (void points) is joined too.
function named(labels, y, options, measurement) {
  const wanted = labels.map(({ end }) => y.apply(end.median));
  const places = spaced(wanted, LABEL_GAP, [options.marginTop, options.height - options.marginBottom]);
  const right = options.x.domain[1];
  const mark = marks(measurement);
  return labels.flatMap(({ name, own, text, end }, index) => {
    const colour = name === null ? 'var(--ink)' : mark.get(name).colour;
    const place = y.invert(places[index]);
    const middle = { fontSize: FONT_SIZE, textAnchor: 'start', lineAnchor: 'middle', fill: 'var(--ink)' };
    return [
      ...(end.offered < right
        ? [Plot.ruleY([end], { x1: 'offered', x2: right, y: 'median', stroke: colour, strokeDasharray: '1 4' })]
        : []),
      Plot.text([text], { ...middle, x: right, y: place, dx: LEADER, fontWeight: own ? 700 : 400 }),
      leader(right, end.median, place, colour),
    ];
  });
}

// From the end of a line to its name. It lies right of the frame, which no scale reaches, so that the path is written here.
function leader(x, from, to, colour) {
  return Plot.link([0], {
    x1: x,
    x2: x,
    y1: from,
    y2: to,
    stroke: colour,
    strokeWidth: 1.25,
    render: (index, scales, values, dimensions, context) => {
      const path = context.document.createElementNS('http://www.w3.org/2000/svg', 'path');
      const [x1, y1, y2] = [values.x1[0], values.y1[0], values.y2[0]];
      path.setAttribute('d', `M${x1 + 5},${y1.toFixed(1)}L${x1 + LEADER - 3},${y2.toFixed(1)}`);
      path.setAttribute('stroke', colour);
      path.setAttribute('stroke-width', '1.25');
      path.setAttribute('fill', 'none');
      return path;
    },
  });
}
