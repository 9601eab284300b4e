#!/usr/bin/env node
/**
 * Runs a command of this project: launch.mjs NAME [ARGUMENT …], which is also `sonotheque` (bin in package.json).
 *
 * Plain JavaScript without dependencies, because it runs first on a bare machine, perhaps with an old Node. This file only
 * turns the compile cache on: what is loaded after that comes from it.
 */
import { useCompileCache } from './setup/compile-cache.mjs';

useCompileCache(process.argv[2] ?? '');
const { launch } = await import('./setup/launch-command.mjs');
await launch(process.argv.slice(2));
