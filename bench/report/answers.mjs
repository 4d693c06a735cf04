// Answers the questions that the readers of the article asked, from the figures by rule: was it the language or the model, can a
// module fix Node.js, and what of it matters at the load of the original. No verdict is written here without its condition.
import { isRecovered, loadFigure } from './figures.mjs';
import { languageOrModel } from './language_or_model.mjs';
import { spoken, spread } from './measurement.mjs';
import { keysPerSecond, listed, milliseconds, percent } from './numbers.mjs';

// A client that blocks its process makes the control late too, so that the share itself has a limit besides.
export const LATE_BEYOND_CONTROL_MAX = 0.001;
const LATE_MAX = 0.01;
export const DELIVERED_SHARE_MIN = 0.9;
const ALL_IS_WELL_SHARE = 0.99;

const share = loadFigure('delivered-share');
const late = loadFigure('late');
const control = loadFigure('control-late');
const LATE_LIMIT = `their control plus ${percent(LATE_BEYOND_CONTROL_MAX)}, or than ${percent(LATE_MAX)}`;
const UNKNOWN = 'This measurement cannot tell.';

export function answers(measurement) {
  return [
    { question: 'Was it the language or the model?', ...languageOrModel(measurement) },
    { question: 'Can a module fix Node.js?', ...moduleForNode(measurement) },
    { question: 'And at the load of the original?', ...originalLoad(measurement) },
  ];
}

function moduleForNode(measurement) {
  const node = measurement.own.find(({ language }) => language === 'Node.js');
  const lateness = node && latenessOf(measurement, node);
  const offered = measurement.offered().at(-1);
  const top = node && spread(measurement.valid(node, offered), share);
  const stories = node ? measurement.stories(node) : [];
  if (!lateness || !top || stories.length === 0) {
    return { verdict: UNKNOWN, text: 'A figure that it depends on has no valid repeat.' };
  }
  const recovered = stories.filter(isRecovered).length;
  const kept = [
    lateness.excess <= LATE_BEYOND_CONTROL_MAX && lateness.most <= LATE_MAX,
    top.median >= DELIVERED_SHARE_MIN,
    recovered === stories.length,
  ];
  return {
    verdict: kept.every(Boolean)
      ? 'Yes, by each of the three measures below.'
      : `${kept.some(Boolean) ? 'In part' : 'No'}: ${missed(kept)}.`,
    text:
      `With octofetch, handlers in Node.js were later than 5 ms in ${atMost(lateness.most)} of the pages at any load,` +
      ` a bare timer beside them in ${atMost(lateness.control)}.` +
      ` At ${keysPerSecond(offered)} offered, ${percent(top.median)} of the possible keys were delivered.` +
      ` After the spike it recovered in ${recovered} of ${stories.length} repeats.${latestInStory(measurement, node)}`,
  };
}

function missed([onTime, delivered, recovered]) {
  return listed([
    ...(onTime ? [] : [`handlers are later than 5 ms in more pages than ${LATE_LIMIT}`]),
    ...(delivered ? [] : [`less than ${percent(DELIVERED_SHARE_MIN)} of the possible keys are delivered at the highest load`]),
    ...(recovered ? [] : ['it does not always recover after the spike']),
  ]);
}

// Of octofetch and of the other client that comes nearest to it.
function latestInStory(measurement, node) {
  const latest = (one) => spread(measurement.stories(one), loadFigure('worst'))?.max ?? null;
  const others = measurement.peers.filter(({ language }) => language === node.language);
  const peer = bestOf(others, (one) => (latest(one) === null ? null : -latest(one)));
  if (peer === null || latest(node) === null) {
    return '';
  }
  const [ours, theirs] = [node, peer].map((one) => milliseconds(latest(one)));
  return ` Through the story its latest handler was ${ours} late; that of ${spoken(peer)}, ${theirs}.`;
}

// How often a contender is late at the load where it is most late, and by how much that exceeds its control at any load.
export function latenessOf(measurement, contender) {
  const found = measurement.offered().flatMap((offered) => {
    const runs = measurement.valid(contender, offered);
    const [mine, beside] = [spread(runs, late), spread(runs, control)];
    return mine === null || beside === null ? [] : [{ mine: mine.median, beside: beside.median }];
  });
  return found.length === 0
    ? null
    : {
        most: Math.max(...found.map(({ mine }) => mine)),
        control: Math.max(...found.map(({ beside }) => beside)),
        excess: Math.max(...found.map(({ mine, beside }) => mine - beside)),
      };
}

function originalLoad(measurement) {
  const offered = measurement.offered()[0];
  const measured = measurement.contenders.filter((one) => measurement.valid(one, offered).length > 0);
  if (measured.length === 0) {
    return { verdict: UNKNOWN, text: 'The lowest load has no valid repeat.' };
  }
  const well = measured.filter((one) => isWell(measurement, one, offered));
  const rest = measured.filter((one) => !well.includes(one));
  const verdict =
    rest.length === 0
      ? 'Every contender does well.'
      : well.length === 0
        ? 'No contender does well.'
        : `${well.length} of ${measured.length} contenders do well.`;
  const exceptions = rest.length === 0 || well.length === 0 ? '' : ` That does not hold for ${titles(rest)}.`;
  return {
    verdict,
    text:
      `Well means at ${keysPerSecond(offered)}: at least ${percent(ALL_IS_WELL_SHARE)} of the possible keys delivered,` +
      ` and handlers later than 5 ms in no more pages than ${LATE_LIMIT}.${exceptions}`,
  };
}

function isWell(measurement, contender, offered) {
  const runs = measurement.valid(contender, offered);
  const [kept, mine, beside] = [share, late, control].map((figure) => spread(runs, figure)?.median ?? null);
  const onTime = mine !== null && mine <= LATE_MAX && mine - (beside ?? 0) <= LATE_BEYOND_CONTROL_MAX;
  return onTime && kept !== null && kept >= ALL_IS_WELL_SHARE;
}

function atMost(value) {
  return value === 0 ? 'none' : `at most ${percent(value)}`;
}

function bestOf(contenders, value) {
  const known = contenders.filter((one) => value(one) !== null);
  return known.length === 0 ? null : known.reduce((best, one) => (value(one) > value(best) ? one : best));
}

function titles(contenders) {
  return listed(contenders.map(spoken));
}
