import { controlSampleChannel } from '../../local/sample-channel/control-client.ts';
import type { ControlAction } from '../../local/sample-channel/control.ts';
import { PRIVATE_VIDEO_ID, SAMPLE_VIDEOS } from '../../local/sample-channel/sample-videos.ts';
import type { SpawnedSampleChannel } from '../../local/sample-channel/spawn-sample-channel.ts';
import { openSampleChannel } from '../support/sample-channel.ts';

/** So long that a browser does not load all of it before it is asked to go near its end. */
export const LONG = {
  id: 'sampleLong1',
  title: 'A long tone',
  audio: { kind: 'tone', toneHz: 330, durationSeconds: 300 },
} as const;
const FAILING = {
  id: 'sampleDrums',
  title: 'The drum makers',
  audio: { kind: 'same-as', videoId: 'sample00007' },
} as const;

/** Three readings, the long tone and a private video. */
export const PLAYLIST = {
  id: 'PLsample-journey-00000000000000000',
  title: 'Evening stories',
  videoIds: ['sample00001', 'sample00002', 'sample00003', LONG.id, PRIVATE_VIDEO_ID],
} as const;
/** Announces more than it has, and one of its videos fails. */
export const INCOMPLETE = {
  id: 'PLsample-harbour-00000000000000000',
  title: 'Harbour recordings',
  videoIds: [...SAMPLE_VIDEOS.slice(0, 7).map(({ id }) => id), FAILING.id],
  announcedCount: 20,
};

export const addressOf = (playlistId: string) => `https://www.youtube.com/playlist?list=${playlistId}`;

export interface JourneyChannel extends SpawnedSampleChannel {
  control(action: ControlAction): Promise<void>;
}

/** Starts a sample channel that has these playlists beside its own. */
export async function openJourneyChannel(): Promise<JourneyChannel> {
  const channel = await openSampleChannel();
  const control = (action: ControlAction) => controlSampleChannel(channel.controlUrl, action);
  await control({ action: 'add-video', video: LONG });
  await control({ action: 'add-video', video: FAILING });
  const fault = { kind: 'playability', name: 'members' } as const;
  await control({ action: 'video-fault', videoId: FAILING.id, fault });
  await control({ action: 'add-playlist', playlist: { ...PLAYLIST, videoIds: [...PLAYLIST.videoIds] } });
  await control({ action: 'add-playlist', playlist: INCOMPLETE });
  return { ...channel, control };
}
