import base from './jest.config.js'

// Whole workflows, run by act on this machine: npm run test:workflows.
export default {
  ...base,
  roots: ['<rootDir>/__tests__/workflows'],
  testPathIgnorePatterns: [],
  testTimeout: 600_000,
}
