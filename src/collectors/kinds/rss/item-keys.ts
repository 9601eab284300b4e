import { createHash } from 'node:crypto';
import { canonicalUrl } from '../../identity-text.ts';
import type { FeedItem } from './read-feed.ts';

/** Tells the ids of the items of one feed apart, as Miniflux does, with what a feed needs of its own. */
export interface ItemKeys {
  /** Names the item whatever its content says: 64 hexadecimal digits. Undefined when nothing tells it apart. */
  keyOf(item: FeedItem): string | undefined;
  /** The video id of its episode: made of feed and guid, never of the address of the audio. */
  episodeIdOf(item: FeedItem): string | undefined;
}

/**
 * Looks through the items of a feed once, for guids that name more than one of them.
 * @param feedId names the feed when its address changes too
 */
export function itemKeys(feedId: string, items: readonly FeedItem[]): ItemKeys {
  const ambiguous = ambiguousGuids(items);
  return {
    keyOf(item) {
      const guid = guidOf(item);
      if (guid !== undefined) {
        // `1` means another thing in every feed; an address or a URN means the same thing everywhere.
        const name = /^[a-z][a-z\d+.-]*:/i.test(guid) ? guid : `${feedId}\n${guid}`;
        return sha256(ambiguous.has(guid) ? `${name}|${item.link ?? item.title ?? ''}` : name);
      }
      if (item.link !== undefined) return sha256(canonicalUrl(item.link));
      const text = `${item.title ?? ''}${item.content ?? item.summary ?? ''}`;
      return text === '' ? undefined : sha256(text);
    },
    episodeIdOf(item) {
      // Addresses of audio carry tokens that change with every request; some feeds link to them.
      const page =
        item.link === undefined || item.link === item.audioUrl ? undefined : canonicalUrl(item.link);
      const guid = guidOf(item);
      if (guid !== undefined) {
        return sha256(`${feedId}\n${ambiguous.has(guid) ? `${guid}|${page ?? item.title ?? ''}` : guid}`);
      }
      if (page !== undefined) return sha256(`${feedId}\n${page}`);
      if (item.title === undefined || item.publishedAt === undefined) return undefined;
      return sha256(`${feedId}\n${item.title}\n${item.publishedAt.toISOString()}`);
    },
  };
}

/** Without the name of the section that franceinfo appends: one article has another one in each of its feeds. */
function guidOf({ guid }: FeedItem): string | undefined {
  const text = guid?.trim().replace(/#xtor=.*$/i, '');
  return text === '' ? undefined : text;
}

/** An item that is listed twice is no second one. */
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

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
