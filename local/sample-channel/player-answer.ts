import { CHANNEL } from './channel.ts';
import type { VideoDefinition } from './definitions.ts';
import type { SampleMedia } from './media-library.ts';
import type { Playability } from './playability.ts';

/** What a player answer says besides the definition of the video. */
export interface PlayerFacts {
  readonly video: VideoDefinition;
  readonly media: SampleMedia;
  /** Where the audio of this run is. */
  readonly audioUrl: string;
  readonly thumbnailUrl: string;
  /** The "no" of YouTube; undefined for a video that plays. */
  readonly playability?: Playability | undefined;
  readonly withoutFormats?: boolean;
}

const HOUR_MS = 3_600_000;
/** The channel published everything on one day; yt-dlp's `upload_date`. */
const PUBLISHED = '2026-01-31T12:00:00Z';

/** Formats as YouTube numbers them: 140 is AAC in m4a, 251 Opus in webm. */
function format(facts: PlayerFacts): object {
  const { media, video, audioUrl } = facts;
  const [itag, mimeType] =
    video.container === 'm4a' ? [140, 'audio/mp4; codecs="mp4a.40.2"'] : [251, 'audio/webm; codecs="opus"'];
  return {
    itag,
    url: audioUrl,
    mimeType,
    bitrate: Math.round((8 * media.sizeBytes) / media.durationSeconds),
    contentLength: String(media.sizeBytes),
    approxDurationMs: String(Math.round(media.durationSeconds * 1000)),
    audioQuality: 'AUDIO_QUALITY_MEDIUM',
    audioSampleRate: String(video.container === 'm4a' ? 44_100 : 48_000),
    audioChannels: 2,
  };
}

/** The answer to `player`. */
export function playerAnswer(facts: PlayerFacts): object {
  const { video, media, playability } = facts;
  const streaming = facts.withoutFormats === true ? 'none' : (playability?.streamingData ?? 'none');
  const plays = playability === undefined && facts.withoutFormats !== true;
  const startsInHours = playability?.startsInHours;
  return {
    playabilityStatus: playability?.playabilityStatus ?? { status: 'OK', playableInEmbed: true },
    ...(plays || streaming === 'as usual' ? { streamingData: { adaptiveFormats: [format(facts)] } } : {}),
    ...(streaming === 'drm' ? { streamingData: { licenseInfos: [{ drmFamily: 'WIDEVINE' }] } } : {}),
    videoDetails: {
      videoId: video.id,
      ...(video.title === null ? {} : { title: video.title }),
      lengthSeconds: String(Math.round(media.durationSeconds)),
      channelId: CHANNEL.id,
      author: CHANNEL.title,
      shortDescription: 'A generated recording of the sample channel.',
      isLiveContent: false,
      viewCount: '120',
      thumbnail: { thumbnails: [{ url: facts.thumbnailUrl, width: 640, height: 360 }] },
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
        ...(startsInHours === undefined
          ? {}
          : {
              liveBroadcastDetails: {
                isLiveNow: false,
                startTimestamp: new Date(Date.now() + startsInHours * HOUR_MS).toISOString(),
              },
            }),
      },
    },
  };
}
