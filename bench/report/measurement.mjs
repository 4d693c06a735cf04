// Reads the measurement of a replay, checks that it is what README.md of this folder says, and answers questions about the
// repeats of a point: medians and ranges. It judges and draws nothing.

const LOAD_FIELDS = ['contender', 'repeat', 'cached', 'offered_keys_per_s', 'span_s', 'void'];
const STORY_FIELDS = ['contender', 'repeat', 'phases', 'bins', 'recovery', 'void'];
const CONTENDER_FIELDS = ['name', 'title', 'language', 'own', 'reason'];

export class MeasurementError extends Error {}

export class Measurement {
  constructor(data) {
    check(data);
    this.data = data;
    this.conditions = data.conditions;
    this.parameters = data.parameters;
    this.contenders = data.contenders;
    this.own = data.contenders.filter(({ own }) => own);
    this.peers = data.contenders.filter(({ own }) => !own);
    this.phases = data.stories.find((story) => story.void === null)?.phases ?? [];
  }

  static parse(text) {
    return new Measurement(JSON.parse(text));
  }

  // The loads of the grid, ascending.
  offered(cached = false) {
    const all = this.data.loads.filter((load) => load.cached === cached).map((load) => load.offered_keys_per_s);
    return [...new Set(all)].sort((a, b) => a - b);
  }

  // The repeats of a point that count, and those that do not.
  valid(contender, offered, cached = false) {
    return this.repeats(contender, offered, cached).filter((load) => load.void === null);
  }

  voids(contender, offered, cached = false) {
    return this.repeats(contender, offered, cached).filter((load) => load.void !== null);
  }

  repeats(contender, offered, cached) {
    return this.data.loads.filter(
      (load) => load.contender === contender.name && load.offered_keys_per_s === offered && load.cached === cached,
    );
  }

  stories(contender) {
    return this.data.stories.filter((story) => story.contender === contender.name && story.void === null);
  }

  voidStories(contender) {
    return this.data.stories.filter((story) => story.contender === contender.name && story.void !== null);
  }
}

// The median, least and greatest of a figure over runs; null where no run has it.
export function spread(runs, figure) {
  const values = runs
    .map((run) => figure.of(run))
    .filter((value) => Number.isFinite(value))
    .sort((a, b) => a - b);
  if (values.length === 0) {
    return null;
  }
  return { median: median(values), min: values[0], max: values.at(-1), count: values.length };
}

// A contender in a sentence: "undici in Node.js" of "Node.js, undici".
export function spoken({ title }) {
  const [language, ...client] = title.split(', ');
  return client.length === 0 ? title : `${client.join(', ')} in ${language}`;
}

function median(sorted) {
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

function check(data) {
  if (data.format !== 1) {
    throw new MeasurementError(`format: ${data.format} is not known; this report reads format 1`);
  }
  for (const name of ['conditions', 'parameters', 'contenders', 'loads', 'stories', 'targets']) {
    require(data, name, '');
  }
  data.contenders.forEach((contender, index) => CONTENDER_FIELDS.forEach((name) => require(contender, name, `contenders[${index}].`)));
  data.contenders.forEach(({ name }, index) => {
    if (!/^[a-z0-9-]+$/.test(name)) {
      throw new MeasurementError(`contenders[${index}].name: ${name} is no name; it is made of a-z, 0-9 and -`);
    }
  });
  const names = new Set(data.contenders.map(({ name }) => name));
  for (const [list, fields] of [
    ['loads', LOAD_FIELDS],
    ['stories', STORY_FIELDS],
  ]) {
    data[list].forEach((run, index) => {
      fields.forEach((name) => require(run, name, `${list}[${index}].`));
      if (!names.has(run.contender)) {
        throw new MeasurementError(`${list}[${index}].contender: ${run.contender} is not among the contenders`);
      }
    });
  }
}

function require(object, name, where) {
  if (object[name] === undefined) {
    throw new MeasurementError(`${where}${name}: is missing; README.md of bench/report says what it holds`);
  }
}
