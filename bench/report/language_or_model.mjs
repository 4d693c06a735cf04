// Answers whether it was the language or the model: the language is what differs between the pool of workers in Go and the same
// in Node.js, the model what differs in Node.js with and without it. What octofetch's own contenders differ by stands beside.
import { isRecovered, loadFigure } from './figures.mjs';
import { spoken, spread } from './measurement.mjs';
import { keysPerSecond, listed, percent } from './numbers.mjs';

const POOL = 'go';
const POOL_IN_NODE = 'node-undici';
const NO_POOL_IN_NODE = 'node-undici-unbounded';
// Differences of less than two points in a hundred are not called one.
const EFFECT_MIN = 0.02;

export function languageOrModel(measurement) {
  const offered = measurement.offered().at(-1);
  const [pool, inNode, without] = [POOL, POOL_IN_NODE, NO_POOL_IN_NODE].map((name) => found(measurement, name, offered));
  if (pool === null || inNode === null || without === null) {
    const text = 'It needs Go, and undici with and without its line of waiting keys, with valid repeats at the highest load.';
    return { verdict: 'This measurement cannot tell.', text };
  }
  return {
    verdict: verdict(pool.share - inNode.share, inNode.share - without.share),
    text:
      `The pool of workers delivered ${percent(pool.share)} of the possible keys in Go, at ${keysPerSecond(offered)} offered, and` +
      ` ${percent(inNode.share)} in Node.js, where undici with a line of waiting keys in front of it is the same; without that line it` +
      ` was ${percent(without.share)}. After the spike they recovered in ${listed([pool, inNode, without].map(recoveries))} repeats.` +
      ownSpread(measurement, offered),
  };
}

function found(measurement, name, offered) {
  const contender = measurement.contenders.find((one) => one.name === name);
  return contender === undefined ? null : shareOf(measurement, contender, offered);
}

function shareOf(measurement, contender, offered) {
  const delivered = spread(measurement.valid(contender, offered), loadFigure('delivered-share'));
  return delivered === null ? null : { contender, share: delivered.median, stories: measurement.stories(contender) };
}

function verdict(language, model) {
  const [more, less] = [Math.abs(language), Math.abs(model)];
  if (Math.max(more, less) < EFFECT_MIN) {
    return 'Neither: at the highest load it makes no difference.';
  }
  if (more - less > EFFECT_MIN) {
    return 'The language more than the model: the same pool of workers does not carry as far in Node.js.';
  }
  if (less - more > EFFECT_MIN) {
    return 'The model more than the language: what bounds the work matters most.';
  }
  return 'Both alike.';
}

function recoveries({ stories }) {
  return `${stories.filter(isRecovered).length} of ${stories.length}`;
}

function ownSpread(measurement, offered) {
  const own = measurement.own.map((contender) => shareOf(measurement, contender, offered)).filter((one) => one !== null);
  if (own.length < 2) {
    return '';
  }
  const shares = own.map(({ share }) => share);
  const difference = `${((Math.max(...shares) - Math.min(...shares)) * 100).toFixed(1)} percentage points`;
  const each = own.map(({ contender, share }) => `${percent(share)} with ${spoken(contender)}`);
  return ` Where the fetching runs beside the language, the share differs by ${difference}: it is ${listed(each)}.`;
}
