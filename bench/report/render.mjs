// Draws the report of the replay: `node render.mjs MEASUREMENT.json FOLDER` writes index.html and the SVGs of the README there.
// Called by render.sh, which installs what it needs.
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';

import { Measurement } from './measurement.mjs';
import { files } from './report.mjs';

const [source, folder] = process.argv.slice(2);
for (const [name, text] of Object.entries(files(Measurement.parse(readFileSync(source, 'utf8'))))) {
  writeFileSync(path.join(folder, name), text);
}
