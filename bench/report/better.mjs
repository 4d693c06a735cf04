// Finds where a peer is better than octofetch, at every load and in the story: its worst repeat is better than the best of an
// octofetch contender. A difference that vanishes in the digits that are shown is none.
import { LOAD_FIGURES, STORY_FIGURES } from './figures.mjs';
import { spread } from './measurement.mjs';
import { count, listed } from './numbers.mjs';

// One entry for each figure and peer: over whom, at which points, with the two medians where they differ most. Whoever is surpassed
// at the same points is told of together.
export function better(measurement, cached = false) {
  const loads = measurement.offered(cached);
  const atLoads = LOAD_FIGURES.flatMap((figure) =>
    entries(
      measurement,
      figure,
      loads.map((offered) => ({
        name: offered,
        runs: (contender) => measurement.valid(contender, offered, cached),
      })),
      (points) => where(points, loads),
    ),
  );
  if (cached) {
    return atLoads;
  }
  const story = [{ name: 'story', runs: (contender) => measurement.stories(contender) }];
  return [...atLoads, ...STORY_FIGURES.flatMap((figure) => entries(measurement, figure, story, () => 'in the story'))];
}

function entries(measurement, figure, points, described) {
  return figure.better === null
    ? []
    : measurement.peers.flatMap((peer) => {
        const over = measurement.own.flatMap((own) => {
          const won = points.flatMap((point) => wins(figure, point, peer, own));
          return won.length === 0 ? [] : [{ owns: [own], won, where: described(won.map(({ name }) => name)) }];
        });
        return over.length === 0 ? [] : [{ figure, peer, over: together(over) }];
      });
}

function together(over) {
  const groups = new Map();
  for (const { owns, won, where } of over) {
    const group = groups.get(where) ?? { owns: [], won: [], where };
    groups.set(where, { owns: [...group.owns, ...owns], won: [...group.won, ...won], where });
  }
  return [...groups.values()].map(({ owns, won, where }) => ({ owns, where, example: widest(won) }));
}

function wins(figure, { name, runs }, peer, own) {
  const [theirs, ours] = [spread(runs(peer), figure), spread(runs(own), figure)];
  if (theirs === null || ours === null) {
    return [];
  }
  const beyond = figure.better === 'less' ? theirs.max < ours.min : theirs.min > ours.max;
  return beyond && figure.text(theirs.median) !== figure.text(ours.median) ? [{ name, theirs: theirs.median, ours: ours.median }] : [];
}

function widest(won) {
  const ratio = ({ theirs, ours }) => Math.abs(Math.log((theirs + 1e-9) / (ours + 1e-9)));
  return won.reduce((most, one) => (ratio(one) > ratio(most) ? one : most));
}

function where(points, loads) {
  if (points.length === loads.length) {
    return 'at every load';
  }
  return `at ${listed(points.map(count))} keys/s`;
}
