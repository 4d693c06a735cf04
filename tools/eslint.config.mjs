// The rules for JavaScript and TypeScript, as tools/lint.sh runs them; types are checked by tsc besides.
import path from 'node:path';

import js from '@eslint/js';
import typescript from 'typescript-eslint';

export default typescript.config(
  js.configs.recommended,
  {
    files: ['**/*.ts', '**/*.mts'],
    extends: [typescript.configs.strictTypeChecked],
    languageOptions: {
      parserOptions: {
        project: ['bindings/node/tsconfig.json', 'tests/node/tsconfig.json'],
        tsconfigRootDir: path.dirname(import.meta.dirname),
      },
    },
    rules: {
      // Numbers in texts are what is meant.
      '@typescript-eslint/restrict-template-expressions': 'off',
      // A call for its effect, at the end of an arrow.
      '@typescript-eslint/no-confusing-void-expression': 'off',
      // What a caller passes is checked, whatever its type says: there are callers without types.
      '@typescript-eslint/no-unnecessary-condition': 'off',
      // An error of a caller's is handed on as it is.
      '@typescript-eslint/only-throw-error': 'off',
      '@typescript-eslint/prefer-promise-reject-errors': 'off',
    },
  },
  {
    files: ['tests/**/*.ts'],
    rules: {
      // node:test keeps the promise of a test.
      '@typescript-eslint/no-floating-promises': [
        'error',
        { allowForKnownSafeCalls: [{ from: 'package', name: 'test', package: 'node:test' }] },
      ],
      '@typescript-eslint/no-base-to-string': 'off',
      '@typescript-eslint/require-await': 'off',
    },
  },
  {
    files: ['bindings/node_testing/*.js'],
    languageOptions: { sourceType: 'commonjs', globals: { require: 'readonly' } },
  },
  {
    files: ['**/*.mjs'],
    languageOptions: {
      globals: Object.fromEntries(
        ['AbortController', 'AbortSignal', 'Buffer', 'console', 'performance', 'process', 'URL'].map((name) => [name, 'readonly']),
      ),
    },
  },
);
