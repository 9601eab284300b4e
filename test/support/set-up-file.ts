import { jest } from '@jest/globals';

// Tests with real servers wait for what happens, each with a deadline of its own below this one.
jest.setTimeout(60_000);
