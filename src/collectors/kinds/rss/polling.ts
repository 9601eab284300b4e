import { definedFields } from '../../../domain/defined-fields.ts';
import type { HttpResponse, Validators } from '../../../runtime/http-client/http-client.ts';
import type { FeedState } from './state.ts';

type Broken = NonNullable<FeedState['broken']>;

export type PollingPlan =
  | { readonly do: 'fetch'; readonly validators: Validators | undefined }
  | { readonly do: 'skip'; readonly status: 'unchanged' | 'skipped'; readonly note: string };

/** After this many parse errors a feed is paused; the number is POLLING_PARSING_ERROR_LIMIT of Miniflux. */
const MAX_PARSE_ERRORS = 3;
const BROKEN_PAUSE_MS = 24 * 3_600_000;
/** A feed is requested at least once a day, whatever freshness it announces. */
const MAX_FRESHNESS_MS = 24 * 3_600_000;
/** Requests a feed somewhat early: one that is fresh for an hour is due in the next run of an hourly schedule. */
const EARLY_SHARE = 0.1;
const MAX_EARLY_MS = 5 * 60_000;
/** When a server limits requests without saying for how long. */
const DEFAULT_PAUSE_MS = 3_600_000;

export function planPolling(state: FeedState, now: Date): PollingPlan {
  const { notBefore, freshUntil, broken } = state;
  if (notBefore !== undefined && isFuture(notBefore, now)) {
    return {
      do: 'skip',
      status: 'skipped',
      note: `not requested: the server asked for a pause until ${notBefore}`,
    };
  }
  if (broken !== undefined && isPaused(broken, now)) {
    // With validators the server tells whether the feed is still the broken version.
    if (broken.validators !== undefined) return { do: 'fetch', validators: broken.validators };
    return { do: 'skip', status: 'skipped', note: brokenNote(broken) };
  }
  if (broken !== undefined) return { do: 'fetch', validators: undefined };
  if (freshUntil !== undefined && isFuture(freshUntil, now)) {
    return { do: 'skip', status: 'unchanged', note: `not requested: the feed is fresh until ${freshUntil}` };
  }
  return { do: 'fetch', validators: state.validators };
}

/** Whether the validators are those of the version that could not be parsed. */
export function isStillBroken({ broken }: FeedState, validators: Validators, now: Date): boolean {
  if (broken?.validators === undefined || !isPaused(broken, now)) return false;
  const { etag, lastModified } = broken.validators;
  return etag === undefined ? lastModified === validators.lastModified : etag === validators.etag;
}

export function brokenNote(broken: Broken): string {
  return `could not be parsed ${String(broken.times)} times in a row: not parsed again until it changes or ${pauseEndOf(broken)}`;
}

export function afterReading(
  response: Pick<HttpResponse, 'validators' | 'freshForMs'>,
  ttlMinutes: number | undefined,
  now: Date,
): FeedState {
  return definedFields({
    validators: validatorsIfAny(response.validators),
    ttlMinutes,
    freshUntil: freshUntilOf(response.freshForMs, ttlMinutes, now),
  });
}

/** The state after a 304, whose validators replace the known ones. */
export function afterNoChange(
  state: FeedState,
  response: Pick<HttpResponse, 'validators' | 'freshForMs'>,
  now: Date,
): FeedState {
  const validators = { ...state.validators, ...response.validators };
  return afterReading({ validators, freshForMs: response.freshForMs }, state.ttlMinutes, now);
}

/** The state after a parse error; keeps the validators of the last version that was parsed. */
export function afterParseError(state: FeedState, validators: Validators, now: Date): FeedState {
  const times = (state.broken?.times ?? 0) + 1;
  return definedFields({
    validators: state.validators,
    ttlMinutes: state.ttlMinutes,
    broken: definedFields({ times, lastAt: now.toISOString(), validators: validatorsIfAny(validators) }),
  });
}

export function afterLimit(state: FeedState, availableAt: Date | undefined, now: Date): FeedState {
  return { ...state, notBefore: (availableAt ?? new Date(now.getTime() + DEFAULT_PAUSE_MS)).toISOString() };
}

function validatorsIfAny(validators: Validators): Validators | undefined {
  return validators.etag === undefined && validators.lastModified === undefined ? undefined : validators;
}

/** The longer freshness of headers and feed, shortened so that the feed is due in the run it is meant for. */
function freshUntilOf(
  freshForMs: number | undefined,
  ttlMinutes: number | undefined,
  now: Date,
): string | undefined {
  const announcedMs = Math.max(freshForMs ?? 0, (ttlMinutes ?? 0) * 60_000);
  const freshMs = Math.min(announcedMs, MAX_FRESHNESS_MS);
  const untilMs = freshMs - Math.min(freshMs * EARLY_SHARE, MAX_EARLY_MS);
  return untilMs <= 0 ? undefined : new Date(now.getTime() + untilMs).toISOString();
}

function isPaused(broken: Broken, now: Date): boolean {
  return broken.times >= MAX_PARSE_ERRORS && isFuture(pauseEndOf(broken), now);
}

function pauseEndOf({ lastAt }: Broken): string {
  return new Date(Date.parse(lastAt) + BROKEN_PAUSE_MS).toISOString();
}

function isFuture(time: string, now: Date): boolean {
  return Date.parse(time) > now.getTime();
}
