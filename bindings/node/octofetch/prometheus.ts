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

/** What is used of the module prom-client, version 15. */
export interface PromClient<Registry> {
  Gauge: new (configuration: MetricConfiguration<Registry>) => GaugeLike;
  Counter: new (configuration: MetricConfiguration<Registry>) => CounterLike;
  register: Registry;
}

const GAUGES = /^(connections(Open|Idle)|slotsBusy|queued|memory|serviceUs|estimateUs)/;

/**
 * Registers metrics of these clients, with the label `client` for their names, in prom-client's default registry or in
 * `registry`: `collectMetrics(require('prom-client'), [thumbs])`.
 */
export function collectMetrics<Registry>(
  { Gauge, Counter, register }: PromClient<Registry>,
  clients: readonly Client[],
  registry: Registry = register,
): void {
  for (const stat of Object.keys(clients[0]?.stats() ?? {})) {
    const isGauge = GAUGES.test(stat);
    const base = {
      name: metricName(stat, isGauge),
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

function metricName(stat: string, isGauge: boolean): string {
  const snake = stat.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
  return `octofetch_${snake}${isGauge ? '' : '_total'}`;
}

/** Of a client that was closed there are none left. */
function statsOf(client: Client): Record<string, number> {
  try {
    return client.stats();
  } catch {
    return {};
  }
}
