import { jest } from '@jest/globals';

// Tests with real servers wait for what happens, each wait with its own deadline. This limit only ends a test that
// hangs: it leaves time for a machine that stands still for a minute.
jest.setTimeout(180_000);
