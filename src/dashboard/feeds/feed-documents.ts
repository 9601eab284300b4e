import type { Response } from 'express';
import type { PlaylistDocument } from '../../database/collections/playlist.ts';
import type { Database } from '../../database/database.ts';
import type { ArchivedVideo } from '../../database/video-search.ts';
import { shownAddress } from '../../domain/shown-address.ts';
import { audioContentType } from '../../storage/audio-content-type.ts';
import type { Messages } from '../../text/messages/en.ts';
import { plainText } from '../../text/plain-text.ts';
import type { FeedIndexes } from './feed-index.ts';
import type { FeedLinks } from './feed-links.ts';
import { feedPart } from './feed-parts.ts';
import { renderFeed, type FeedItem } from './render-feed.ts';
import { renderOpml } from './render-opml.ts';

interface DocumentDependencies {
  readonly database: Database;
  readonly indexes: FeedIndexes;
  /** Of the texts in feeds; players send no language. */
  readonly messages: Messages;
}

const MAX_TITLE_LENGTH = 500;
/** Videos read together. */
const BATCH = 500;

/** A document that is ready to be sent. */
export interface FeedDocument {
  readonly text: string;
  readonly changedAt: Date | undefined;
}

/**
 * The feed of a playlist, or an archive of it.
 * @param isPrivate its address is a secret
 * @returns undefined when there is no such playlist or archive
 */
export async function makeFeed(
  playlistId: string,
  archive: number | undefined,
  links: FeedLinks,
  isPrivate: boolean,
  { database, indexes, messages }: DocumentDependencies,
): Promise<FeedDocument | undefined> {
  const playlist = await database.playlists.findById(playlistId);
  if (playlist === undefined || playlist.forgotten_at) return undefined;
  const { ids, changedAt } = await indexes.of(playlistId);
  const part = feedPart(ids.length, archive);
  if (part === undefined) return undefined;
  const items: FeedItem[] = [];
  let author: string | undefined;
  let language: string | undefined;
  for (let start = part.start; start < part.end; start += BATCH) {
    const batch = ids.slice(start, Math.min(start + BATCH, part.end));
    for (const video of await database.playlistContents.archivedVideos(batch)) {
      author ??= video.author ?? undefined;
      language ??= video.audio.language;
      items.push(itemOf(video, links, messages));
    }
  }
  const title = titleOf(playlist);
  const text = renderFeed({
    ...{ title, author, changedAt, isPrivate, part, items },
    description: messages.feeds.description(title),
    link: shownAddress(playlist.url),
    language: playlist.settings?.language ?? language ?? messages.language,
    coverUrl: links.cover(playlistId),
    addressOf: (number) => links.feed(playlistId, number),
  });
  return { text, changedAt };
}

/** All feeds, by title. */
export async function makeOpml(
  links: FeedLinks,
  { database, messages }: Pick<DocumentDependencies, 'database' | 'messages'>,
): Promise<FeedDocument> {
  const feeds = (await database.playlists.all())
    .map((playlist) => ({
      title: titleOf(playlist),
      feedUrl: links.feed(playlist._id),
      link: shownAddress(playlist.url),
    }))
    .sort((one, other) => one.title.localeCompare(other.title, messages.language));
  return { text: renderOpml(messages.feeds.opmlTitle, feeds), changedAt: undefined };
}

/** Sends a document so that a player that knows it already gets 304 (RFC 9110, section 13). */
export function sendDocument({ text, changedAt }: FeedDocument, type: string, response: Response): void {
  response.set({ 'content-type': `${type}; charset=utf-8`, 'cache-control': 'private, no-cache' });
  if (changedAt !== undefined) response.set('last-modified', changedAt.toUTCString());
  // Express makes the ETag, a hash of the text, and answers 304 and HEAD.
  response.send(text);
}

function itemOf(video: ArchivedVideo, links: FeedLinks, { feeds }: Messages): FeedItem {
  const { _id: id, title, author, url, audio } = video;
  const address = shownAddress(url);
  const link = /^https?:\/\//i.test(address) ? address : undefined;
  return {
    id,
    title: plainText(title ?? id, MAX_TITLE_LENGTH),
    author: author ? plainText(author, MAX_TITLE_LENGTH) : undefined,
    description: link === undefined ? '' : feeds.source(link),
    link,
    publishedAt: video.published_at ?? video.created_at,
    durationSeconds: audio.duration ?? video.duration ?? undefined,
    audio: {
      url: links.audio(id, audio.format),
      sizeBytes: audio.size,
      type: audioContentType(audio.format),
    },
  };
}

function titleOf({ title, _id: id }: PlaylistDocument): string {
  return plainText(title ?? id, MAX_TITLE_LENGTH);
}
