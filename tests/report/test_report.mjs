// Tests the report of the replay as a whole: invented measurements go in, and what a reader would meet is looked for in the page
// and the SVGs that come out. OCTO_REPORT is the folder with the renderer and what it needs.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import test from 'node:test';
import { pathToFileURL } from 'node:url';

const REPORT = process.env.OCTO_REPORT;
const part = (name) => import(pathToFileURL(path.join(REPORT, name)));
const { Measurement } = await part('measurement.mjs');
const { files } = await part('report.mjs');
const { page } = await part('page.mjs');
const { sample } = await part('sample.mjs');
const VOID_ELEMENTS = new Set(['meta', 'br', 'hr', 'img', 'link', 'input']);
const SVGS = ['delivered-narrow.svg', 'delivered.svg', 'lateness-narrow.svg', 'lateness.svg'];

const usual = render(sample());

test('the page refers to nothing outside of itself', () => {
  assertNone(usual.page, /<script|<link|<img|<iframe|\bsrc=|@import|url\(|https?:\/\//i);
  const ids = new Set([...usual.page.matchAll(/ id="([^"]*)"/g)].map(([, id]) => id));
  const links = [...usual.page.matchAll(/ href="([^"]*)"/g)].map(([, to]) => to);
  assert.ok(links.length > 0);
  links.forEach((to) => assert.ok(to.startsWith('#') && ids.has(to.slice(1)), to));
});

test('an SVG refers to nothing but the name of its own format, and has colours for light and dark', () => {
  assert.deepEqual(Object.keys(usual.svgs).sort(), SVGS);
  for (const svg of Object.values(usual.svgs)) {
    const rest = svg.replace('xmlns="http://www.w3.org/2000/svg"', '');
    assert.notEqual(rest, svg);
    assertNone(rest, /https?:\/\/|href|url\(|<script/);
    assertSome(svg, /@media \(prefers-color-scheme: dark\)/);
  }
});

test('every tag is closed by its own end', () => {
  [usual.page, ...Object.values(usual.svgs)].forEach(assertBalanced);
});

test('every contender is named, in the page and in every drawing', () => {
  for (const { title } of sample().contenders) {
    [usual.page, ...Object.values(usual.svgs)].forEach((text) => assert.ok(text.includes(title), title));
  }
});

test('every colour that is used is set for light and for dark', () => {
  for (const text of [usual.page, ...Object.values(usual.svgs)]) {
    const used = new Set([...text.matchAll(/var\((--[\w-]+)\)/g)].map(([, name]) => name));
    used.forEach((name) => assert.equal(text.split(` ${name}: #`).length - 1, 2, name));
  }
});

test('nothing that a program could not compute is shown', () => {
  [usual, render(emptied(sample())), render(gapped(sample()))].forEach(assertPresentable);
});

test('a void point is said to be void, with the reason, and is not drawn', () => {
  assertSome(usual.page, /void: repeat 1, the generator lagged 7\.1 ms at p99/);
  assertSome(usual.page, /Void and not drawn: boto3 in Python at 10,050 and 13,400 keys\/s/);
  assertSome(usual.page, /Void and left out: boto3 in Python, repeat 2: the origin was 84 % busy/);
});

test('the figures of a void point count nowhere', () => {
  const extreme = sample();
  extreme.loads
    .filter((load) => load.void !== null)
    .forEach((load) => Object.assign(load, { delivered: 987_654_321, cpu_us_per_key: 1e-6 }));
  assert.equal(render(extreme).page, usual.page);
});

test('a peer that is better is named with its figures, and only while it is better', () => {
  const sentence =
    /<b>worker pool in Go<\/b> is better than octofetch in C, octofetch in Python and octofetch in Node\.js at every load \(19\.5 MiB against 96\.2 MiB\)/;
  assertSome(plain(usual.page), sentence);
  const heavy = sample();
  heavy.loads.filter(({ contender }) => contender === 'go').forEach((load) => (load.peak_memory_mib = 1000));
  assertNone(pageOf(heavy), /worker pool in Go<\/b> is better than [^<]*MiB/);
});

test('a peer whose range touches that of octofetch is not called better', () => {
  const touching = sample();
  touching.loads.filter(({ contender, repeat }) => contender === 'go' && repeat === 1).forEach((load) => (load.peak_memory_mib = 30));
  touching.loads
    .filter(({ contender, repeat }) => contender === 'c-octofetch' && repeat === 1)
    .forEach((load) => (load.peak_memory_mib = 30));
  assertNone(pageOf(touching), /<h3>Peak memory<\/h3><ul>(?:(?!<\/ul>).)*worker pool in Go<\/b> is better than octofetch in C\b/);
});

test('the verdict on language and model follows the keys delivered', () => {
  const shares = (go, pooled, without) =>
    plain(pageWith(({ name }) => ({ go, 'node-undici': pooled, 'node-undici-unbounded': without })[name] ?? 0.9));
  assertSome(shares(0.8, 0.79, 0.8), /Neither: at the highest load/);
  assertSome(shares(0.8, 0.3, 0.2), /The language more than the model/);
  assertSome(shares(0.8, 0.7, 0.2), /The model more than the language/);
  assertSome(shares(0.8, 0.5, 0.2), /Both alike/);
  assertSome(shares(0.8, 0.3, 0.2), /80 % of the possible keys in Go.* and 30 % in Node\.js.* was 20 %/);
  assertSome(shares(0.8, 0.3, 0.2), /recovered in 3 of 3, 0 of 3 and 0 of 3 repeats.*differs by 0\.0 percentage points/);
  const alone = sample();
  alone.contenders = alone.contenders.filter(({ name }) => name !== 'go');
  for (const list of ['loads', 'stories']) alone[list] = alone[list].filter(({ contender }) => contender !== 'go');
  assertSome(pageOf(alone), /This measurement cannot tell\..*It needs Go/s);
});

test('the verdict on a module for Node.js follows lateness, keys and recovery', () => {
  assertSome(usual.page, /Yes, by each of the three measures/);
  const late = sample();
  nodeLoads(late).forEach((load) => (load.late_5ms_share = load.control_late_5ms_share + 0.002));
  assertSome(plain(pageOf(late)), /In part: handlers are later than 5 ms in more pages than their control plus 0\.1 %, or than 1 %/);
  late.stories.filter(({ contender }) => contender === 'node-octofetch').forEach((story) => (story.recovery.first_page_complete = false));
  nodeLoads(late).forEach((load) => (load.delivered = 0));
  assertSome(plain(pageOf(late)), /No: handlers are later .* does not always recover/);
});

test('who is late together with the control is late nonetheless', () => {
  const blocked = sample();
  nodeLoads(blocked).forEach((load) => Object.assign(load, { late_5ms_share: 0.3, control_late_5ms_share: 0.3 }));
  const text = plain(pageOf(blocked));
  assertSome(text, /In part: handlers are later than 5 ms in more pages/);
  assertSome(text, /8 of 10 contenders do well.*That does not hold for octofetch in Node\.js and boto3 in Python/s);
});

test('pages that stay slow after the spike, or were not measured, are not recovered', () => {
  for (const after of [1400, null]) {
    const slow = sample();
    slow.stories.filter(({ contender }) => contender === 'node-octofetch').forEach((story) => (story.recovery.p99_after_ms = after));
    assertSome(plain(pageOf(slow)), /In part: it does not always recover after the spike\..* recovered in 0 of 3 repeats/s);
  }
});

test('what was not measured gets no verdict', () => {
  const text = render(emptied(sample())).page;
  assert.equal(text.match(/This measurement cannot tell/g).length, 3);
  assertSome(text, /There is nothing to draw/);
});

test('targets show what was found, missed ones too', () => {
  const shown = plain(section(usual.page, 'targets'));
  assertSome(shown, /PASS<\/b><\/td><td>octofetch later than 5 ms/);
  assertSome(shown, /FAIL<\/b><\/td><td>at twice the capacity at least 90 % of the possible keys<\/td><td>88 to 97 %/);
  assertSome(shown, /VOID<\/b><\/td><td>at the load of the original/);
});

test('the program writes the page and the SVGs into the folder', () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'octo-report-'));
  try {
    const source = path.join(folder, 'measurement.json');
    writeFileSync(source, JSON.stringify(sample()));
    const { status, stderr } = spawnSync(process.execPath, [path.join(REPORT, 'render.mjs'), source, folder], { encoding: 'utf8' });
    assert.equal(status, 0, stderr);
    assert.deepEqual(readdirSync(folder).sort(), [...SVGS, 'index.html', 'measurement.json'].sort());
    assert.equal(readFileSync(path.join(folder, 'index.html'), 'utf8').length, usual.page.length);
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test('a quick run says that it is no result', () => {
  assertNone(usual.page, /it is no result/);
  assertSome(pageOf({ ...sample(), quick: true }), /it is no result/);
});

test('text of the measurement is text in the page', () => {
  const sly = sample();
  sly.conditions.machine = '<script>alert(1)</script>';
  const text = pageOf(sly);
  assertNone(text, /<script/);
  assertSome(text, /&lt;script&gt;/);
});

test('a measurement that is not as agreed is refused, with the place', () => {
  const stranger = sample();
  stranger.loads[3].contender = 'nobody';
  assert.throws(() => new Measurement(stranger), /loads\[3\]\.contender: nobody is not among the contenders/);
  const partial = sample();
  delete partial.stories[0].recovery;
  assert.throws(() => new Measurement(partial), /stories\[0\]\.recovery: is missing/);
  assert.throws(() => new Measurement({ ...sample(), format: 2 }), /format: 2 is not known/);
  const many = sample();
  many.contenders.push({ ...many.contenders.at(-1), name: 'another' });
  assert.throws(() => pageOf(many), /contenders: there are more than colours/);
});

function render(data) {
  const { 'index.html': text, ...svgs } = files(new Measurement(data));
  return { page: text, svgs };
}

// Without its drawings, which take the time.
function pageOf(data) {
  return page(new Measurement(data), {});
}

// The sample with this share of the possible keys delivered, by contender.
function pageWith(shareOf) {
  const data = sample();
  const shares = new Map(data.contenders.map((contender) => [contender.name, shareOf(contender)]));
  data.loads.forEach((load) => (load.delivered = Math.round(load.possible * shares.get(load.contender))));
  return pageOf(data);
}

function nodeLoads(data) {
  return data.loads.filter(({ contender }) => contender === 'node-octofetch');
}

// The sample as it would be if every point were void, with no figures.
function emptied(data) {
  const kept = ['contender', 'repeat', 'cached', 'offered_keys_per_s', 'span_s'];
  const loads = data.loads.map((load) => ({ ...Object.fromEntries(kept.map((name) => [name, load[name]])), void: 'the contender ended' }));
  return { ...data, loads, stories: data.stories.map((story) => ({ ...story, bins: [], void: 'the contender ended' })) };
}

// The sample with figures that nobody could take: at one load, and of two contenders' stories.
function gapped(data) {
  for (const load of data.loads.filter(({ offered_keys_per_s: offered }) => offered === 833)) {
    [
      'delivered',
      'possible',
      'complete_pages',
      'page_ms',
      'late_5ms_share',
      'control_late_5ms_share',
      'cpu_us_per_key',
      'peak_memory_mib',
    ].forEach((name) => (load[name] = null));
  }
  for (const story of data.stories.filter(({ contender }) => contender === 'go' || contender === 'node-octofetch')) {
    story.bins.forEach((bin) => Object.assign(bin, { late_p50_ms: null, late_max_ms: null, control_late_max_ms: null }));
    Object.assign(story, {
      worst_late_ms: null,
      recovery: { first_page_complete: false, complete_after_share: null, p99_before_ms: null, p99_after_ms: null, recovered_after_s: null },
    });
  }
  return data;
}

function section(text, id) {
  const [, inner] = new RegExp(`<section id="${id}">(.*?)</section>`, 's').exec(text);
  return inner;
}

// With ordinary spaces.
function plain(text) {
  return text.replace(/\u00a0/g, ' ');
}

// The page is too long to be printed with a failure.
function assertSome(text, expression) {
  assert.ok(expression.test(text), `${expression} is nowhere`);
}

function assertNone(text, expression) {
  assert.equal(expression.exec(text)?.[0], undefined);
}

function assertPresentable({ page: whole, svgs }) {
  for (const text of [whole, ...Object.values(svgs)]) {
    assertNone(text, /NaN|Infinity|undefined|\[object|>null</);
  }
}

function assertBalanced(text) {
  const open = [];
  const content = text.replace(/<style>.*?<\/style>/gs, '').replace(/<!doctype html>/i, '');
  for (const [tag, end, name, attributes] of content.matchAll(/<(\/?)([a-zA-Z][\w-]*)((?:[^<>"]|"[^"]*")*)>/g)) {
    if (end) {
      assert.equal(open.pop(), name, `${tag} closes another`);
    } else if (!attributes.endsWith('/') && !VOID_ELEMENTS.has(name)) {
      open.push(name);
    }
  }
  assert.deepEqual(open, []);
  assertNone(content.replace(/<(\/?)([a-zA-Z][\w-]*)((?:[^<>"]|"[^"]*")*)>/g, ''), /[<>]/);
}
