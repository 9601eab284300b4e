import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { z } from 'zod';
import { definedFields } from '../../domain/defined-fields.ts';
import { parseVideoKey, type VideoKey } from '../../domain/video-key.ts';
import { filled } from '../../media/audio-downloader.ts';
import type { SourceFile } from '../../media/file-downloader.ts';
import { readFileTags } from '../../media/file-tags.ts';
import { youtubeUrl } from '../../media/yt-dlp-arguments.ts';
import { parseYtDlpLine } from '../../media/yt-dlp-output.ts';
import { statIfThere } from '../../runtime/files.ts';
import { parseJson } from '../../runtime/json.ts';
import { identifyByName, youtubeIdOfAddress } from './file-identity.ts';

/** What a file is: which video, and what is known of it. */
export interface DescribedFile extends SourceFile {
  readonly key: VideoKey;
}

/** With all comments it may have megabytes; a larger one is left unread. */
const MAX_INFO_BYTES = 32 * 1024 ** 2;
const COVER_EXTENSIONS = ['jpg', 'jpeg', 'png', 'webp'];

const infoSchema = z.object({
  id: z.string(),
  extractor_key: z.string().nullish().catch(null),
  webpage_url: z
    .url({ protocol: /^https?$/ })
    .nullish()
    .catch(null),
});

/**
 * Finds out which video a file is: by the `.info.json` beside it, else by the address in its tags, else by its name, else by its
 * content. Title and author come from the first of these that knows them.
 * @param sha256 of the file
 * @throws JobError when ffprobe cannot be run or the signal is aborted.
 */
export async function describeFile(
  file: string,
  sha256: string,
  { ffprobePath, signal }: { readonly ffprobePath: string; readonly signal: AbortSignal },
): Promise<DescribedFile> {
  const info = await readInfo(file);
  const tags = await readFileTags(ffprobePath, file, signal);
  const byName = identifyByName(file);
  const youtubeId =
    info?.youtubeId ??
    // Of a file of another site the rest would only be guessed.
    (info?.address === undefined
      ? (youtubeIdOfAddress(tags.get('purl') ?? '') ??
        youtubeIdOfAddress(tags.get('comment') ?? '') ??
        byName.youtubeId)
      : undefined);
  const key: VideoKey =
    youtubeId === undefined
      ? { provider: 'file', videoId: sha256 }
      : { provider: 'youtube', videoId: youtubeId };
  const url =
    key.provider === 'youtube'
      ? youtubeUrl(key.videoId)
      : (info?.address ?? `file:///${encodeURIComponent(path.basename(file))}`);
  const description = {
    ...definedFields({
      title: filled(tags.get('title')?.trim()) ?? byName.title,
      author: filled(tags.get('artist')?.trim()),
    }),
    ...definedFields({ publishedAt: dayOf(tags.get('date')) }),
    ...info?.description,
    url,
  };
  return definedFields({ key, file, coverFile: await coverBeside(file), description });
}

async function readInfo(file: string) {
  const { dir, name } = path.parse(file);
  const infoFile = path.join(dir, `${name}.info.json`);
  const found = await statIfThere(infoFile);
  if (found === undefined || !found.isFile() || found.size > MAX_INFO_BYTES) return undefined;
  const text = await readFile(infoFile, 'utf8');
  const info = infoSchema.safeParse(parseJson(text)).data;
  if (info === undefined) return undefined;
  const isOfYoutube = info.extractor_key?.toLowerCase() === 'youtube';
  // The fields are those that our own templates make yt-dlp print.
  const metadata = parseYtDlpLine(`I${text}`);
  const details = parseYtDlpLine(`D${text}`);
  return {
    youtubeId: isOfYoutube ? parseVideoKey('youtube', info.id)?.videoId : undefined,
    address: isOfYoutube ? undefined : (info.webpage_url ?? undefined),
    description: {
      ...(metadata?.type === 'metadata' ? withoutLength(metadata.metadata) : {}),
      ...(details?.type === 'details' ? details.details : {}),
    },
  };
}

/** The file may be a part of the video, or have been cut: its own length counts. */
function withoutLength<T extends { readonly durationSeconds?: number }>({ durationSeconds: _, ...rest }: T) {
  return rest;
}

async function coverBeside(file: string): Promise<string | undefined> {
  const { dir, name } = path.parse(file);
  for (const extension of COVER_EXTENSIONS) {
    const cover = path.join(dir, `${name}.${extension}`);
    if ((await statIfThere(cover))?.isFile() === true) return cover;
  }
  return undefined;
}

/** `20260131` or `2026-01-31`, in UTC; a year alone is no day. */
function dayOf(text: string | undefined): Date | undefined {
  const [, year, month, day] = /^(\d{4})-?(\d{2})-?(\d{2})/.exec(text ?? '') ?? [];
  if (year === undefined || month === undefined || day === undefined) return undefined;
  const date = new Date(`${year}-${month}-${day}T00:00:00Z`);
  return Number.isNaN(date.getTime()) ? undefined : date;
}
