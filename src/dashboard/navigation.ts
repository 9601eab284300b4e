import type { Messages } from '../text/messages/en.ts';

/** An entry of the navigation: the page, and which text of `frame.navigation` names it. */
interface NavigationEntry {
  readonly path: string;
  readonly name: keyof Messages['frame']['navigation'];
}

/** The navigation in its order. The name of the site leads to the overview. */
export const NAVIGATION: readonly NavigationEntry[] = [
  { path: '/videos', name: 'videos' },
  { path: '/playlists', name: 'playlists' },
  { path: '/feeds', name: 'feeds' },
  { path: '/queues/', name: 'queues' },
  { path: '/health', name: 'health' },
  { path: '/reports', name: 'reports' },
  { path: '/metrics', name: 'metrics' },
  { path: '/tokens', name: 'api' },
];
