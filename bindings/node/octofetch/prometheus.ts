// Metrics of clients for prom-client, which the caller brings: counters and gauges of `client.stats()` when they are asked for.
import type { Client } from './client';

interface MetricConfiguration<Registry> {
  name: string;
  help: string;
  labelNames: string[];
  registers: Registry[];
  collect: () => void;
}

interface GaugeLike {
  labels(...values: string[]): { set(value: number): void };
}

interface CounterLike {
  labels(...values: string[]): { inc(value: number): void };
  reset(): void;
}

/** What is used of a registry of prom-client. */
export interface RegistryLike {
  getSingleMetric(name: string): unknown;
}

/** What is used of the module prom-client, version 15. */
export interface PromClient<Registry extends RegistryLike> {
  Gauge: new (configuration: MetricConfiguration<Registry>) => GaugeLike;
  Counter: new (configuration: MetricConfiguration<Registry>) => CounterLike;
  register: Registry;
}

const GAUGES = /^(connections(Open|Idle)|slotsBusy|queued|memory(Active|Delivered)|serviceUsP\d+|estimateUs)$/;

// Of clients of one name they are no sum: percentiles, times, and what is of the whole process.
const LARGEST = /^(serviceUsP\d+|estimateUs|forksUnawaited)$/;

// What the metrics of a registry are asked of, as a name is registered there but once.
const collected = new WeakMap<RegistryLike, Totals>();

/**
 * Registers metrics of these clients, with the label `client` for their names, in prom-client's default registry or in
 * `registry`: `collectMetrics(require('prom-client'), [thumbs])`. Further calls add clients.
 */
export function collectMetrics<Registry extends RegistryLike>(
  { Gauge, Counter, register }: PromClient<Registry>,
  added: readonly Client[],
  registry: Registry = register,
): void {
  const stats = statNames(added);
  const known = collected.get(registry);
  // A registry that was cleared has its metrics no more.
  if (known !== undefined && stats.every((stat) => registry.getSingleMetric(metricName(stat)) !== undefined)) {
    for (const client of added) known.add(client);
    return;
  }
  const totals = new Totals();
  for (const client of added) totals.add(client);
  if (stats.length > 0) collected.set(registry, totals);
  for (const stat of stats) {
    const isGauge = GAUGES.test(stat);
    const base = {
      name: metricName(stat),
      help: `${stat} of octo_stats`,
      labelNames: ['client'],
      registers: [registry],
    };
    if (isGauge) {
      const gauge: GaugeLike = new Gauge({
        ...base,
        collect: () => {
          for (const [name, value] of totals.of(stat)) gauge.labels(name).set(value);
        },
      });
    } else {
      const counter: CounterLike = new Counter({
        ...base,
        collect: () => {
          counter.reset();
          for (const [name, value] of totals.of(stat)) counter.labels(name).inc(value);
        },
      });
    }
  }
}

function metricName(stat: string): string {
  const snake = stat.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
  return `octofetch_${snake}${GAUGES.test(stat) ? '' : '_total'}`;
}

type Stats = Readonly<Record<string, number>>;

function statNames(clients: readonly Client[]): string[] {
  for (const client of clients) {
    try {
      return Object.keys(client.stats());
    } catch {
      // It was closed.
    }
  }
  return [];
}

function together(stat: string, one = 0, other = 0): number {
  return LARGEST.test(stat) ? Math.max(one, other) : one + other;
}

/** The numbers of clients by their names: those of one name together, with what closed ones had when they were last read. */
class Totals {
  readonly #clients = new Set<Client>();
  readonly #last = new WeakMap<Client, Stats>();
  readonly #closed = new Map<string, Stats>();

  add(client: Client): void {
    this.#clients.add(client);
  }

  of(stat: string): Map<string, number> {
    for (const client of this.#clients) this.#read(client);
    const found = new Map<string, number>();
    const add = (name: string, stats: Stats | undefined): void => {
      found.set(name, together(stat, found.get(name), stats?.[stat]));
    };
    for (const [name, stats] of this.#closed) add(name, stats);
    for (const client of this.#clients) add(client.name, this.#last.get(client));
    return found;
  }

  #read(client: Client): void {
    try {
      this.#last.set(client, client.stats());
    } catch {
      this.#keep(client.name, this.#last.get(client) ?? {});
      this.#clients.delete(client);
      this.#last.delete(client);
    }
  }

  /** Its gauges are over; what it counted stays counted. */
  #keep(name: string, last: Stats): void {
    const before = this.#closed.get(name) ?? {};
    const counters = Object.entries(last).filter(([stat]) => !GAUGES.test(stat));
    const kept = counters.map(([stat, value]): [string, number] => [stat, together(stat, before[stat], value)]);
    this.#closed.set(name, { ...before, ...Object.fromEntries(kept) });
  }
}
