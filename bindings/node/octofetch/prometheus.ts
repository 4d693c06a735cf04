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
  reset(): void;
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

// What the metrics of a registry are asked of, as a name is registered there but once.
const collected = new WeakMap<RegistryLike, Set<Client>>();

/**
 * Registers metrics of these clients, with the label `client` for their names, in prom-client's default registry or in
 * `registry`: `collectMetrics(require('prom-client'), [thumbs])`. Further calls add clients.
 */
export function collectMetrics<Registry extends RegistryLike>(
  { Gauge, Counter, register }: PromClient<Registry>,
  added: readonly Client[],
  registry: Registry = register,
): void {
  const stats = Object.keys(added[0]?.stats() ?? {});
  const known = collected.get(registry);
  // A registry that was cleared has its metrics no more.
  if (known !== undefined && stats.every((stat) => registry.getSingleMetric(metricName(stat)) !== undefined)) {
    for (const client of added) known.add(client);
    return;
  }
  const clients = new Set(added);
  if (stats.length > 0) collected.set(registry, clients);
  for (const stat of stats) {
    const isGauge = GAUGES.test(stat);
    const base = {
      name: metricName(stat),
      help: `${stat} of octo_stats`,
      labelNames: ['client'],
      registers: [registry],
    };
    const collect = (write: (name: string, value: number) => void): void => {
      for (const client of clients) write(client.name, statsOf(client)[stat] ?? 0);
    };
    if (isGauge) {
      const gauge: GaugeLike = new Gauge({
        ...base,
        collect: () => collect((name, value) => gauge.labels(name).set(value)),
      });
    } else {
      const counter: CounterLike = new Counter({
        ...base,
        collect: () => {
          counter.reset();
          collect((name, value) => counter.labels(name).inc(value));
        },
      });
    }
  }
}

function metricName(stat: string): string {
  const snake = stat.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
  return `octofetch_${snake}${GAUGES.test(stat) ? '' : '_total'}`;
}

/** Of a client that was closed there are none left. */
function statsOf(client: Client): Record<string, number> {
  try {
    return client.stats();
  } catch {
    return {};
  }
}
