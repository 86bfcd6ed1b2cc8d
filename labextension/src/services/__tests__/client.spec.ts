import { ServerConnection } from '@jupyterlab/services';

import { Client } from '../client';

/** Return a client whose server gives this response, and the requests that it has received. */
function aClient(response: () => Promise<Response>): [Client, Request[]] {
  const requests: Request[] = [];
  const fetch = async (request: RequestInfo) => {
    requests.push(request as Request);
    return response();
  };
  return [new Client(ServerConnection.makeSettings({ baseUrl: 'http://server/me/', fetch })), requests];
}

const json =
  (body: object, status = 200) =>
  async () =>
    new Response(JSON.stringify(body), { status });

describe('Client', () => {
  it('gets below the base URL, without counting as activity', async () => {
    const [client, requests] = aClient(json({ revision: 1 }));
    expect(await client.get('dbx/live')).toEqual({ revision: 1 });
    expect(requests[0].url).toContain('http://server/me/api/dbx/live?no_track_activity=1');
  });

  it('rejects with the code, reason and field of an error', async () => {
    const field_violations = [{ field: 'spark_conf', description: 'not allowed' }];
    const details = [
      { '@type': 'type.googleapis.com/google.rpc.ErrorInfo', reason: 'INVALID_VALUE', domain: 'jupyter_dbx' },
      { '@type': 'type.googleapis.com/google.rpc.BadRequest', field_violations }
    ];
    const [client] = aClient(json({ error_code: 'INVALID_PARAMETER_VALUE', message: 'No.', details }, 400));
    await expect(client.post('2.1/clusters/create', {})).rejects.toMatchObject({
      message: 'No.',
      code: 'INVALID_PARAMETER_VALUE',
      status: 400,
      reason: 'INVALID_VALUE',
      field: 'spark_conf'
    });
  });

  it('rejects while the server is not responding', async () => {
    const [client] = aClient(() => Promise.reject(new TypeError('Failed to fetch')));
    await expect(client.get('dbx/live')).rejects.toMatchObject({ code: 'UNREACHABLE', status: 0 });
  });
});
