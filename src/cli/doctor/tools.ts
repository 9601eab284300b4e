import type { MediaConfig } from '../../config/config.ts';
import { OLDEST_YTDLP } from '../../media/preflight.ts';
import { isAtLeast, type Finding } from './finding.ts';
import { locate, programOutput } from './program-output.ts';

const OLDEST_NODE = '22.18';
const UPDATE_YTDLP = 'pip install -U "yt-dlp[default]", or set YTDLP_PATH';
const INSTALL_FFMPEG = 'apt-get install ffmpeg, or set FFMPEG_PATH and FFPROBE_PATH';

/** The programs that downloads need. */
export type ToolPaths = Pick<MediaConfig, 'ytDlpPath' | 'ffmpegPath' | 'ffprobePath'>;

/** Looks at every program; never throws. */
export async function checkTools(paths: ToolPaths): Promise<readonly Finding[]> {
  const [ytDlp, ffmpeg, ffprobe] = await Promise.all([
    checkYtDlp(paths.ytDlpPath),
    checkFfmpeg(paths.ffmpegPath),
    checkFfprobe(paths.ffprobePath),
  ]);
  return [checkNode(), ...ytDlp, ffmpeg, ffprobe];
}

function checkNode(): Finding {
  const version = process.versions.node;
  const ok = isAtLeast(version, OLDEST_NODE);
  return {
    name: 'node',
    state: ok ? 'ok' : 'missing',
    found: version,
    needed: `${OLDEST_NODE} or newer`,
    where: process.execPath,
    advice: ok ? '' : 'install a newer Node.js, or start with npm run',
  };
}

async function checkYtDlp(program: string): Promise<readonly Finding[]> {
  // Without an address yt-dlp ends with a usage error, after it has told what it is made of.
  const output = await programOutput(program, ['--ignore-config', '--no-update', '--verbose']);
  const version = /yt-dlp version \S*?(\d{4}\.\d{2}\.\d{2}[\w.]*)/.exec(output ?? '')?.[1];
  const solver = /yt_dlp_ejs-([\w.]+)/.exec(output ?? '')?.[1];
  const where = locate(program);
  const ok = version !== undefined && isAtLeast(version, OLDEST_YTDLP);
  return [
    {
      name: 'yt-dlp',
      state: ok ? 'ok' : 'missing',
      found: version ?? '',
      needed: `${OLDEST_YTDLP} or newer`,
      where,
      advice: ok ? '' : UPDATE_YTDLP,
    },
    {
      name: 'yt-dlp-ejs',
      state: solver === undefined ? 'missing' : 'ok',
      found: solver ?? '',
      needed: 'the one of this yt-dlp',
      where,
      advice: solver === undefined ? `without it YouTube gives few formats: ${UPDATE_YTDLP}` : '',
    },
  ];
}

async function checkFfmpeg(program: string): Promise<Finding> {
  const [banner, encoders] = await Promise.all([
    programOutput(program, ['-version']),
    programOutput(program, ['-hide_banner', '-encoders']),
  ]);
  const version = /^ffmpeg version (\S+)/m.exec(banner ?? '')?.[1];
  const hasEncoder = /\blibmp3lame\b/.test(encoders ?? '');
  return {
    name: 'ffmpeg',
    state: version !== undefined && hasEncoder ? 'ok' : 'missing',
    found: version === undefined ? '' : `${version}${hasEncoder ? ', libmp3lame' : ', no libmp3lame'}`,
    needed: 'with libmp3lame',
    where: locate(program),
    advice: version !== undefined && hasEncoder ? '' : INSTALL_FFMPEG,
  };
}

async function checkFfprobe(program: string): Promise<Finding> {
  const version = /^ffprobe version (\S+)/m.exec((await programOutput(program, ['-version'])) ?? '')?.[1];
  return {
    name: 'ffprobe',
    state: version === undefined ? 'missing' : 'ok',
    found: version ?? '',
    needed: 'any',
    where: locate(program),
    advice: version === undefined ? INSTALL_FFMPEG : '',
  };
}
