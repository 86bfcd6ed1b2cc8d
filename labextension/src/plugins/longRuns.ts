/**
 * The notification about a long-running cell that has ended while the page is hidden.
 */
import { Notification } from '@jupyterlab/apputils';
import type { TranslationBundle } from '@jupyterlab/translation';

import { durationWords } from '../model/words';

/** Minimum run time of a long-running cell, ms. */
const LONG_MS = 60_000;

/** A run that has ended. */
interface LongRun {
  /** the notebook's name */
  name: string;
  tookMs: number;
  success: boolean;
}

/** Notify of a run that has just ended, if it was long and the page is hidden. */
export function notifyOfLongRun({ name, tookMs, success }: LongRun, trans: TranslationBundle): void {
  if (tookMs < LONG_MS || !document.hidden) {
    return;
  }
  const message = success
    ? trans.__('A cell in %1 finished after %2.', name, durationWords(tookMs / 1000, trans))
    : trans.__('A cell in %1 failed after %2.', name, durationWords(tookMs / 1000, trans));
  const show = success ? Notification.success : Notification.error;
  show(message, { autoClose: false });
  // On the desktop as well, if the user has allowed this page to.
  if (window.Notification?.permission === 'granted') {
    new window.Notification(message);
  }
}
