// Draws the report of the replay: `node render.mjs MEASUREMENT.json FOLDER` writes index.html and the SVGs of the README there.
// Called by render.sh, which installs what it needs.
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';

import { inline, NARROW, standalone, WIDE } from './drawing.mjs';
import { lateness } from './lateness.mjs';
import { Measurement } from './measurement.mjs';
import { page } from './page.mjs';
import * as series from './series.mjs';
import { lateShares } from './shares.mjs';

const PLOTS = { lateness, delivered: series.delivered, cpu: series.processorTime, shares: lateShares };

const [source, folder] = process.argv.slice(2);
const measurement = Measurement.parse(readFileSync(source, 'utf8'));
const drawings = {};
for (const [name, plot] of Object.entries(PLOTS)) {
  const [wide, narrow] = [WIDE, NARROW].map((size) => plot(measurement, size));
  if (wide === null) {
    continue;
  }
  drawings[name] = { wide: inline(wide), narrow: inline(narrow) };
  writeFileSync(path.join(folder, `${name}.svg`), standalone(wide, measurement));
}
writeFileSync(path.join(folder, 'index.html'), page(measurement, drawings));
