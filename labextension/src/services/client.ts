/**
 * HTTP to the server: the only place that fetches.
 */
import { URLExt } from '@jupyterlab/coreutils';
import { ServerConnection } from '@jupyterlab/services';

import { ApiError, errorOf } from '../model/errors';

/** Sends requests to our REST API, with Jupyter's own token and cookies; failures are `ApiError`s. */
export class Client {
  constructor(private readonly settings: ServerConnection.ISettings = ServerConnection.makeSettings()) {}

  /** Return the response to a GET of `path` below `api/`. */
  async get<T>(path: string): Promise<T> {
    return this.request<T>(path, 'GET');
  }

  /** Return the response to a POST. */
  async post<T>(path: string, body: object = {}): Promise<T> {
    return this.request<T>(path, 'POST', body);
  }

  /** Send a PUT. */
  async put(path: string, body: object): Promise<void> {
    await this.request(path, 'PUT', body);
  }

  /** Send a DELETE. */
  async delete(path: string): Promise<void> {
    await this.request(path, 'DELETE');
  }

  /** Return the URL of `path` below the server's base URL. */
  url(path: string): string {
    return URLExt.join(this.settings.baseUrl, path);
  }

  private async request<T>(path: string, method: string, body?: object): Promise<T> {
    const init: RequestInit = { method, body: body && JSON.stringify(body) };
    // Polling must not keep an idle server from shutting down.
    const query = method === 'GET' ? `${path.includes('?') ? '&' : '?'}no_track_activity=1` : '';
    let response: Response;
    try {
      response = await ServerConnection.makeRequest(this.url(`api/${path}`) + query, init, this.settings);
    } catch (error) {
      if (error instanceof ServerConnection.NetworkError) {
        throw new ApiError('The server is not responding.', { code: 'UNREACHABLE', status: 0 });
      }
      throw error;
    }
    const content: unknown = await response.json().catch(() => null);
    if (!response.ok) {
      throw errorOf(content, response.status, response.statusText);
    }
    return content as T;
  }
}
