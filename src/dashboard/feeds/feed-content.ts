import type { Request, Response } from 'express';
import { isArchived } from '../../database/video-search.ts';
import type { Database } from '../../database/database.ts';
import { parseVideoDocumentId } from '../../domain/video-key.ts';
import type { Messages } from '../../text/messages/en.ts';
import type { MinioStore } from '../../storage/minio-store.ts';
import { sendObject } from '../videos/send-audio.ts';
import type { Covers } from './covers.ts';
import { makeFeed, makeOpml, sendDocument } from './feed-documents.ts';
import type { FeedIndexes } from './feed-index.ts';
import type { FeedLinks } from './feed-links.ts';
import { plainCover } from './plain-cover.ts';

export interface FeedContentDependencies {
  readonly database: Database;
  readonly store: MinioStore;
  readonly indexes: FeedIndexes;
  readonly covers: Covers;
  readonly messages: Messages;
}

/** Who asks: which feeds, and how addresses begin. */
export interface FeedRequest {
  readonly request: Request;
  readonly response: Response;
  readonly links: FeedLinks;
  /** The only playlist whose feed may be read; undefined for all. */
  readonly onlyPlaylist: string | undefined;
  readonly isPrivate: boolean;
}

const STAT_DEADLINE_MS = 30_000;
const FEED_FILE = /^(.{1,300})\.xml$/su;
const AUDIO_FILE = /^(.{1,300})\.([a-z0-9]{1,8})$/su;
const COVER_FILE = /^(.{1,300})\.jpg$/su;

/** What feeds and their players ask for. Each answers whether it had something to send. */
export function createFeedContent(dependencies: FeedContentDependencies) {
  const { database, store, covers, messages } = dependencies;

  const isWanted = async (playlistId: string): Promise<boolean> => {
    const playlist = await database.playlists.findById(playlistId);
    return playlist !== undefined && !playlist.forgotten_at;
  };

  return {
    feed: async (
      file: string,
      { request, response, links, onlyPlaylist, isPrivate }: FeedRequest,
    ): Promise<boolean> => {
      const playlistId = FEED_FILE.exec(file)?.[1];
      if (playlistId === undefined || !mayRead(playlistId, onlyPlaylist)) return false;
      const { archive: given } = request.query;
      const archive = typeof given === 'string' && /^[1-9]\d{0,5}$/.test(given) ? Number(given) : undefined;
      if (given !== undefined && archive === undefined) return false;
      const feed = await makeFeed(playlistId, archive, links, isPrivate, dependencies);
      if (feed === undefined) return false;
      sendDocument(feed, 'application/rss+xml', response);
      return true;
    },

    /** Only for those who may read all feeds. */
    opml: async ({ response, links, onlyPlaylist }: FeedRequest): Promise<boolean> => {
      if (onlyPlaylist !== undefined) return false;
      sendDocument(await makeOpml(links, { database, messages }), 'text/x-opml', response);
      return true;
    },

    /** The audio of a video, if a feed that may be read has it. */
    audio: async (file: string, { request, response, onlyPlaylist }: FeedRequest): Promise<boolean> => {
      const [, id = '', format] = AUDIO_FILE.exec(file) ?? [];
      const key = parseVideoDocumentId(id);
      if (key === undefined || (onlyPlaylist !== undefined && !(await isWanted(onlyPlaylist)))) return false;
      if (!(await database.playlistContents.contains(id, onlyPlaylist))) return false;
      const video = await database.videos.find(key);
      if (video === undefined || !isArchived(video) || video.audio.format !== format) return false;
      const object = await store.stat(video.audio.key, AbortSignal.timeout(STAT_DEADLINE_MS));
      if (object === undefined) return false;
      await sendObject(object, store, request, response);
      return true;
    },

    cover: async (file: string, { request, response, onlyPlaylist }: FeedRequest): Promise<boolean> => {
      const playlistId = COVER_FILE.exec(file)?.[1];
      if (playlistId === undefined || !mayRead(playlistId, onlyPlaylist)) return false;
      if (!(await isWanted(playlistId))) return false;
      const object = await covers.of(playlistId);
      if (object === undefined) {
        response.set('cache-control', 'private, max-age=3600').type('png').send(plainCover());
      } else await sendObject(object, store, request, response);
      return true;
    },
  };
}

export type FeedContent = ReturnType<typeof createFeedContent>;

function mayRead(playlistId: string, onlyPlaylist: string | undefined): boolean {
  return onlyPlaylist === undefined || onlyPlaylist === playlistId;
}
