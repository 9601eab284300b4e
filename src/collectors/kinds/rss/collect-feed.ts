import type { HttpRequest, Validators } from '../../../runtime/http-client/http-client.ts';
import { LaterError, toJobError } from '../../../domain/job-errors.ts';
import type { CollectContext, Found } from '../../collector.ts';
import { decodeFeed } from './decode-feed.ts';
import { foundItems } from './found-items.ts';
import {
  afterLimit,
  afterNoChange,
  afterParseError,
  afterReading,
  brokenNote,
  isStillBroken,
  planPolling,
} from './polling.ts';
import { readFeed, type ReadFeed } from './read-feed.ts';
import type { FeedSettings, RssSettings } from './settings.ts';
import type { FeedState, RssState } from './state.ts';

/** Names of query parameters that are keys to a private feed. */
const SECRET_PARAMETER = /^(?:.*(?:token|secret|passw|signature).*|auth|key|api_?key|sig|hash)$/i;

/**
 * Collects one feed; its items come before its part.
 * @returns what to remember of the feed once these are durable.
 * @throws JobError only for what concerns more than this feed: a shutdown, a fault of this machine.
 */
export async function* collectFeed(
  context: CollectContext<RssSettings, RssState>,
  feed: FeedSettings,
  state: FeedState,
): AsyncGenerator<Exclude<Found<RssState>, { type: 'checkpoint' }>, FeedState> {
  const { name } = feed;
  const plan = planPolling(state, context.now());
  if (plan.do === 'wait') {
    yield { type: 'part', name, status: plan.status, items: 0, note: plan.note };
    return state;
  }
  try {
    const reply = await ask(context, feed, state, plan.validators);
    switch (reply.kind) {
      case 'broken': {
        const status = 'failed';
        yield { type: 'part', name, status, note: noteOf(reply.error, reply.state), error: reply.error };
        return reply.state;
      }
      case 'still-broken':
        yield { type: 'part', name, status: 'skipped', items: 0, note: reply.note };
        return reply.state;
      case 'unchanged':
        yield { type: 'part', name, status: 'unchanged', items: 0, note: 'unchanged since the last run' };
        return reply.state;
      case 'read': {
        yield* foundItems(reply.feed, context.settings, feed);
        const { items, leftOut } = reply.feed;
        const note =
          leftOut === 0 ? {} : { note: `${String(leftOut)} items beyond maxItemsPerFeed left out` };
        yield { type: 'part', name, status: 'success', items: items.length, ...note };
        return reply.state;
      }
    }
  } catch (thrown) {
    const error = toJobError(thrown, context.signal);
    if (error.outcome === 'interrupted' || error.outcome === 'operator') throw error;
    yield { type: 'part', name, status: 'failed', note: error.message, error };
    return error instanceof LaterError ? afterLimit(state, error.availableAt, context.now()) : state;
  }
}

type Reply =
  | { readonly kind: 'unchanged'; readonly state: FeedState }
  | { readonly kind: 'still-broken'; readonly state: FeedState; readonly note: string }
  | { readonly kind: 'broken'; readonly state: FeedState; readonly error: Error }
  | { readonly kind: 'read'; readonly state: FeedState; readonly feed: ReadFeed };

async function ask(
  { http, settings, signal, now }: CollectContext<RssSettings, RssState>,
  feed: FeedSettings,
  state: FeedState,
  validators: Validators | undefined,
): Promise<Reply> {
  const { url, ...access } = accessOf(feed.url);
  const answer = await http.fetch(url, {
    ...access,
    headers: { accept: 'application/rss+xml, application/atom+xml, application/xml;q=0.9, */*;q=0.8' },
    ...(validators === undefined ? {} : { validators }),
    maxBytes: settings.maxFeedBytes,
    signal,
  });
  if (answer.notModified) {
    const { broken } = state;
    if (broken === undefined) return { kind: 'unchanged', state: afterNoChange(state, answer, now()) };
    return { kind: 'still-broken', state, note: brokenNote(broken) };
  }
  if (state.broken !== undefined && isStillBroken(state, answer.validators, now())) {
    await answer.discard();
    return { kind: 'still-broken', state, note: brokenNote(state.broken) };
  }
  const bytes = await answer.bytes();
  try {
    const text = decodeFeed(bytes, answer.headers.get('content-type'));
    const read = readFeed(text, { url: answer.url, maxItems: settings.maxItemsPerFeed, now: now() });
    return { kind: 'read', state: afterReading(answer, read.ttlMinutes, now()), feed: read };
  } catch (error) {
    const failure = toJobError(error);
    return { kind: 'broken', state: afterParseError(state, answer.validators, now()), error: failure };
  }
}

function noteOf(error: Error, { broken }: FeedState): string {
  const times = broken?.times ?? 1;
  return times === 1 ? error.message : `${error.message} (${String(times)} times in a row)`;
}

/** The keys to a private feed stand in its address; they are to be in no message. */
function accessOf(address: string): Pick<HttpRequest, 'authorization' | 'secretParameters'> & { url: URL } {
  const url = new URL(address);
  const { username, password } = url;
  url.username = '';
  url.password = '';
  const secrets = [...url.searchParams].filter(([name]) => SECRET_PARAMETER.test(name));
  for (const [name] of secrets) url.searchParams.delete(name);
  const pair = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`;
  return {
    url,
    ...(pair === ':' ? {} : { authorization: `Basic ${Buffer.from(pair).toString('base64')}` }),
    ...(secrets.length === 0 ? {} : { secretParameters: Object.fromEntries(secrets) }),
  };
}
