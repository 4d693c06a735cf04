// The figures of the replay: how each is taken from a run, which way is better, how it is written, and what it means. Tables,
// comparisons and explanations all read this list, so that they cannot disagree.
import * as numbers from './numbers.mjs';

const ratio = (part, whole) => (Number.isFinite(part) && whole > 0 ? part / whole : null);

// Of a run at one load. `better` is null where less or more is neither good nor bad by itself.
export const LOAD_FIGURES = [
  {
    id: 'delivered',
    title: 'Keys delivered',
    unit: 'keys/s',
    better: null,
    text: numbers.keysPerSecond,
    cell: numbers.count,
    of: (run) => ratio(run.delivered, run.span_s),
    meaning:
      'Keys whose whole body the handler held when it continued, over the time in which pages arrived. The last pages are worked at for ' +
      'another budget, so that this may be more than goes on and on.',
  },
  {
    id: 'delivered-share',
    title: 'Delivered of the possible',
    unit: '',
    better: 'more',
    text: numbers.percent,
    of: (run) => ratio(run.delivered, run.possible),
    meaning: 'Keys delivered over the keys that could have been delivered; “The possible keys” has the formula.',
  },
  {
    id: 'complete',
    title: 'Complete pages',
    unit: '',
    better: 'more',
    text: numbers.percent,
    of: (run) => ratio(run.complete_pages, run.pages),
    meaning: 'Pages with all their keys. A page with a reply that takes longer than the budget cannot be complete, whoever fetches it.',
  },
  {
    id: 'p50',
    title: 'Page, median',
    unit: '',
    better: 'less',
    text: numbers.pageMilliseconds,
    of: (run) => run.page_ms?.p50,
    meaning: 'From the instant at which the page was due to arrive until its handler continued.',
  },
  {
    id: 'p99',
    title: 'Page, p99',
    unit: '',
    better: 'less',
    text: numbers.pageMilliseconds,
    of: (run) => run.page_ms?.p99,
    meaning: 'The same for the 99th of 100 pages. The budget is its floor wherever one page in a hundred waits for a slow reply.',
  },
  {
    id: 'p999',
    title: 'Page, p99.9',
    unit: '',
    better: 'less',
    text: numbers.pageMilliseconds,
    of: (run) => run.page_ms?.p999,
    meaning: 'The same for the 999th of 1000; only where there are more than 20,000 pages.',
  },
  {
    id: 'late',
    title: 'Later than 5\u00a0ms',
    unit: '',
    better: 'less',
    text: numbers.percent,
    of: (run) => run.late_5ms_share,
    meaning:
      'Share of all pages whose handler continued more than 5 ms after the deadline. ' +
      'The clock starts when the page was due to arrive, whatever the contender was doing then.',
  },
  {
    id: 'control-late',
    title: 'Control later than 5\u00a0ms',
    unit: '',
    better: null,
    text: numbers.percent,
    of: (run) => run.control_late_5ms_share,
    meaning:
      'The same for a timer that sleeps to the same deadlines in the same event loop or runtime and does nothing else: ' +
      'what any code there would have to wait.',
  },
  {
    id: 'worst',
    title: 'Latest handler',
    unit: '',
    better: 'less',
    text: numbers.milliseconds,
    of: (run) => run.worst_late_ms,
    meaning: 'The greatest lateness of any page.',
  },
  {
    id: 'control-worst',
    title: 'Latest control',
    unit: '',
    better: null,
    text: numbers.milliseconds,
    of: (run) => run.control_worst_late_ms,
    meaning: 'The greatest lateness of any control.',
  },
  {
    id: 'library-late',
    title: 'Library later than 5\u00a0ms',
    unit: '',
    better: null,
    text: numbers.percent,
    of: (run) => run.library_late_5ms_share,
    meaning: 'Of octofetch alone: when the outcomes of a page stood fixed, before the language was told.',
  },
  {
    id: 'library-worst',
    title: 'Latest in the library',
    unit: '',
    better: null,
    text: numbers.milliseconds,
    of: (run) => run.library_worst_late_ms,
    meaning: 'The greatest lateness of the same instant.',
  },
  {
    id: 'added',
    title: 'After the last reply, p95',
    unit: '',
    better: null,
    text: numbers.pageMilliseconds,
    of: (run) => run.added_ms?.p95,
    meaning:
      'Of pages with all their keys: from when the origin had sent the last reply until the handler continued. Where pages ask for ' +
      'the same object at a time, which reply was whose is not known, so that it holds at low load alone.',
  },
  {
    id: 'cpu',
    title: 'CPU per delivered key',
    unit: '',
    better: 'less',
    text: numbers.microseconds,
    of: (run) => run.cpu_us_per_key,
    meaning: 'Processor time of the whole process, user and system, over the keys delivered. Work for keys that came too late counts.',
  },
  {
    id: 'memory',
    title: 'Peak memory',
    unit: '',
    better: 'less',
    text: numbers.mebibytes,
    of: (run) => run.peak_memory_mib,
    meaning: 'The most resident memory of the process.',
  },
  {
    id: 'connections',
    title: 'Connections opened',
    unit: '',
    better: 'less',
    text: numbers.count,
    of: (run) => run.connections_opened,
    meaning: 'As the origin saw them, with those of the warm-up. More than the limit means that connections were lost, mostly by cutting a reply off.',
  },
  {
    id: 'requests',
    title: 'Requests per key',
    unit: '',
    better: 'less',
    text: numbers.factor,
    of: (run) => run.requests_per_key,
    meaning: 'Requests that the origin saw, over the keys delivered. What is above 1 was asked for and not used.',
  },
  {
    id: 'lag',
    title: 'Generator lag, p99',
    unit: '',
    better: null,
    text: numbers.milliseconds,
    of: (run) => run.generator_lag_p99_ms,
    meaning: 'How late the load generator itself handed pages over. Above 5 ms the run is void.',
  },
  {
    id: 'origin',
    title: 'Origin busy',
    unit: '',
    better: null,
    text: numbers.percent,
    of: (run) => run.origin_cpu_share,
    meaning: 'How busy the core was that the origin shares with the load generator, in the busiest phase. Above 80 % the run is void.',
  },
];

