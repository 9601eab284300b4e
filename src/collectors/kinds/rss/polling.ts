import type { Validators } from '../../../runtime/http-client/http-client.ts';
import type { FeedState } from './state.ts';

/** What is to be done with a feed now. */
export type PollingPlan =
  | { readonly do: 'ask'; readonly validators: Validators | undefined }
  | { readonly do: 'wait'; readonly status: 'unchanged' | 'skipped'; readonly note: string };

/** After so many failures to read it a feed rests; the number is Miniflux' POLLING_PARSING_ERROR_LIMIT. */
const MOST_PARSE_ERRORS = 3;
const BROKEN_REST_MS = 24 * 3_600_000;
/** Whatever a feed announces, it is asked once a day. */
const LONGEST_FRESHNESS_MS = 24 * 3_600_000;
/** A feed that is fresh for an hour is due at the next run of an hourly schedule, which is some seconds early. */
const EARLY_SHARE = 0.1;
const MOST_EARLY_MS = 5 * 60_000;
/** Where a server limits requests and does not say for how long. */
const PAUSE_MS = 3_600_000;

/** Decides whether a feed is asked, and with which validators. */
export function planPolling(state: FeedState, now: Date): PollingPlan {
  const { notBefore, freshUntil, broken } = state;
  if (notBefore !== undefined && isAhead(notBefore, now)) {
    return {
      do: 'wait',
      status: 'skipped',
      note: `not asked: its server asked for a pause until ${notBefore}`,
    };
  }
  if (broken !== undefined && isResting(broken, now)) {
    // The server tells whether it is still the broken version, where it knows versions.
    if (broken.validators !== undefined) return { do: 'ask', validators: broken.validators };
    return { do: 'wait', status: 'skipped', note: brokenNote(broken) };
  }
  if (broken !== undefined) return { do: 'ask', validators: undefined };
  if (freshUntil !== undefined && isAhead(freshUntil, now)) {
    return {
      do: 'wait',
      status: 'unchanged',
      note: `not asked: it announced nothing new before ${freshUntil}`,
    };
  }
  return { do: 'ask', validators: state.validators };
}

/** Whether this is the version that could not be read, as its server names versions. */
export function isStillBroken({ broken }: FeedState, validators: Validators, now: Date): boolean {
  if (broken?.validators === undefined || !isResting(broken, now)) return false;
  const { etag, lastModified } = broken.validators;
  return etag === undefined ? lastModified === validators.lastModified : etag === validators.etag;
}

/** What to say of a feed that rests because it cannot be read. */
export function brokenNote({ times, lastAt }: NonNullable<FeedState['broken']>): string {
  const until = new Date(Date.parse(lastAt) + BROKEN_REST_MS).toISOString();
  return `could not be read ${String(times)} times in a row: not read again before it changes or ${until}`;
}

/** The state after a feed was read. */
export function afterReading(
  answer: { readonly validators: Validators; readonly freshForMs: number | undefined },
  ttlMinutes: number | undefined,
  now: Date,
): FeedState {
  return {
    ...validatorsIn(answer.validators),
    ...(ttlMinutes === undefined ? {} : { ttlMinutes }),
    ...freshness(answer.freshForMs, ttlMinutes, now),
  };
}

/** The state after a 304: a server that sends validators with it names new ones. */
export function afterNoChange(
  state: FeedState,
  answer: { readonly validators: Validators; readonly freshForMs: number | undefined },
  now: Date,
): FeedState {
  const { validators, ttlMinutes, broken } = state;
  if (broken !== undefined) return state;
  return {
    ...validatorsIn({ ...validators, ...answer.validators }),
    ...(ttlMinutes === undefined ? {} : { ttlMinutes }),
    ...freshness(answer.freshForMs, ttlMinutes, now),
  };
}

/** The state after a version that could not be read; what was read before stays known. */
export function afterParseError(state: FeedState, validators: Validators, now: Date): FeedState {
  const times = (state.broken?.times ?? 0) + 1;
  return {
    ...(state.validators === undefined ? {} : { validators: state.validators }),
    ...(state.ttlMinutes === undefined ? {} : { ttlMinutes: state.ttlMinutes }),
    broken: { times, lastAt: now.toISOString(), ...validatorsIn(validators) },
  };
}

/** The state after a server asked for a pause. */
export function afterLimit(state: FeedState, availableAt: Date | undefined, now: Date): FeedState {
  return { ...state, notBefore: (availableAt ?? new Date(now.getTime() + PAUSE_MS)).toISOString() };
}

function validatorsIn(validators: Validators): Pick<FeedState, 'validators'> {
  return validators.etag === undefined && validators.lastModified === undefined ? {} : { validators };
}

/** The longer of what the headers and what the feed itself say, less what makes it due at the run it is meant for. */
function freshness(
  freshForMs: number | undefined,
  ttlMinutes: number | undefined,
  now: Date,
): Pick<FeedState, 'freshUntil'> {
  const announcedMs = Math.max(freshForMs ?? 0, (ttlMinutes ?? 0) * 60_000);
  const freshMs = Math.min(announcedMs, LONGEST_FRESHNESS_MS);
  const untilMs = freshMs - Math.min(freshMs * EARLY_SHARE, MOST_EARLY_MS);
  return untilMs <= 0 ? {} : { freshUntil: new Date(now.getTime() + untilMs).toISOString() };
}

function isResting({ times, lastAt }: NonNullable<FeedState['broken']>, now: Date): boolean {
  return (
    times >= MOST_PARSE_ERRORS && isAhead(new Date(Date.parse(lastAt) + BROKEN_REST_MS).toISOString(), now)
  );
}

function isAhead(time: string, now: Date): boolean {
  return Date.parse(time) > now.getTime();
}
