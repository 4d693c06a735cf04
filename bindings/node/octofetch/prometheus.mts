// octofetch/prometheus for `import`.
export * from './prometheus.js';
