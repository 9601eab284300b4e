/** By the extension of an object; those that IANA has registered, and what browsers take for WAV. */
const CONTENT_TYPES: ReadonlyMap<string, string> = new Map([
  ['mp3', 'audio/mpeg'],
  ['m4a', 'audio/mp4'],
  ['mp4', 'audio/mp4'],
  ['webm', 'audio/webm'],
  ['mka', 'audio/matroska'],
  ['opus', 'audio/ogg'],
  ['ogg', 'audio/ogg'],
  ['flac', 'audio/flac'],
  ['wav', 'audio/wav'],
]);

/**
 * The media type of audio.
 * @param format extension without the dot
 * @param otherwise for a format that is none of ours
 */
export function audioContentType(format: string, otherwise = 'application/octet-stream'): string {
  return CONTENT_TYPES.get(format) ?? otherwise;
}
