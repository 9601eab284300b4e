import { createFormats } from '../formats.ts';

const { number } = createFormats('en');

/** Feeds for podcast players, and their secret addresses. */
export const feedTexts = {
  title: 'Feeds',
  opmlTitle: 'Sonothèque',
  /** In a feed: what it is. */
  description: (title: string) => `The audio of “${title}”, from this archive.`,
  /** In an episode: where the video is. */
  source: (address: string) => `Source: ${address}`,
  intro:
    'A podcast player that is subscribed to a feed gets the audio of its playlist, the newest first, and each new video when it is stored.',
  withLogin: 'With a login',
  withLoginHint: 'For players that ask for a name and a password: those of the dashboard.',
  secretTitle: 'Without a login: secret addresses',
  secretHint:
    'Whoever knows a secret address can hear this feed. Make one for each person or player, so that you can end them one by one.',
  allSecretHint:
    'Whoever knows such an address can hear all feeds. It is that of a list (OPML) which players import.',
  opml: 'All feeds as a list for players (OPML)',
  allFeeds: 'All feeds',
  name: 'For whom or which player',
  make: 'Make a secret address',
  revoke: 'End this address',
  revokeNamed: (name: string) => `End this address: ${name}`,
  made: 'The new address. It is shown only now: copy it into the player.',
  copyLabel: 'Secret address',
  again: 'If it is lost, make another one and end this one.',
  revoked: 'The address has ended.',
  gone: 'There is no such address any more.',
  full: (most: number) => `The feed has ${number(most)} addresses already. End one first.`,
  nameNeeded: 'Say for whom or for which player the address is, in at most 100 characters.',
  none: 'No secret addresses yet.',
  columns: { name: 'for', madeAt: 'made', madeBy: 'by', lastUsed: 'last used', action: 'action' },
  neverUsed: 'never',
  subscribe: 'Subscribe',
  noPlaylists: 'There is no feed yet: each playlist has one.',
  playlists: 'Playlists',
};
