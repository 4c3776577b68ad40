import relay from '@graphql-eslint/eslint-plugin';

export default [
  {
    files: ['schema.graphql'],
    plugins: { '@graphql-eslint': relay },
    languageOptions: {
      parser: relay.parser,
      parserOptions: { graphQLConfig: { schema: 'schema.graphql' } },
    },
    rules: {
      ...relay.configs['flat/schema-relay'].rules,
      // Relay asks for arguments of one direction or of both; lists below a thing go forward.
      '@graphql-eslint/relay-arguments': ['error', { includeBoth: false }],
      // Lists of scalars and of a few things are no connections.
      '@graphql-eslint/relay-edge-types': [
        'error',
        { withEdgeSuffix: true, shouldImplementNode: true, listTypeCanWrapOnlyEdgeType: false },
      ],
    },
  },
];
