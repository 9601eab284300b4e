import type { PlaylistRow } from './playlists.ts';

/** Titles that are known to break programs, by video id. The videos all play. */
export const ODD_TITLES: Readonly<Record<string, string | null>> = {
  odd0000null: null,
  odd000empty: '',
  odd000space: '   ',
  odd000climb: '../../../../etc/passwd',
  odd000slash: 'one/two\\three',
  odd00option: '--exec=touch /tmp/never',
  odd00dollar: '$(touch /tmp/never) `id` %(title)s ${HOME}',
  odd0control: 'bell\u0007 tab\t newline\n escape\u001b[31m null\u0000 delete\u007f',
  odd000emoji: '🥁 tambour 👩🏾‍🚀 family 👨‍👩‍👧‍👦',
  odd00000rtl: '\u202eتسجيل من السوق\u202c',
  odd00hebrew: 'הקלטה קצרה',
  odd00accent: 'e\u0301te\u0301 / été',
  odd00000fon: 'Fɔngbè: nǔkplɔ́nmɛ',
  odd0newline: 'first line\r\nsecond line',
  odd000quote: `it's "quoted" & <b>bold</b>`,
  odd0unknown: 'NA',
  odd000dots0: '...',
  odd00device: 'CON',
  odd0000long: 'A very long title. '.repeat(264).slice(0, 5000),
  odd00wide00: '長'.repeat(300),
};

/** Rows as YouTube shows them for videos that cannot be played, and rows with badges. */
export const ODD_ROWS: readonly (Partial<PlaylistRow> & { readonly videoId: string })[] = [
  { videoId: 'err-private', title: '[Private video]', hasChannel: false },
  { videoId: 'err-removed', title: '[Deleted video]', hasChannel: false },
  { videoId: 'err-unavail', title: null, hasChannel: false },
  { videoId: 'err-live000', title: 'On air now', badge: 'live' },
  { videoId: 'err-upcomin', title: 'On air later', badge: 'upcoming' },
  { videoId: 'sample00001', title: 'Was on air', badge: 'was-live' },
  { videoId: 'sample00002', title: 'A short one', badge: 'short' },
];

export const DUPLICATE_IDS: readonly string[] = [
  'sample00001',
  'sample00002',
  'sample00001',
  'sample00003',
  'sample00003',
  'sample00002',
  'sample00001',
];
