// Draws the share of pages whose handler was later than 5 ms over the offered load, a panel for each contender, beside the same
// share of its control. The scale is linear up to a thousandth and logarithmic from there, since the shares go from none to all.
import * as Plot from '@observablehq/plot';

import { marks } from './colours.mjs';
import { draw, loadAxis, NARROW } from './drawing.mjs';
import { loadFigure } from './figures.mjs';
import { spread } from './measurement.mjs';

const LINEAR_UP_TO = 0.0005;
const TICKS = [0, 0.001, 0.01, 0.1, 1];
const PANEL_HEIGHT = 132;
const TITLE_SHARE = 0.22;

// Null where nothing was measured.
export function lateShares(measurement, size) {
  if (measurement.offered().length === 0) {
    return null;
  }
  const narrow = size === NARROW;
  const columns = narrow ? 1 : 3;
  const place = new Map(
    measurement.contenders.map(({ name }, index) => [name, { column: index % columns, row: Math.floor(index / columns) }]),
  );
  const loads = measurement.offered();
  const rows = Math.ceil(measurement.contenders.length / columns);
  return draw('Share of pages whose handler was later than 5 ms against keys offered, for each contender, beside its control', {
    width: size.width,
    height: rows * (narrow ? PANEL_HEIGHT - 20 : PANEL_HEIGHT) + 68,
    marginLeft: 50,
    marginRight: 22,
    marginTop: 24,
    marginBottom: 44,
    x: { type: 'log', domain: [loads[0], loads.at(-1)], axis: null },
    y: { type: 'symlog', constant: LINEAR_UP_TO, domain: [0, 1], label: null, ticks: TICKS, tickFormat: (share) => `${share * 100} %` },
    fx: { axis: null, paddingInner: narrow ? 0 : 0.17, paddingOuter: 0 },
    fy: { axis: null, paddingInner: TITLE_SHARE, paddingOuter: 0 },
    marks: [loadAxis(loads, narrow ? 1.9 : 2.4), ...panels(measurement, place)],
  });
}

function panels(measurement, place) {
  const mark = marks(measurement);
  const facet = { fx: 'column', fy: 'row' };
  const all = measurement.contenders.map((contender) => ({ ...contender, ...place.get(contender.name) }));
  const pointsOf = (contender, id) =>
    measurement.offered().flatMap((offered) => {
      const found = spread(measurement.valid(contender, offered), loadFigure(id));
      return found === null ? [] : [{ ...place.get(contender.name), offered, ...found }];
    });
  return [
    Plot.gridY({ ticks: TICKS, stroke: 'var(--rule)', strokeOpacity: 1 }),
    Plot.ruleY([0], { stroke: 'var(--quiet)' }),
    ...all.flatMap((contender) => {
      const { colour, symbol } = mark.get(contender.name);
      const late = pointsOf(contender, 'late');
      return [
        Plot.line(pointsOf(contender, 'control-late'), {
          ...facet,
          x: 'offered',
          y: 'median',
          stroke: 'var(--control)',
          strokeWidth: 5,
          strokeOpacity: 0.45,
          strokeLinecap: 'round',
        }),
        Plot.ruleX(late, { ...facet, x: 'offered', y1: 'min', y2: 'max', stroke: colour, strokeWidth: 4, strokeOpacity: 0.4 }),
        Plot.line(late, { ...facet, x: 'offered', y: 'median', stroke: colour, strokeWidth: 2 }),
        Plot.dot(late, { ...facet, x: 'offered', y: 'median', symbol, r: 3, fill: colour, stroke: 'var(--ground)', strokeWidth: 0.75 }),
      ];
    }),
    ...[true, false].map((own) =>
      Plot.text(
        all.filter((contender) => contender.own === own),
        {
          ...facet,
          text: 'title',
          frameAnchor: 'top-left',
          dy: -6,
          lineAnchor: 'bottom',
          fontWeight: own ? 700 : 400,
          fill: 'var(--ink)',
        },
      ),
    ),
    Plot.text(['offered, keys/s (logarithmic)'], {
      frameAnchor: 'bottom',
      facetAnchor: 'bottom',
      dy: 40,
      fill: 'var(--quiet)',
      lineAnchor: 'bottom',
    }),
  ];
}
