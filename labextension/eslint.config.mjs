/**
 * Rules of the front end: those of typescript-eslint that read types, React's hooks, and which room may import which.
 */
import reactHooks from 'eslint-plugin-react-hooks';
import { defineConfig, globalIgnores } from 'eslint/config';
import tseslint from 'typescript-eslint';

/** Room below `src/` → the rooms and files that its modules may not import, and why. */
const BOUNDARIES = {
  model: ['services|plugins|views|tokens|icons', 'The model is pure: it imports only itself.'],
  services: ['plugins|views|commands|icons', 'Services know the model and the tokens.'],
  views: ['services|plugins|tokens|commands|icons', 'Views take props: they know the model and other views.']
};

const ONE_CLIENT = 'Only services/client.ts sends requests.';

/** Return the rule that keeps a room's modules, also those it loads when needed, to what they may import. */
function keepToRoom([room, [others, message]]) {
  const path = `^(\\.\\./)+(${others})(/|$)`;
  return {
    files: [`src/${room}/**`],
    rules: {
      'no-restricted-imports': ['error', { patterns: [{ regex: path, message }] }],
      'no-restricted-syntax': [
        'error',
        { selector: `ImportExpression[source.value=/${path.replaceAll('/', '\\/')}/]`, message }
      ]
    }
  };
}

export default defineConfig(
  globalIgnores(['lib', 'coverage', 'src/model/api.ts']),
  {
    files: ['src/**/*.{ts,tsx}'],
    extends: [tseslint.configs.recommendedTypeChecked],
    plugins: { 'react-hooks': reactHooks },
    languageOptions: { parserOptions: { project: './tsconfig.test.json', tsconfigRootDir: import.meta.dirname } },
    linterOptions: { reportUnusedDisableDirectives: 'error' },
    rules: {
      '@typescript-eslint/switch-exhaustiveness-check': ['error', { considerDefaultExhaustiveForUnions: true }],
      // A method of an interface that returns promises is `async` also when it awaits nothing.
      '@typescript-eslint/require-await': 'off',
      // Callbacks of props and slots of signals are passed without their object.
      '@typescript-eslint/unbound-method': 'off',
      'max-lines': ['error', 400],
      'max-lines-per-function': ['error', 60],
      'react-hooks/exhaustive-deps': 'error',
      'react-hooks/rules-of-hooks': 'error'
    }
  },
  { files: ['**/__tests__/**'], rules: { 'max-lines-per-function': 'off' } },
  ...Object.entries(BOUNDARIES).map(keepToRoom),
  {
    files: ['src/**'],
    ignores: ['src/services/client.ts'],
    rules: {
      'no-restricted-globals': ['error', { name: 'fetch', message: ONE_CLIENT }],
      'no-restricted-properties': [
        'error',
        { object: 'ServerConnection', property: 'makeRequest', message: ONE_CLIENT }
      ]
    }
  }
);
