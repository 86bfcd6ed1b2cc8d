/**
 * The output of `display` as a widget.
 */
import type { IRenderMime } from '@jupyterlab/rendermime-interfaces';
import type { TranslationBundle } from '@jupyterlab/translation';
import { ReactWidget } from '@jupyterlab/ui-components';
import type { Message } from '@lumino/messaging';
import * as React from 'react';

import { cellsOf, TABLE_TYPE, TableContent } from '../../model/display/table';
import type { DisplayActions, Loaded } from './actions';
import { Display } from './Display';

/** The output. */
export class TableOutput extends ReactWidget implements IRenderMime.IRenderer {
  constructor(
    private readonly trans: TranslationBundle,
    private readonly actions: DisplayActions
  ) {
    super();
    this.addClass('jp-Dbx-display');
  }

  /** Show a table of the kernel; called again for each update. */
  async renderModel(model: IRenderMime.IMimeModel): Promise<void> {
    const content = model.data[TABLE_TYPE] as unknown as TableContent;
    this.loaded = { cells: await cellsOf(content), more: content.more, added: [] };
    this.content = content;
    this.update();
  }

  /** Keep plain keys from the notebook: in its command mode they would move between cells, or delete them. */
  handleEvent(event: KeyboardEvent): void {
    const { target, key, ctrlKey, metaKey, altKey, shiftKey } = event;
    if (target instanceof HTMLElement && this.node.contains(target)) {
      // Lumino looks for the attribute from the target upwards; the notebook's shortcuts select the target itself.
      const isShortcut = ctrlKey || metaKey || altKey || (shiftKey && key === 'Enter');
      target.toggleAttribute('data-lm-suppress-shortcuts', !isShortcut);
    }
  }

  protected onAfterAttach(message: Message): void {
    super.onAfterAttach(message);
    // On the window, to run before Lumino, which listens on the document.
    window.addEventListener('keydown', this, true);
  }

  protected onBeforeDetach(message: Message): void {
    window.removeEventListener('keydown', this, true);
    super.onBeforeDetach(message);
  }

  protected render(): JSX.Element {
    const { content, loaded, trans, actions, node } = this;
    // The view state is in the notebook, so it is unknown before the output is attached to one.
    return content && this.isAttached ? (
      <Display {...{ content, loaded, trans, actions, node }} onLoaded={this.onLoaded} />
    ) : (
      <></>
    );
  }

  // They are kept here, because what is drawn is gone while the notebook has the cell detached.
  private readonly onLoaded = (loaded: Loaded): void => {
    this.loaded = loaded;
    this.update();
  };

  private content: TableContent | null = null;
  private loaded: Loaded = { cells: [], more: false, added: [] };
}
