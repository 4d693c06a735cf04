// Writes the sections of the page that say how it was measured: all figures, what each means, contenders, conditions, how to repeat.
import { LOAD_FIGURES, STORY_FIGURES } from './figures.mjs';
import { html } from './markup.mjs';
import { count, percent } from './numbers.mjs';
import * as tables from './tables.mjs';

export function allFigures(measurement) {
  return html`<section id="figures">
<h2>All figures</h2>
<p>Medians of ${measurement.parameters.repeats} repeats, with the least and the greatest under them where they differ. A repeat
is void, and counts nowhere, where the load generator was more than 5 ms late at p99 or the origin’s core was more than 80 %
busy.</p>
${measurement.contenders.map(
  (contender, index) => html`<details${openIf(index === 0)}><summary>${contender.title}</summary>
${tables.contenderTable(measurement, contender, false)}</details>`,
)}
</section>`;
}

function openIf(condition) {
  return condition ? html` open` : '';
}

export function possibleKeys({ parameters }) {
  return html`<section id="possible">
<h2>The possible keys</h2>
<p>A key can be delivered only if its reply comes within the budget, and only so many replies fit over the connections in the
time:</p>
<pre class="formula">possible = min(F(C) · offered, slots · (span + C) · max F(a) / E[min(S, a)] over a ≤ C)</pre>
<p><i>S</i> are the service times that the origin recorded in this run, <i>F(a)</i> is the share of them that is at most
<i>a</i>, and <i>C</i> is the cut-off, ${parameters.budget_ms} ms; <i>slots</i> are the ${parameters.connections} connections,
<i>span</i> is the time in which pages arrive, whose last ones are worked at until their deadlines, and <i>E</i> is the mean. No
contender can know beforehand which replies are slow. One that gives up every reply at the age <i>a</i> gets the share
<i>F(a)</i> for so much time of a connection each; the best <i>a</i> bounds whatever else a contender may do.</p>
</section>`;
}

export function meanings() {
  const story = STORY_FIGURES.filter(({ id }) => !LOAD_FIGURES.some((figure) => figure.id === id));
  return html`<section id="meanings">
<h2>What each figure means</h2>
<dl>${[...LOAD_FIGURES, ...story].map(({ title, meaning }) => html`<dt>${title}</dt><dd>${meaning}</dd>`)}</dl>
</section>`;
}

export function contenders(measurement) {
  return html`<section id="contenders">
<h2>Contenders</h2>
<p>Each is the same service, written as its own users would write it; the sources are in bench/peers. All have at most
${measurement.parameters.connections} requests under way, over connections that are kept alive. octofetch, the AWS SDK, boto3 and
obstore sign their requests, undici, Go and aiohttp send plain ones. Retries, hedging, coalescing and caching are off.</p>
${tables.contendersTable(measurement)}
</section>`;
}

export function conditions(measurement) {
  const { latency, ...rest } = measurement.parameters;
  const machine = Object.fromEntries(Object.entries(measurement.conditions).filter(([name]) => name !== 'versions'));
  return html`<section id="conditions">
<h2>Conditions</h2>
<p>Pages arrive at instants that are drawn beforehand (Poisson) and do not wait for each other. Each asks for ${rest.keys_min}
to ${rest.keys_max} different keys out of ${count(rest.objects)}, whose popularity is Zipf’s. ${latencyText(latency)} The
contender has one core, the origin and the load generator another; contenders take turns, and the order rotates with the repeats.</p>
<h3>Machine</h3>
${tables.namesTable('Machine', machine)}
<h3>Parameters</h3>
${tables.namesTable('Parameters', measurement.parameters)}
</section>`;
}

function latencyText(latency) {
  if (!latency) {
    return '';
  }
  const { median_ms: median, p95_ms: p95, tail_share: share, tail_min_ms: least, tail_max_ms: most } = latency;
  const tail = `${percent(share)} of the replies take ${least / 1000} to ${most / 1000} s`;
  return `The origin answers after ${median} ms in the median and ${p95} ms at p95, but ${tail}.`;
}

export function repeating({ conditions }) {
  const [commit, isChanged] = [conditions.commit.replace('+', ''), conditions.commit.endsWith('+')];
  return html`<section id="repeat">
<h2>How to repeat it</h2>
<p>On Linux with two cores that nothing else uses:</p>
<pre>git checkout ${commit}
./dev bench octo            # at most an hour
./dev bench octo --quick    # at most ten minutes: a look, not a result</pre>
<p>${isChanged ? 'What was measured differs from that commit. ' : ''}It prints the targets, and writes the measurement as JSON and this page. The parameters are in one file beside the driver, in
bench/octo.</p>
</section>`;
}
