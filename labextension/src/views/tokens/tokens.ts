/**
 * What the page of access tokens and its parts need.
 */
import type { TranslationBundle } from '@jupyterlab/translation';

import type { TokenCreated, TokenDetails } from '../../model/wire';

/** Props of the page. */
export interface TokenProps {
  /** URL of the server, for clients */
  host: string;
  trans: TranslationBundle;
  load(): Promise<TokenDetails[]>;
  /** Rejects with the error of the server; `lifetimeS` null = as long as allowed. */
  create(comment: string, lifetimeS: number | null): Promise<TokenCreated>;
  /** Revoke a token after a confirmation. */
  revoke(token: TokenDetails): Promise<void>;
  copy(text: string): void;
}
