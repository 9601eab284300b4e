import { hash } from 'node:crypto';
import { canonicalUrl, withoutTracking } from '../../canonical-form.ts';
import type { FeedItem } from './feed-item.ts';

/**
 * Computes the ids of the items of one feed, as Miniflux does.
 * @param feedId identifies the feed; stays the same when its URL changes
 * @param items all items of the feed, to find guids that several items share
 */
export function itemKeys(feedId: string, items: readonly FeedItem[]) {
  const ambiguous = ambiguousGuids(items);
  return {
    /** 64 hexadecimal digits that do not depend on the content; undefined when nothing identifies the item. */
    keyOf(item: FeedItem): string | undefined {
      const guid = guidOf(item);
      if (guid !== undefined) {
        // A guid such as `1` is unique only within its feed, a URL or URN everywhere.
        const name = /^[a-z][a-z\d+.-]*:/i.test(guid) ? guid : `${feedId}\n${guid}`;
        return hash('sha256', ambiguous.has(guid) ? `${name}|${item.link ?? item.title ?? ''}` : name);
      }
      if (item.link !== undefined) return hash('sha256', canonicalUrl(item.link));
      const text = `${item.title ?? ''}${item.content ?? item.summary ?? ''}`;
      return text === '' ? undefined : hash('sha256', text);
    },
    /** The video id of its episode, derived from feed and guid and never from the URL of the audio. */
    episodeIdOf(item: FeedItem, publishedAt: Date | undefined): string | undefined {
      // URLs of audio files contain tokens that change with every request, and some feeds link to them.
      const page =
        item.link === undefined || item.link === item.audioUrl ? undefined : canonicalUrl(item.link);
      const guid = guidOf(item);
      if (guid !== undefined) {
        const name = ambiguous.has(guid) ? `${guid}|${page ?? item.title ?? ''}` : guid;
        return hash('sha256', `${feedId}\n${name}`);
      }
      if (page !== undefined) return hash('sha256', `${feedId}\n${page}`);
      if (item.title === undefined || publishedAt === undefined) return undefined;
      return hash('sha256', `${feedId}\n${item.title}\n${publishedAt.toISOString()}`);
    },
  };
}

/**
 * Without the section that franceinfo appends, which differs between its feeds for the same article, and without tracking
 * parameters, which may differ with every request.
 */
function guidOf({ guid }: FeedItem): string | undefined {
  const text = withoutTracking(guid?.split(/#xtor=/i, 1)[0]?.trim() ?? '');
  return text === '' ? undefined : text;
}

/** Guids of different items. An item that is listed twice does not make its guid ambiguous. */
function ambiguousGuids(items: readonly FeedItem[]): ReadonlySet<string> {
  const first = new Map<string, string>();
  const ambiguous = new Set<string>();
  for (const item of items) {
    const guid = guidOf(item);
    if (guid === undefined) continue;
    const self = `${item.link === undefined ? '' : canonicalUrl(item.link)}\n${item.title ?? ''}`;
    const other = first.get(guid);
    if (other === undefined) first.set(guid, self);
    else if (other !== self) ambiguous.add(guid);
  }
  return ambiguous;
}
