// What client.debug() answers: the library's document of a client, as octo_client_explain writes it. docs/python explains it.

/** An address of the origin. */
export interface InsideAddress {
  address: string;
  connections_open: number;
  connections_idle: number;
  /** To connect, since the last success. */
  failures: number;
  /** For how long others are taken first. */
  set_aside_us: number;
}

/** A batch that had late or failed requests. */
export interface InsideBatch {
  frozen_ago_us: number;
  state: string;
  budget_us: number;
  frozen_us: number;
  pickup_lag_us: number;
  counts: { requests: number; settled: number; ok: number; missing: number; late: number; failed: number };
  line: string;
}

/** Its names are the document's, as in every language. */
export interface Inside {
  v: 1;
  name: string;
  /** Unix time of the answer. */
  time_s: number;
  engine: { state: 'none' | 'running' | 'asleep'; written_ago_us: number | null };
  queue: { length: number; limit: number };
  slots: {
    busy: number;
    max: number;
    resolving: number;
    connecting: number;
    securing: number;
    waiting: number;
    receiving: number;
    orphans: number;
  };
  connections: { open: number; idle: number };
  addresses: { count: number; age_us: number | null; looking_up: boolean; shown: InsideAddress[] };
  /** null where nothing is signed. */
  credentials: { set: boolean; expires_in_s: number | null } | null;
  estimate: { now_us: number; service_us_p50: number; service_us_p90: number; service_us_p99: number };
  memory: { active: number; delivered: number; max: number };
  worst: InsideBatch[];
}
