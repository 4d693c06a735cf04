// Makes of a measurement the files of its report: the page with every plot, and some plots as SVGs for README, all in both widths.
import { inline, NARROW, standalone, WIDE } from './drawing.mjs';
import { lateness } from './lateness.mjs';
import { page } from './page.mjs';
import * as series from './series.mjs';
import { lateShares } from './shares.mjs';

// What README may show.
const ALONE = ['delivered', 'lateness'];
const PLOTS = { lateness, delivered: series.delivered, cpu: series.processorTime, shares: lateShares };

// By their names. A plot of which no repeat counts is left out.
export function files(measurement) {
  const drawings = {};
  const svgs = {};
  for (const [name, plot] of Object.entries(PLOTS)) {
    const [wide, narrow] = [WIDE, NARROW].map((size) => plot(measurement, size));
    if (wide !== null) {
      drawings[name] = { wide: inline(wide), narrow: inline(narrow) };
    }
    if (wide !== null && ALONE.includes(name)) {
      svgs[`${name}.svg`] = standalone(wide, measurement);
      svgs[`${name}-narrow.svg`] = standalone(narrow, measurement);
    }
  }
  return { 'index.html': page(measurement, drawings), ...svgs };
}
