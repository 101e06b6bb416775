import globals from 'globals'
import tseslint from 'typescript-eslint'
import vue from 'eslint-plugin-vue'

export default tseslint.config(
  { ignores: ['dist/', 'node_modules/', 'src/shared/api/schema.d.ts'] },
  ...tseslint.configs.recommended,
  ...vue.configs['flat/recommended'],
  {
    files: ['**/*.{ts,vue}'],
    languageOptions: {
      globals: globals.browser,
      parserOptions: { parser: tseslint.parser, extraFileExtensions: ['.vue'] },
    },
    rules: {
      // House rules: a file, a function and a branch a reader can hold in the head.
      'max-lines': ['error', { max: 400 }],
      'max-lines-per-function': ['error', { max: 40, skipBlankLines: true, skipComments: true }],
      complexity: ['error', 8],
      'no-console': 'error',
      '@typescript-eslint/no-explicit-any': 'error',
      '@typescript-eslint/no-unused-vars': ['error', { ignoreRestSiblings: true }],
      // Every text goes through vue-i18n.
      'vue/no-bare-strings-in-template': ['error', { allowlist: ['(', ')', ',', '.', '·', '/', ':', '–', '—', '%', '+', '#', '→'] }],
      'vue/no-v-html': 'error',
      // Vant shows a spinner instead of the words of a button at work: without its own words it has no name.
      'vue/no-restricted-syntax': [
        'error',
        {
          selector: "VElement[rawName='VanButton'] > VStartTag:has(VDirectiveKey[argument.name='loading']):not(:has(VDirectiveKey[argument.name='loading-text']))",
          message: 'A button at work needs :loading-text, or it has no name.',
        },
      ],
      // Layout is left to the writer: these fight with compact templates and add no safety.
      'vue/max-attributes-per-line': 'off',
      'vue/singleline-html-element-content-newline': 'off',
      'vue/html-self-closing': 'off',
      'vue/html-closing-bracket-newline': 'off',
      'vue/html-indent': 'off',
      'vue/multi-word-component-names': 'off',
    },
  },
  {
    // A test file tells a list of stories; its describe block may be long.
    files: ['**/*.test.ts'],
    rules: { 'max-lines-per-function': 'off' },
  },
  {
    // A composable is a small module in the shape of a function: the functions inside it are held to 40 by eye.
    files: ['**/composables/**/*.ts'],
    rules: { 'max-lines-per-function': ['error', { max: 80, skipBlankLines: true, skipComments: true }] },
  },
  { files: ['public/*.js'], languageOptions: { globals: globals.browser, sourceType: 'script' } },
  { files: ['**/*.{js,mjs}'], ignores: ['public/'], languageOptions: { globals: globals.node } },
)
