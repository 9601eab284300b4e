/** `npm run update-yt-dlp`: installs another version of yt-dlp for the programs on this machine, or returns to the one before. */
import process from 'node:process';
import { printResult } from '../../src/cli/command/output.ts';
import { createCommand, runCommand } from '../../src/cli/command/run-command.ts';
import { gatherEnvironment } from '../../src/config/load.ts';
import { OLDEST_YTDLP } from '../../src/media/yt-dlp-version.ts';
import { UserError } from '../../src/runtime/user-error.ts';
import { interruptible } from '../setup/interruption.mjs';
import { locked } from '../setup/lock.mjs';
import { TOOLS } from '../setup/paths.mjs';
import { missingForPython, pinnedYtDlp, YT_DLP } from '../setup/python.mjs';
import { SetUpError } from '../setup/set-up-error.mjs';
import { ensureSystemPackages } from '../setup/system-packages.mjs';
import { checkVersion, returnToPrevious, updateYtDlp } from '../setup/yt-dlp-update.mjs';

const command = createCommand(
  'update-yt-dlp',
  'Installs the newest yt-dlp, or the version that is named, and runs it once before it is used. The version before it is kept.',
  ['npm run update-yt-dlp', 'npm run update-yt-dlp -- 2026.10.26', 'npm run update-yt-dlp -- --back'],
)
  .argument('[version]', 'a release such as 2026.10.26')
  .option('--back', 'use the version before the last change again')
  .addHelpText(
    'after',
    '\nFor the programs that run from this directory, or with Docker Compose for all containers of this host.\n',
  )
  .allowExcessArguments(false);

await runCommand(async () => {
  command.parse();
  const [wanted] = command.args;
  const { back = false } = command.opts<{ back?: boolean }>();
  try {
    if (wanted !== undefined) checkVersion(wanted, OLDEST_YTDLP);
    if (back && wanted !== undefined)
      throw new UserError('Name a version or --back, not both.', { exitCode: 2 });
    const { before, now } = await interruptible(() => locked(() => change(back, wanted)));
    printResult(false, undefined, describeChange(before, now, wanted));
    return 0;
  } catch (error) {
    if (!(error instanceof SetUpError)) throw error;
    throw new UserError(error.message, { exitCode: error.exitCode, cause: error });
  }
});

async function change(back: boolean, wanted: string | undefined) {
  const common = { tools: TOOLS, pinned: pinnedYtDlp() };
  if (back) return returnToPrevious(common);
  await ensureSystemPackages(await missingForPython());
  return updateYtDlp({ ...common, oldest: OLDEST_YTDLP, ...(wanted !== undefined && { wanted }) });
}

function describeChange(before: string | undefined, now: string, wanted: string | undefined): string {
  if (before === now) {
    const what = wanted === undefined ? 'the newest that can be installed here, and in use' : 'in use';
    return `yt-dlp ${now} is ${what} already; nothing was changed.`;
  }
  const other = gatherEnvironment(process.env)['YTDLP_PATH'];
  return [
    `yt-dlp ${now} is in use now${before === undefined ? '' : `; before it was ${before}, which is kept`}.`,
    other === undefined || other === YT_DLP
      ? 'Running workers use it from their next download or listing on; nothing needs to be restarted.'
      : `But YTDLP_PATH names another program, which workers use instead: ${other}`,
    ...(before === undefined ? [] : ['To return: `npm run update-yt-dlp -- --back`']),
    'To retry what failed: `npm run retry -- --class extraction`',
  ].join('\n');
}
