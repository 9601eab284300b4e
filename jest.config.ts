import type { Config } from 'jest';

/**
 * Tests run as the native ES modules that production runs; swc only removes the types.
 * `--experimental-vm-modules` is set by the test command.
 */
const shared = {
  testEnvironment: 'node',
  extensionsToTreatAsEsm: ['.ts'],
  transform: {
    '^.+\\.ts$': [
      '@swc/jest',
      { jsc: { target: 'es2024', parser: { syntax: 'typescript' } }, module: { type: 'es6' } },
    ],
  },
} satisfies Config;

const config: Config = {
  maxWorkers: 2,
  // Modules of test files stay in memory when they have ended, which makes each collection of garbage slower: a worker of 2 GB
  // took 300 s for a test that takes 30 s.
  workerIdleMemoryLimit: '800MB',
  projects: [
    { ...shared, displayName: 'unit', roots: ['<rootDir>/src', '<rootDir>/local', '<rootDir>/bench'] },
    {
      ...shared,
      displayName: 'servers',
      roots: ['<rootDir>/test'],
      // Only this project starts servers.
      globalSetup: '<rootDir>/test/support/global-set-up.ts',
      globalTeardown: '<rootDir>/test/support/global-tear-down.ts',
      setupFilesAfterEnv: ['<rootDir>/test/support/set-up-file.ts'],
    },
  ],
};

export default config;
