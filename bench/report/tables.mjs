// Writes the tables of the page: every figure of every contender and load, the story, the targets, the conditions. Each stands in
// a box of its own that scrolls sideways, so that the page never does.
import { LOAD_FIGURES, STORY_FIGURES, isRecovered } from './figures.mjs';
import { html } from './markup.mjs';
import { spread } from './measurement.mjs';
import { count, listed, withoutUnit } from './numbers.mjs';

const WITHOUT_LIBRARY = (figure) => !figure.id.startsWith('library');

// One table a contender: a row for each load, medians with the range of the repeats under them.
export function contenderTable(measurement, contender, cached) {
  const figures = LOAD_FIGURES.filter((figure) => contender.own || WITHOUT_LIBRARY(figure)).filter((figure) =>
    measurement.data.loads.some((run) => Number.isFinite(figure.of(run)) && run.contender === contender.name),
  );
  const rows = measurement.offered(cached).map((offered) => {
    const runs = measurement.valid(contender, offered, cached);
    const voids = measurement.voids(contender, offered, cached);
    const cells =
      runs.length === 0
        ? html`<td class="void" colspan="${figures.length}">${whyNone(voids)}</td>`
        : figures.map((figure) => html`<td>${cell(spread(runs, figure), figure)}</td>`);
    return html`<tr><th scope="row">${count(offered)}${runs.length > 0 ? someVoid(voids) : ''}</th>${cells}</tr>`;
  });
  return scrolling(
    `Figures of ${contender.title}`,
    html`<table>
<thead>${heading(['Offered, keys/s', ...figures.map(({ title, unit }) => (unit ? `${title}, ${unit}` : title))])}</thead>
<tbody>${rows}</tbody>
</table>`,
  );
}

// One figure of all contenders: a row for each, a column for each load.
export function comparisonTable(measurement, figure, cached) {
  const loads = measurement.offered(cached);
  const rows = measurement.contenders.map(
    (contender) =>
      html`<tr${own(contender)}><th scope="row">${contender.title}</th>${loads.map((offered) => {
        const found = spread(measurement.valid(contender, offered, cached), figure);
        return found === null
          ? html`<td class="void">${measurement.voids(contender, offered, cached).length > 0 ? 'void' : '–'}</td>`
          : html`<td>${cell(found, figure)}</td>`;
      })}</tr>`,
  );
  return scrolling(
    `${figure.title}, all contenders`,
    html`<table>
<thead>${heading(['Offered, keys/s', ...loads.map(count)])}</thead>
<tbody>${rows}</tbody>
</table>`,
  );
}

export function storyTable(measurement) {
  const rows = measurement.contenders.map((contender) => {
    const runs = measurement.stories(contender);
    const voids = measurement.voidStories(contender);
    const cells =
      runs.length === 0 ? html`<td class="void" colspan="${STORY_FIGURES.length + 2}">${whyNone(voids)}</td>` : storyCells(runs);
    return html`<tr${own(contender)}><th scope="row">${contender.title}${runs.length > 0 ? someVoid(voids) : ''}</th>${cells}</tr>`;
  });
  return scrolling(
    'Recovery after the spike',
    html`<table>
<thead>${heading(['Contender', 'Recovered, repeats', 'First page complete', ...STORY_FIGURES.map(({ title }) => title)])}</thead>
<tbody>${rows}</tbody>
</table>`,
  );
}

function storyCells(runs) {
  const complete = runs.filter((run) => run.recovery.first_page_complete);
  const counted = [runs.filter(isRecovered), complete].map(({ length }) => `${length} of ${runs.length}`);
  const measured = STORY_FIGURES.map((figure) =>
    figure.id === 'recovered-after' ? recoveredAfter(runs, figure) : cell(spread(runs, figure), figure),
  );
  return [...counted, ...measured].map((content) => html`<td>${content}</td>`);
}

