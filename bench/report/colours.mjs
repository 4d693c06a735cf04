// The colour and the sign of each contender, in light and in dark. octofetch's are blues, told apart by lightness; peers have any other
// hue. All were searched for so that each two stay apart for readers who see no red or no green (CIE76 difference of at least 18 in
// Machado's simulation) and from the ground (contrast of at least 3). As a second mark every line has a symbol.

import { MeasurementError } from './measurement.mjs';

const OWN = [
  { light: '#0a2350', dark: '#d3e6ff' },
  { light: '#1557a6', dark: '#8cc0ff' },
  { light: '#2f8fe6', dark: '#3f8fe6' },
];
const PEERS = [
  { light: '#bf8073', dark: '#ffbfb2' },
  { light: '#a69232', dark: '#d9d941' },
  { light: '#39732e', dark: '#61f279' },
  { light: '#bf397c', dark: '#a6749d' },
  { light: '#ac86bf', dark: '#a67f32' },
  { light: '#59473e', dark: '#388c62' },
  { light: '#a80c00', dark: '#b418a8' },
];
const SYMBOLS = ['circle', 'square', 'triangle', 'diamond', 'star', 'wye', 'cross'];

const SURFACES = {
  light: {
    ground: '#ffffff',
    ink: '#1c2127',
    quiet: '#59636e',
    rule: '#d4d9df',
    shade: '#5f6b7a',
    control: '#59636e',
    sample: '#1557a6',
    pass: '#116b3c',
    fail: '#b3261e',
  },
  dark: {
    ground: '#0f1318',
    ink: '#e7ecf2',
    quiet: '#a0abb8',
    rule: '#343c46',
    shade: '#9fb0c3',
    control: '#b6c0cc',
    sample: '#8cc0ff',
    pass: '#5fd39a',
    fail: '#ff8f85',
  },
};

// By the name of a contender: its colour as a CSS variable, its symbol, the width of its line.
export function marks({ own, peers }) {
  const marked = (list, width) =>
    list.map(({ name }, index) => [name, { colour: `var(--contender-${name})`, symbol: SYMBOLS[index], width }]);
  return new Map([...marked(own, 2.75), ...marked(peers, 1.5)]);
}

// The rules that give all variables their values; `selector` is what holds them.
export function rules(measurement, selector) {
  return `${selector} { color-scheme: light dark; ${variables(measurement, 'light')} }
@media (prefers-color-scheme: dark) { ${selector} { ${variables(measurement, 'dark')} } }`;
}

function variables({ own, peers }, scheme) {
  if (own.length > OWN.length || peers.length > PEERS.length) {
    throw new MeasurementError('contenders: there are more than colours; add one in colours.mjs');
  }
  const of = (list, palette) => list.map(({ name }, index) => [`contender-${name}`, palette[index][scheme]]);
  const all = [...Object.entries(SURFACES[scheme]), ...of(own, OWN), ...of(peers, PEERS)];
  return all.map(([name, value]) => `--${name}: ${value};`).join(' ');
}
