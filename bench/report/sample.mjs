// Invents a measurement of the replay, always the same one, so that the report can be tested and looked at before anything was
// measured. Its figures are made up: they are no result.

const LOADS = [333, 833, 1675, 3350, 5025, 6700, 10050, 13400];
const CAPACITY = 6700;
const CONNECTIONS = 256;
const SPAN_S = 8;
const BIN_S = 0.5;

// How far each keeps up (keys/s), its processor time of a key, how late a spike makes it, and the memory it takes.
const CONTENDERS = [
  ['c-octofetch', 'C, octofetch', true, 6750, 38, 0.3, 24],
  ['python-octofetch', 'Python, octofetch', true, 6500, 52, 1.1, 61],
  ['node-octofetch', 'Node.js, octofetch', true, 6420, 49, 1.6, 92],
  ['node-aws-sdk', 'Node.js, AWS SDK', false, 900, 900, 9200, 310],
  ['node-undici', 'Node.js, undici', false, 3600, 210, 900, 180],
  ['go', 'Go, worker pool', false, 6200, 95, 3.2, 19],
  ['python-aiohttp', 'Python, aiohttp', false, 1700, 480, 2600, 120],
  ['python-obstore', 'Python, obstore', false, 4100, 160, 240, 88],
  ['python-boto3', 'Python, boto3', false, 420, 2100, 10400, 260],
  ['node-undici-unbounded', 'Node.js, undici without a line', false, 2900, 260, 1900, 190],
].map(([name, title, own, rate, cpuUs, lateMs, memoryMib]) => ({ name, title, own, rate, cpuUs, lateMs, memoryMib }));

const PHASES = [
  ['base', 8, 1],
  ['spike', 8, 4],
  ['base', 10, 1],
  ['brown-out', 5, 1],
  ['base', 10, 1],
  ['SlowDown', 5, 1],
  ['base', 8, 1],
];

export function sample() {
  const random = randomFrom(7);
  return {
    format: 1,
    quick: false,
    conditions: conditions(),
    parameters: parameters(),
    contenders: CONTENDERS.map(({ name, title, own }) => ({
      name,
      title,
      own,
      language: title.split(',')[0],
      reason: `as the manual of ${title} says`,
    })),
    loads: CONTENDERS.flatMap((one) =>
      [false, true].flatMap((cached) => LOADS.flatMap((offered) => [1, 2, 3].map((repeat) => load(one, offered, repeat, cached, random)))),
    ),
    stories: CONTENDERS.flatMap((one) => [1, 2, 3].map((repeat) => story(one, repeat, random))),
    targets: [
      {
        text: 'octofetch later than 5 ms in at most the share of its control plus 0.1 %, at every load',
        kept: true,
        found: '0 to 0.02 % above',
      },
      { text: 'at twice the capacity at least 90 % of the possible keys', kept: false, found: '88 to 97 %' },
      { text: 'recovered after the spike', kept: true, found: '9 of 9 repeats' },
      { text: 'at the load of the original no later than when idle', kept: null, found: null },
    ],
  };
}

function conditions() {
  return {
    machine: 'invented, for tests',
    cores: 2,
    system: 'Linux 6.1, glibc 2.36',
    load_before: 0.1,
    date: '2026-01-01',
    commit: '0000000',
    versions: Object.fromEntries(
      CONTENDERS.map(({ name, title }) => [name, { [title.split(', ')[0]]: '1.2.3', [title.split(', ')[1]]: '4.5.6' }]),
    ),
  };
}

function parameters() {
  return {
    budget_ms: 1200,
    connections: CONNECTIONS,
    keys_min: 10,
    keys_max: 100,
    object_bytes: 10240,
    objects: 100000,
    zipf_exponent: 1,
    latency: { median_ms: 27, p95_ms: 75, tail_share: 0.005, tail_min_ms: 2000, tail_max_ms: 10000 },
    capacity_keys_per_s: CAPACITY,
    repeats: 3,
    cache_objects: 20000,
    bin_s: BIN_S,
    brown_out: { factor: 10, span_s: 5 },
    slow_down_above_keys_per_s: 1500,
  };
}

