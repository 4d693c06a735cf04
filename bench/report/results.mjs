// Writes the sections of the page that show results: the plots with how to read them, recovery, where others are better, targets.
import { better } from './better.mjs';
import { loadFigure } from './figures.mjs';
import { html, raw } from './markup.mjs';
import { spoken } from './measurement.mjs';
import { count, keysPerSecond, listed } from './numbers.mjs';
import * as tables from './tables.mjs';

export function lateness(measurement, drawing) {
  return html`<section id="lateness">
<h2>How late handlers continue, through the story</h2>
<p>${storyline(measurement)} A handler is the code that awaits the page. Its lateness counts from the page’s deadline, which is
set by when the page was due to arrive, not by when the contender got round to it. A page that was complete earlier is not
late.</p>
${figure(
  drawing,
  html`${key('latest')} latest handler of each half second, in any repeat. ${key('median')} their median.
${key('control')} latest control: a timer that sleeps to the same deadlines in the same process and does nothing else.
${key('limit')} 5 ms. The scale is logarithmic; what is below 0.1 ms is drawn there. Where nothing is drawn,
no page arrived.${voidStories(measurement)}`,
)}
</section>`;
}

function storyline({ phases, parameters }) {
  const base = phases.find(({ name }) => name === 'base')?.offered_keys_per_s;
  if (base === undefined) {
    return '';
  }
  const told = phases
    .filter(({ name }) => name !== 'base')
    .map((phase) => {
      const times = phase.offered_keys_per_s / base;
      const load = Math.abs(times - 1) < 0.01 ? 'at the same load' : `at ${Number(times.toFixed(1))} times the load`;
      return `“${phase.name}” for ${Number((phase.to_s - phase.from_s).toFixed(1))} s ${load}`;
    });
  return `The base load is ${count(base)} keys/s. Between stretches of it come ${listed(told)}.${faults(phases, parameters)}`;
}

function faults(phases, { brown_out: brownOut, slow_down_above_keys_per_s: allowed }) {
  const has = (name) => phases.some((phase) => phase.name === name);
  const slower = has('brown-out') && brownOut ? ` In the brown-out the origin answers ${brownOut.factor} times as slowly.` : '';
  const refused = has('SlowDown') && allowed ? ` In SlowDown it answers 503 to what exceeds ${keysPerSecond(allowed)}.` : '';
  return slower + refused;
}

function voidStories(measurement) {
  const voids = measurement.contenders.flatMap((contender) =>
    measurement.voidStories(contender).map((story) => `${spoken(contender)}, repeat ${story.repeat}: ${story.void}`),
  );
  return voids.length === 0 ? '' : ` Void and left out: ${voids.join('; ')}.`;
}

export function delivered(measurement, drawing) {
  return html`<section id="delivered">
<h2>Keys delivered against keys offered</h2>
<p>“Possible” is the most that any contender could deliver over ${measurement.parameters.connections} connections, given how
long the origin took for each reply: <a href="#possible">the formula</a>. A contender that keeps to the line loses nothing; one
that falls as the load rises spends its time on keys that then come too late.</p>
${figure(drawing, html`Medians of the repeats; the bars behind the points are their ranges.${voidLoads(measurement)}`)}
</section>`;
}

function voidLoads(measurement) {
  const voids = measurement.contenders.flatMap((contender) => {
    const loads = measurement
      .offered()
      .filter((offered) => measurement.valid(contender, offered).length === 0 && measurement.voids(contender, offered).length > 0);
    return loads.length === 0 ? [] : [`${spoken(contender)} at ${listed(loads.map(count))} keys/s`];
  });
  return voids.length === 0 ? '' : ` Void and not drawn: ${voids.join('; ')}; the reasons are in the tables of all figures.`;
}

export function processorTime(measurement, drawing) {
  return html`<section id="cpu">
<h2>Processor time of a delivered key</h2>
<p>User and system time of the whole process over the keys it delivered. Each contender has one core. Where too much arrives,
the work for keys that come too late is paid for by those that come in time. octofetch and the other clients of S3 sign every
request, which the plain HTTP clients are spared.</p>
${figure(drawing, html`Medians of the repeats; the bars behind the points are their ranges.${voidLoads(measurement)}`)}
</section>`;
}

