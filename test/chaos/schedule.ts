import { between, pick, seededRandom } from './seeded-random.ts';

/** What can be killed: one of the workers, or a server. */
export type Victim = 'worker' | 'redis' | 'minio' | 'azure' | 'mongo';

/** One kill of the schedule. */
export interface Kill {
  /** Since the previous kill. */
  readonly afterMs: number;
  readonly victim: Victim;
  /** In [0, 1): which of the workers. */
  readonly which: number;
  /** How long it stays down. */
  readonly downMs: number;
}

/** What happens to one exchange (a request and its response) in a proxy. */
export type ExchangeFault =
  | { readonly kind: 'none' }
  /** The server never sees the request. */
  | { readonly kind: 'lose-request' }
  /** The server gets the first half of the first chunk. */
  | { readonly kind: 'cut-request' }
  /** The server handles the request and its response is lost. */
  | { readonly kind: 'lose-answer' }
  /** The client gets the first half of the first chunk of the response. */
  | { readonly kind: 'cut-answer' }
  /** The response is held back for so long, then the connection is reset. */
  | { readonly kind: 'stall'; readonly forMs: number };

export type FaultKind = Exclude<ExchangeFault['kind'], 'none'>;

const KILL_EVERY_MS = [2_000, 5_000] as const;
const DOWN_MS = [0, 2_000] as const;
const STALL_MS = [500, 6_000] as const;
/** Workers are killed more often than servers, as there are more of them. */
const WEIGHTS: Readonly<Record<Victim, number>> = { worker: 6, redis: 2, minio: 2, azure: 1, mongo: 1 };
const FAULTS: readonly { readonly value: FaultKind; readonly weight: number }[] = [
  { value: 'lose-request', weight: 3 },
  { value: 'cut-request', weight: 2 },
  { value: 'lose-answer', weight: 3 },
  { value: 'cut-answer', weight: 2 },
  { value: 'stall', weight: 1 },
];

/** The endless kills of a run: the same for the same seed and victims. */
export function* killSchedule(seed: number, victims: readonly Victim[]): Generator<Kill, never> {
  const random = seededRandom(seed, 'kills');
  const choices = victims.map((value) => ({ value, weight: WEIGHTS[value] }));
  for (;;) {
    yield {
      afterMs: Math.round(between(random, ...KILL_EVERY_MS)),
      victim: pick(random, choices),
      which: random(),
      downMs: Math.round(between(random, ...DOWN_MS)),
    };
  }
}

/**
 * The faults of one proxy, exchange by exchange: the same for the same seed and name.
 * @param share of the exchanges that fail, 0–1.
 */
export function faultSchedule(seed: number, name: string, share: number): () => ExchangeFault {
  const random = seededRandom(seed, `faults of ${name}`);
  return () => {
    if (random() >= share) return { kind: 'none' };
    const kind = pick(random, FAULTS);
    return kind === 'stall' ? { kind, forMs: Math.round(between(random, ...STALL_MS)) } : { kind };
  };
}
