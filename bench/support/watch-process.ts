import { monitorEventLoopDelay } from 'node:perf_hooks';
import { setTimeout } from 'node:timers/promises';
import { residentMegabytes, usedMegabytes } from './memory.ts';

const SAMPLE_MS = 20;
const DELAY_RESOLUTION_MS = 10;

/** Watches the event loop and the memory of this process until `end`. */
export function watchProcess() {
  const usedBefore = usedMegabytes();
  const residentBefore = residentMegabytes();
  let mostResident = residentBefore;
  const sampling = setInterval(() => {
    mostResident = Math.max(mostResident, residentMegabytes());
  }, SAMPLE_MS);
  const delays = monitorEventLoopDelay({ resolution: DELAY_RESOLUTION_MS });
  delays.enable();
  return {
    end: async () => {
      // A block at the very end is only seen by the next turn of the loop.
      await setTimeout(2 * SAMPLE_MS);
      delays.disable();
      clearInterval(sampling);
      return {
        /** The longest time that the event loop was late. */
        longestBlockMs: Math.max(0, delays.max / 1e6 - DELAY_RESOLUTION_MS),
        /** The most memory of the process, with its threads, above what it had before. */
        addedMegabytes: mostResident - residentBefore,
        /** What is still in use afterwards, above what was before. */
        keptMegabytes: usedMegabytes() - usedBefore,
      };
    },
  };
}
