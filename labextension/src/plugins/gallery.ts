/**
 * The page with every part of our visual language; a command without a place in menus, for developers and tests.
 */
import type { JupyterFrontEnd, JupyterFrontEndPlugin } from '@jupyterlab/application';
import { MainAreaWidget } from '@jupyterlab/apputils';
import { ITranslator, nullTranslator } from '@jupyterlab/translation';

import { CommandIDs } from '../model/commands';

/** The plugin. */
export const galleryPlugin: JupyterFrontEndPlugin<void> = {
  id: 'jupyter-dbx:gallery',
  description: 'The parts of the visual language, for developers.',
  autoStart: true,
  optional: [ITranslator],
  activate: (app: JupyterFrontEnd, translator: ITranslator | null) => {
    const trans = (translator ?? nullTranslator).load('jupyter_dbx');
    app.commands.addCommand(CommandIDs.showGallery, {
      label: trans.__('Show the Parts of Spark Clusters’ Views'),
      isVisible: () => false,
      execute: async () => {
        const { GalleryWidget } = await import('../views/ui/Gallery');
        const tab = new MainAreaWidget({ content: new GalleryWidget(trans) });
        tab.id = 'jp-dbx-gallery';
        tab.title.label = trans.__('Parts');
        tab.title.closable = true;
        tab.toolbar.hide(); // it is empty
        app.shell.add(tab, 'main');
        app.shell.activateById(tab.id);
      }
    });
  }
};
