import tseslint from 'typescript-eslint';

const MONEY_TRAPS = [
  {
    selector: "CallExpression[callee.name='parseFloat']",
    message: 'parseFloat("12万") is 12: check a strict grammar, see src/money/amount-text.ts.',
  },
  {
    selector: "CallExpression[callee.property.name='parseFloat']",
    message: 'parseFloat("12万") is 12: check a strict grammar.',
  },
  { selector: "CallExpression[callee.name='parseInt']", message: 'parseInt("12万") is 12: check a strict grammar.' },
  {
    selector: "CallExpression[callee.property.name='toLocaleString']",
    message: 'A figure must not depend on the locale of the machine.',
  },
  { selector: 'ExportDefaultDeclaration', message: 'Exports have names.' },
];

/** What the projection engine of a server lacks, or what a fold must not read. */
const FOLD_TRAPS = [
  'Date',
  'Intl',
  'structuredClone',
  'eval',
  'Function',
  'process',
  'require',
  'setTimeout',
  'setInterval',
  'queueMicrotask',
  'Promise',
  'Proxy',
  'Reflect',
  'WeakRef',
  'globalThis',
  'console',
];

export default tseslint.config(
  { ignores: ['dist/', 'node_modules/', 'coverage/', 'data/', 'test/fixtures/'] },
  {
    files: ['**/*.ts'],
    extends: [...tseslint.configs.strict],
    rules: {
      'no-restricted-syntax': ['error', ...MONEY_TRAPS],
      '@typescript-eslint/consistent-type-imports': [
        'error',
        { fixStyle: 'inline-type-imports', disallowTypeAnnotations: false },
      ],
      '@typescript-eslint/no-extraneous-class': ['error', { allowWithDecorator: true, allowEmpty: true }],
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_' }],
      eqeqeq: 'error',
      'no-console': 'error',
    },
  },
  {
    // Nest reads the types of constructor parameters and DTO fields at run time.
    files: [
      '**/*.{controller,dto,handler,module,guard,filter,interceptor}.ts',
      'src/http/**/*.ts',
      'src/identity/**/*.ts',
    ],
    rules: { '@typescript-eslint/consistent-type-imports': 'off' },
  },
  { files: ['bench/**/*.ts'], rules: { 'no-console': 'off' } },
  {
    // Parts of one script that runs in Node and in a page; the type check knows what they share.
    files: ['verifier/*.js'],
    languageOptions: { sourceType: 'script', ecmaVersion: 2022 },
    rules: {
      'no-restricted-syntax': ['error', ...MONEY_TRAPS],
      'no-unused-vars': ['error', { vars: 'local' }],
      'prefer-const': 'error',
      'no-var': 'error',
      eqeqeq: 'error',
      'no-console': 'error',
    },
  },
  {
    files: ['projections/*.js'],
    languageOptions: { sourceType: 'script', ecmaVersion: 2022 },
    rules: {
      'no-restricted-globals': ['error', ...FOLD_TRAPS],
      'no-restricted-properties': [
        'error',
        { object: 'Math', property: 'random', message: 'A fold reads only its events.' },
        { property: 'toLocaleString', message: 'A fold does not know a locale.' },
        { property: 'toLocaleUpperCase', message: 'A fold does not know a locale.' },
        { property: 'toLocaleLowerCase', message: 'A fold does not know a locale.' },
        { property: 'localeCompare', message: 'A fold does not know a locale.' },
        { property: 'constructor', message: 'It makes functions from text, which the server’s engine does not.' },
      ],
      'no-restricted-syntax': [
        'error',
        {
          selector: 'FunctionDeclaration[generator=true], FunctionExpression[generator=true]',
          message: 'The server’s engine has no generators.',
        },
        { selector: 'AwaitExpression, :function[async=true]', message: 'A fold does not wait.' },
        { selector: 'ImportExpression', message: 'The server runs one script.' },
      ],
    },
  },
);
