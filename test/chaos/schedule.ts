import { between, pick, seededRandom } from './seeded-random.ts';

/** What can be killed: one of the workers, or a server. */
export type Victim = 'worker' | 'redis' | 'minio' | 'azure' | 'mongo';

/** One kill of the schedule. */
export interface Kill {
  /** Since the kill before. */
  readonly afterMs: number;
  readonly victim: Victim;
  /** In [0, 1): which of the workers. */
  readonly which: number;
  /** How long until it is started again. */
  readonly downMs: number;
}

/** What happens to one exchange (a request and its answer) on its way through a proxy. */
export type ExchangeFault =
  | { readonly kind: 'none' }
  /** The server never sees the request. */
  | { readonly kind: 'lose-request' }
  /** The server sees the first half of its first piece. */
  | { readonly kind: 'cut-request' }
  /** The server does what it was asked and nobody hears of it. */
  | { readonly kind: 'lose-answer' }
  /** The first half of the first piece of the answer arrives. */
  | { readonly kind: 'cut-answer' }
  /** The answer stays away for so long, then the connection breaks. */
  | { readonly kind: 'stall'; readonly forMs: number };

/** The faults that are injected; `none` is not one. */
export type FaultKind = Exclude<ExchangeFault['kind'], 'none'>;

const KILL_EVERY_MS = [2_000, 5_000] as const;
const DOWN_MS = [0, 2_000] as const;
const STALL_MS = [500, 6_000] as const;
/** Workers die more often than servers, as there are more of them. */
const WEIGHTS: Readonly<Record<Victim, number>> = { worker: 6, redis: 2, minio: 2, azure: 1, mongo: 1 };
const FAULTS: readonly { readonly value: FaultKind; readonly weight: number }[] = [
  { value: 'lose-request', weight: 3 },
  { value: 'cut-request', weight: 2 },
  { value: 'lose-answer', weight: 3 },
  { value: 'cut-answer', weight: 2 },
  { value: 'stall', weight: 1 },
];

/** The kills of a run, without end: the same for the same seed and victims. */
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