// A repeat that never recovered must not vanish behind the median of those that did.
function recoveredAfter(runs, figure) {
  const never = runs.filter((run) => run.recovery.recovered_after_s === null).length;
  if (never === runs.length) {
    return 'not within the story';
  }
  return html`${cell(spread(runs, figure), figure)}${never > 0 ? html`<small>not in ${never} of ${runs.length}</small>` : ''}`;
}

export function targetsTable({ data: { targets } }) {
  const verdict = { true: html`<b class="pass">PASS</b>`, false: html`<b class="fail">FAIL</b>`, null: html`<b class="void">VOID</b>` };
  return scrolling(
    'Targets',
    html`<table class="prose">
<thead>${heading(['Verdict', 'Target', 'Found'])}</thead>
<tbody>${targets.map(
      ({ text, kept, found }) => html`<tr><td>${verdict[String(kept ?? null)]}</td><td>${text}</td><td>${found ?? '–'}</td></tr>`,
    )}</tbody>
</table>`,
  );
}

export function contendersTable({ contenders, conditions }) {
  const versions = (name) =>
    Object.entries(conditions.versions?.[name] ?? {})
      .map(([what, version]) => `${what} ${version}`)
      .join(', ') || '–';
  return scrolling(
    'Contenders',
    html`<table class="prose">
<thead>${heading(['Contender', 'Why it is written as it is', 'Versions'])}</thead>
<tbody>${contenders.map(
      (one) => html`<tr${own(one)}><th scope="row">${one.title}</th><td>${one.reason}</td><td>${versions(one.name)}</td></tr>`,
    )}</tbody>
</table>`,
  );
}

// Whatever the measurement says of its conditions or parameters, under its own names.
export function namesTable(label, values) {
  return scrolling(
    label,
    html`<table class="prose">
<tbody>${flat(values).map(([name, value]) => html`<tr><th scope="row">${name}</th><td>${value}</td></tr>`)}</tbody>
</table>`,
  );
}

function flat(values, before = '') {
  return Object.entries(values).flatMap(([name, value]) => {
    const full = before + inWords(name);
    if (value !== null && typeof value === 'object') {
      return flat(value, `${full}: `);
    }
    return [[full, typeof value === 'number' ? value.toLocaleString('en') : String(value ?? '–')]];
  });
}

// keys_min stays as it is in words, tail_min_ms is "tail min, ms".
function inWords(name) {
  const [, what, unit] = /^(.*?)(?:_(keys_per_s|ms|s|bytes|share))?$/.exec(name);
  return what.replaceAll('_', ' ') + (unit === undefined ? '' : `, ${unit.replaceAll('_per_', '/')}`);
}

function cell(found, figure) {
  if (found === null) {
    return '–';
  }
  const write = figure.cell ?? figure.text;
  const [median, least, most] = [found.median, found.min, found.max].map(write);
  const units = [median, least, most].map((text) => text.slice(withoutUnit(text).length));
  const range = new Set(units).size === 1 ? [least, most].map(withoutUnit) : [least, most];
  return least === most ? median : html`${median}<small>${range.join(' – ')}</small>`;
}

function heading(titles) {
  return html`<tr>${titles.map((title) => html`<th scope="col">${title}</th>`)}</tr>`;
}

function whyNone(voids) {
  return voids.length === 0 ? 'not measured' : `void: ${reasons(voids)}`;
}

function someVoid(voids) {
  return voids.length === 0 ? '' : html`<small>void: ${reasons(voids)}</small>`;
}

function reasons(voids) {
  return listed([...new Set(voids.map((run) => `repeat ${run.repeat}, ${run.void}`))]);
}

function own(contender) {
  return html`${contender.own ? html` class="own"` : ''}`;
}

// It can take the focus, so that it can be scrolled with the keyboard.
function scrolling(label, table) {
  return html`<div class="scroll" role="region" aria-label="${label}" tabindex="0">${table}</div>`;
}
