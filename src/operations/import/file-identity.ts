import path from 'node:path';
import { keyOfAddress } from '../inputs.ts';

/** What the name of a file says of its video. */
export interface NameIdentity {
  readonly youtubeId?: string;
  readonly title: string;
}

/** File systems allow 255 bytes. */
const MAX_NAME_LENGTH = 255;
const ID = /^[\w-]{11}$/;

/**
 * Reads the name of a file, as yt-dlp and Pinchflat write it (`Title [dQw4w9WgXcQ]`) and youtube-dl did (`Title-dQw4w9WgXcQ`). An id
 * counts only when it is no word: `Live-performance` has none, and a wrong id would be that of another video.
 */
export function identifyByName(file: string): NameIdentity {
  const name = path.parse(file).name.slice(0, MAX_NAME_LENGTH);
  const bracketed = Array.from(name.matchAll(/\[([\w-]{11})\]/g), ([, id = '']) => id)
    .filter(isRandomId)
    .at(-1);
  if (bracketed !== undefined) {
    return { youtubeId: bracketed, title: tidy(name.replace(`[${bracketed}]`, ' ')) };
  }
  if (isRandomId(name)) return { youtubeId: name, title: name };
  const last = name.slice(-11);
  if (name.at(-12) === '-' && isRandomId(last)) return { youtubeId: last, title: tidy(name.slice(0, -12)) };
  return { title: tidy(name) };
}

/** Whether letter case, digits and hyphens change as they do in ids and not in words. */
function isRandomId(text: string): boolean {
  return ID.test(text) && /[a-z\d][A-Z]|\d[a-zA-Z]|_|[a-zA-Z\d]-[a-zA-Z\d]{0,9}\d/.test(text);
}

function tidy(name: string): string {
  return name.replaceAll(/\s+/g, ' ').trim();
}

/** The id in the address of a video of YouTube, such as a tag `purl` or `comment` has it; undefined for other texts. */
export function youtubeIdOfAddress(text: string): string | undefined {
  const address = text.trim();
  return /^https?:\/\/\S+$/.test(address) ? keyOfAddress(address)?.videoId : undefined;
}
