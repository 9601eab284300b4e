import { CHANNEL } from './channel.ts';
import type { VideoDefinition } from './definitions.ts';
import type { SampleMedia } from './media-library.ts';
import type { Playability } from './playability.ts';

export interface PlayerResponseOptions {
  readonly video: VideoDefinition;
  readonly media: SampleMedia;
  /** The URL of the audio for this run. */
  readonly audioUrl: string;
  readonly thumbnailUrl: string;
  /** Why the video does not play; undefined for one that plays. */
  readonly playability?: Playability | undefined;
  readonly withoutFormats?: boolean;
}

const HOUR_MS = 3_600_000;
/** The publication date of all videos; yt-dlp's `upload_date`. */
const PUBLISHED = '2026-01-31T12:00:00Z';

/** YouTube's format numbers: 140 is AAC in m4a, 251 is Opus in webm. */
function formats(options: PlayerResponseOptions): object[] {
  const { tracks } = options.video;
  const format = usualFormat(options);
  if (tracks === undefined) return [format];
  return tracks.map(({ itag, id, displayName, isDefault, bitrate, quality, isProtected }) => ({
    ...format,
    ...{ itag, bitrate, audioQuality: `AUDIO_QUALITY_${quality}` },
    audioTrack: { id, displayName, audioIsDefault: isDefault },
    drmFamilies: isProtected ? ['WIDEVINE'] : undefined,
  }));
}

function usualFormat(options: PlayerResponseOptions): object {
  const { media, video, audioUrl } = options;
  const [itag, mimeType] =
    video.container === 'm4a' ? [140, 'audio/mp4; codecs="mp4a.40.2"'] : [251, 'audio/webm; codecs="opus"'];
  return {
    itag,
    url: audioUrl,
    mimeType,
    bitrate: Math.round((8 * media.sizeBytes) / media.durationSeconds),
    contentLength: String(media.sizeBytes),
    approxDurationMs: String(Math.round((video.formatSeconds ?? media.durationSeconds) * 1000)),
    audioQuality: 'AUDIO_QUALITY_MEDIUM',
    audioSampleRate: String(video.container === 'm4a' ? 44_100 : 48_000),
    audioChannels: 2,
  };
}

/** The response to `player`. Fields that are undefined are omitted from the JSON. */
export function playerResponse(options: PlayerResponseOptions): object {
  const { video, media, playability } = options;
  const streaming = options.withoutFormats === true ? 'none' : (playability?.streamingData ?? 'none');
  const plays = playability === undefined && options.withoutFormats !== true;
  const startsInHours = playability?.startsInHours;
  return {
    playabilityStatus: playability?.playabilityStatus ?? { status: 'OK', playableInEmbed: true },
    streamingData:
      plays || streaming === 'as usual'
        ? { adaptiveFormats: formats(options) }
        : streaming === 'drm'
          ? { licenseInfos: [{ drmFamily: 'WIDEVINE' }] }
          : undefined,
    videoDetails: {
      videoId: video.id,
      title: video.title ?? undefined,
      lengthSeconds: String(Math.round(video.announcedSeconds ?? media.durationSeconds)),
      channelId: CHANNEL.id,
      author: CHANNEL.title,
      shortDescription: 'A generated recording of the sample channel.',
      isLiveContent: false,
      viewCount: '120',
      thumbnail: { thumbnails: [{ url: options.thumbnailUrl, width: 640, height: 360 }] },
      ...playability?.videoDetails,
    },
    microformat: {
      playerMicroformatRenderer: {
        externalChannelId: CHANNEL.id,
        ownerChannelName: CHANNEL.title,
        ownerProfileUrl: `http://www.youtube.com/${CHANNEL.handle}`,
        publishDate: PUBLISHED,
        uploadDate: PUBLISHED,
        category: 'Education',
        liveBroadcastDetails:
          startsInHours === undefined
            ? undefined
            : {
                isLiveNow: false,
                startTimestamp: new Date(Date.now() + startsInHours * HOUR_MS).toISOString(),
              },
      },
    },
  };
}
