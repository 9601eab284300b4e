import type { HttpRequest, Validators } from '../../../runtime/http-client/http-client.ts';
import { definedFields } from '../../../domain/defined-fields.ts';
import { LaterError, toJobError } from '../../../domain/job-errors.ts';
import type { CollectContext, CollectedItem, PartResult } from '../../collector.ts';
import { decodeFeed } from './decode-feed.ts';
import { toCollectedItems } from './collected-items.ts';
import {
  afterLimit,
  afterNoChange,
  afterParseError,
  afterReading,
  brokenNote,
  isStillBroken,
  planPolling,
} from './polling.ts';
import { readFeed, type ParsedFeed } from './read-feed.ts';
import type { FeedSettings, RssSettings } from './settings.ts';
import type { FeedState, RssState } from './state.ts';

/** Query parameters that are credentials of a private feed. */
const SECRET_PARAMETER = /^(?:.*(?:token|secret|passw|signature).*|auth|key|api_?key|sig|hash)$/i;

/**
 * Collects one feed; yields its items, then the result of the part.
 * @returns the state to save after the items.
 * @throws JobError only for errors that concern all feeds: a shutdown, a problem of this machine.
 */
export async function* collectFeed(
  context: CollectContext<RssSettings, RssState>,
  feed: FeedSettings,
  state: FeedState,
): AsyncGenerator<Exclude<CollectedItem<RssState>, { type: 'checkpoint' }>, FeedState> {
  const { name } = feed;
  const plan = planPolling(state, context.now());
  if (plan.do === 'skip') {
    yield { type: 'part', name, status: plan.status, items: 0, note: plan.note };
    return state;
  }
  try {
    const { part, parsed, nextState } = await fetchFeed(context, feed, state, plan.validators);
    if (parsed !== undefined) yield* toCollectedItems(parsed, context.settings, feed);
    yield { type: 'part', name, ...part };
    return nextState;
  } catch (thrown) {
    const error = toJobError(thrown, context.signal);
    if (error.outcome === 'interrupted' || error.outcome === 'operator') throw error;
    yield { type: 'part', name, status: 'failed', note: error.message, error };
    return error instanceof LaterError ? afterLimit(state, error.availableAt, context.now()) : state;
  }
}

interface FetchResult {
  readonly nextState: FeedState;
  readonly part: Omit<PartResult, 'type' | 'name'>;
  /** Undefined when there is nothing new or the feed cannot be parsed. */
  readonly parsed?: ParsedFeed;
}

async function fetchFeed(
  { http, settings, signal, now }: CollectContext<RssSettings, RssState>,
  feed: FeedSettings,
  state: FeedState,
  validators: Validators | undefined,
): Promise<FetchResult> {
  const { url, ...access } = accessOf(feed.url);
  const response = await http.fetch(url, {
    ...access,
    headers: { accept: 'application/rss+xml, application/atom+xml, application/xml;q=0.9, */*;q=0.8' },
    ...definedFields({ validators }),
    maxBytes: settings.maxFeedBytes,
    signal,
  });
  const { broken } = state;
  if (broken !== undefined && (response.notModified || isStillBroken(state, response.validators, now()))) {
    await response.discard();
    return { nextState: state, part: { status: 'skipped', items: 0, note: brokenNote(broken) } };
  }
  if (response.notModified) {
    const part = { status: 'unchanged', items: 0, note: 'unchanged since the last run' } as const;
    return { nextState: afterNoChange(state, response, now()), part };
  }
  const bytes = await response.bytes();
  try {
    const text = decodeFeed(bytes, response.headers.get('content-type'));
    const parsed = readFeed(text, { url: response.url, maxItems: settings.maxItemsPerFeed, now: now() });
    const { items, leftOut } = parsed;
    const note = leftOut === 0 ? undefined : `${String(leftOut)} items beyond maxItemsPerFeed left out`;
    const part = definedFields({ status: 'success' as const, items: items.length, note });
    return { nextState: afterReading(response, parsed.ttlMinutes, now()), part, parsed };
  } catch (thrown) {
    const error = toJobError(thrown);
    const nextState = afterParseError(state, response.validators, now());
    const times = nextState.broken?.times ?? 1;
    const note = times === 1 ? error.message : `${error.message} (${String(times)} times in a row)`;
    return { nextState, part: { status: 'failed', note, error } };
  }
}

/** Moves the credentials of a private feed out of its URL, so that they appear in no message. */
function accessOf(address: string): Pick<HttpRequest, 'authorization' | 'secretParameters'> & { url: URL } {
  const url = new URL(address);
  const { username, password } = url;
  url.username = '';
  url.password = '';
  const secrets = [...url.searchParams].filter(([name]) => SECRET_PARAMETER.test(name));
  for (const [name] of secrets) url.searchParams.delete(name);
  const pair = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`;
  return definedFields({
    url,
    authorization: pair === ':' ? undefined : `Basic ${Buffer.from(pair).toString('base64')}`,
    secretParameters: secrets.length === 0 ? undefined : Object.fromEntries(secrets),
  });
}
