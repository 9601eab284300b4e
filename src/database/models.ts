import { VIDEO_STATUSES } from '../domain/video-status.ts';
import { Schema, type Connection, type Model } from 'mongoose';
import { registerCollectionModels, type CollectionModels } from './collection-models.ts';
import {
  type LogDocument,
  type PlaylistDocument,
  type PlaylistItemDocument,
  type VideoDocument,
} from './documents.ts';

const OPTIONS = {
  versionKey: false,
  autoCreate: false,
  autoIndex: false,
  strict: 'throw',
  minimize: false,
} as const;
const moment = { type: Date, default: undefined };

const videoSchema = new Schema<VideoDocument>(
  {
    _id: { type: String, required: true },
    provider: { type: String, required: true },
    video_id: { type: String, required: true },
    url: { type: String, required: true },
    title: String,
    author: String,
    channel_id: String,
    duration: Number,
    published_at: moment,
    thumbnail: String,
    status: { type: String, required: true, enum: VIDEO_STATUSES },
    skip_reason: String,
    round: { type: Number, required: true },
    first_round: { type: Number, required: true },
    retry_attempts: { type: Number, required: true },
    last_retry: moment,
    next_retry_at: moment,
    error: {
      type: new Schema(
        { class: String, message: String, advice: String, stage: String, at: Date },
        { _id: false },
      ),
      default: undefined,
    },
    audio: {
      type: new Schema(
        {
          bucket: String,
          key: String,
          size: Number,
          md5: String,
          sha256: String,
          etag: String,
          duration: Number,
          codec: String,
          bitrate: Number,
          sample_rate: Number,
          channels: Number,
          format: String,
          source: String,
        },
        { _id: false },
      ),
      default: undefined,
    },
    stored_at: Date,
    mirror: {
      type: new Schema(
        { container: String, name: String, etag: String, size: Number, md5: String, at: Date },
        { _id: false },
      ),
      default: undefined,
    },
    created_at: { type: Date, required: true },
    updated_at: { type: Date, required: true },
  },
  OPTIONS,
);
// For walks through all videos of a status.
videoSchema.index({ status: 1, _id: 1 });
videoSchema.index({ status: 1, updated_at: 1 });
videoSchema.index({ status: 1, next_retry_at: 1 });
videoSchema.index({ 'audio.sha256': 1 });
videoSchema.index({ channel_id: 1 });

const logSchema = new Schema<LogDocument>(
  {
    video_id: { type: String, required: true },
    url: { type: String, required: true },
    title: String,
    status: { type: String, required: true, enum: ['success', 'failed'] },
    timestamp: { type: Date, required: true },
    retry_attempts: { type: Number, required: true },
    last_retry: moment,
    error: String,
    error_class: String,
    stage: { type: String, required: true },
    round: { type: Number, required: true },
    attempt: { type: Number, required: true },
    duration_ms: { type: Number, required: true },
    worker: { type: String, required: true },
  },
  OPTIONS,
);
logSchema.index({ video_id: 1, timestamp: 1 });
logSchema.index({ timestamp: 1 });
logSchema.index({ status: 1 });

const playlistSchema = new Schema<PlaylistDocument>(
  {
    _id: { type: String, required: true },
    url: { type: String, required: true },
    title: String,
    announced_count: Number,
    found_count: Number,
    complete: Boolean,
    last_expanded_at: moment,
    next_expand_at: moment,
    failed_passes: Number,
    error: {
      type: new Schema({ class: String, message: String, advice: String, at: Date }, { _id: false }),
      default: undefined,
    },
    enabled: { type: Boolean, required: true },
  },
  OPTIONS,
);
playlistSchema.index({ enabled: 1, next_expand_at: 1 });

const playlistItemSchema = new Schema<PlaylistItemDocument>(
  {
    _id: { type: String, required: true },
    playlist_id: { type: String, required: true },
    video_id: { type: String, required: true },
    position: { type: Number, required: true },
    first_seen_at: { type: Date, required: true },
    last_seen_at: { type: Date, required: true },
    removed_at: moment,
  },
  OPTIONS,
);
playlistItemSchema.index({ playlist_id: 1, video_id: 1 }, { unique: true });
playlistItemSchema.index({ video_id: 1 });

/** The mongoose models of one connection. */
export interface Models extends CollectionModels {
  readonly videos: Model<VideoDocument>;
  readonly logs: Model<LogDocument>;
  readonly playlists: Model<PlaylistDocument>;
  readonly playlistItems: Model<PlaylistItemDocument>;
}

/** Registers the models on a connection; collections and indexes are made by `prepareCollections`. */
export function registerModels(connection: Connection): Models {
  return {
    videos: connection.model('Video', videoSchema, 'videos'),
    logs: connection.model('Log', logSchema, 'logs'),
    playlists: connection.model('Playlist', playlistSchema, 'playlists'),
    playlistItems: connection.model('PlaylistItem', playlistItemSchema, 'playlist_items'),
    ...registerCollectionModels(connection),
  };
}

/** MongoDB's NamespaceExists: another process made the collection at the same instant. */
const NAMESPACE_EXISTS = 48;

/** Creates every collection and index once, before the first write; safe to repeat and beside others. */
export async function prepareCollections(models: Models): Promise<void> {
  for (const model of Object.values(models) as Model<unknown>[]) {
    try {
      await model.createCollection();
    } catch (error) {
      if ((error as { code?: unknown }).code !== NAMESPACE_EXISTS) throw error;
    }
    await model.createIndexes();
  }
}
