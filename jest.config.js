import { createDefaultEsmPreset } from 'ts-jest'

export default {
  ...createDefaultEsmPreset({ diagnostics: false }),
  roots: ['<rootDir>/__tests__'],
  testMatch: ['**/*.test.ts'],
  // They need act: npm run test:workflows.
  testPathIgnorePatterns: ['<rootDir>/__tests__/workflows/'],
  // Sources import each other with their real extension; the compiler writes `.js`.
  moduleNameMapper: { '^(\\.{1,2}/.*)\\.js$': '$1' },
  // Several times what the longest takes on two idle processors.
  testTimeout: 180_000,
  maxWorkers: 2,
}
