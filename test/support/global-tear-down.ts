import { tearDown } from './running-servers.ts';

/** Ends what `global-set-up.ts` started, and removes its data. */
export default tearDown;
