export const PLAYLISTS_ACTIONS = ['list', 'show', 'add', 'set', 'read', 'pause', 'resume', 'forget'] as const;
export type PlaylistsAction = (typeof PLAYLISTS_ACTIONS)[number];

type Flag = 'list' | 'withVideos' | 'everywhere' | 'dryRun' | 'json';
export type PlaylistsFlags = Partial<Record<Flag, boolean>> & { readonly set?: readonly string[] };