function load(one, offered, repeat, cached, random) {
  const near = (value, spread) => value * (1 + spread * (random() - 0.5));
  const load = offered / (cached ? one.rate * 1.8 : one.rate);
  const keys = Math.round(near(offered, 0.04) * SPAN_S);
  const possible = Math.round(0.995 * Math.min(keys, CAPACITY * 1.05 * SPAN_S));
  const collapse = load > 1 && !one.own ? load ** -0.4 : 1;
  const delivered = Math.round(Math.min(possible, near(one.rate, 0.03) * SPAN_S * collapse));
  const late = one.own || load < 0.6 ? 0 : Math.min(1, near((load - 0.6) * 0.5, 0.2));
  const control = one.own || load < 0.7 ? near(0.0004, 1) : late * 0.9;
  const lag = one.name === 'python-boto3' && offered > 10000 ? 7.1 : near(0.4, 0.5);
  return {
    contender: one.name,
    repeat,
    cached,
    offered_keys_per_s: offered,
    span_s: SPAN_S,
    pages: Math.round(keys / 55),
    keys,
    delivered,
    possible,
    complete_pages: Math.round((keys / 55) * (delivered / possible) ** 6 * 0.76),
    page_ms: {
      p50: near(load > 1 ? 1180 : 62 + 100 * load ** 3, 0.1),
      p99: near(1200 + (one.own ? 0.4 : Math.min(9000, one.lateMs * load)), 0.0002),
      p999: null,
    },
    late_5ms_share: late,
    control_late_5ms_share: control,
    worst_late_ms: near(0.2 + one.lateMs * Math.min(1, load), 0.3),
    control_worst_late_ms: near(0.1 + one.lateMs * Math.min(1, load) * 0.9, 0.3),
    library_late_5ms_share: one.own ? 0 : null,
    library_worst_late_ms: one.own ? near(0.15, 0.4) : null,
    cpu_us_per_key: near(one.cpuUs * (1 + 0.4 * Math.exp(-offered / 700)) * Math.max(1, load ** 0.3), 0.06),
    peak_memory_mib: near(one.memoryMib * (1 + load * 0.3), 0.05),
    connections_opened: Math.round(near(CONNECTIONS * (1 + 0.2 * load), 0.05)),
    requests_per_key: near(1 + 0.1 * load, 0.02),
    generator_lag_p99_ms: lag,
    origin_cpu_share: near(0.05 + offered / 25000, 0.1),
    void: lag > 5 ? `the generator lagged ${lag.toFixed(1)} ms at p99` : null,
  };
}

function story(one, repeat, random) {
  const base = 1675;
  const phases = PHASES.map(([name, span, factor], index) => {
    const from = PHASES.slice(0, index).reduce((sum, phase) => sum + phase[1], 0);
    return { name, from_s: from, to_s: from + span, offered_keys_per_s: base * factor };
  });
  const bins = [];
  let behindMs = 0;
  for (let at = 0; at < phases.at(-1).to_s; at += BIN_S) {
    const phase = phases.find(({ to_s: to }) => at < to);
    const slow = phase.name === 'brown-out' ? 4 : 1;
    const excess = (phase.offered_keys_per_s * slow) / (one.rate * 1.05);
    behindMs = one.own ? 0 : Math.max(0, Math.min(one.lateMs, behindMs + (excess - 1) * 400));
    const worst = 0.12 + behindMs + one.lateMs * 0.001 * random() + 0.3 * random() ** 4;
    const keys = Math.round(phase.offered_keys_per_s * BIN_S * (0.8 + 0.4 * random()));
    const pages = random() < 0.01 ? 0 : Math.max(1, Math.round(keys / 55));
    bins.push({
      at_s: at,
      pages,
      keys,
      delivered: Math.round(keys * (behindMs > 0 ? 0.2 : 0.97)),
      late_p50_ms: pages === 0 ? null : worst * 0.4,
      late_max_ms: pages === 0 ? null : worst,
      control_late_max_ms: pages === 0 ? null : 0.1 + behindMs * 0.9 + 0.2 * random(),
    });
  }
  const late = one.lateMs > 200 ? 0.4 : 0;
  return {
    contender: one.name,
    repeat,
    phases,
    bins,
    recovery: {
      first_page_complete: one.own || one.name === 'go',
      complete_after_share: late ? 0.4 : 1,
      p99_before_ms: 1200.2,
      p99_after_ms: 1200.3 + (late ? one.lateMs : 0),
      recovered_after_s: one.lateMs > 5000 ? null : late * 10,
    },
    late_5ms_share: late,
    control_late_5ms_share: late * 0.9,
    worst_late_ms: Math.max(...bins.map((bin) => bin.late_max_ms ?? 0)),
    control_worst_late_ms: Math.max(...bins.map((bin) => bin.control_late_max_ms ?? 0)),
    generator_lag_p99_ms: 0.3,
    origin_cpu_share: 0.4,
    void: one.name === 'python-boto3' && repeat === 2 ? 'the origin was 84 % busy' : null,
  };
}

// Numbers in [0, 1), the same for the same seed (a linear congruential generator).
function randomFrom(seed) {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}
