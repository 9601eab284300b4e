/**
 * `npm run sbom [-- FILE]`: one CycloneDX 1.5 document of all software that runs: the npm packages of package-lock.json without
 * those for development, the Python packages of the yt-dlp in use, and the system's programs. On standard output without FILE.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { ROOT, TOOLS } from './paths.mjs';
import { linkIn } from './yt-dlp-choice.mjs';
import { findProgram } from './run-program.mjs';

/** How each program tells its version. @type {Readonly<Record<string, readonly [args: readonly string[], version: RegExp]>>} */
const PROGRAMS = {
  ffmpeg: [['-version'], /^ffmpeg version (\S+)/m],
  ffprobe: [['-version'], /^ffprobe version (\S+)/m],
  python3: [['--version'], /Python (\S+)/],
  'redis-server': [['--version'], /v=(\S+)/],
  mongod: [['--version'], /db version v(\S+)/],
  minio: [['--version'], /version (\S+)/],
};

const npm = spawnSync('npm', ['sbom', '--sbom-format', 'cyclonedx', '--omit', 'dev', '--omit', 'optional'], {
  cwd: ROOT,
  encoding: 'utf8',
  maxBuffer: 64 * 1024 * 1024,
});
if (npm.status !== 0) {
  process.stderr.write(`npm sbom failed:\n${npm.stderr}`);
  process.exit(1);
}
const document = JSON.parse(npm.stdout);
document.components.push(node(), ...programs(), ...pythonPackages());
const text = `${JSON.stringify(document, undefined, 2)}\n`;
const [, , file] = process.argv;
if (file === undefined) process.stdout.write(text);
else writeFileSync(path.resolve(process.env['INIT_CWD'] ?? '.', file), text);

function node() {
  return component('application', 'node', process.versions.node);
}

function programs() {
  return Object.entries(PROGRAMS).flatMap(([name, [args, pattern]]) => {
    const program = findProgram(name);
    if (program === undefined) return [];
    const { stdout = '', stderr = '' } = spawnSync(program, args, { encoding: 'utf8', timeout: 30_000 });
    const version = pattern.exec(`${stdout}\n${stderr}`)?.[1];
    return version === undefined ? [] : [component('application', name, version)];
  });
}

/** Those beside the yt-dlp that is used: each has a directory NAME-VERSION.dist-info. */
function pythonPackages() {
  const environment = existsSync(linkIn(TOOLS)) ? path.join(TOOLS, 'python', 'lib') : undefined;
  if (environment === undefined || !existsSync(environment)) return [];
  return readdirSync(environment, { recursive: true, encoding: 'utf8' }).flatMap((file) => {
    const [, name, version] = /^([^/]+)-([^-/]+)\.dist-info$/.exec(path.basename(file)) ?? [];
    return name === undefined || version === undefined
      ? []
      : [
          {
            ...component('library', name, version),
            purl: `pkg:pypi/${name.toLowerCase().replaceAll('_', '-')}@${version}`,
          },
        ];
  });
}

/** @param {'application' | 'library'} type @param {string} name @param {string} version */
function component(type, name, version) {
  return { type, name, version, 'bom-ref': `${name}@${version}` };
}
