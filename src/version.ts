/** The same as in package.json, which a test holds it to: the bundle has no package.json of ours beside it. */
export const VERSION = '0.1.0'
