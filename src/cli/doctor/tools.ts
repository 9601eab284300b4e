import type { MediaConfig } from '../../config/config.ts';
import { findPlugins } from '../../media/yt-dlp-plugins.ts';
import { describeOldYtDlp, HOW_TO_UPDATE, OLDEST_YTDLP } from '../../media/yt-dlp-version.ts';
import { findLimiter } from '../../runtime/resource-limits.ts';
import { checked, firstLine, isAtLeast, type Finding } from './finding.ts';
import { locate, programOutput, PROGRAM_TIMEOUT_MS, type ProgramOutput } from './program-output.ts';

const OLDEST_NODE = '22.18';
const UPDATE_YTDLP = `${HOW_TO_UPDATE} Or set YTDLP_PATH.`;
const INSTALL_FFMPEG = 'apt-get install ffmpeg, or set FFMPEG_PATH and FFPROBE_PATH';

export type ToolPaths = Pick<
  MediaConfig,
  'ytDlpPath' | 'ytDlpPluginDirectory' | 'ffmpegPath' | 'ffprobePath'
>;

/** Never throws. */
export async function checkTools(paths: ToolPaths, now = new Date()): Promise<readonly Finding[]> {
  const [ytDlp, plugins, ffmpeg, ffprobe, limiter] = await Promise.all([
    checkYtDlp(paths.ytDlpPath, now),
    checkPlugins(paths.ytDlpPluginDirectory),
    checkFfmpeg(paths.ffmpegPath),
    checkFfprobe(paths.ffprobePath),
    checkLimiter(),
  ]);
  return [checkNode(), ...ytDlp, ...plugins, ffmpeg, ffprobe, limiter];
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

/** A program that is there and takes too long is not missing: the machine is busy, or the program hangs. */
export function slowProgram(
  finding: Omit<Finding, 'state'>,
  outputs: readonly ProgramOutput[],
): Finding | undefined {
  if (!outputs.some((output) => 'reason' in output && output.reason === 'slow')) return undefined;
  const advice = `did not answer within ${String(PROGRAM_TIMEOUT_MS / 1_000)} s: this machine is busy, or the program hangs. Try again.`;
  return { ...finding, state: 'warning', found: 'slow', advice };
}

async function checkYtDlp(program: string, now: Date): Promise<readonly Finding[]> {
  // Without a URL yt-dlp ends with a usage error, after it has printed its version and components.
  const output = await programOutput(program, ['--ignore-config', '--no-update', '--verbose']);
  const version = /yt-dlp version \S*?(\d{4}\.\d{2}\.\d{2}[\w.]*)/.exec(output.text)?.[1] ?? '';
  const solver = /yt_dlp_ejs-([\w.]+)/.exec(output.text)?.[1] ?? '';
  const where = locate(program);
  const common = {
    name: 'yt-dlp',
    found: version,
    needed: `${OLDEST_YTDLP} or newer`,
    where,
    advice: UPDATE_YTDLP,
  };
  const slow = slowProgram(common, [output]);
  if (slow !== undefined) return [slow];
  return [
    withAge(checked(isAtLeast(version, OLDEST_YTDLP), common), now),
    checked(solver !== '', {
      name: 'yt-dlp-ejs',
      found: solver,
      needed: 'the one for this yt-dlp',
      where,
      advice: `without it YouTube offers few formats: ${UPDATE_YTDLP}`,
    }),
  ];
}

/** Turns `ok` into a warning when the version is old. */
export function withAge(finding: Finding, now: Date): Finding {
  const old = describeOldYtDlp(finding.found, now);
  if (finding.state !== 'ok' || old === undefined) return finding;
  return { ...finding, state: 'warning', advice: `${old} ${HOW_TO_UPDATE}` };
}

/** The plugins that YTDLP_PLUGIN_DIR allows; nothing when it is not set. */
export async function checkPlugins(directory: string | undefined): Promise<readonly Finding[]> {
  if (directory === undefined) return [];
  const common = { name: 'yt-dlp plugins', needed: 'PLUGIN/yt_dlp_plugins', where: directory };
  try {
    const plugins = await findPlugins(directory);
    const advice = 'no plugin is there: YTDLP_PLUGIN_DIR names the directory above those of the plugins';
    return [checked(plugins.length > 0, { ...common, found: plugins.join(', '), advice })];
  } catch (error) {
    const advice = `not readable (${firstLine(error)}): correct YTDLP_PLUGIN_DIR or its permissions`;
    return [{ ...common, state: 'missing', found: '', advice }];
  }
}

async function checkFfmpeg(program: string): Promise<Finding> {
  const [banner, encoders] = await Promise.all([
    programOutput(program, ['-version']),
    programOutput(program, ['-hide_banner', '-encoders']),
  ]);
  const version = /^ffmpeg version (\S+)/m.exec(banner.text)?.[1];
  const hasEncoder = /\blibmp3lame\b/.test(encoders.text);
  const finding = {
    name: 'ffmpeg',
    found: version === undefined ? '' : `${version}${hasEncoder ? ', libmp3lame' : ', no libmp3lame'}`,
    needed: 'with libmp3lame',
    where: locate(program),
    advice: INSTALL_FFMPEG,
  };
  return slowProgram(finding, [banner, encoders]) ?? checked(version !== undefined && hasEncoder, finding);
}

async function checkFfprobe(program: string): Promise<Finding> {
  const output = await programOutput(program, ['-version']);
  const found = /^ffprobe version (\S+)/m.exec(output.text)?.[1] ?? '';
  const finding = { name: 'ffprobe', found, needed: 'any', where: locate(program), advice: INSTALL_FFMPEG };
  return slowProgram(finding, [output]) ?? checked(found !== '', finding);
}

/** Downloads work without it. */
async function checkLimiter(): Promise<Finding> {
  const limiter = await findLimiter();
  const common = { name: 'prlimit', needed: 'to limit ffmpeg and ffprobe' };
  if (limiter !== undefined) {
    return { ...common, state: 'ok', found: 'usable', where: limiter.program, advice: '' };
  }
  return {
    ...common,
    // Other systems have no such program.
    state: process.platform === 'linux' ? 'warning' : 'off',
    found: '',
    where: 'prlimit',
    advice:
      'without it the system does not limit the memory, processor time and file sizes of ffmpeg: apt-get install util-linux',
  };
}
