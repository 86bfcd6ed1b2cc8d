/**
 * jupyter_dbx in JupyterLab.
 *
 * `services` hold state and are the only ones that talk to the server; `views` are pictures: props in, callbacks out; `plugins`
 * are the glue between both and JupyterLab, one purpose a file.
 */
import { clustersPlugin } from './plugins/clusters';
import { commandsPlugin } from './plugins/commands';
import { formPlugin } from './plugins/form';
import { panelPlugin } from './plugins/panel';

export default [clustersPlugin, commandsPlugin, formPlugin, panelPlugin];
