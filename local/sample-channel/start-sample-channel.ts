import { createServer } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import { z } from 'zod';
import { closeServer } from '../../src/runtime/listen.ts';
import { listenOnFreePort } from '../listen.ts';
import { apiListener } from './api-server.ts';
import { Catalogue } from './catalogue.ts';
import { selfSignedCertificate } from './certificate.ts';
import { control } from './control.ts';
import { playlistDefinitionSchema, videoDefinitionSchema, videoIdSchema } from './definitions.ts';
import { FaultRegistry } from './fault-registry.ts';
import type { VideoFault } from './faults.ts';
import { MediaLoader } from './media-loader.ts';
import { mediaListener } from './media-server.ts';
import { RequestLog } from './request-log.ts';
import { FLAKY_VIDEO_ID } from './sample-videos.ts';

export const sampleChannelOptionsSchema = z.object({
  /** For the generated audio, which later starts reuse. */
  directory: z.string().min(1),
  ffmpegPath: z.string().default('ffmpeg'),
  espeakPath: z.string().default('espeak-ng'),
  /** Added to the videos and playlists of the catalogue. */
  videos: z.array(videoDefinitionSchema).default([]),
  playlists: z.array(playlistDefinitionSchema).default([]),
  /** How many runs of a video fail with HTTP 503 on the media, by its id. */
  failuresBeforeSuccess: z.record(videoIdSchema, z.int().min(0)).default({ [FLAKY_VIDEO_ID]: 2 }),
});
export type SampleChannelOptions = z.input<typeof sampleChannelOptionsSchema>;

export interface SampleChannel {
  /** The value for `YTDLP_EXTRA_ARGS`. */
  readonly extraArguments: string;
  /** The URL of audio (`/audio/ID.EXT`) and pictures (`/vi/ID/maxresdefault.jpg`). */
  readonly mediaUrl: string;
  readonly controlUrl: string;
  readonly catalogue: Catalogue;
  readonly requests: RequestLog;
  /** Closes all connections and the servers. */
  close(): Promise<void>;
}

/** The arguments with which an unmodified yt-dlp uses this server, which has https with a self-signed certificate. */
function argumentsFor(apiPort: number): string {
  const youtube = `youtube:innertube_host=127.0.0.1:${apiPort};player_client=visionos;player_skip=webpage,configs,js,initial_data`;
  // The empty proxy overrides a proxy of the environment, which could not reach 127.0.0.1.
  // Quoted for a shell because of the semicolons; no value contains a quote.
  return `--proxy '' --no-check-certificates --extractor-args '${youtube}' --extractor-args 'youtubetab:skip=webpage'`;
}

/**
 * Starts the local stand-in for YouTube. Audio that does not exist yet is generated first.
 * @throws Error when ffmpeg is missing or fails, z.ZodError for invalid options.
 */
export async function startSampleChannel(options: SampleChannelOptions): Promise<SampleChannel> {
  const parsed = sampleChannelOptionsSchema.parse(options);
  const catalogue = new Catalogue();
  const requests = new RequestLog();
  for (const video of parsed.videos) catalogue.addVideo(video);
  for (const playlist of parsed.playlists) catalogue.addPlaylist(playlist);
  const initialFaults = Object.entries(parsed.failuresBeforeSuccess).map(
    ([id, times]): [string, VideoFault] => [id, { kind: 'media-status', status: 503, times }],
  );
  const faults = new FaultRegistry(new Map(initialFaults));
  const media = new MediaLoader(catalogue, parsed);
  await media.loadAll([...catalogue.demoVideoIds, ...parsed.videos.map((video) => video.id)]);

  const dependencies = { catalogue, faults, log: requests, mediaOf: (id: string) => media.mediaOf(id) };
  const serveMedia = mediaListener(dependencies);
  const mediaServer = createServer((request, response) => {
    if (request.url === '/control') void control(dependencies, request, response);
    else serveMedia(request, response);
  });
  const mediaUrl = `http://127.0.0.1:${await listenOnFreePort(mediaServer)}`;
  const apiServer = createSecureServer(
    selfSignedCertificate(),
    apiListener({
      ...dependencies,
      audioUrl: (videoId, run) =>
        `${mediaUrl}/audio/${videoId}.${catalogue.video(videoId)?.container ?? 'm4a'}?run=${run}`,
      // `prefer=.webp` makes yt-dlp try this picture before those at i.ytimg.com.
      thumbnailUrl: (videoId) => `${mediaUrl}/vi/${videoId}/maxresdefault.jpg?prefer=.webp`,
    }),
  );
  const apiPort = await listenOnFreePort(apiServer);
  return {
    extraArguments: argumentsFor(apiPort),
    mediaUrl,
    controlUrl: `${mediaUrl}/control`,
    catalogue,
    requests,
    close: async () => {
      await Promise.all([closeServer(apiServer), closeServer(mediaServer)]);
    },
  };
}
