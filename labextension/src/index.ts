/**
 * jupyter_dbx in JupyterLab.
 *
 * `services` hold state and are the only ones that talk to the server; `views` are pictures: props in, callbacks out; `plugins`
 * are the glue between both and JupyterLab, one purpose a file.
 */
import { argumentsPlugin } from './plugins/arguments';
import { clustersPlugin } from './plugins/clusters';
import { commandsPlugin } from './plugins/commands';
import { displayPlugin } from './plugins/display';
import { formPlugin } from './plugins/form';
import { languagesPlugin } from './plugins/languages';
import { longCellsPlugin } from './plugins/long-cells';
import { noticesPlugin } from './plugins/notices';
import { pagePlugin } from './plugins/page';
import { panelPlugin } from './plugins/panel';
import { pickerPlugin } from './plugins/picker';
import { placesPlugin } from './plugins/places';
import { progressPlugin } from './plugins/progress';
import { sparkUiPlugin } from './plugins/spark-ui';

export default [
  argumentsPlugin,
  clustersPlugin,
  commandsPlugin,
  displayPlugin,
  formPlugin,
  languagesPlugin,
  longCellsPlugin,
  noticesPlugin,
  pagePlugin,
  panelPlugin,
  pickerPlugin,
  placesPlugin,
  progressPlugin,
  sparkUiPlugin
];
