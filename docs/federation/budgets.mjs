// Another system's subgraph: what it knows of an agency, by the agency's code.
// The figures are made up from the code, so that anybody can reckon them.
import { createServer } from 'node:http';
import { buildSubgraphSchema } from '@apollo/subgraph';
import { parse } from 'graphql';
import { createYoga } from 'graphql-yoga';

const typeDefs = parse(/* GraphQL */ `
  extend schema @link(url: "https://specs.apollo.dev/federation/v2.3", import: ["@key"])

  scalar Uscc
  scalar Decimal

  extend type Agency @key(fields: "uscc") {
    uscc: Uscc
    "部门预算。 / What it may spend."
    budget(year: Int!): Budget
  }

  type Budget {
    year: Int!
    "元。 / In yuan."
    total: Decimal!
  }

  type Query {
    budgetYears: [Int!]!
  }
`);

const years = [2025, 2026];

const resolvers = {
  Query: { budgetYears: () => years },
  Agency: {
    budget: ({ uscc }, { year }) =>
      years.includes(year) ? { year, total: `${Number(uscc.slice(2, 8)) * (year - 2000)}.00` } : null,
  },
};

const schema = buildSubgraphSchema([{ typeDefs, resolvers }]);
const server = createServer(createYoga({ schema, logging: false }));
server.listen(Number(process.env.PORT ?? 4403), '127.0.0.1', () => {
  console.log(`ready http://127.0.0.1:${server.address().port}/graphql`);
});
