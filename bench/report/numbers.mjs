// Writes numbers as people read them: with a unit, separated thousands, and no more digits than mean something. A line never breaks
// between a number and its unit.

const SPACE = '\u00a0';

export function grouped(value) {
  const [whole, fraction] = String(value).split('.');
  const separated = whole.replace(/\B(?=(\d{3})+$)/g, ',');
  return fraction === undefined ? separated : `${separated}.${fraction}`;
}

// Three significant digits, two below 1; integers above 1000 in full.
export function plain(value) {
  if (value === 0) {
    return '0';
  }
  const digits = Math.max(0, 2 - Math.floor(Math.log10(Math.abs(value))));
  return grouped(Number(value.toFixed(Math.min(digits, 2))));
}

export function count(value) {
  return grouped(Math.round(value));
}

export function milliseconds(value) {
  return Math.abs(value) >= 1000 ? `${plain(value / 1000)}${SPACE}s` : `${plain(value)}${SPACE}ms`;
}

// A page takes as long as its budget, so that tenths of a millisecond beyond 1200 matter.
export function pageMilliseconds(value) {
  return value >= 10_000 ? `${plain(value / 1000)}${SPACE}s` : `${grouped(value.toFixed(value < 1000 ? 0 : 1))}${SPACE}ms`;
}

export function microseconds(value) {
  return `${plain(value)}${SPACE}µs`;
}

export function mebibytes(value) {
  return `${plain(value)}${SPACE}MiB`;
}

// For a range beside a number that has the unit.
export function withoutUnit(text) {
  return text.replace(/\u00a0\D+$/, '');
}

export function seconds(value) {
  return `${plain(value)}${SPACE}s`;
}

export function keysPerSecond(value) {
  return `${count(value)}${SPACE}keys/s`;
}

// Near 0 and near 1 small differences matter, so that digits are kept there.
export function percent(share) {
  const value = share * 100;
  if (value !== 0 && Math.abs(value) < 0.005) {
    return value > 0 ? `<0.01${SPACE}%` : `>−0.01${SPACE}%`;
  }
  const edge = Math.min(Math.abs(value), Math.abs(100 - value));
  const digits = edge === 0 ? 0 : edge < 1 ? 2 : 1;
  return `${Number(value.toFixed(digits))}${SPACE}%`;
}

export function factor(value) {
  return value.toFixed(2);
}

// Each item once, the last one with "and".
export function listed(items) {
  return items.length < 2 ? items.join('') : `${items.slice(0, -1).join(', ')} and ${items.at(-1)}`;
}
