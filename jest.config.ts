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
  projects: [
    { ...shared, displayName: 'unit', roots: ['<rootDir>/src', '<rootDir>/local'] },
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