export function lateShares(measurement, drawing) {
  return html`<section id="late">
<h2>How many pages are later than 5 ms</h2>
<p>The share of all pages whose handler continued more than 5 ms after the deadline, beside the same share of the control. Where both
are late, whatever fills the process, which is mostly the client’s own work, holds up any code in it; what the handler has
beyond the control is its own.</p>
${figure(
  drawing,
  html`${key('share')} handlers, with the range of the repeats. ${key('beside')} control.
The scale is logarithmic above 0.1 %, linear below.`,
)}
</section>`;
}

export function recovery(measurement) {
  return html`<section id="recovery">
<h2>Recovery after the spike</h2>
<p>Recovered means: the first page that arrives one budget after the end of the spike is complete, so are 99 of the next 100,
and their p99 is at most 10 % above that of the base before the spike. A key that the origin answered too slowly, or with a
refusal, is not held against a page; one that was asked for too late is. Lateness is that of the whole story.</p>
${tables.storyTable(measurement)}
</section>`;
}

// The list is long where a peer wins often, so that it is grouped by figure.
export function othersBetter(measurement) {
  const found = better(measurement);
  const figures = [...new Set(found.map((entry) => entry.figure))];
  return html`<section id="better">
<h2>Where others are better</h2>
<p>Every figure and point at which another client’s worst repeat is better than the best repeat of an octofetch contender.
${found.length === 0 ? 'In this measurement there is none.' : 'In brackets the medians where they differ most: the other client’s first.'}
${measurement.parameters.repeats === 1 ? 'With a single repeat there is no range, so that every difference counts.' : ''}</p>
${figures.map((one) => html`<h3>${one.title}</h3><ul>${found.filter((entry) => entry.figure === one).map(sentence)}</ul>`)}
</section>`;
}

function named(entry) {
  return html`<li>${entry.figure.title}: ${statement(entry)}</li>`;
}

function sentence(entry) {
  return html`<li>${statement(entry)}</li>`;
}

function statement({ figure, peer, over }) {
  return html`<b>${spoken(peer)}</b> is better than ${surpassed(figure, over)}.`;
}

function surpassed(figure, over) {
  return over
    .map(
      ({ owns, where, example }) =>
        `${listed(owns.map(spoken))} ${where} (${figure.text(example.theirs)} against ${figure.text(example.ours)})`,
    )
    .join('; ');
}

export function targets(measurement) {
  return html`<section id="targets">
<h2>Targets</h2>
<p>What octofetch is held to.</p>
${tables.targetsTable(measurement)}
</section>`;
}

export function cached(measurement) {
  if (measurement.offered(true).length === 0) {
    return '';
  }
  const found = better(measurement, true);
  return html`<section id="cached">
<h2>The same with a cache</h2>
<p>A second run gives every contender the same cache: the bodies of ${count(measurement.parameters.cache_objects)} of the
${count(measurement.parameters.objects)} objects, and what was used least recently leaves first. In all other figures of this
page the cache is off.</p>
<h3>${loadFigure('delivered').title}, keys/s</h3>
${tables.comparisonTable(measurement, loadFigure('delivered'), true)}
<h3>${loadFigure('cpu').title}</h3>
${tables.comparisonTable(measurement, loadFigure('cpu'), true)}
<h3>${loadFigure('late').title}</h3>
${tables.comparisonTable(measurement, loadFigure('late'), true)}
${found.length === 0 ? '' : html`<details><summary>Where others are better with a cache</summary><ul>${found.map(named)}</ul></details>`}
</section>`;
}

// Both widths; the style sheet shows the one that fits.
function figure(drawing, caption) {
  if (drawing === undefined) {
    return html`<p class="notice">There is nothing to draw: no repeat counts.</p>`;
  }
  const { wide, narrow } = drawing;
  return html`<figure>
<div class="wide">${raw(wide)}</div><div class="narrow">${raw(narrow)}</div>
<figcaption>${caption}</figcaption></figure>`;
}

function key(name) {
  return html`<span class="key ${name}"></span>`;
}
