/**
 * “Access tokens” in the Settings menu: the user's personal tokens, in a tab.
 */
import type { JupyterFrontEnd, JupyterFrontEndPlugin } from '@jupyterlab/application';
import { Clipboard, Dialog, ICommandPalette, MainAreaWidget, showDialog } from '@jupyterlab/apputils';
import { ITranslator, nullTranslator, TranslationBundle } from '@jupyterlab/translation';

import { clustersIcon } from '../icons';
import { CommandIDs } from '../model/commands';
import type { TokenDetails } from '../model/wire';
import { Client } from '../services/client';
import { Tokens } from '../services/tokens';
import { showError } from './notice';

/** Id of the tab. */
const TAB = 'jp-dbx-tokens';

/** The plugin. */
export const accessTokensPlugin: JupyterFrontEndPlugin<void> = {
  id: 'jupyter-dbx:access-tokens',
  description: 'Personal access tokens.',
  autoStart: true,
  optional: [ICommandPalette, ITranslator],
  activate: (app: JupyterFrontEnd, palette: ICommandPalette | null, translator: ITranslator | null) => {
    const trans = (translator ?? nullTranslator).load('jupyter_dbx');
    const { serverSettings } = app.serviceManager;
    const tokens = new Tokens(new Client(serverSettings));
    app.commands.addCommand(CommandIDs.showTokens, {
      label: trans.__('Access Tokens'),
      caption: trans.__('Tokens with which programs act for you'),
      execute: async () => {
        if (![...app.shell.widgets('main')].some(widget => widget.id === TAB)) {
          app.shell.add(await makeTab(tokens, serverSettings.baseUrl, trans), 'main');
        }
        app.shell.activateById(TAB);
      }
    });
    palette?.addItem({ command: CommandIDs.showTokens, category: trans.__('Settings') });
  }
};

async function makeTab(tokens: Tokens, host: string, trans: TranslationBundle): Promise<MainAreaWidget> {
  const { TokenPageWidget } = await import('../views/tokens/TokenPage'); // most pages never show it
  const content = new TokenPageWidget({
    host,
    trans,
    load: () => tokens.list(),
    create: (comment, lifetimeS) => tokens.create(comment, lifetimeS),
    revoke: token => revoke(tokens, token, trans),
    copy: text => Clipboard.copyToSystem(text)
  });
  const tab = new MainAreaWidget({ content });
  tab.id = TAB;
  tab.title.label = trans.__('Access Tokens');
  tab.title.icon = clustersIcon;
  tab.title.closable = true;
  tab.toolbar.hide(); // it is empty
  return tab;
}

async function revoke(tokens: Tokens, token: TokenDetails, trans: TranslationBundle): Promise<void> {
  const { button } = await showDialog({
    title: trans.__('Revoke %1?', token.comment || token.token_id),
    body: trans.__('Programs that use this token are refused from now on. This cannot be undone.'),
    buttons: [Dialog.cancelButton(), Dialog.warnButton({ label: trans.__('Revoke') })]
  });
  if (button.accept) {
    await tokens.revoke(token.token_id).catch((error: Error) => showError(error.message));
  }
}
