import type { MediaConfig } from '../../config/config.ts';
import { OLDEST_YTDLP } from '../../media/media-tools.ts';
import { checked, isAtLeast, type Finding } from './finding.ts';
import { locate, programOutput } from './program-output.ts';

const OLDEST_NODE = '22.18';
const UPDATE_YTDLP = 'pip install -U "yt-dlp[default]", or set YTDLP_PATH';
const INSTALL_FFMPEG = 'apt-get install ffmpeg, or set FFMPEG_PATH and FFPROBE_PATH';

export type ToolPaths = Pick<MediaConfig, 'ytDlpPath' | 'ffmpegPath' | 'ffprobePath'>;

/** Never throws. */
export async function checkTools(paths: ToolPaths): Promise<readonly Finding[]> {
  const [ytDlp, ffmpeg, ffprobe] = await Promise.all([
    checkYtDlp(paths.ytDlpPath),
    checkFfmpeg(paths.ffmpegPath),
    checkFfprobe(paths.ffprobePath),
  ]);
  return [checkNode(), ...ytDlp, ffmpeg, ffprobe];
}

function checkNode(): Finding {
  const { node: found } = process.versions;
  return checked(isAtLeast(found, OLDEST_NODE), {
    name: 'node',
    found,
    needed: `${OLDEST_NODE} or newer`,
    where: process.execPath,
    advice: 'install a newer Node.js, or use npm run',
  });
}

async function checkYtDlp(program: string): Promise<readonly Finding[]> {
  // Without a URL yt-dlp ends with a usage error, after it has printed its version and components.
  const output = await programOutput(program, ['--ignore-config', '--no-update', '--verbose']);
  const version = /yt-dlp version \S*?(\d{4}\.\d{2}\.\d{2}[\w.]*)/.exec(output ?? '')?.[1] ?? '';
  const solver = /yt_dlp_ejs-([\w.]+)/.exec(output ?? '')?.[1] ?? '';
  const where = locate(program);
  return [
    checked(isAtLeast(version, OLDEST_YTDLP), {
      name: 'yt-dlp',
      found: version,
      needed: `${OLDEST_YTDLP} or newer`,
      where,
      advice: UPDATE_YTDLP,
    }),
    checked(solver !== '', {
      name: 'yt-dlp-ejs',
      found: solver,
      needed: 'the one for this yt-dlp',
      where,
      advice: `without it YouTube offers few formats: ${UPDATE_YTDLP}`,
    }),
  ];
}

async function checkFfmpeg(program: string): Promise<Finding> {
  const [banner, encoders] = await Promise.all([
    programOutput(program, ['-version']),
    programOutput(program, ['-hide_banner', '-encoders']),
  ]);
  const version = /^ffmpeg version (\S+)/m.exec(banner ?? '')?.[1];
  const hasEncoder = /\blibmp3lame\b/.test(encoders ?? '');
  return checked(version !== undefined && hasEncoder, {
    name: 'ffmpeg',
    found: version === undefined ? '' : `${version}${hasEncoder ? ', libmp3lame' : ', no libmp3lame'}`,
    needed: 'with libmp3lame',
    where: locate(program),
    advice: INSTALL_FFMPEG,
  });
}

async function checkFfprobe(program: string): Promise<Finding> {
  const output = await programOutput(program, ['-version']);
  const found = /^ffprobe version (\S+)/m.exec(output ?? '')?.[1] ?? '';
  const where = locate(program);
  return checked(found !== '', { name: 'ffprobe', found, needed: 'any', where, advice: INSTALL_FFMPEG });
}
