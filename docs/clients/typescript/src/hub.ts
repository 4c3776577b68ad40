import {
  Client,
  type AnyVariables,
  type CombinedError,
  type TypedDocumentNode,
  fetchExchange,
} from '@urql/core';

/** A hub; without a token it is asked as the public asks, without a limit until it is told to stop. */
export function hub(url: string, token: string | undefined, limit?: AbortSignal): Client {
  return new Client({
    url,
    exchanges: [fetchExchange],
    // A dashboard wants what holds now; the hub caches better than we could.
    requestPolicy: 'network-only',
    preferGetMethod: false,
    // Subscriptions come as server-sent events.
    fetchSubscriptions: true,
    // urql itself asks for `application/graphql-response+json` first.
    fetchOptions: {
      ...(token && { headers: { authorization: `Bearer ${token}` } }),
      ...(limit && { signal: limit }),
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
  if (error) throw told(error);
  if (!data) throw new Error('the hub answers without data');
  return data;
}

/** Hands over what a subscription tells, until the hub ends it. */
export function follow<Data, Variables extends AnyVariables>(
  client: Client,
  document: TypedDocumentNode<Data, Variables>,
  variables: Variables,
  take: (data: Data) => void,
): Promise<void> {
  return new Promise((resolve, reject) => {
    client.subscription(document, variables).subscribe(({ data, error, hasNext }) => {
      if (error) reject(told(error));
      else if (data) take(data);
      if (!hasNext) resolve();
    });
  });
}

/** The hub's own word on what is wrong, where it has one. */
function told(error: CombinedError): Error {
  const [refusal] = error.graphQLErrors;
  if (!refusal) return error;
  const { code, traceId } = refusal.extensions;
  return new Error(`${code}: ${refusal.message} (trace ${traceId})`);
}
