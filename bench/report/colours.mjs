// The colour and the sign of each contender, in light and in dark. octofetch's are blues, told apart by lightness; peers have the other
// hues of Okabe and Ito's and Tol's palettes, which the colour-blind can tell apart. As a second mark every line has a symbol.

const OWN = [
  { light: '#0a2f6b', dark: '#d3e6ff' },
  { light: '#1763b6', dark: '#8cc0ff' },
  { light: '#2f8fe6', dark: '#3f8fe6' },
];
const PEERS = [
  { light: '#d55e00', dark: '#ff8a3d' },
  { light: '#b98000', dark: '#f0c04a' },
  { light: '#008a63', dark: '#2fc79a' },
  { light: '#c4639b', dark: '#ef9ccb' },
  { light: '#882255', dark: '#cf6a9b' },
  { light: '#767676', dark: '#a8a8a8' },
];
const SYMBOLS = ['circle', 'square', 'triangle', 'diamond', 'star', 'wye'];

const SURFACES = {
  light: { ground: '#ffffff', ink: '#1c2127', quiet: '#59636e', rule: '#d4d9df', shade: '#5f6b7a', control: '#59636e', sample: '#1763b6', pass: '#116b3c', fail: '#b3261e' },
  dark: { ground: '#0f1318', ink: '#e7ecf2', quiet: '#a0abb8', rule: '#343c46', shade: '#9fb0c3', control: '#b6c0cc', sample: '#8cc0ff', pass: '#5fd39a', fail: '#ff8f85' },
};

// By the name of a contender: its colour as a CSS variable, its symbol, the width of its line.
export function marks({ own, peers }) {
  const marked = (list, width) => list.map(({ name }, index) => [
    name, { colour: `var(--contender-${name})`, symbol: SYMBOLS[index % SYMBOLS.length], width },
  ]);
  return new Map([...marked(own, 2.75), ...marked(peers, 1.5)]);
}

// The rules that give all variables their values; `selector` is what holds them.
export function rules(measurement, selector) {
  return `${selector} { color-scheme: light dark; ${variables(measurement, 'light')} }
@media (prefers-color-scheme: dark) { ${selector} { ${variables(measurement, 'dark')} } }`;
}

function variables({ own, peers }, scheme) {
  const of = (list, palette) => list.map(({ name }, index) => [`contender-${name}`, palette[index % palette.length][scheme]]);
  const all = [...Object.entries(SURFACES[scheme]), ...of(own, OWN), ...of(peers, PEERS)];
  return all.map(([name, value]) => `--${name}: ${value};`).join(' ');
}
