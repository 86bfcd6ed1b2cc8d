/**
 * jupyter_dbx in JupyterLab.
 *
 * Layers: `model` is pure and imports only itself; `services` hold state, and are the only ones that talk to the server and to
 * kernels; `views` draw the model, with props in and callbacks out, and know no service; `plugins` connect services and views to
 * JupyterLab, one purpose a file. ESLint checks it.
 */
import { accessTokensPlugin } from './plugins/access-tokens';
import { argumentsPlugin } from './plugins/arguments';
import { clustersPlugin } from './plugins/clusters';
import { commandsPlugin } from './plugins/commands';
import { displayPlugin } from './plugins/display';
import { formPlugin } from './plugins/form';
import { galleryPlugin } from './plugins/gallery';
import { languagesPlugin } from './plugins/languages';
import { longCellsPlugin } from './plugins/long-cells';
import { markdownCellsPlugin } from './plugins/markdown-cells';
import { missedOutputsPlugin } from './plugins/missed-outputs';
import { notificationsPlugin } from './plugins/notifications';
import { pagePlugin } from './plugins/page';
import { panelPlugin } from './plugins/panel';
import { panesPlugin } from './plugins/panes';
import { pickerPlugin } from './plugins/picker';
import { placesPlugin } from './plugins/places';
import { progressPlugin } from './plugins/progress';
import { sharePlugin } from './plugins/share';
import { sparkUiPlugin } from './plugins/spark-ui';
import { variablesPlugin } from './plugins/variables';

export default [
  accessTokensPlugin,
  argumentsPlugin,
  clustersPlugin,
  commandsPlugin,
  displayPlugin,
  formPlugin,
  galleryPlugin,
  languagesPlugin,
  longCellsPlugin,
  markdownCellsPlugin,
  missedOutputsPlugin,
  notificationsPlugin,
  pagePlugin,
  panelPlugin,
  panesPlugin,
  pickerPlugin,
  placesPlugin,
  progressPlugin,
  sharePlugin,
  sparkUiPlugin,
  variablesPlugin
];
