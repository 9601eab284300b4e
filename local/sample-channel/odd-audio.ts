import type { VideoDefinition } from './definitions.ts';

const AUDIO = { kind: 'same-as', videoId: 'sample00001' } as const;
const FRENCH_DUB = {
  ...{ itag: 141, id: 'fr.3', displayName: 'French', bitrate: 256_000 },
  quality: 'HIGH' as const,
  ...{ isDefault: false, isProtected: false },
};
const ENGLISH_ORIGINAL = {
  ...{ itag: 140, id: 'en.4', displayName: 'English original', bitrate: 96_000 },
  quality: 'LOW' as const,
  ...{ isDefault: true, isProtected: false },
};
const DESCRIPTIVE = {
  ...{ itag: 258, id: 'en.2', displayName: 'English descriptive', bitrate: 384_000 },
  quality: 'HIGH' as const,
  ...{ isDefault: false, isProtected: false },
};

/** Videos with several audio tracks, of which the original has the lowest bit rate, and with lengths that disagree. */
export const ODD_AUDIO: readonly VideoDefinition[] = [
  {
    ...{ id: 'aud0dubbed0', title: 'Original and dub', container: 'm4a', audio: AUDIO },
    tracks: [FRENCH_DUB, ENGLISH_ORIGINAL, DESCRIPTIVE],
  },
  {
    ...{ id: 'aud0partdrm', title: 'A protected track', container: 'm4a', audio: AUDIO },
    tracks: [{ ...FRENCH_DUB, isProtected: true }, ENGLISH_ORIGINAL],
  },
  {
    ...{ id: 'aud00alldrm', title: 'All tracks protected', container: 'm4a', audio: AUDIO },
    tracks: [{ ...ENGLISH_ORIGINAL, isProtected: true }],
  },
  // The video lasts longer than its audio, as the format says.
  { ...{ id: 'aud00longer', title: 'A long end', container: 'm4a', audio: AUDIO }, announcedSeconds: 20 },
  // No length that the site announces is right.
  {
    ...{ id: 'aud0neither', title: 'Another length', container: 'm4a', audio: AUDIO },
    ...{ announcedSeconds: 60, formatSeconds: 58 },
  },
];
