#!/usr/bin/env node
/**
 * The entry point of the image: `sonotheque COMMAND [ARGUMENT …]`. The command runs in this process, so that signals reach it
 * and no second Node takes memory. In a checkout `sonotheque` is local/launch.mjs, which sets up what is missing.
 */
import { existsSync, mkdirSync, symlinkSync } from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { IMAGE_COMMANDS, overview, unknownCommand } from '../../local/setup/commands.mjs';
import { useCompileCache } from '../../local/setup/compile-cache.mjs';
import { ROOT, TOOLS } from '../../local/setup/paths.mjs';
import {
  PINNED_ENVIRONMENT,
  followChoice,
  linkIn,
  stampedVersion,
} from '../../local/setup/yt-dlp-choice.mjs';

/** Where the image has the yt-dlp of its build; never written to. */
const BUILT_IN = '/opt/yt-dlp';
const HELP = ['--help', '-h', 'help'];

const [, , name = '--help', ...args] = process.argv;
const command = Object.hasOwn(IMAGE_COMMANDS, name) ? IMAGE_COMMANDS[name] : undefined;
if (command !== undefined) {
  chooseYtDlp();
  useCompileCache(name);
  process.argv.splice(1, 2, path.join(ROOT, command.program));
  await import(pathToFileURL(path.join(ROOT, command.program)).href);
} else if (HELP.includes(name) && args.length === 0) {
  process.stdout.write(overview(IMAGE_COMMANDS));
} else {
  process.stderr.write(`${unknownCommand(name, IMAGE_COMMANDS)}\n`);
  process.exitCode = 2;
}

/**
 * The directory of the tools is a volume, which outlives the image: what `update-yt-dlp` installed there is used until an
 * image comes with a newer version.
 */
function chooseYtDlp() {
  try {
    mkdirSync(TOOLS, { recursive: true });
    const environment = path.join(TOOLS, PINNED_ENVIRONMENT);
    if (!existsSync(environment)) symlinkSync(BUILT_IN, environment);
    const message = followChoice(TOOLS, stampedVersion(TOOLS, PINNED_ENVIRONMENT) ?? '');
    if (message !== undefined) process.stderr.write(`${message}\n`);
  } catch (error) {
    // Another container of this host may do the same at this moment; commands without yt-dlp do not need it at all.
    const { message } = /** @type {Error} */ (error);
    if (!existsSync(linkIn(TOOLS))) process.stderr.write(`yt-dlp was not set up: ${message}\n`);
  }
}
