// Composes two provinces, each with a prefix, and a budget office. Tokens are needed here to read the
// hubs' schemas; the composed file names the variables from which the gateway takes them, not the tokens.
import { createPrefixTransform, defineConfig, loadGraphQLHTTPSubgraph } from '@graphql-mesh/compose-cli';

const { env } = process;

const province = (name, endpoint) => {
  const variable = `${name.toUpperCase()}_TOKEN`;
  return {
    sourceHandler: loadGraphQLHTTPSubgraph(name, {
      endpoint,
      federation: true,
      schemaHeaders: { authorization: `Bearer ${env[variable]}` },
      operationHeaders: { authorization: `Bearer {env.${variable}}` },
    }),
    // Each province has its own root fields, gd_agencies and fj_agencies; types are common to all.
    transforms: [createPrefixTransform({ value: `${name}_`, includeRootOperations: true, includeTypes: false })],
  };
};

export const composeConfig = defineConfig({
  subgraphs: [
    province('gd', env.GD_URL ?? 'http://127.0.0.1:4401/graphql'),
    province('fj', env.FJ_URL ?? 'http://127.0.0.1:4402/graphql'),
    {
      sourceHandler: loadGraphQLHTTPSubgraph('budgets', {
        endpoint: env.BUDGETS_URL ?? 'http://127.0.0.1:4403/graphql',
        federation: true,
      }),
    },
  ],
});
