import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { givenServers } from './given-servers.mjs';
import { locked } from './lock.mjs';
import { ensureMinio, findMinio } from './minio.mjs';
import { ensureStandIn, missingForStandIn, standInDirectory, standInIsBuilt } from './mongo-stand-in.mjs';
import { downloadMongod, findMongod, mongodCanBeDownloaded } from './mongo.mjs';
import { ensureNodeModules, nodeModulesAreCurrent } from './node-modules.mjs';
import { ensureNode, findNode } from './node-runtime.mjs';
import { TOOLS, TOOLS_FILE } from './paths.mjs';
import { say } from './progress.mjs';
import { YT_DLP, ensurePython, missingForPython, pythonIsReady } from './python.mjs';
import { findProgram } from './run-program.mjs';
import { warmCompileCache } from './warm-compile-cache.mjs';
import { ensureSystemPackages } from './system-packages.mjs';

/**
 * Installs everything that `npm run demo`, `npm start` and `npm test` need and that is not there. When nothing is missing
 * this takes milliseconds and prints nothing.
 * @param {{ withEnvironmentFile: boolean }} options whether servers that `.env` names need no set-up
 * @returns {Promise<string>} the Node to run the command with
 */
export async function ensureEverything(options) {
  const given = givenServers(options);
  const node = findNode();
  if (
    node !== undefined &&
    nodeModulesAreCurrent() &&
    pythonIsReady() &&
    missingPrograms(given).length === 0
  ) {
    const tools = foundTools(given);
    if (tools !== undefined) {
      writeTools(tools);
      return node;
    }
  }
  return locked(() => setUp(given));
}

/**
 * Installs the npm packages and a Node that is new enough.
 * @returns {Promise<string>} the Node to run the command with
 */
export function ensurePackages() {
  return locked(async () => {
    const [node] = await Promise.all([ensureNode(), ensureNodeModules()]);
    await warmCompileCache(node);
    return node;
  });
}

/** @param {ReturnType<typeof givenServers>} given */
async function setUp(given) {
  const begin = Date.now();
  const wantsDownload = !given.mongo && findMongod() === undefined && (await mongodCanBeDownloaded());
  const wantsStandIn = !given.mongo && findMongod() === undefined && !wantsDownload;
  await ensureSystemPackages(
    [...missingPrograms(given), ...(await missingForPython()), ...(wantsStandIn ? missingForStandIn() : [])],
    // Without it the sample channel has tones instead of speech.
    findProgram('espeak-ng') === undefined ? ['espeak-ng'] : [],
  );
  const python = ensurePython();
  const node = ensureNode();
  const modules = ensureNodeModules();
  await Promise.all([
    python,
    node,
    modules,
    given.minio ? undefined : ensureMinio(python),
    wantsStandIn ? ensureStandIn() : undefined,
    wantsDownload ? Promise.all([node, modules]).then(([program]) => downloadOrStandIn(program)) : undefined,
    Promise.all([node, modules]).then(([program]) => warmCompileCache(program)),
  ]);
  const tools = foundTools(given);
  if (tools === undefined) throw new Error('The set-up ended, but something is still missing.');
  writeTools(tools);
  say(`ready (${((Date.now() - begin) / 1000).toFixed(1)} s)`);
  return node;
}

/** @param {string} node */
async function downloadOrStandIn(node) {
  if ((await downloadMongod(node)) !== undefined) return;
  await ensureSystemPackages(missingForStandIn());
  await ensureStandIn();
}

/** The Debian packages of the programs that are not on the PATH. @param {ReturnType<typeof givenServers>} given */
function missingPrograms(given) {
  return [
    ...(given.redis || findProgram('redis-server') !== undefined ? [] : ['redis-server']),
    ...(findProgram('ffmpeg') !== undefined && findProgram('ffprobe') !== undefined ? [] : ['ffmpeg']),
  ];
}

/**
 * The paths of all programs, in the form of local/servers/tools.ts; undefined when something is missing.
 * @param {ReturnType<typeof givenServers>} given
 */
function foundTools(given) {
  const redisServer = findProgram('redis-server');
  const minio = findMinio();
  const mongod = findMongod();
  const java = findProgram('java');
  const mongo =
    mongod !== undefined
      ? { kind: 'mongod', program: mongod }
      : java !== undefined && standInIsBuilt()
        ? { kind: 'stand-in', java, directory: standInDirectory() }
        : undefined;
  if (redisServer === undefined && !given.redis) return undefined;
  if (minio === undefined && !given.minio) return undefined;
  if (mongo === undefined && !given.mongo) return undefined;
  return { redisServer, minio, mongo, ytDlp: YT_DLP };
}

/** @param {object} tools */
function writeTools(tools) {
  const text = `${JSON.stringify(tools, undefined, 2)}\n`;
  mkdirSync(TOOLS, { recursive: true });
  try {
    if (readFileSync(TOOLS_FILE, 'utf8') === text) return;
  } catch {
    // It does not exist yet.
  }
  const unfinished = `${TOOLS_FILE}.partial-${process.pid}`;
  writeFileSync(unfinished, text);
  renameSync(unfinished, TOOLS_FILE);
}
