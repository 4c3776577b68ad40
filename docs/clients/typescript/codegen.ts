import type { CodegenConfig } from '@graphql-codegen/cli';

// Each graphql(`…`) in src/ is checked against the hub's schema and gets the types of its answer.
const config: CodegenConfig = {
  schema: process.env.ZHENGXIN_SCHEMA ?? '../../../schema.graphql',
  documents: 'src/*.ts',
  generates: {
    'src/gql/': {
      preset: 'client',
      presetConfig: { fragmentMasking: false },
      config: {
        strictScalars: true,
        // All of them travel as text; no float may round an amount.
        scalars: { CaseNumber: 'string', Date: 'string', DateTime: 'string', Decimal: 'string', Uscc: 'string' },
        enumsAsTypes: true,
        // The contract's enums may grow.
        futureProofEnums: true,
        useTypeImports: true,
      },
    },
  },
};

export default config;
