// The behaviour cases as `tools/case_table.py --json` writes them: checked, with their defaults filled in.
// tests/cases/README.md explains every field. A field that is not known here fails, as what it says would go untested.
import { readFileSync } from 'node:fs';

export type Json = null | boolean | number | string | Json[] | { [name: string]: Json };

export interface Bytes {
  base64: string;
}

export interface Bounds {
  min: number;
  max: number | null;
}

export interface Expected {
  statuses: string[];
  phases: string[];
  source: string | null;
  flags: Record<string, boolean>;
  numbers: Record<string, Bounds>;
  contains: Record<string, string[]>;
  equals: Record<string, string>;
  headers: [string, string | null][];
  tried: string[];
  body: { kind: string; size: number; offset: number; of: string | null; text: string };
}

export interface Request {
  key: Bytes;
  expect: Expected;
  count: number | null;
  query: string | null;
  version_id: string | null;
  if_none_match: string | null;
  priority: string | null;
  range: string | null;
  range_first: number;
  range_last: number;
}

export interface Refusal {
  status: string;
  contains: string[];
}

export interface Frozen {
  states: string[];
  statuses: Record<string, Bounds>;
  numbers: Record<string, Bounds>;
}

export interface Seen {
  path: string;
  target: string | null;
  headers: [string, string | null][];
}

export interface Step {
  do: string;
  batch: string;
  requests: Request[];
  times: number;
  budget_us: number | null;
  deadline_in_us: number | null;
  deadline_ns: number | null;
  headers: [string, string][];
  frozen: Frozen | null;
  refused: Refusal | null;
  for_us: number | null;
  answers: string[];
  keys: Bytes[];
  count: number | null;
  option: string;
  value: string;
  numbers: Record<string, Bounds>;
  seen: Seen[];
  script: Json;
  drop: boolean;
  listener: string;
  address: string;
  factor: number;
}

export interface Case {
  folder: string;
  file: string;
  name: string;
  rows: number[];
  why: string;
  skip: Record<string, string>;
  scheme: string;
  url: string;
  options: [string, string][];
  origin: Json;
  open_refused: Refusal | null;
  steps: Step[];
  next_batch_complete: string | null;
  must_fail: string | null;
  base: string;
}

const BOUNDS = 'min max';
const EXPECTED = 'statuses phases source flags numbers contains equals headers tried body';
const REQUEST =
  'key expect count query version_id if_none_match priority range range_first range_last';
const STEP =
  'do batch requests times budget_us deadline_in_us deadline_ns headers frozen refused for_us answers keys count ' +
  'option value numbers seen script drop listener address factor';
const CASE =
  'folder file name rows why skip scheme url options origin open_refused steps next_batch_complete must_fail base';

/** All cases of a folder, or of all folders. */
export function readCases(file: string, folder: string | undefined): Case[] {
  const cases = JSON.parse(readFileSync(file, 'utf8')) as Case[];
  const wanted = cases.filter((one) => folder === undefined || one.folder === folder);
  for (const one of wanted) checkFields(one);
  return wanted;
}

function checkFields(one: Case): void {
  check(one.name, one, CASE);
  check(one.name, one.open_refused, 'status contains');
  for (const step of one.steps) {
    check(one.name, step, STEP);
    check(one.name, step.refused, 'status contains');
    check(one.name, step.frozen, 'states statuses numbers');
    for (const seen of step.seen) check(one.name, seen, 'path target headers');
    for (const bounds of Object.values(step.numbers)) check(one.name, bounds, BOUNDS);
    for (const request of step.requests) {
      check(one.name, request, REQUEST);
      check(one.name, request.expect, EXPECTED);
      check(one.name, request.expect.body, 'kind size offset of text');
    }
  }
}

function check(name: string, value: object | null, known: string): void {
  for (const field of Object.keys(value ?? {})) {
    if (!known.split(' ').includes(field)) throw new Error(`${name}: the runner does not know the field ${field}`);
  }
}

export function bytesOf(bytes: Bytes): Buffer {
  return Buffer.from(bytes.base64, 'base64');
}

/** "settled_us" as "settledUs". */
export function camel(name: string): string {
  return name.replace(/_(\w)/g, (_, letter: string) => letter.toUpperCase());
}
