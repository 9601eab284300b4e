import { chmod, writeFile } from 'node:fs/promises';
import path from 'node:path';

/**
 * Writes a small program that crashes, hangs or prints invalid output, which the real programs cannot be made to
 * do. `body` is JavaScript; in it `workDirectory` is the directory in which the program runs, and `configuration` are the
 * arguments that yt-dlp reads from standard input.
 */
export async function writeStubProgram(directory: string, name: string, body: string): Promise<string> {
  const file = path.join(directory, name);
  // The first line names this Node, as child programs get a short environment without its PATH.
  const values = `
    const workDirectory = process.cwd();
    const configuration = process.argv.includes('--config-locations')
      ? require('node:fs').readFileSync(0, 'utf8').split('\\n').map((line) => line.slice(1, -1))
      : [];`;
  await writeFile(file, `#!${process.execPath}${values}\n${body}\n`);
  await chmod(file, 0o755);
  return file;
}

/** Starts a second process, prints both ids to a file and hangs; with `stubborn` both ignore SIGTERM. */
export function hangingBody(pidFile: string, stubborn: boolean): string {
  const ignore = stubborn ? "process.on('SIGTERM', () => {});" : '';
  return `
    ${ignore}
    const { spawn } = require('node:child_process');
    const { writeFileSync } = require('node:fs');
    const child = spawn(process.execPath, ['-e', ${JSON.stringify(`${ignore} console.log('up'); setInterval(() => {}, 1000)`)}],
      { stdio: ['ignore', 'pipe', 'inherit'] });
    child.stdout.once('data', () => {
      writeFileSync(${JSON.stringify(pidFile)}, JSON.stringify([process.pid, child.pid]));
      process.stdout.write('P{"status":"downloading","downloaded_bytes":1}\\n');
    });
    setInterval(() => {}, 1000);`;
}
