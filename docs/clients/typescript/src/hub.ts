import { Client, type AnyVariables, type TypedDocumentNode, fetchExchange } from '@urql/core';

/** A hub; without a token it is asked as the public asks. */
export function hub(url: string, token: string | undefined): Client {
  return new Client({
    url,
    exchanges: [fetchExchange],
    // A dashboard wants what holds now; the hub caches better than we could.
    requestPolicy: 'network-only',
    preferGetMethod: false,
    fetchOptions: {
      headers: {
        accept: 'application/graphql-response+json, application/json;q=0.9',
        ...(token && { authorization: `Bearer ${token}` }),
      },
      signal: AbortSignal.timeout(15_000),
    },
  });
}

/** The data of an answer, or the hub's own word on why there is none. */
export async function ask<Data, Variables extends AnyVariables>(
  client: Client,
  document: TypedDocumentNode<Data, Variables>,
  variables: Variables,
): Promise<Data> {
  const { data, error } = await client.query(document, variables).toPromise();
  const [refusal] = error?.graphQLErrors ?? [];
  if (refusal) {
    const { code, traceId } = refusal.extensions;
    throw new Error(`${code}: ${refusal.message} (trace ${traceId})`);
  }
  if (error) throw error;
  if (!data) throw new Error('the hub answers without data');
  return data;
}
