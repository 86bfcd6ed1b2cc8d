/**
 * Tells the user at once what came of a click. JupyterLab's own default only counts a notification in the status bar.
 */
import { Notification } from '@jupyterlab/apputils';

/** How long it is shown, ms; it stays in the list of notifications. */
const SHOWN_MS = 10_000;

/** Show a failure. */
export function showError(message: string): void {
  Notification.error(message, { autoClose: SHOWN_MS });
}

/** Show why nothing was done. */
export function showWarning(message: string): void {
  Notification.warning(message, { autoClose: SHOWN_MS });
}
