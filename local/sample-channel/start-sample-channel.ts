import { createServer, type Server } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import { z } from 'zod';
import { apiListener } from './api-server.ts';
import { Catalogue } from './catalogue.ts';
import { selfSignedCertificate } from './certificate.ts';
import { control } from './control.ts';
import { playlistDefinitionSchema, videoDefinitionSchema, videoIdSchema } from './definitions.ts';
import { FaultBook } from './fault-book.ts';
import type { VideoFault } from './faults.ts';
import { MediaLoader } from './media-loader.ts';
import { mediaListener } from './media-server.ts';
import { RequestLog } from './request-log.ts';
import { FLAKY_VIDEO_ID } from './sample-videos.ts';

/** How a sample channel is started; the process form takes the same as JSON. */
export const sampleChannelOptionsSchema = z.object({
  /** Where generated audio is kept; made once, used again by every later start. */
  directory: z.string().min(1),
  ffmpegPath: z.string().default('ffmpeg'),
  espeakPath: z.string().default('espeak-ng'),
  /** Videos and playlists besides those of the catalogue. */
  videos: z.array(videoDefinitionSchema).default([]),
  playlists: z.array(playlistDefinitionSchema).default([]),
  /** Runs that fail with HTTP 503 on the media, by video id. The flaky video of the catalogue fails twice. */
  failuresBeforeSuccess: z.record(videoIdSchema, z.int().min(0)).default({ [FLAKY_VIDEO_ID]: 2 }),
});
export type SampleChannelOptions = z.input<typeof sampleChannelOptionsSchema>;

/** A running sample channel. */
export interface SampleChannel {
  /** For `YTDLP_EXTRA_ARGS`: one shell-quoted text. */
  readonly extraArguments: string;
  /** Where audio (`/audio/ID.EXT`) and pictures (`/vi/ID/maxresdefault.jpg`) are. */
  readonly mediaUrl: string;
  readonly controlUrl: string;
  readonly catalogue: Catalogue;
  readonly requests: RequestLog;
  /** Cuts all connections and frees the ports. */
  close(): Promise<void>;
}

/** Listens on a free port of 127.0.0.1 and returns the port. */
async function listen(server: Server): Promise<number> {
  const { promise, resolve, reject } = Promise.withResolvers<number>();
  server.once('error', reject);
  server.listen(0, '127.0.0.1', () => {
    server.off('error', reject);
    const address = server.address();
    if (address === null || typeof address === 'string') reject(new Error('the server has no port'));
    else resolve(address.port);
  });
  return promise;
}

async function stop(server: Server): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<undefined>();
  server.close(() => {
    resolve(undefined);
  });
  server.closeAllConnections();
  await promise;
}

/** The arguments that lead an unmodified yt-dlp to this server; it speaks https with a certificate of its own. */
function argumentsFor(apiPort: number): string {
  const youtube = `youtube:innertube_host=127.0.0.1:${apiPort};player_client=visionos;player_skip=webpage,configs,js,initial_data`;
  // A proxy of the environment would be asked for 127.0.0.1, too: the empty one means none.
  // Quoted for a shell because of the semicolons; none of the values holds a quote.
  return `--proxy '' --no-check-certificates --extractor-args '${youtube}' --extractor-args 'youtubetab:skip=webpage'`;
}

/**
 * Starts the local stand-in for YouTube. The audio of the dozen is generated first, unless it is there already.
 * @throws Error when ffmpeg is missing or fails, z.ZodError for wrong options.
 */
export async function startSampleChannel(options: SampleChannelOptions): Promise<SampleChannel> {
  const settings = sampleChannelOptionsSchema.parse(options);
  const catalogue = new Catalogue();
  const requests = new RequestLog();
  for (const video of settings.videos) catalogue.addVideo(video);
  for (const playlist of settings.playlists) catalogue.addPlaylist(playlist);
  const initialFaults = Object.entries(settings.failuresBeforeSuccess).map(
    ([id, times]): [string, VideoFault] => [id, { kind: 'media-status', status: 503, times }],
  );
  const faults = new FaultBook(new Map(initialFaults));
  const media = new MediaLoader(catalogue, settings);
  await media.loadAll([...catalogue.demoVideoIds, ...settings.videos.map((video) => video.id)]);

  const parts = { catalogue, faults, log: requests, mediaOf: (id: string) => media.mediaOf(id) };
  const serveMedia = mediaListener(parts);
  const mediaServer = createServer((request, response) => {
    if (request.url === '/control') void control(parts, request, response);
    else serveMedia(request, response);
  });
  const mediaUrl = `http://127.0.0.1:${await listen(mediaServer)}`;
  const apiServer = createSecureServer(
    selfSignedCertificate(),
    apiListener({
      ...parts,
      audioUrl: (videoId, run) =>
        `${mediaUrl}/audio/${videoId}.${catalogue.video(videoId)?.container ?? 'm4a'}?run=${run}`,
      // `prefer=.webp` makes yt-dlp try this picture before those it expects at i.ytimg.com.
      thumbnailUrl: (videoId) => `${mediaUrl}/vi/${videoId}/maxresdefault.jpg?prefer=.webp`,
    }),
  );
  const apiPort = await listen(apiServer);
  return {
    extraArguments: argumentsFor(apiPort),
    mediaUrl,
    controlUrl: `${mediaUrl}/control`,
    catalogue,
    requests,
    close: async () => {
      await Promise.all([stop(apiServer), stop(mediaServer)]);
    },
  };
}
