/**
 * The user's personal access tokens.
 */
import type { TokenCreated, TokenDetails } from '../model/wire';
import type { Client } from './client';

/** Requests about tokens; failures are `ApiError`s. */
export class Tokens {
  constructor(private readonly client: Client) {}

  /** Return the user's tokens, newest first, without their values. */
  async list(): Promise<TokenDetails[]> {
    return (await this.client.get<{ token_infos: TokenDetails[] }>('2.0/token/list')).token_infos;
  }

  /** Create a token; its value is in this answer only. `lifetimeS` null = as long as allowed. */
  create(comment: string, lifetimeS: number | null): Promise<TokenCreated> {
    return this.client.post<TokenCreated>('2.0/token/create', {
      comment,
      ...(lifetimeS !== null && { lifetime_seconds: lifetimeS })
    });
  }

  async revoke(tokenId: string): Promise<void> {
    await this.client.post('2.0/token/delete', { token_id: tokenId });
  }
}
