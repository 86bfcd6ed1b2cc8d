/**
 * What one tab remembers of its cluster.
 */
import type { IDisposable } from '@lumino/disposable';
import { Signal } from '@lumino/signaling';

import type { ClusterSource } from '../model/clusterSource';
import { remember, Remembered } from '../model/remembered';

/** Follows a cluster until it is disposed of. */
export class ClusterMemory implements IDisposable {
  constructor(
    private readonly clusters: Pick<ClusterSource, 'all' | 'user' | 'changed'>,
    private _current: Remembered
  ) {
    this.look();
    clusters.changed.connect(this.look, this);
  }

  /** Emitted when `current` has changed. */
  readonly changed = new Signal<this, void>(this);

  get current(): Remembered {
    return this._current;
  }

  get isDisposed(): boolean {
    return this._isDisposed;
  }

  dispose(): void {
    this._isDisposed = true;
    this.clusters.changed.disconnect(this.look, this);
    Signal.clearData(this);
  }

  private look(): void {
    const now = remember(this._current, this.clusters.all, this.clusters.user, Date.now());
    if (now !== this._current) {
      this._current = now;
      this.changed.emit();
    }
  }

  private _isDisposed = false;
}
