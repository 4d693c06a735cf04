// Writes the page of the report: its shell, and the order of its sections. It needs no network, no other file and no script.
import { readFileSync } from 'node:fs';

import { answers } from './answers.mjs';
import * as colours from './colours.mjs';
import { html, raw } from './markup.mjs';
import * as methods from './methods.mjs';
import * as results from './results.mjs';

const STYLE = readFileSync(new URL('page.css', import.meta.url), 'utf8').replace(/^\/\*.*?\*\/\n/s, '');

const QUICK = html`<p class="notice"><b>A quick run:</b> short points and few repeats. It shows that the replay works;
it is no result.</p>`;

// `drawings` has each plot in both widths, as HTML: {lateness: {wide, narrow}, …}; one without data is left out.
export function page(measurement, drawings) {
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>The Octo replay: octofetch measured</title>
<style>
${raw(colours.rules(measurement, ':root'))}
${raw(STYLE)}</style>
</head>
<body>
${introduction(measurement)}
<main>
${results.lateness(measurement, drawings.lateness)}
${results.delivered(measurement, drawings.delivered)}
${results.processorTime(measurement, drawings.cpu)}
${results.lateShares(measurement, drawings.shares)}
${results.recovery(measurement)}
${results.othersBetter(measurement)}
${results.targets(measurement)}
${results.cached(measurement)}
${methods.allFigures(measurement)}
${methods.possibleKeys(measurement)}
${methods.meanings()}
${methods.contenders(measurement)}
${methods.conditions(measurement)}
${methods.repeating(measurement)}
</main>
<footer><p>${provenance(measurement)}</p></footer>
</body>
</html>
`.toString();
}

function introduction(measurement) {
  const { parameters, data } = measurement;
  return html`<header>
<h1>The Octo replay</h1>
<p>Digg’s web servers asked a service called Octo for the ${parameters.keys_min} to ${parameters.keys_max} objects of a page. S3
has no request for several objects, so Octo fetched each by itself. Every page had a budget of ${parameters.budget_ms} ms; what
had not come by then was left out. Octo was written in Node.js. Under a spike requests took up to 10 s, since the callbacks of
their timeouts waited behind all other work, and it did not always recover. Octo was written anew in Go, with a pool of workers:
timeouts came on time, and half of the machines sufficed.</p>
<p>Readers asked whether the language had been the fault or the model, and whether a module could mend it in Node.js. octofetch
is such a module, for C, Python and Node.js. This page replays Octo’s story with it and with other clients, and shows what was
measured.</p>
${data.quick ? QUICK : ''}
<div class="answers">${answers(measurement).map(
    ({ question, verdict, text }) => html`<section><h3>${question}</h3><p class="verdict">${verdict}</p><p>${text}</p></section>`,
  )}</div>
<p class="quiet rule">These answers are derived from the figures by fixed rules.
<a href="#better">Where others are better</a> is listed too.</p>
</header>`;
}

function provenance({ conditions }) {
  return `Measured on ${conditions.date} at commit ${conditions.commit}; machine: ${conditions.machine}. Drawn by bench/report/render.mjs.`;
}
