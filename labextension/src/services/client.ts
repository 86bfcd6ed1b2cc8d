/**
 * The only place that talks to the server.
 */
import { URLExt } from '@jupyterlab/coreutils';
import { ServerConnection } from '@jupyterlab/services';

/** A refusal of the server, in its own words; `status` 0 = it did not answer at all. */
export class ApiError extends Error {
  constructor(
    message: string,
    readonly code: string,
    readonly status: number
  ) {
    super(message);
  }
}

/** Asks our REST API, with Jupyter's own token and cookies. */
export class Client {
  constructor(private readonly settings: ServerConnection.ISettings = ServerConnection.makeSettings()) {}

  /** Return the answer to a GET of `path` below `api/`. */
  async get<T>(path: string): Promise<T> {
    return this.ask<T>(path, 'GET');
  }

  /** Return the answer to a POST. */
  async post<T>(path: string, body: object = {}): Promise<T> {
    return this.ask<T>(path, 'POST', body);
  }

  /** Return the URL of `path` below the server's base URL. */
  url(path: string): string {
    return URLExt.join(this.settings.baseUrl, path);
  }

  private async ask<T>(path: string, method: string, body?: object): Promise<T> {
    const init: RequestInit = { method, body: body && JSON.stringify(body) };
    // To look is no activity that should keep a server from shutting down.
    const query = method === 'GET' ? `${path.includes('?') ? '&' : '?'}no_track_activity=1` : '';
    let response: Response;
    try {
      response = await ServerConnection.makeRequest(this.url(`api/${path}`) + query, init, this.settings);
    } catch (error) {
      if (error instanceof ServerConnection.NetworkError) {
        throw new ApiError('The server does not answer.', 'UNREACHABLE', 0);
      }
      throw error;
    }
    const answer = await response.json().catch(() => ({}));
    if (!response.ok) {
      const message = answer.message || `The server answered ${response.status} ${response.statusText}.`;
      throw new ApiError(message, answer.error_code ?? '', response.status);
    }
    return answer as T;
  }
}