// Of a whole story, from the first base to the last.
export const STORY_FIGURES = [
  {
    id: 'recovered-after',
    title: 'Recovered after',
    unit: '',
    better: 'less',
    text: numbers.seconds,
    of: (run) => run.recovery.recovered_after_s,
    meaning: 'From one budget after the end of the spike until pages are as before; what is less than one page apart is at once.',
  },
  {
    id: 'complete-after',
    title: 'Complete of the next 100',
    unit: '',
    better: 'more',
    text: numbers.percent,
    of: (run) => run.recovery.complete_after_share,
    meaning: 'Of the 100 pages after the first one; what the origin answered too slowly or with a refusal is not held against a page.',
  },
  {
    id: 'p99-before',
    title: 'Page p99 before the spike',
    unit: '',
    better: null,
    text: numbers.pageMilliseconds,
    of: (run) => run.recovery.p99_before_ms,
    meaning: 'Of the pages of the first base.',
  },
  {
    id: 'p99-after',
    title: 'Page p99 after it',
    unit: '',
    better: 'less',
    text: numbers.pageMilliseconds,
    of: (run) => run.recovery.p99_after_ms,
    meaning: 'Of the 100 pages after the first that arrives one budget after the end of the spike.',
  },
  { ...loadFigure('late'), meaning: 'Share of all pages of the story.' },
  loadFigure('control-late'),
  loadFigure('worst'),
  loadFigure('control-worst'),
];

export function loadFigure(id) {
  return LOAD_FIGURES.find((figure) => figure.id === id);
}

const COMPLETE_AFTER_MIN = 0.99;

// A story is recovered from when the first page one budget after the spike is complete, 99 of the next 100 are, and their p99 is at
// most 10 % above that before.
export function isRecovered({ recovery }) {
  return (
    recovery.first_page_complete === true &&
    recovery.complete_after_share >= COMPLETE_AFTER_MIN &&
    Number.isFinite(recovery.p99_after_ms) && recovery.p99_after_ms <= recovery.p99_before_ms * 1.1
  );
}
