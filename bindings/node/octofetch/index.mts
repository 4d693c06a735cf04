// The package for `import`: what `require` gives, the same classes and the same addon.
export * from './index.js';
