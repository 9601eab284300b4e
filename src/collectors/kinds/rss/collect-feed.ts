import type { HttpResponse, Validators } from '../../../runtime/http-client/http-client.ts';
import { definedFields } from '../../../domain/defined-fields.ts';
import { LaterError, toJobError, TransientError, type AnyJobError } from '../../../domain/job-errors.ts';
import { charsetOf } from '../../../runtime/http-client/response-headers.ts';
import { parsingThreads } from '../../../runtime/thread-pool.ts';
import type { CollectContext, CollectedItem, PartResult } from '../../collector.ts';
import { accessOf } from './feed-access.ts';
import {
  afterLimit,
  afterNoChange,
  afterParseError,
  afterReading,
  brokenNote,
  isStillBroken,
  planPolling,
} from './polling.ts';
import type { FeedItems, readFeedItems } from './read-feed-items.ts';
import type { FeedSettings, RssSettings } from './settings.ts';
import type { FeedState, RssState } from './state.ts';

const ACCEPTED =
  'application/rss+xml, application/atom+xml, application/feed+json, application/xml;q=0.9, application/json;q=0.9, */*;q=0.8';
const readInThread = parsingThreads.inThread<typeof readFeedItems>(
  new URL('./read-feed-items.ts', import.meta.url),
  'readFeedItems',
);

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
    if (parsed !== undefined) yield* parsed.items;
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
  readonly parsed?: FeedItems;
}

async function fetchFeed(
  context: CollectContext<RssSettings, RssState>,
  feed: FeedSettings,
  state: FeedState,
  validators: Validators | undefined,
): Promise<FetchResult> {
  const { http, settings, signal, now } = context;
  const { url, ...access } = accessOf(feed.url);
  const response = await http.fetch(url, {
    ...access,
    headers: { accept: ACCEPTED },
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
  return await readResponse(context, feed, state, response);
}

async function readResponse(
  { settings, signal, now }: CollectContext<RssSettings, RssState>,
  feed: FeedSettings,
  state: FeedState,
  response: HttpResponse,
): Promise<FetchResult> {
  const { maxItemsPerFeed: maxItems, maxFeedBytes: maxBytes } = settings;
  const bytes = await response.bytes();
  const options = { charset: charsetOf(response.headers), url: response.url.href, maxItems, maxBytes };
  /** The validators of this version are not kept: the next run fetches the feed again. */
  const failed = (error: AnyJobError, items?: number): FetchResult => {
    const nextState = afterParseError(state, response.validators, now());
    const times = nextState.broken?.times ?? 1;
    const note = times === 1 ? error.message : `${error.message} (${String(times)} times in a row)`;
    return { nextState, part: definedFields({ status: 'failed' as const, items, note, error }) };
  };
  try {
    const parsed = await readInThread(
      { signal, what: `Parsing the feed ${feed.name}` },
      bytes,
      definedFields(options),
      { settings, feed, now: now() },
    );
    const items = parsed.itemCount;
    if (parsed.isCutOff) return { ...failed(cutOff(items), items), parsed };
    const part = definedFields({ status: 'success' as const, items, note: noteOf(parsed) });
    return { nextState: afterReading(response, parsed.ttlMinutes, now()), part, parsed };
  } catch (thrown) {
    const error = toJobError(thrown, signal);
    if (error.errorClass !== 'source_format' && error.errorClass !== 'too_complex') throw error;
    return failed(error);
  }
}

function cutOff(items: number): TransientError {
  return new TransientError(
    'source_format',
    `The feed is cut off: its end tag is missing. Items read: ${String(items)}; further ones may be missing.`,
  );
}

/** What a person should know about a feed that was read; undefined when there is nothing. */
function noteOf({ leftOut, invalidSequences, unclosed }: FeedItems): string | undefined {
  const count = (number: number, what: string, rest: string) =>
    number === 0 ? [] : [`${String(number)} ${what}${number === 1 ? '' : 's'} ${rest}`];
  const notes = [
    ...count(leftOut, 'item', 'beyond maxItemsPerFeed left out'),
    ...count(invalidSequences, 'invalid character', 'shown as \uFFFD'),
    ...count(unclosed, 'item', 'without end, read as far as possible'),
  ];
  return notes.length === 0 ? undefined : notes.join('; ');
}
