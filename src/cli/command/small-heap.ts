import { setFlagsFromString } from 'node:v8';

/**
 * Keeps the young generation of V8 from growing to 50 MB and staying there, as it does while modules are loaded or long listings
 * are read, and the old one from growing to more than twice of what is in use before it is cleaned. For services, which wait
 * for servers and child processes most of the time, and for passes over everything, whose memory would grow with what they read although
 * they keep none of it. `sync` with listings of 100,000 objects on both sides: 322 MB without both, 212 to 231 MB with the first and 177 to
 * 183 MB with both (186 MB with 1,000,000), at 3 % more processor time. `reconcile` with 10,000 lost jobs: 317 MB without, 199 MB
 * with both; with 40,000: 417 and 196 MB. They have no effect as options of Node, only once it runs.
 * Code that was compiled with other flags is of no use, so these have a compile cache of their own
 * (local/setup/compile-cache.mjs).
 */
export function keepHeapSmall(): void {
  setFlagsFromString('--semi-space-growth-factor=1');
  setFlagsFromString('--heap-growing-percent=100');
  // After a few answers V8 optimises undici's parser of HTTP, one function of WebAssembly, for which it takes 25 MB and keeps half. An
  // answer takes a few microseconds to parse either way.
  setFlagsFromString('--wasm-tiering-budget=2000000000');
}

const SAVING_FLAGS = [
  '--semi-space-growth-factor=1',
  '--heap-growing-percent=50',
  '--max-lazy',
  '--no-opt',
  '--no-maglev',
];

/**
 * Saves memory rather than time, for `enqueue`: it mostly waits for yt-dlp, MongoDB and Redis, and may run for hours beside others on a
 * small machine. A young generation that does not grow, an old one that is cleaned early, no optimised code: with 1,000 entries 125 MB
 * instead of 187, with 10 % more processor time. To be called before anything else is loaded; these, too, have a compile cache of
 * their own.
 */
export function saveMemory(): void {
  for (const flag of SAVING_FLAGS) setFlagsFromString(flag);
}
